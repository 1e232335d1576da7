-- The register: companies, projects, buildings, houses, people and who owns what; what owners decide and object to.
-- Names, id numbers and telephones stand encrypted (columns *_sealed) beside a masked form; *_index is a keyed hash, for equality only.

create table person (
    id uuid primary key,
    id_type text not null,
    name_sealed text not null,
    name_masked text not null,
    id_number_sealed text not null,
    id_number_masked text not null,
    id_number_index text not null,
    mobile_sealed text,
    mobile_masked text,
    mobile_index text,
    -- when and on which evidence the identity was checked; null: only stated, by a house table for instance
    verified_at bigint,
    evidence text,
    state text not null check (state in ('active', 'merged', 'deceased')),
    version bigint not null,
    created_at bigint not null,
    created_by uuid,
    unique (id_type, id_number_index)
);
create index person_mobile on person (mobile_index) where mobile_index is not null;

create table company (
    id uuid primary key,
    name text not null,
    uscc text not null unique,
    legal_rep_sealed text,
    legal_rep_masked text,
    origin text not null check (origin in ('local', 'outside')),
    -- JSON list of dictionary codes
    trades text not null,
    area_code text not null,
    area_path text not null,
    state text not null check (state in ('draft', 'submitted', 'registered', 'suspended', 'cancelled')),
    version bigint not null,
    created_at bigint not null,
    created_by uuid
);
-- Where a company is registered or serves: these divisions see it.
create table company_area (
    company_id uuid not null references company (id),
    area_path text not null,
    primary key (company_id, area_path)
);
create index company_area_path on company_area (area_path);

create table project (
    id uuid primary key,
    code text not null unique,
    name text not null,
    kind text not null,
    address text not null,
    area_code text not null,
    area_name text not null,
    area_path text not null,
    management_mode text not null check (management_mode in ('company', 'self', 'other_manager', 'emergency', 'unmanaged')),
    company_id uuid references company (id),
    developer_id uuid references company (id),
    built_area bigint not null,
    households bigint not null,
    state text not null check (state in ('planning', 'front_stage', 'normal', 'transition', 'emergency', 'unmanaged', 'closed')),
    version bigint not null,
    created_at bigint not null,
    created_by uuid
);
create index project_area on project (area_path);
create index project_company on project (company_id);

create table building (
    id uuid primary key,
    project_id uuid not null references project (id),
    code text not null unique,
    serial bigint not null,
    -- as people say it: 1, 3号楼
    name text not null,
    floors bigint not null,
    has_lift boolean not null,
    area_surveyed bigint,
    -- the last house serial given out in it
    last_house bigint not null,
    area_path text not null,
    state text not null check (state in ('active', 'ended')),
    created_at bigint not null,
    unique (project_id, name),
    unique (project_id, serial)
);

create table unit (
    id uuid primary key,
    project_id uuid not null references project (id),
    building_id uuid not null references building (id),
    code text not null unique,
    serial bigint not null,
    name text not null,
    area_path text not null,
    state text not null check (state in ('active', 'ended')),
    created_at bigint not null,
    unique (building_id, name),
    unique (building_id, serial)
);
create index unit_project on unit (project_id);

create table house (
    id uuid primary key,
    project_id uuid not null references project (id),
    building_id uuid not null references building (id),
    unit_id uuid not null references unit (id),
    code text not null unique,
    registry_no text,
    floor bigint not null,
    room text not null,
    "use" text not null,
    nature text not null,
    -- the area that counts: registered, else surveyed, else contract; all in 0.01 m²
    area bigint not null check (area > 0),
    area_registered bigint,
    area_surveyed bigint,
    area_contract bigint,
    area_inner bigint,
    area_shared bigint,
    has_lift boolean not null,
    -- counts for the fund, for votes and for allocation
    countable boolean not null,
    sale_price bigint,
    contract_no text,
    standard_code text,
    remarks text,
    delivered_on text,
    area_path text not null,
    state text not null check (state in ('presale', 'sold', 'delivered', 'registered', 'split', 'merged', 'destroyed')),
    version bigint not null,
    created_at bigint not null,
    unique (unit_id, floor, room)
);
create unique index house_registry on house (registry_no) where registry_no is not null;
create index house_project on house (project_id, code);
create index house_building on house (building_id);

create table ownership (
    id uuid primary key,
    house_id uuid not null references house (id),
    project_id uuid not null references project (id),
    holder_kind text not null check (holder_kind in ('person', 'company', 'committee', 'assembly', 'government')),
    holder_id uuid not null,
    -- the holder again where he is a natural person: the scope column
    person_id uuid,
    mode text not null check (mode in ('sole', 'joint', 'by_share')),
    share_num bigint not null,
    share_den bigint not null check (share_den > 0),
    is_main boolean not null,
    source text not null,
    from_on text not null,
    -- null: in force
    to_on text,
    area_path text not null,
    created_at bigint not null,
    check (share_num > 0 and share_num <= share_den)
);
create index ownership_house on ownership (house_id) where to_on is null;
create index ownership_holder on ownership (holder_id) where to_on is null;
create unique index ownership_once on ownership (house_id, holder_kind, holder_id) where to_on is null;

