-- The approval engine (workflow.md §4.4): definitions, instances with their whole marking, tasks as their projection, history.

create table wf_definition (
    id uuid primary key,
    key text not null,
    version bigint not null,
    name text not null,
    state text not null check (state in ('draft', 'checked', 'published', 'retired')),
    xml text not null,
    compiled text not null,
    bundle_hash text not null,
    maker uuid,
    published_by uuid,
    created_at bigint not null,
    published_at bigint,
    unique (key, version)
);
create unique index wf_definition_in_force on wf_definition (key) where state = 'published';

create table wf_instance (
    id uuid primary key,
    definition_id uuid not null references wf_definition (id),
    subject_kind text not null,
    subject_id uuid not null,
    subject_no text not null,
    title text not null,
    state text not null check (state in ('running', 'suspended', 'completed', 'rejected', 'withdrawn', 'terminated')),
    -- optimistic: a step that read an older revision writes nothing
    rev bigint not null,
    marking text not null,
    applicant uuid not null,
    area_path text,
    company_id uuid,
    project_id uuid,
    started_at bigint not null,
    ended_at bigint
);
create index wf_instance_subject on wf_instance (subject_kind, subject_id);

create table wf_task (
    id uuid primary key,
    instance_id uuid not null references wf_instance (id),
    node text not null,
    name text not null,
    round bigint not null,
    kind text not null check (kind in ('approve')),
    state text not null check (state in ('open', 'decided', 'cancelled')),
    assignee uuid,
    personal boolean not null,
    pool_role text not null,
    actor uuid,
    action text,
    opinion text,
    reason text,
    opened_at bigint not null,
    decided_at bigint,
    due_at bigint,
    area_path text,
    project_id uuid
);
create index wf_task_instance on wf_task (instance_id);
create index wf_task_mine on wf_task (assignee, due_at) where state = 'open';
create index wf_task_pool on wf_task (pool_role, due_at) where state = 'open';
create index wf_task_done on wf_task (actor, decided_at) where actor is not null;

-- append-only: wf_event
create table wf_event (
    instance_id uuid not null references wf_instance (id),
    seq bigint not null,
    at bigint not null,
    actor uuid,
    verb text not null,
    -- the command with every answer that it took: enough to play it again
    recorded text not null,
    happened text not null,
    prev_hash text not null,
    hash text not null,
    primary key (instance_id, seq)
);

create table wf_timer (
    id uuid primary key,
    instance_id uuid not null references wf_instance (id),
    due_at bigint not null
);
create index wf_timer_due on wf_timer (due_at);

create table wf_incident (
    id uuid primary key,
    instance_id uuid not null references wf_instance (id),
    element text not null,
    cause text not null,
    state text not null check (state in ('open', 'resolved')),
    opened_at bigint not null,
    resolved_at bigint,
    area_path text,
    project_id uuid
);
create unique index wf_incident_open on wf_incident (instance_id) where state = 'open';

-- 催办: at most one in four hours for a task
create table wf_urge (task_id uuid not null references wf_task (id), at bigint not null, account_id uuid not null);
