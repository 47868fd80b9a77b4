-- Names for URIs, so that a secret is given once. The URI is encrypted like the payload of a job.
create table external_connections (
    connection_name text primary key,
    connection_type text not null check (connection_type in ('STORAGE', 'KMS', 'FOREIGNDATA')),
    connection_details bytea not null,
    details_key text not null,
    owner text not null,
    created timestamptz not null default clock_timestamp(),
    updated timestamptz not null default clock_timestamp()
);
