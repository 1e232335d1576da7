-- 维修资金: what houses owe and deposited, tables that clerks bring, and the use of the fund from proposal to archive.
-- Balances, holds and orders are the ledger's; here stand the reasons why they moved.

-- 小区资金设置
create table fund_project (
    project_id uuid primary key,
    project_code text not null unique,
    project_name text not null,
    pool_code text not null,
    bank_account_id uuid not null,
    management text not null check (management in ('trust', 'self_managed')),
    state text not null check (state in ('planned', 'registered', 'active', 'self_managed', 'closed')),
    area_path text not null,
    company_id uuid,
    created_by uuid,
    created_at bigint not null,
    version bigint not null
);
create index fund_project_area on fund_project (area_path);

-- 交存标准: `value` is fen for each m² (basis area) or hundredths of a percent (basis price).
create table fund_standard (
    id uuid primary key,
    code text not null,
    area_code text not null,
    area_path text not null,
    nature text not null,
    building_class text not null check (building_class in ('lift', 'stairs')),
    basis text not null check (basis in ('area', 'price')),
    value bigint not null check (value > 0),
    from_on text not null,
    to_on text,
    document_no text not null,
    state text not null check (state in ('draft', 'active', 'ended')),
    created_by uuid,
    created_at bigint not null,
    approved_by uuid,
    version bigint not null,
    check (to_on is null or to_on >= from_on)
);
create index fund_standard_key on fund_standard (area_code, nature, building_class);
create index fund_standard_code on fund_standard (code);

-- A house that counts for the fund (纳入户), with its account and its first amount due (首期应交额), the base of every "30 %".
create table fund_house (
    house_id uuid primary key,
    house_code text not null unique,
    project_id uuid not null references fund_project (project_id),
    building_id uuid not null,
    fund_account_id uuid not null unique,
    area bigint not null check (area > 0),
    due bigint not null check (due >= 0),
    standard_id uuid references fund_standard (id),
    area_path text not null,
    created_at bigint not null
);
create index fund_house_project on fund_house (project_id, house_code);

-- 导入: always a dry run first.
create table data_import (
    id uuid primary key,
    template text not null check (template in ('T1', 'T2')),
    document_id uuid not null,
    project_id uuid,
    bank_account_id uuid,
    business_date text not null,
    row_policy text not null check (row_policy in ('all', 'good_rows')),
    state text not null check (state in ('checking', 'checked', 'committing', 'committed', 'failed', 'cancelled')),
    rows bigint not null,
    ok_rows bigint not null,
    error_rows bigint not null,
    warning_rows bigint not null,
    -- JSON {buildings, units, houses, persons, accounts}, once a house table was committed
    created text,
    posted bigint not null,
    amount bigint not null,
    failure text,
    job_id uuid,
    area_path text not null,
    created_by uuid,
    created_at bigint not null,
    committed_by uuid,
    version bigint not null
);
create index data_import_area on data_import (area_path, created_at);
create table data_import_error (
    import_id uuid not null references data_import (id),
    n bigint not null,
    row_no bigint not null,
    code text not null,
    -- JSON list of header names
    columns text not null,
    zh text not null,
    en text not null,
    primary key (import_id, n)
);

-- 交存
create table fund_deposit (
    id uuid primary key,
    no text not null unique,
    project_id uuid not null,
    house_id uuid not null,
    house_code text not null,
    fund_account_id uuid not null,
    kind text not null check (kind in ('first', 'renewal', 'supplement')),
    amount bigint not null check (amount > 0),
    due bigint not null,
    bank_account_id uuid not null,
    bank_date text not null,
    bank_serial text not null,
    payer text,
    receipt_no text,
    remarks text,
    -- the use that a supplement is earmarked for
    use_id uuid,
    import_id uuid,
    import_row bigint,
    state text not null check (state in ('due', 'noticed', 'paid_pending', 'posted', 'receipted', 'waived', 'rejected')),
    reason text,
    posting_id uuid,
    posting_no text,
    code text,
    -- the posting (MF28) that reversed it
    corrected_by uuid,
    area_path text not null,
    created_by uuid,
    created_at bigint not null,
    confirmed_by uuid,
    version bigint not null
);
create index fund_deposit_house on fund_deposit (house_id, kind);
create index fund_deposit_project on fund_deposit (project_id, created_at);
-- One bank serial is deposited once; a reversed deposit frees it for the right one.
create unique index fund_deposit_serial on fund_deposit (bank_account_id, bank_serial)
    where state <> 'rejected' and corrected_by is null;
create unique index fund_deposit_import on fund_deposit (import_id, import_row) where import_id is not null;

-- 红冲: a wrongly confirmed deposit, reversed by another person.
create table fund_correction (
    id uuid primary key,
    no text not null unique,
    deposit_id uuid not null references fund_deposit (id),
    posting_id uuid not null,
    posting_no text not null,
    amount bigint not null,
    reason text not null,
    opinion text,
    state text not null check (state in ('submitted', 'executed', 'rejected')),
    reversal_no text,
    project_id uuid not null,
    house_id uuid not null,
    area_path text not null,
    created_by uuid,
    created_at bigint not null,
    decided_by uuid,
    version bigint not null
);
create unique index fund_correction_open on fund_correction (deposit_id) where state <> 'rejected';

