-- The approval engine (workflow.md §4.4): definitions, instances each with its whole marking in one row, tasks as their
-- projection, the engine's own history as a chain for each instance, timers and incidents.

create table wf_definition (
    id uuid primary key,
    key text not null,
    version bigint not null,
    name text not null,
    state text not null check (state in ('draft', 'checked', 'published', 'retired')),
    xml text not null,
    -- the compiled form, JSON
    compiled text not null,
    diagnostics text not null,
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
    -- a step that read an older revision writes nothing
    rev bigint not null,
    -- tokens, activations with their seats, join firings, timers, clock, variables: JSON
    marking text not null,
    -- hash of the newest row of its chain
    head text not null,
    applicant uuid not null,
    area_path text,
    company_id uuid,
    project_id uuid,
    started_at bigint not null,
    ended_at bigint,
    due_at bigint
);
create index wf_instance_subject on wf_instance (subject_kind, subject_id);
create index wf_instance_applicant on wf_instance (applicant, started_at);

create table wf_task (
    id uuid primary key,
    instance_id uuid not null references wf_instance (id),
    activation bigint not null,
    round bigint not null,
    node text not null,
    name text not null,
    kind text not null check (kind in ('approve', 'applicant', 'copy')),
    state text not null check (state in ('waiting', 'open', 'decided', 'cancelled')),
    assignee uuid,
    pool_role text,
    -- area path that members of the pool must cover
    pool_org text,
    owner uuid,
    actor uuid,
    on_behalf uuid,
    action text,
    opinion text,
    reason text,
    opened_at bigint not null,
    decided_at bigint,
    due_at bigint,
    -- when the holders were told that it is late; no part of the marking
    overdue_at bigint,
    area_path text,
    company_id uuid,
    project_id uuid
);
create index wf_task_instance on wf_task (instance_id);
create index wf_task_mine on wf_task (assignee, due_at) where state = 'open';
create index wf_task_pool on wf_task (pool_role, pool_org, due_at) where state = 'open' and assignee is null;
create index wf_task_done on wf_task (actor, decided_at) where state = 'decided';
create index wf_task_copied on wf_task (assignee, opened_at) where kind = 'copy';
create index wf_task_late on wf_task (due_at) where state = 'open' and overdue_at is null;

-- append-only: wf_event
create table wf_event (
    instance_id uuid not null references wf_instance (id),
    seq bigint not null,
    cmd_id uuid not null,
    at bigint not null,
    actor uuid,
    on_behalf uuid,
    kind text not null,
    node text,
    task_id uuid,
    -- the facts of this step, JSON: folded in order they are the marking
    data text not null,
    prev_hash text not null,
    hash text not null,
    primary key (instance_id, seq),
    -- a command changes an instance once
    unique (instance_id, cmd_id)
);

create table wf_timer (
    instance_id uuid not null references wf_instance (id),
    timer bigint not null,
    node text not null,
    due_at bigint not null,
    -- a timer that could not fire is tried again later
    retry_at bigint,
    primary key (instance_id, timer)
);
create index wf_timer_due on wf_timer (due_at);

create table wf_incident (
    id uuid primary key,
    instance_id uuid not null references wf_instance (id),
    number bigint not null,
    element text not null,
    kind text not null,
    about text not null,
    cause text not null,
    cause_en text not null,
    state text not null check (state in ('open', 'resolved')),
    opened_at bigint not null,
    resolved_at bigint,
    area_path text,
    company_id uuid,
    project_id uuid,
    unique (instance_id, number)
);
create index wf_incident_open on wf_incident (opened_at) where state = 'open';
