-- What is durable of Holdfast. Times are the upstream's clock throughout: nodes need not agree on the time.

create table cluster_identity (
    cluster_id uuid primary key default gen_random_uuid(),
    created timestamptz not null default clock_timestamp()
);
insert into cluster_identity default values;

-- A node is a store directory: the same store gets the same id again.
create table nodes (
    node_id int primary key,
    store_id uuid not null unique,
    locality text not null default '',
    started timestamptz not null default clock_timestamp()
);

-- A running process of a node. Whoever holds a session that has not expired may hold jobs.
create table node_sessions (
    session_id uuid primary key,
    node_id int not null references nodes,
    expires timestamptz not null
);

create table settings (
    name text primary key,
    value text not null,
    last_updated timestamptz not null default clock_timestamp()
);

create table jobs (
    id int8 primary key,
    job_type text not null,
    description text not null,
    user_name text not null,
    status text not null check (status in (
        'pending', 'running', 'pause-requested', 'paused', 'cancel-requested', 'reverting',
        'succeeded', 'failed', 'canceled', 'revert-failed')),
    created timestamptz not null default clock_timestamp(),
    started timestamptz,
    finished timestamptz,
    modified timestamptz not null default clock_timestamp(),
    created_by_type text,
    created_by_id int8,

    -- The transaction that has to commit before the job may begin (a DETACHED job made inside a block); null: it may.
    created_xid xid8,

    -- What to do, encrypted because URIs hold secrets; only a node that has the key may claim the job.
    payload bytea not null,
    payload_key text not null,

    claim_session uuid,
    claim_node int,
    num_runs int8 not null default 0,
    last_run timestamptz,
    next_run timestamptz,

    -- The work is done and being made visible: from here on the job can neither be paused nor cancelled.
    finishing boolean not null default false,

    pause_reason text,
    -- Why the job is being reverted, or has failed.
    error text,
    error_code text,
    error_detail text,
    error_hint text,
    execution_errors text[] not null default '{}',
    result jsonb
);
create index on jobs (status) where status not in ('succeeded', 'failed', 'canceled', 'revert-failed');
create index on jobs (finished);
create index on jobs (created_by_type, created_by_id);

-- Apart from the lifecycle: written often, by the one node that holds the claim.
create table job_progress (
    job_id int8 primary key references jobs on delete cascade,
    fraction_completed float8 not null default 0,
    running_status text,
    checkpoint jsonb,
    modified timestamptz not null default clock_timestamp()
);

-- Files that running backups have finished: the index that their manifests will hold.
create table backup_files (
    job_id int8 not null references jobs on delete cascade,
    database int not null,
    object_id int not null,
    path text not null,
    start int8 not null,
    rows int8 not null,
    data_size int8 not null,
    entry json not null,
    primary key (job_id, path, start)
);
