-- The three books (三账联动): household ledger, bank journal and general ledger; holds, payment orders, statements, voucher numbers.
-- Entries carry no foreign keys: a key check on the posting path is a lock more on rows that everybody writes at once. The proof
-- (`/ledger/proof`) finds an orphan instead. No table holds a running total that every posting must update.
--
-- append-only: posting, fund_entry, bank_entry, gl_line, voucher

-- 账套, 资金池
create table ledger_set (
    code text primary key,
    name text not null,
    kind text not null check (kind in ('commodity', 'sold_public', 'simple')),
    -- Which postings one voucher holds: each its own.
    voucher_grouping text not null check (voucher_grouping in ('event')),
    start_month text not null,
    state text not null check (state in ('setup', 'opening_balanced', 'running', 'ended'))
);
create table pool (
    code text primary key check (length(code) = 2),
    name text not null,
    fund_type text not null check (fund_type in ('commodity', 'sold_public', 'public_income', 'warranty', 'pension_public')),
    set_code text not null references ledger_set (code),
    state text not null check (state in ('open', 'restricted', 'closed'))
);

-- 科目: codes are data. `control` says which book of the other two the account must equal.
create table gl_account (
    set_code text not null references ledger_set (code),
    code text not null,
    name text not null,
    class text not null check (class in ('asset', 'liability', 'net_assets', 'income', 'expenditure')),
    side text not null check (side in ('debit', 'credit')),
    parent_code text,
    control text check (control in ('bank', 'fund', 'income')),
    state text not null check (state in ('enabled', 'disabled')),
    primary key (set_code, code)
);

-- 记账映射: how a posting of a code becomes general ledger lines, by date (finance §3).
create table posting_map (
    set_code text not null references ledger_set (code),
    code text not null,
    voucher_code text not null,
    voucher_kind text not null check (voucher_kind in ('receipt', 'payment', 'transfer')),
    -- Account and side of lines on household-like accounts, and on income accounts; `either`: by the sign.
    fund_account text,
    fund_side text check (fund_side in ('debit', 'credit', 'either')),
    income_account text,
    income_side text check (income_side in ('debit', 'credit', 'either')),
    bank_account text,
    bank_side text check (bank_side in ('debit', 'credit', 'either')),
    -- Takes what the others leave open (the payable of lost houses).
    counter_account text,
    counter_side text check (counter_side in ('debit', 'credit', 'either')),
    valid_from text not null,
    valid_to text,
    primary key (set_code, code, valid_from)
);

-- 会计期间: made by the numbering step with the month's first voucher; a month without a row is open.
create table period (
    set_code text not null references ledger_set (code),
    month text not null,
    state text not null check (state in ('future', 'open', 'closing', 'closed', 'reopened')),
    primary key (set_code, month)
);

-- 专户
create table bank_account (
    id uuid primary key,
    pool_code text not null references pool (code),
    bank text not null,
    number text not null,
    holder_name text not null,
    kind text not null check (kind in ('demand', 'time', 'bond')),
    connector text not null check (connector in ('callback', 'simulator', 'file')),
    opened_on text not null,
    state text not null check (state in ('open', 'restricted', 'closed')),
    version bigint not null default 1,
    maker uuid,
    created_at bigint not null,
    area_path text not null,
    -- `ledger.bank_account:<id>`: the assignment of the bank's own people.
    matter text not null,
    unique (bank, number)
);

-- 资金账户: the balance row. `seq` is that of its last entry.
create table fund_account (
    id uuid primary key,
    account_no text not null unique,
    pool_code text not null,
    kind text not null check (kind in ('household', 'seller', 'public_project', 'public_building', 'prepaid', 'suspense', 'reserve', 'pool_income')),
    state text not null check (state in ('open', 'frozen', 'closing', 'closed')),
    house_id uuid,
    building_id uuid,
    project_id uuid,
    area_path text not null,
    principal bigint not null default 0 check (principal >= 0),
    income bigint not null default 0 check (income >= 0),
    held bigint not null default 0 check (held >= 0),
    seq bigint not null default 0,
    opened_on text not null,
    created_at bigint not null
);
-- One living household account a house and pool.
create unique index fund_account_house on fund_account (house_id, pool_code) where kind = 'household' and state <> 'closed';
create index fund_account_project on fund_account (project_id, kind);

-- 业务事件: one row a posting, with the seals of its rows (see core/ledger/src/post/seal.rs).
create table posting (
    serial %SERIAL_PK%,
    id uuid not null unique,
    posting_no text not null unique,
    -- What may be posted once for ever: `MF01:fund.deposit:<id>`.
    source text not null,
    code text not null,
    origin_code text not null,
    pool_code text not null,
    set_code text not null,
    voucher_code text not null,
    voucher_kind text not null,
    accounting_on text not null,
    value_date text not null,
    bank_date text,
    amount bigint not null,
    lines bigint not null,
    subject_kind text not null,
    subject_id uuid not null,
    subject_no text,
    maker uuid,
    checker uuid,
    reason text,
    reverses_id uuid,
    posted_at bigint not null,
    area_path text not null,
    project_id uuid,
    seal text not null,
    journal_seal text not null
);
create unique index posting_source on posting (source);
create unique index posting_reverses on posting (reverses_id) where reverses_id is not null;
create index posting_subject on posting (subject_id);
create index posting_project on posting (project_id, serial);

