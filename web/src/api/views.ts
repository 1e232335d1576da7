// The answers as the pages read them: money and areas are strings from JSON to pixel.
import type { AllowedAction } from './problem.ts';

export interface Page<T> {
  items: T[];
  total: number;
  total_is_lower_bound?: boolean;
}
export interface Feed<T> {
  items: T[];
  next: string | null;
}
export interface Post {
  id: string;
  account_id?: string;
  account_name?: string;
  login_name?: string;
  role: string;
  role_name?: string;
  scope_kind: string;
  scope_name?: string;
  area_code?: string | null;
  area_name?: string | null;
  company_id?: string | null;
  project_id?: string | null;
  committee_id?: string | null;
  state: string;
  from?: string;
  to?: string | null;
  proposed_by?: string;
}
export interface Current {
  csrf: string;
  account: { id: string; name: string; kind?: string; login_name?: string };
  posts: Post[];
  post_id: string | null;
  role?: string | null;
  permissions: string[];
  expires_at?: string;
  /** The business date of the tenant, which a simulated clock may move. */
  today?: string;
}
export interface JobView {
  id: string;
  kind?: string;
  state: string;
  done: number;
  total: number;
  failed: number;
  error?: string | null;
}
export interface ImportView {
  id: string;
  template: string;
  state: string;
  rows: number;
  ok_rows: number;
  error_rows: number;
  warning_rows: number;
  business_date?: string;
  row_policy?: string;
  project_id?: string | null;
  document_id?: string;
  created?: Record<string, number> | null;
  posted?: number | null;
  amount?: string | null;
  allowed_actions?: AllowedAction[];
}
export interface RowError {
  row: number;
  code: string;
  columns: string[];
  value?: string | null;
  message: string;
}
export interface DocumentView {
  id: string;
  kind: string;
  title: string;
  file_name?: string;
  size?: number | string;
  sha256: string;
  sm3?: string;
  scan_state?: string;
  created_at?: string;
}
export interface HouseRow {
  id: string;
  code: string;
  building_id: string;
  building_name: string;
  unit_id: string;
  unit_name: string;
  floor: number;
  room: string;
  use: string;
  area: string;
  state: string;
}
export interface GridHouse {
  id: string;
  code: string;
  unit_id: string;
  unit_name: string;
  floor: number;
  room: string;
  area: string;
  use: string;
  state: string;
  owners?: number;
  /** The money of the house, where this post sees it. */
  deposit_state?: string;
  due?: string;
  balance?: string;
  held?: string;
}
export interface Grid {
  building: { id: string; name: string; project_id?: string; area?: string };
  project_name?: string;
  units: { id: string; name: string }[];
  floors: number[];
  houses: GridHouse[];
  /** Whether this post sees the money of the houses. */
  figures: boolean;
}
export interface FundProject {
  project_id: string;
  project_name?: string;
  name?: string;
  code?: string;
  state: string;
  pool_code?: string;
  management?: string;
  houses?: number;
  area?: string;
  first_due?: string;
  deposited?: string;
  balance?: string;
  held?: string;
  available?: string;
}
export interface VoteCount {
  heads: number;
  area: string;
}
export interface UseVote {
  id: string;
  no?: string;
  opens_on?: string;
  closes_on?: string;
  channel?: string;
  totals?: VoteCount;
  needs?: VoteCount;
  participated?: VoteCount;
  agreed?: VoteCount;
  against?: VoteCount;
  abstained?: VoteCount;
  result?: string | null;
  tests?: { name: string; left: string | number; op: string; right: string | number; ok: boolean }[];
}
export interface PublicityView {
  id: string;
  no?: string;
  title: string;
  from: string;
  until: string;
  state: string;
  places: string[];
  project_id: string;
  subject_kind: string;
  subject_id: string;
  document_ids: string[];
  allowed_actions?: AllowedAction[];
}
export interface ObjectionView {
  id: string;
  publicity_id: string;
  text: string;
  state: string;
  answer?: string | null;
  answered_at?: string | null;
  mine?: boolean;
  created_at: string;
  allowed_actions?: AllowedAction[];
}
export interface Scope {
  kind: 'project' | 'building' | 'unit' | 'houses';
  ids: string[];
}
export interface UseItem {
  name: string;
  amount: string;
  purpose: string;
  scope: Scope;
  rule?: { plugin: PluginPin } | null;
}
export interface PaymentOrder {
  id: string;
  order_no: string;
  state: string;
  amount: string;
  payee: { name: string; uscc?: string | null; bank: string; account_number: string };
  purpose: string;
  subject_kind: string;
  subject_id: string;
  opinions: { step: string; role: string; opinion?: string | null; at: string }[];
  bank_serial?: string | null;
  bank_date?: string | null;
  posting_no?: string | null;
  reason?: string | null;
  created_at: string;
  allowed_actions?: AllowedAction[];
}
export interface UsePayment {
  id: string;
  kind: string;
  amount: string;
  state: string;
  payment_order_id?: string | null;
  order_no?: string | null;
  posting_no?: string | null;
  reason?: string | null;
}
export interface UseView {
  id: string;
  no: string;
  version: number;
  state: string;
  reason?: string | null;
  kind: string;
  title: string;
  part: string;
  cause?: string;
  round: number;
  project_id: string;
  project_name: string;
  budget: string;
  houses: number;
  items?: UseItem[];
  contract_amount?: string | null;
  paid: string;
  audited_amount?: string | null;
  retention?: string;
  surveyed_on?: string | null;
  survey_report?: string | null;
  vote?: UseVote | null;
  publicity?: PublicityView | null;
  publicities?: PublicityView[];
  process?: { instance_id: string } | null;
  review_due_on?: string | null;
  filed_on?: string | null;
  contractor?: { name: string; uscc: string; bank: string; account_number: string } | null;
  signed_on?: string | null;
  started_on?: string | null;
  completed_on?: string | null;
  accepted_on?: string | null;
  signers?: string[];
  auditor?: string | null;
  settled_on?: string | null;
  payments?: UsePayment[];
  documents?: DocumentView[];
  archive?: { document_id: string; sha256: string; sm3: string; files: number } | null;
  allowed_actions: AllowedAction[];
}
export interface PluginPin {
  id: string;
  version: string;
  hash: string;
}
export interface Share {
  house_id: string;
  house_code: string;
  area?: string;
  weight: number;
  floor: string;
  remainder: number;
  share: string;
  from_income: string;
  from_principal: string;
  self_raised: string;
  available: string;
  final_share?: string | null;
  paid?: string;
  parts?: SharePart[];
}
/** One budget item's part of a share. */
export interface SharePart {
  item_no: number;
  cost: string;
  weight: number;
  weight_total: number;
  floor: string;
  remainder: number;
  fen_added: number;
  share: string;
}
export interface MyWork {
  use_id: string;
  no: string;
  title: string;
  part: string;
  state: string;
  budget: string;
  audited_amount?: string | null;
  houses: number;
  share: Share;
  plugin?: PluginPin | null;
  explained: string[];
}
export interface Preview {
  total: string;
  houses: number;
  plugin: PluginPin;
  shares: Share[];
  short_houses: string[];
}
export interface FinalShare {
  house_id: string;
  house_code?: string;
  final_share: string;
  paid_before: string;
  last: string;
  hold_released: string;
}
export interface TaskView {
  id: string;
  instance_id: string;
  subject_kind: string;
  subject_id: string;
  subject_no: string;
  title?: string;
  node: string;
  name: string;
  round?: number;
  state: string;
  assignee?: string | null;
  pool_role?: string | null;
  action?: string | null;
  opinion?: string | null;
  opened_at?: string;
  due_at?: string | null;
  decided_at?: string | null;
  allowed_actions: AllowedAction[];
}
export interface TimelineItem {
  at: string;
  kind: string;
  name?: string | null;
  node?: string | null;
  actor_name?: string | null;
  action?: string | null;
  opinion?: string | null;
  round?: number;
}
export interface Diagram {
  xml: string;
  active: string[];
  done: string[];
  steps: { node: string; name: string; state: string }[];
}
export interface FundAccount {
  id: string;
  account_no: string;
  house_id?: string;
  house_code?: string;
  principal: string;
  income: string;
  balance: string;
  held: string;
  available: string;
  state?: string;
}
export interface MyHouse {
  house_id: string;
  code: string;
  area: string;
  project_id?: string;
  project_name?: string;
  building_name?: string;
  unit_name?: string;
  room?: string;
  role?: string;
  fund_account: FundAccount | null;
}
export interface Formula {
  cost: string;
  weight: number;
  weight_total: number;
  floor: string;
  remainder: number;
  fen_added: number;
  share: string;
  plugin: PluginPin | string | null;
}
export interface Entry {
  seq: number;
  posting_no: string;
  code: string;
  bucket: string;
  amount: string;
  balance_after: string;
  value_date: string;
  bank_date?: string | null;
  summary: string;
  subject_no?: string | null;
  formula?: Formula | null;
}
export interface NoticeView {
  id: string;
  template: string;
  title?: string;
  text?: string;
  body?: string;
  state?: string;
  created_at?: string;
  read_at?: string | null;
  subject_kind?: string | null;
  subject_id?: string | null;
}
export interface Area {
  code: string;
  name: string;
  path: string;
  level?: string;
}
export interface AccountView {
  id: string;
  login_name: string;
  name: string;
  kind: string;
  state: string;
  invitation?: { token: string; expires_at?: string } | null;
  allowed_actions?: AllowedAction[];
}
export interface Setting {
  key: string;
  name: string;
  value: unknown;
  origin: string;
  valid_from?: string | null;
  choices?: string[];
  min?: number | null;
  max?: number | null;
}
export interface Statement {
  id: string;
  state: string;
  bank_account_id?: string;
  date?: string;
  lines?: number;
  opening?: string | null;
  closing?: string | null;
  problems?: { line: number; code: string; message?: string }[];
}
export interface Proof {
  ok: boolean;
  checks: { code: string; ok: boolean; detail?: unknown }[];
}
export interface Verification {
  ok: boolean;
  from_seq: number;
  to_seq: number;
  head: string;
  checkpoint?: { seq: number; signature: string; key_id: string } | null;
}
export interface CloudEvent {
  seq: number;
  id: string;
  type: string;
  subject: string;
  time: string;
  data: unknown;
  actor?: string;
}
export interface Tenant {
  id: string;
  slug: string;
  name: string;
  area_code: string;
  pack: string;
  database: string;
  cell: string;
  state: string;
  invitations?: { role: string; login_name: string; token?: string | null; expires_at: string }[];
}
export interface Definition {
  id: string;
  key: string;
  name?: string;
  version: number | string;
  state: string;
  xml?: string;
  bundle_hash?: string;
}

