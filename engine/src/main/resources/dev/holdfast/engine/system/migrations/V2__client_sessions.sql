-- Who is behind which process of the upstream: its pg_stat_activity shows Holdfast's address only.
create unlogged table client_sessions (
    node_id int not null,
    upstream_pid int not null,
    client_addr inet,
    client_port int,
    user_name text not null,
    database_name text not null,
    encrypted boolean not null,
    started timestamptz not null,
    primary key (node_id, upstream_pid)
);

create view sessions as
select s.node_id, s.upstream_pid, s.client_addr, s.client_port, s.user_name, s.database_name, s.encrypted, s.started,
    a.application_name, a.state, a.state_change, a.query_start, a.wait_event_type, a.wait_event
from client_sessions s
join pg_catalog.pg_stat_activity a on a.pid = s.upstream_pid and a.backend_start <= s.started + interval '1 minute';