-- 使用
create table fund_use (
    id uuid primary key,
    no text not null unique,
    project_id uuid not null references fund_project (project_id),
    kind text not null check (kind in ('ordinary', 'emergency')),
    title text not null,
    part text not null,
    cause text not null,
    state text not null check (state in ('proposed', 'surveyed', 'scheme_ready', 'allocated', 'voting', 'vote_passed', 'vote_failed',
        'publicised', 'objection', 'in_review', 'returned', 'rejected', 'filed', 'contracted', 'advance_paid', 'in_works',
        'progress_paid', 'completed', 'accepted', 'cost_audited', 'settlement_publicised', 'settled', 'retention_paid', 'archived',
        'suspended', 'terminated')),
    -- where a suspended use goes back to
    suspended_from text,
    reason text,
    round bigint not null check (round >= 1),
    -- the round whose scheme and shares are in force
    scheme_round bigint not null,
    budget bigint not null,
    contract_amount bigint not null,
    paid bigint not null,
    audited_amount bigint not null,
    retention bigint not null,
    houses bigint not null,
    surveyed_on text,
    survey_report text,
    vote_id uuid,
    publicity_id uuid,
    settlement_publicity_id uuid,
    instance_id uuid,
    filed_on text,
    review_due_on text,
    contractor_name text,
    contractor_uscc text,
    contractor_bank text,
    contractor_account text,
    signed_on text,
    started_on text,
    completed_on text,
    accepted_on text,
    -- JSON list of those who signed the acceptance
    signers text,
    auditor text,
    settled_on text,
    archive text,
    area_path text not null,
    company_id uuid,
    created_by uuid,
    created_at bigint not null,
    version bigint not null
);
create index fund_use_project on fund_use (project_id, created_at);
create index fund_use_area on fund_use (area_path, created_at);
create index fund_use_state on fund_use (state);

-- 预算项: one item of the budget with its scope, by round.
create table fund_use_item (
    use_id uuid not null references fund_use (id),
    round bigint not null,
    item_no bigint not null,
    name text not null,
    amount bigint not null check (amount > 0),
    purpose text not null,
    scope_kind text not null check (scope_kind in ('project', 'building', 'unit', 'houses')),
    -- JSON list of ids
    scope_ids text not null,
    -- JSON {id, version, hash, call_id, lines} of the rule that weighed it, once allocated
    rule text,
    primary key (use_id, round, item_no)
);

-- 分摊: one row a house of the scope, by round; `parts` is the formula of each item (JSON).
create table fund_share (
    use_id uuid not null references fund_use (id),
    round bigint not null,
    house_id uuid not null,
    house_code text not null,
    fund_account_id uuid not null,
    area bigint not null,
    weight bigint not null,
    floor bigint not null,
    remainder bigint not null,
    share bigint not null check (share >= 0),
    from_income bigint not null,
    from_principal bigint not null,
    self_raised bigint not null,
    available bigint not null,
    parts text not null,
    final_share bigint,
    paid bigint not null,
    project_id uuid not null,
    area_path text not null,
    primary key (use_id, round, house_id),
    check (from_income + from_principal + self_raised = share)
);
create index fund_share_house on fund_share (house_id);

-- 旧轮次: what a round looked like when the next one began.
create table fund_use_round (
    use_id uuid not null references fund_use (id),
    round bigint not null,
    reason text not null,
    snapshot text not null,
    at bigint not null,
    primary key (use_id, round)
);

-- 付款: a request to pay; the bank's confirmation posts it.
create table fund_payment (
    id uuid primary key,
    use_id uuid not null references fund_use (id),
    kind text not null check (kind in ('advance', 'progress', 'final', 'retention', 'refund')),
    amount bigint not null check (amount > 0),
    state text not null check (state in ('created', 'paid', 'failed')),
    payment_order_id uuid unique,
    order_no text,
    -- of a refund by the contractor, which needs no order
    bank_date text,
    bank_serial text,
    posting_no text,
    reason text,
    project_id uuid not null,
    area_path text not null,
    created_by uuid,
    created_at bigint not null,
    paid_at bigint,
    version bigint not null
);
create index fund_payment_use on fund_payment (use_id);
-- Two requests at once could ask for the same fen.
create unique index fund_payment_open on fund_payment (use_id) where state = 'created';
create table fund_payment_share (
    payment_id uuid not null references fund_payment (id),
    house_id uuid not null,
    house_code text not null,
    fund_account_id uuid not null,
    -- what the account pays; negative: a credit
    amount bigint not null,
    -- JSON formula as the entry carries it
    formula text not null,
    project_id uuid not null,
    area_path text not null,
    primary key (payment_id, house_id)
);
