-- What every write leaves behind (key, event, seal) and what work it starts (jobs, notices); papers and their bytes.

-- 幂等: the first answer of a command. Keys of money and votes are kept for ever, others seven days.
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
create index idempotency_old on idempotency (at) where not forever;
-- A replica with an old placement writes nothing: its epoch is not this one.
create table tenant_epoch (epoch bigint not null);
insert into tenant_epoch (epoch) values (1);

-- 事件. Never changed: its number stands in a table of its own, given later by the sequencer.
-- append-only: event, event_seq, audit_checkpoint
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
create index event_subject on event (subject_kind, subject_id);
-- Events that have no number yet, in the order in which their transactions wrote them.
create table event_queue (n %SERIAL_PK%, event_id uuid not null unique);
-- 序号 without gaps; `leaf` is the event's leaf of the Merkle tree, `head` the root of the tree of the first `seq` leaves.
create table event_seq (
    seq bigint primary key,
    event_id uuid not null unique,
    leaf text not null,
    head text not null
);
-- Where the sequencer stands: one row; `peaks` are the roots of the full subtrees, largest first.
create table audit_head (
    id bigint primary key check (id = 1),
    seq bigint not null,
    head text not null,
    peaks text not null
);
insert into audit_head (id, seq, head, peaks) values (1, 0, '', '');
-- 检查点: the signed head of the tree.
create table audit_checkpoint (
    seq bigint primary key,
    head text not null,
    at bigint not null,
    key_id text not null,
    signature text not null
);

-- 号码. `counter` names a series (`no:TK:20261123`); its last number is `value`.
create table number_counter (counter text primary key, value bigint not null);

-- 作业. An effect on the outside is a job with a unique key, written in the transaction that wants it: the one outbox.
create table job (
    id uuid primary key,
    kind text not null,
    payload text not null,
    unique_key text unique,
    state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    due_at bigint not null,
    done bigint not null default 0,
    total bigint not null default 0,
    failed bigint not null default 0,
    error text,
    attempts bigint not null default 0,
    lease_until bigint,
    fence bigint not null default 0,
    -- Who ordered it: the job runs under this account, post and role.
    account_id uuid,
    post_id uuid,
    role text not null,
    request_id text not null,
    area_path text,
    company_id uuid,
    project_id uuid,
    house_id uuid,
    person_id uuid,
    created_at bigint not null,
    finished_at bigint
);
create index job_due on job (due_at) where state = 'queued';
create index job_lease on job (lease_until) where state = 'running';
create index job_account on job (account_id, created_at);

-- 消息: the inbox of an account (or of a person who has no account yet).
create table notice (
    id uuid primary key,
    template text not null,
    account_id uuid,
    person_id uuid,
    title text not null,
    body text not null,
    subject_kind text,
    subject_id uuid,
    dedupe_key text not null unique,
    state text not null check (state in ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired')),
    created_at bigint not null,
    read_at bigint,
    check (account_id is not null or person_id is not null)
);
create index notice_account on notice (account_id, created_at);
create index notice_person on notice (person_id, created_at);
-- Each try to bring a notice by another way than the inbox.
create table notice_attempt (
    n %SERIAL_PK%,
    notice_id uuid not null references notice (id),
    channel text not null check (channel in ('mail', 'sms', 'wechat')),
    at bigint not null,
    ok boolean not null,
    detail text not null
);
create index notice_attempt_notice on notice_attempt (notice_id);

-- 文件字节: named by content; the row is the truth, the bytes lie in the store under the same digest.
create table blob (
    sha256 text primary key check (length(sha256) = 64),
    sm3 text not null check (length(sm3) = 64),
    size bigint not null check (size >= 0),
    created_at bigint not null
);
-- 文件
create table document (
    id uuid primary key,
    kind text not null,
    title text not null,
    media_type text not null,
    file_name text not null,
    size bigint not null,
    sha256 text not null references blob (sha256),
    sm3 text not null,
    scan_state text not null check (scan_state in ('pending', 'clean', 'infected', 'failed')),
    state text not null check (state in ('stored', 'locked', 'destroyed')),
    account_id uuid,
    created_at bigint not null
);
create index document_account on document (account_id, created_at);
create index document_sha256 on document (sha256);
-- To which things a document is attached: their readers are its readers.
create table document_link (
    document_id uuid not null references document (id),
    subject_kind text not null,
    subject_id uuid not null,
    account_id uuid,
    at bigint not null,
    primary key (document_id, subject_kind, subject_id)
);
create index document_link_subject on document_link (subject_kind, subject_id, at);
