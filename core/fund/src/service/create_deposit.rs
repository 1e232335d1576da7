//! 交存登记: a clerk records that a house paid; another person confirms that the bank has it.
use linli_kernel::{BankAccountId, Date, DepositId, HouseId, Invalid, Money, Page, Problem, ProjectId, Timestamp, UseId};
use linli_ledger::accounts;
use linli_property::houses;
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, number, values};
use linli_tenants::{Actions, AllowedAction, Ctx};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::FundError,
    list::{self, Filter, paging},
    model::{DepositKind, DepositState, fund_deposit, fund_house, fund_share, fund_use},
    perm,
    service::project::bank_of,
    use_state::UseState,
    use_view::project_of,
};

/// Record a deposit (登记交存).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDeposit {
    pub house_id: HouseId,
    pub kind: DepositKind,
    pub amount: Money,
    pub bank_account_id: BankAccountId,
    /// 到账日期.
    pub bank_date: Date,
    /// 银行流水号, once in a bank account.
    #[schema(example = "BK110000004")]
    pub bank_serial: String,
    #[schema(example = "业主")]
    pub payer: Option<String>,
    pub receipt_no: Option<String>,
    pub remarks: Option<String>,
    /// The use that a supplement is earmarked for (自筹).
    pub use_id: Option<UseId>,
}

/// 交存.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DepositView {
    pub id: DepositId,
    #[schema(example = "DP20261116000001")]
    pub no: String,
    pub project_id: ProjectId,
    pub house_id: HouseId,
    #[schema(example = "379901200012001000013")]
    pub house_code: String,
    pub kind: DepositKind,
    pub amount: Money,
    /// What was still due when it was recorded, by the standard or the share.
    pub due: Money,
    pub bank_account_id: BankAccountId,
    pub bank_date: Date,
    #[schema(example = "BK110000004")]
    pub bank_serial: String,
    pub payer: Option<String>,
    pub receipt_no: Option<String>,
    pub remarks: Option<String>,
    pub use_id: Option<UseId>,
    pub state: DepositState,
    pub reason: Option<String>,
    pub posting_no: Option<String>,
    /// Posting code: `MF01`, `MF02` or `MF03`.
    #[schema(example = "MF01")]
    pub code: Option<String>,
    /// Whether it was reversed (红冲).
    pub corrected: bool,
    pub created_at: Timestamp,
    pub version: i64,
    pub allowed_actions: Vec<AllowedAction>,
}

pub(crate) fn view(ctx: &Ctx, row: &fund_deposit::Model) -> DepositView {
    DepositView {
        id: row.id,
        no: row.no.clone(),
        project_id: row.project_id,
        house_id: row.house_id,
        house_code: row.house_code.clone(),
        kind: row.kind,
        amount: row.amount,
        due: row.due,
        bank_account_id: row.bank_account_id,
        bank_date: row.bank_date,
        bank_serial: row.bank_serial.clone(),
        payer: row.payer.clone(),
        receipt_no: row.receipt_no.clone(),
        remarks: row.remarks.clone(),
        use_id: row.use_id,
        state: row.state,
        reason: row.reason.clone(),
        posting_no: row.posting_no.clone(),
        code: row.code.clone(),
        corrected: row.corrected_by.is_some(),
        created_at: row.created_at,
        version: row.version,
        allowed_actions: Actions::of(ctx)
            .add(perm::DEPOSIT_CONFIRM, "confirm", || may_decide(ctx, row))
            .add(perm::DEPOSIT_REJECT, "reject", || may_decide(ctx, row))
            .done(),
    }
}

/// It waits, and another person recorded it.
pub(crate) fn may_decide(ctx: &Ctx, row: &fund_deposit::Model) -> Result<(), Problem> {
    ctx.not_the_maker(row.created_by)?;
    if row.state == DepositState::PaidPending { Ok(()) } else { Err(FundError::DepositNotPending.into()) }
}

pub(crate) fn scope_of(row: &fund_deposit::Model) -> ScopeIds {
    ScopeIds {
        area_path: Some(row.area_path.clone()),
        project_id: Some(row.project_id),
        house_id: Some(row.house_id),
        ..ScopeIds::default()
    }
}

