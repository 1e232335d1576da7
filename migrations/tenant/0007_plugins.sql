-- City rules (plugins.md §7): who may sign, which packages passed, which of them answers a point from a day on, what a case is
-- pinned to, what was answered, and what went wrong. The bytes of a package lie in the object store under its SHA-256 (`blob`).
--
-- append-only: plg_call, plg_test_run

-- 签名者
create table plg_signer (
    key_id text primary key,
    algorithm text not null check (algorithm in ('ed25519')),
    public_key text not null,
    owner text not null,
    origin text not null check (origin in ('own', 'province', 'product')),
    revoked_on text,
    added_at bigint not null
);

-- 插件包: verified, compiled and tested before the row is written; `active` while a binding in force uses it.
create table plg_package (
    digest text primary key check (length(digest) = 64),
    plugin_id text not null,
    version text not null,
    kind text not null check (kind in ('rule')),
    world text not null,
    title_zh text not null,
    title_en text not null,
    manifest text not null,
    params_schema text not null,
    blob_sha256 text not null,
    size bigint not null,
    signer_key text not null,
    origin text not null check (origin in ('own', 'province', 'product')),
    state text not null check (state in ('tested', 'withdrawn')),
    uploaded_by uuid,
    uploaded_at bigint not null,
    unique (plugin_id, version)
);

-- 测试报告 of the golden tests, with the engine that ran them.
create table plg_test_run (
    id uuid primary key,
    digest text not null references plg_package (digest),
    at bigint not null,
    passed bigint not null,
    worst_fuel bigint not null,
    worst_us bigint not null,
    report text not null
);

-- 绑定: `active` is in force within [valid_from, valid_to); before that it shows as approved, after it as superseded.
create table plg_binding (
    id uuid primary key,
    point text not null,
    digest text not null references plg_package (digest),
    params text not null,
    params_digest text not null,
    valid_from text not null,
    valid_to text,
    state text not null check (state in ('proposed', 'active', 'refused', 'suspended')),
    reason text not null,
    -- A signed local basis that allows less than the statute asks.
    law_override_doc uuid,
    proposed_by uuid,
    proposed_at bigint not null,
    approved_by uuid,
    approved_at bigint,
    supersedes uuid,
    check (approved_by is null or approved_by <> proposed_by)
);
create index plg_binding_force on plg_binding (point, valid_from) where state = 'active';

-- A case keeps the rule that it began with.
create table plg_pin (
    subject_kind text not null,
    subject_id uuid not null,
    point text not null,
    binding_id uuid not null references plg_binding (id),
    pinned_at bigint not null,
    primary key (subject_kind, subject_id, point)
);

-- 调用: the recorded answer is what replay, appeal and audit read.
create table plg_call (
    id uuid primary key,
    binding_id uuid not null,
    point text not null,
    subject_kind text not null,
    subject_id uuid not null,
    input_sha256 text not null,
    -- Canonical JSON; left out where the case itself holds thousands of rows.
    input text,
    output text not null,
    output_sha256 text not null,
    fuel bigint not null,
    us bigint not null,
    at bigint not null
);
create index plg_call_subject on plg_call (subject_kind, subject_id, point);

-- 异常: one open row for a case, a point and a code, however often it is tried.
create table plg_incident (
    id uuid primary key,
    point text not null,
    binding_id uuid,
    subject_kind text not null,
    subject_id uuid not null,
    area_path text,
    project_id uuid,
    code text not null,
    message_zh text not null,
    message_en text not null,
    at bigint not null,
    state text not null check (state in ('open', 'resolved')),
    resolution text,
    handled_by uuid,
    handled_at bigint
);
create unique index plg_incident_open on plg_incident (subject_kind, subject_id, point, code) where state = 'open';
create index plg_incident_at on plg_incident (state, at);
