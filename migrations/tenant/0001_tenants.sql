-- Who may act in the city, where, and by which settings: divisions, calendar, dictionaries, settings, roles, accounts, posts, sessions.

-- 区划: `path` is `37/3799/379901/`, by which every business row is scoped.
create table area (
    code text primary key check (length(code) = 12),
    name text not null,
    level text not null check (level in ('province', 'city', 'district', 'street', 'community')),
    parent_code text,
    path text not null unique,
    state text not null check (state in ('active', 'ended'))
);
create index area_level on area (level, code);

-- 日历: only days that differ from "Monday to Friday works"; a year without a row is unknown.
create table calendar_year (year bigint primary key, source text not null);
create table calendar_day (
    date text primary key,
    year bigint not null references calendar_year (year),
    is_working boolean not null,
    name text not null
);
create index calendar_day_year on calendar_day (year);

-- 设置: what the pack brought and what the city set over it.
create table setting (
    key text not null,
    origin text not null check (origin in ('pack', 'city')),
    value text not null,
    valid_from bigint not null,
    account_id uuid,
    primary key (key, origin)
);

-- 字典
create table dict (code text primary key, name text not null, extensible boolean not null);
create table dict_entry (
    dict_code text not null references dict (code),
    code text not null,
    label text not null,
    sort bigint not null,
    national_code text,
    state text not null check (state in ('active', 'retired')),
    primary key (dict_code, code)
);

-- 城市包: the files of the pack in force, so that a tenant's rules never change under it.
create table pack (
    code text not null,
    version text not null,
    name text not null,
    digest text not null,
    state text not null check (state in ('uploaded', 'installed', 'superseded')),
    installed_at bigint not null,
    primary key (code, version)
);
create table pack_file (
    path text primary key,
    digest text not null,
    content bytea not null
);

-- 角色 and what Casbin loads: p rows in role_permission, g rows in role_inherits. `shipped` rows follow the release.
create table role (
    code text primary key,
    name text not null,
    level text not null,
    scope_kind text not null check (scope_kind in ('tenant', 'area', 'company', 'project', 'committee', 'own', 'assigned', 'none')),
    state text not null check (state in ('draft', 'active', 'retired'))
);
create table role_permission (
    role text not null,
    permission text not null,
    origin text not null check (origin in ('shipped', 'pack', 'city')),
    primary key (role, permission)
);
create table role_inherits (
    role text not null,
    parent text not null,
    origin text not null check (origin in ('shipped', 'pack', 'city')),
    primary key (role, parent)
);
create table policy_version (version bigint not null, shipped_digest text not null);

-- 账号
create table account (
    id uuid primary key,
    login_name text not null unique,
    kind text not null check (kind in ('person', 'official', 'service')),
    name text not null,
    mail text,
    mobile_sealed text,
    mobile_index text,
    person_id uuid,
    assurance bigint not null check (assurance between 1 and 5),
    state text not null check (state in ('invited', 'active', 'locked', 'suspended', 'frozen', 'left', 'cancelled')),
    password_hash text,
    failed bigint not null default 0,
    locked_until bigint,
    version bigint not null default 1,
    created_by uuid,
    created_at bigint not null
);
create unique index account_mobile on account (mobile_index) where mobile_index is not null;
create index account_person on account (person_id) where person_id is not null;

-- 三员 exclude each other and every other role on one account. A live post names its account's one duty, so that a second duty
-- breaks the foreign key: no code path can forget it.
create table account_duty (
    account_id uuid primary key references account (id),
    duty text not null check (duty in ('sys_admin', 'sec_admin', 'audit_admin', 'business')),
    unique (account_id, duty)
);

-- 岗位: an account, one role, one scope.
create table post (
    id uuid primary key,
    account_id uuid not null references account (id),
    role text not null references role (code),
    duty text,
    scope_kind text not null check (scope_kind in ('tenant', 'area', 'company', 'project', 'committee', 'own', 'assigned', 'none')),
    area_code text,
    area_path text,
    company_id uuid,
    project_id uuid,
    committee_id uuid,
    subject_kind text,
    subject_id uuid,
    from_on text not null,
    until_on text,
    state text not null check (state in ('proposed', 'active', 'ended', 'refused')),
    proposed_by uuid,
    decided_by uuid,
    created_at bigint not null,
    decided_at bigint,
    version bigint not null default 1,
    foreign key (account_id, duty) references account_duty (account_id, duty),
    check (state in ('ended', 'refused')
        or duty is not null and duty = case when role in ('sys_admin', 'sec_admin', 'audit_admin') then role else 'business' end),
    check (scope_kind <> 'area' or area_path is not null),
    check (scope_kind <> 'company' or company_id is not null),
    check (scope_kind <> 'project' or project_id is not null),
    check (scope_kind <> 'committee' or committee_id is not null),
    check (scope_kind <> 'assigned' or subject_kind is not null and subject_id is not null)
);
create index post_account on post (account_id, state);
create index post_role on post (role, state);

-- 邀请: the token itself is nowhere kept.
create table invitation (
    id uuid primary key,
    account_id uuid not null references account (id),
    token_digest text not null unique,
    state text not null check (state in ('sent', 'accepted', 'expired')),
    expires_at bigint not null,
    created_at bigint not null,
    accepted_at bigint
);
create index invitation_account on invitation (account_id, state);

-- 会话: SHA-256 of a 256-bit token; times are the machine's.
create table session (
    id uuid primary key,
    account_id uuid not null references account (id),
    token_digest text not null unique,
    carrier text not null check (carrier in ('bearer', 'cookie')),
    post_id uuid references post (id),
    device text not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    idle_seconds bigint not null,
    expires_at bigint not null,
    ended_at bigint
);
create index session_account on session (account_id) where ended_at is null;

-- Failed sign-ins by source address, so that one address can neither try for ever nor lock everybody out.
create table login_source (
    source text primary key,
    failed bigint not null,
    window_from bigint not null
);

-- Houses bound to a signed-in person (written by the register's binding); what `own` scopes compile to.
create table bound_house (
    account_id uuid not null references account (id),
    person_id uuid not null,
    house_id uuid not null,
    project_id uuid not null,
    from_on text not null,
    until_on text,
    primary key (account_id, house_id, from_on)
);
create index bound_house_person on bound_house (person_id, from_on);
create index bound_house_house on bound_house (house_id);