/// Guards: a house of the fund in scope; an open bank account of its pool; a new serial; no more than is due. Effect:
/// `paid_pending` with what is due.
pub async fn create_deposit(ctx: &Ctx, key: &Key, cmd: CreateDeposit) -> Result<DepositView, Problem> {
    ctx.require(perm::DEPOSIT_CREATE)?;
    ctx.tx("fund.deposit.create", key, async |tx| {
        let house = houses::in_scope(ctx, tx.conn(), cmd.house_id).await?;
        let fund = fund_house::Entity::find_by_id(house.id).one(tx.conn()).await?.ok_or(FundError::NoAccount)?;
        let project = project_of(ctx, tx.conn(), fund.project_id).await?;
        let mut invalid = Invalid::new();
        invalid.check(cmd.amount.is_positive(), "/amount", "not_positive", "金额须大于0", "The amount must be above zero");
        invalid.text("/bank_serial", &cmd.bank_serial, 60);
        for (pointer, text) in [("/payer", &cmd.payer), ("/receipt_no", &cmd.receipt_no), ("/remarks", &cmd.remarks)] {
            if let Some(text) = text {
                invalid.check(text.chars().count() <= 200, pointer, "too_long", "最多200个字", "At most 200 characters");
            }
        }
        invalid.done()?;
        let bank = bank_of(ctx, tx.conn(), cmd.bank_account_id, &project.pool_code).await?;
        if cmd.bank_date > tx.today() || cmd.bank_date < bank.opened_on {
            return Err(FundError::BankDate.into());
        }
        let serial = cmd.bank_serial.trim();
        if serial_used(tx, bank.id, serial).await? {
            return Err(FundError::SerialUsed { serial: serial.to_owned() }.into());
        }
        let due = due(tx, &fund, &cmd).await?;
        let row = fund_deposit::Model {
            id: DepositId::new(),
            no: number::daily(tx, "DP").await?,
            project_id: fund.project_id,
            house_id: fund.house_id,
            house_code: fund.house_code.clone(),
            fund_account_id: fund.fund_account_id,
            kind: cmd.kind,
            amount: cmd.amount,
            due,
            bank_account_id: bank.id,
            bank_date: cmd.bank_date,
            bank_serial: serial.to_owned(),
            payer: cmd.payer.clone(),
            receipt_no: cmd.receipt_no.clone(),
            remarks: cmd.remarks.clone(),
            use_id: cmd.use_id,
            import_id: None,
            import_row: None,
            state: DepositState::PaidPending,
            reason: None,
            posting_id: None,
            posting_no: None,
            code: None,
            corrected_by: None,
            area_path: fund.area_path.clone(),
            created_by: tx.author().account,
            created_at: tx.now(),
            confirmed_by: None,
            version: 1,
        };
        let row = row.into_active_model().insert(tx.conn()).await?;
        let change = Change::new("fund.deposit.created", "fund.deposit", row.id).scope(scope_of(&row)).data("no", &row.no);
        tx.event(change.data("amount", row.amount).data("kind", row.kind).state(None::<DepositState>, row.state)).await?;
        Ok(view(ctx, &row))
    })
    .await
}

async fn serial_used(tx: &Tx, bank: BankAccountId, serial: &str) -> Result<bool, Problem> {
    const USED: &str = "select count(*) as v from fund_deposit
                        where bank_account_id = $1 and bank_serial = $2 and state <> 'rejected' and corrected_by is null";
    Ok(tx.conn().scalar::<i64>(USED, values![bank, serial]).await?.unwrap_or(0) > 0)
}

/// What the house has paid or waits to have confirmed, of these kinds.
pub(crate) async fn paid_of(tx: &Tx, house: HouseId, kind: &str, use_id: Option<UseId>) -> Result<Money, Problem> {
    const PAID: &str = "select cast(coalesce(sum(amount), 0) as bigint) as v from fund_deposit
                        where house_id = $1 and kind = $2 and state in ('paid_pending', 'posted', 'receipted') and corrected_by is null
                          and (($3 = 0 and use_id is null) or ($3 = 1 and use_id = $4))";
    let flag = i64::from(use_id.is_some());
    let paid: Option<Money> = tx.conn().scalar(PAID, values![house, kind, flag, use_id.unwrap_or(UseId(uuid::Uuid::nil()))]).await?;
    Ok(paid.unwrap_or_default())
}