create table binding (
    id uuid primary key,
    account_id uuid not null,
    person_id uuid,
    -- null: no house has the stated code; told to nobody but the reviewer
    house_id uuid references house (id),
    project_id uuid references project (id),
    house_code text not null,
    role text not null check (role in ('owner', 'co_owner', 'representative', 'family', 'occupant')),
    name_sealed text not null,
    name_masked text not null,
    id_type text not null,
    id_number_sealed text not null,
    id_number_masked text not null,
    state text not null check (state in ('applying', 'bound', 'manual_review', 'rejected', 'frozen', 'released')),
    reason text,
    area_path text not null,
    from_on text,
    until_on text,
    decided_by uuid,
    decided_at bigint,
    version bigint not null,
    created_at bigint not null
);
create index binding_account on binding (account_id);
create index binding_house on binding (house_id) where state = 'bound';
create index binding_review on binding (created_at) where state = 'manual_review';
create unique index binding_once on binding (account_id, house_id) where state = 'bound';
-- Wrong claims of an account; ten stop it.
create table binding_try (
    account_id uuid primary key,
    wrong bigint not null
);

create table committee (
    id uuid primary key,
    no text not null unique,
    project_id uuid not null references project (id),
    kind text not null check (kind in ('owners', 'interim')),
    name text not null,
    term_no bigint not null,
    from_on text not null,
    to_on text not null,
    seats bigint not null,
    area_path text not null,
    state text not null check (state in ('elected', 'filing', 'filed', 'caretaker', 'expired', 'cancelled')),
    version bigint not null,
    created_at bigint not null,
    created_by uuid,
    unique (project_id, kind, term_no)
);
create table committee_member (
    committee_id uuid not null references committee (id),
    person_id uuid not null references person (id),
    house_id uuid not null references house (id),
    duty text not null check (duty in ('chair', 'vice_chair', 'member', 'alternate')),
    from_on text not null,
    to_on text,
    primary key (committee_id, person_id)
);

create table vote (
    id uuid primary key,
    no text not null unique,
    subject_kind text not null,
    subject_id uuid not null,
    title text not null,
    project_id uuid not null references project (id),
    area_path text not null,
    class text not null check (class in ('ordinary', 'special')),
    channel text not null check (channel in ('paper', 'electronic', 'mixed')),
    -- frozen at opening; the hash is over owner keys and areas
    total_heads bigint not null,
    total_area bigint not null,
    electorate_hash text not null,
    opens_on text not null,
    closes_on text not null,
    participated_heads bigint,
    participated_area bigint,
    agreed_heads bigint,
    agreed_area bigint,
    against_heads bigint,
    against_area bigint,
    abstained_heads bigint,
    abstained_area bigint,
    result text check (result in ('passed', 'not_passed', 'invalid')),
    tests text not null,
    document_ids text not null,
    state text not null check (state in ('draft', 'roster_posted', 'announced', 'open', 'counting', 'counted', 'published', 'effective', 'disputed', 'recorded')),
    version bigint not null,
    created_at bigint not null,
    created_by uuid
);
create index vote_subject on vote (subject_id);
create index vote_project on vote (project_id);

create table publicity (
    id uuid primary key,
    no text not null unique,
    subject_kind text not null,
    subject_id uuid not null,
    title text not null,
    project_id uuid not null references project (id),
    area_path text not null,
    from_on text not null,
    -- the last day on which an objection is taken
    until_on text not null,
    places text not null,
    document_ids text not null,
    body text not null,
    state text not null check (state in ('open', 'objected', 'ended')),
    version bigint not null,
    created_at bigint not null,
    created_by uuid
);
create index publicity_project on publicity (project_id, from_on);
create index publicity_subject on publicity (subject_id);
create index publicity_due on publicity (until_on) where state <> 'ended';

create table objection (
    id uuid primary key,
    publicity_id uuid not null references publicity (id),
    project_id uuid not null references project (id),
    area_path text not null,
    account_id uuid not null,
    person_id uuid,
    text text not null,
    answer text,
    answered_by uuid,
    answered_at bigint,
    state text not null check (state in ('open', 'answered', 'upheld')),
    created_at bigint not null
);
create index objection_publicity on objection (publicity_id);

-- What systems tell each other, bitemporal: true from valid_from on, known from known_from on. A null value ends a fact.
create table fact (
    id uuid primary key,
    subject_kind text not null,
    subject_id uuid not null,
    name text not null,
    value text,
    valid_from text not null,
    known_from bigint not null,
    event_id uuid not null,
    area_path text,
    company_id uuid,
    project_id uuid
);
create index fact_subject on fact (subject_id, name, valid_from);
-- append-only: fact