/** Answer of each operation whose shape the pages rely on. */
export interface Answers {
  session_create: Current;
  session_get: Current;
  session_choose_post: Partial<Current>;
  platform_session_create: Partial<Current>;
  platform_session_get: Partial<Current> & { csrf: string };
  invitation_accept: { login_name: string };
  area_list: Page<Area>;
  account_list: Page<AccountView>;
  account_create: AccountView;
  account_invite: AccountView;
  post_list: Page<Post>;
  setting_list: Page<Setting>;
  document_create: DocumentView;
  document_get: DocumentView;
  job_get: JobView;
  fund_import_create: { import: ImportView; job: JobView };
  fund_import_commit: { job: JobView; import?: ImportView };
  fund_import_get: ImportView;
  fund_import_error_list: Page<RowError>;
  fund_project_get: FundProject;
  fund_project_list: Page<FundProject>;
  fund_use_get: UseView;
  fund_use_list: Page<UseView>;
  fund_use_preview: Preview;
  fund_use_share_list: Page<Share>;
  fund_account_get: FundAccount;
  fund_account_list: Page<FundAccount>;
  fund_account_entry_list: Feed<Entry>;
  fund_payment_get: { use_id: string; use_no: string; kind: string };
  ledger_payment_order_get: PaymentOrder;
  ledger_payment_order_list: Page<PaymentOrder>;
  ledger_bank_account_list: Page<{
    id: string;
    bank: string;
    number: string;
    holder_name: string;
    pool_code: string;
    state: string;
  }>;
  ledger_statement_create: { statement: Statement; job: JobView };
  ledger_statement_get: Statement;
  ledger_proof_get: Proof;
  me_house_list: Page<MyHouse>;
  me_work_list: Page<MyWork>;
  me_notice_list: Page<NoticeView>;
  property_house_list: Page<HouseRow>;
  property_building_list: Page<{ id: string; name: string; project_id?: string }>;
  property_building_grid: Grid;
  property_project_list: Page<{ id: string; code: string; name: string; state: string }>;
  property_company_list: Page<{ id: string; name: string }>;
  property_committee_list: Page<{ id: string; name: string }>;
  property_publicity_get: PublicityView;
  public_publicity_list: Page<PublicityView & { project_name: string }>;
  property_publicity_list: Page<PublicityView>;
  property_objection_list: Page<ObjectionView>;
  workflow_task_list: Page<TaskView>;
  workflow_task_explanation: { text: string };
  workflow_instance_diagram: Diagram;
  workflow_instance_timeline: { items: TimelineItem[] };
  workflow_definition_list: Page<Definition>;
  workflow_definition_get: Definition;
  audit_event_list: Feed<CloudEvent>;
  event_list: Feed<CloudEvent>;
  audit_verify: Verification;
  platform_tenant_list: Page<Tenant>;
  platform_tenant_create: Tenant;
  platform_health_get: {
    ok: boolean;
    version: string;
    now: string;
    simulated_clock: boolean;
    tenants: number;
    parts: { name: string; ok: boolean; answer_ms: number }[];
  };
  platform_clock_get: { now: string };
  platform_clock_set: { now: string };
  role_list: Page<{ code: string; name: string; permissions?: string[]; state?: string }>;
}