/// What is due of this kind; a first deposit may not be above it.
async fn due(tx: &Tx, fund: &fund_house::Model, cmd: &CreateDeposit) -> Result<Money, Problem> {
    if cmd.use_id.is_some() && cmd.kind != DepositKind::Supplement {
        return Err(FundError::NoSuchUse.into());
    }
    match cmd.kind {
        DepositKind::First => {
            let paid = paid_of(tx, fund.house_id, "first", None).await?;
            let left = fund.due.try_sub(paid)?;
            if cmd.amount > left {
                return Err(FundError::OverDue { due: fund.due, paid, over: cmd.amount.try_sub(left)? }.into());
            }
            Ok(left)
        }
        DepositKind::Renewal => {
            let account = accounts::by_ids(tx.conn(), &[fund.fund_account_id]).await?;
            let balance = account.first().map(|a| a.balance()).unwrap_or_default();
            Ok(Money((fund.due.fen() - balance.fen()).max(0)))
        }
        DepositKind::Supplement => match cmd.use_id {
            Some(use_id) => self_raised(tx, fund, use_id).await,
            None => {
                let first = paid_of(tx, fund.house_id, "first", None).await?;
                let more = paid_of(tx, fund.house_id, "supplement", None).await?;
                Ok(Money((fund.due.fen() - first.fen() - more.fen()).max(0)))
            }
        },
    }
}

/// 自筹 of the house in a running use, less what it already brought.
async fn self_raised(tx: &Tx, fund: &fund_house::Model, use_id: UseId) -> Result<Money, Problem> {
    let use_ = fund_use::Entity::find_by_id(use_id).one(tx.conn()).await?;
    let use_ = use_.filter(|u| u.project_id == fund.project_id && runs(u.state)).ok_or(FundError::NoSuchUse)?;
    let share = fund_share::Entity::find()
        .filter(fund_share::Column::UseId.eq(use_.id))
        .filter(fund_share::Column::Round.eq(use_.scheme_round))
        .filter(fund_share::Column::HouseId.eq(fund.house_id))
        .one(tx.conn())
        .await?
        .ok_or(FundError::NoSuchUse)?;
    let paid = paid_of(tx, fund.house_id, "supplement", Some(use_id)).await?;
    Ok(Money((share.self_raised.fen() - paid.fen()).max(0)))
}

/// Whether a use still takes money that is raised for it.
pub(crate) fn runs(state: UseState) -> bool {
    match state {
        UseState::Allocated
        | UseState::Voting
        | UseState::VotePassed
        | UseState::Publicised
        | UseState::Objection
        | UseState::InReview
        | UseState::Returned => true,
        other => is_filed(other),
    }
}

/// Whether its shares are held.
pub(crate) fn is_filed(state: UseState) -> bool {
    match state {
        UseState::Filed
        | UseState::Contracted
        | UseState::AdvancePaid
        | UseState::InWorks
        | UseState::ProgressPaid
        | UseState::Completed
        | UseState::Accepted
        | UseState::CostAudited
        | UseState::SettlementPublicised => true,
        UseState::Proposed
        | UseState::Surveyed
        | UseState::SchemeReady
        | UseState::Allocated
        | UseState::Voting
        | UseState::VotePassed
        | UseState::VoteFailed
        | UseState::Publicised
        | UseState::Objection
        | UseState::InReview
        | UseState::Returned
        | UseState::Rejected
        | UseState::Settled
        | UseState::RetentionPaid
        | UseState::Archived
        | UseState::Suspended
        | UseState::Terminated => false,
    }
}

/// What a list of deposits is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepositQuery {
    pub project_id: Option<ProjectId>,
    pub house_id: Option<HouseId>,
    pub state: Option<DepositState>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

/// Deposits in the actor's scope, newest first.
pub async fn find(ctx: &Ctx, query: DepositQuery) -> Result<Page<DepositView>, Problem> {
    ctx.require(perm::DEPOSIT_READ)?;
    let filter = Filter::default()
        .add("project_id", query.project_id)
        .add("house_id", query.house_id)
        .add("state", query.state.map(DepositState::as_str));
    let page = paging(query.page, query.page_size);
    let page = list::page::<fund_deposit::Entity>(ctx, &filter.and, filter.values, "t.created_at desc, t.id desc", &page).await?;
    Ok(page.map(|row| view(ctx, &row)))
}

/// One deposit in the actor's scope.
pub async fn get(ctx: &Ctx, id: DepositId) -> Result<DepositView, Problem> {
    ctx.require(perm::DEPOSIT_READ)?;
    Ok(view(ctx, &ctx.get::<fund_deposit::Entity>(ctx.conn(), id).await?))
}