-- 分户账明细
create table fund_entry (
    fund_account_id uuid not null,
    seq bigint not null,
    posting_id uuid not null,
    line bigint not null,
    origin_code text not null,
    bucket text not null check (bucket in ('principal', 'income')),
    amount bigint not null,
    balance_after bigint not null check (balance_after >= 0),
    summary text not null,
    formula text,
    house_id uuid,
    project_id uuid,
    area_path text not null,
    primary key (fund_account_id, seq)
);
create index fund_entry_posting on fund_entry (posting_id, line);
create index fund_entry_project on fund_entry (project_id, origin_code);

-- 银行日记账; a serial that stands in the books is claimed once, and free again after the reversal.
create table bank_entry (
    posting_id uuid primary key,
    bank_account_id uuid not null,
    amount bigint not null,
    bank_date text not null,
    bank_serial text not null
);
create index bank_entry_account on bank_entry (bank_account_id, bank_serial);
create table bank_claim (
    bank_account_id uuid not null,
    bank_serial text not null,
    posting_id uuid not null,
    primary key (bank_account_id, bank_serial)
);
create index bank_claim_posting on bank_claim (posting_id);

-- 分录
create table gl_line (
    posting_id uuid not null,
    line bigint not null,
    set_code text not null,
    account_code text not null,
    project_id uuid,
    bank_account_id uuid,
    holder_kind text,
    debit bigint not null,
    credit bigint not null,
    summary text not null,
    primary key (posting_id, line)
);
create index gl_line_account on gl_line (set_code, account_code);

-- 凭证号: given after the posting by the numbering step, gapless per set, kind and month; a posting's row is never touched.
create table voucher (
    seq bigint primary key,
    set_code text not null references ledger_set (code),
    kind text not null check (kind in ('receipt', 'payment', 'transfer')),
    month text not null,
    serial bigint not null,
    no text not null unique,
    posting_id uuid not null unique,
    numbered_at bigint not null,
    unique (set_code, kind, month, serial)
);

-- 冻结
create table hold (
    id uuid primary key,
    fund_account_id uuid not null references fund_account (id),
    amount bigint not null check (amount >= 0),
    placed bigint not null check (placed > 0),
    kind text not null check (kind in ('use', 'refund', 'judicial', 'dispute', 'admin')),
    subject_kind text not null,
    subject_id uuid not null,
    state text not null check (state in ('active', 'released', 'consumed', 'expired')),
    house_id uuid,
    project_id uuid,
    area_path text not null,
    placed_at bigint not null,
    ended_at bigint
);
create unique index hold_active on hold (subject_id, fund_account_id) where state = 'active';
create index hold_account on hold (fund_account_id) where state = 'active';
create index hold_subject on hold (subject_id);

-- 拨付指令
create table payment_order (
    id uuid primary key,
    order_no text not null unique,
    state text not null check (state in ('created', 'checked', 'signed', 'sent', 'accepted', 'paid', 'failed', 'returned', 'cancelled')),
    payee_name text not null,
    payee_uscc text,
    payee_bank text not null,
    payee_number_sealed text not null,
    payee_number_masked text not null,
    bank_account_id uuid not null references bank_account (id),
    amount bigint not null check (amount > 0),
    purpose text not null,
    subject_kind text not null,
    subject_id uuid not null,
    maker uuid,
    checker uuid,
    signer uuid,
    sender uuid,
    opinions text not null,
    bank_serial text,
    bank_date text,
    posting_no text,
    reason text,
    version bigint not null default 1,
    created_at bigint not null,
    area_path text not null,
    project_id uuid,
    matter text not null
);
create index payment_order_subject on payment_order (subject_id);
create index payment_order_bank on payment_order (bank_account_id, state);
create index payment_order_project on payment_order (project_id);

-- 对账单
create table statement (
    id uuid primary key,
    bank_account_id uuid not null references bank_account (id),
    document_id uuid not null,
    state text not null check (state in ('checking', 'imported', 'quarantined')),
    day text,
    file_seq bigint,
    opening bigint,
    closing bigint,
    line_count bigint not null default 0,
    digest text,
    problems text not null,
    maker uuid,
    created_at bigint not null,
    area_path text not null,
    matter text not null
);
create unique index statement_day on statement (bank_account_id, day, file_seq) where state = 'imported';
create table statement_line (
    statement_id uuid not null references statement (id),
    line_no bigint not null,
    bank_account_id uuid not null,
    bank_serial text not null,
    bank_date text not null,
    bank_time text not null,
    amount bigint not null,
    balance_after bigint not null,
    counter_name_sealed text,
    counter_account_sealed text,
    counter_bank text,
    pay_code text,
    business_ref text,
    summary text,
    reversal_of text,
    state text not null check (state in ('new', 'matched', 'suspense', 'cleared', 'ignored')),
    primary key (statement_id, line_no),
    unique (bank_account_id, bank_serial)
);
