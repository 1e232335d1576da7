-- The platform's own registry: who operates it, which cells it has, which tenants stand where.
-- Its writes go through the same transaction as a tenant's, so it has the same event, key and epoch tables.
create table platform_account (
    id uuid primary key,
    login_name text not null unique,
    name text not null,
    role text not null check (role in ('platform_operator')),
    state text not null check (state in ('invited', 'active', 'suspended', 'left')),
    password_hash text not null,
    failed bigint not null default 0,
    locked_until bigint,
    created_at bigint not null
);
create table platform_session (
    id uuid primary key,
    account_id uuid not null references platform_account (id),
    token_digest text not null unique,
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null,
    ended_at bigint
);
create index platform_session_account on platform_session (account_id) where ended_at is null;

-- 分区集群: where tenants' databases stand. The administrator's address of a PostgreSQL cell is sealed.
create table cell (
    id uuid primary key,
    name text not null unique,
    kind text not null check (kind in ('postgres', 'sqlite')),
    address text not null,
    capacity bigint not null check (capacity > 0),
    state text not null check (state in ('active', 'full', 'draining', 'closed')),
    created_at bigint not null
);
-- 租户. `schema_name` says nothing of the city; the role of a PostgreSQL tenant has the same name.
create table tenant (
    id uuid primary key,
    slug text not null unique,
    name text not null,
    area_code text not null,
    pack text not null,
    database text not null check (database in ('postgres', 'sqlite')),
    cell_id uuid not null references cell (id),
    schema_name text not null unique,
    role_version bigint not null default 1,
    zone_hours bigint not null default 8,
    epoch bigint not null,
    state text not null check (state in ('provisioning', 'active', 'read_only', 'suspended', 'moving', 'closed')),
    created_at bigint not null
);
create index tenant_cell on tenant (cell_id);

create table tenant_epoch (epoch bigint not null);
insert into tenant_epoch (epoch) values (1);
create table idempotency (
    account_id uuid not null,
    operation text not null,
    key text not null,
    digest text not null,
    answer text not null,
    forever boolean not null,
    at bigint not null,
    primary key (account_id, operation, key)
);
create table event (
    id uuid primary key,
    at bigint not null,
    kind text not null,
    subject text not null,
    subject_kind text not null,
    subject_id uuid not null,
    account_id uuid,
    post_id uuid,
    role text not null,
    request_id text not null,
    area_path text,
    company_id uuid,
    project_id uuid,
    house_id uuid,
    person_id uuid,
    data text not null,
    digest text not null
);
create table event_queue (event_id uuid primary key);
-- append-only: event
