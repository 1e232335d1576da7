//! 专户: registered by the head of finance; the bank's own people see what is assigned to them.
use linli_kernel::{BankAccountId, Date, Invalid, Page, PageQuery, Problem, mask};
use linli_runtime::{Change, Key, ScopeIds, Sql, values};
use linli_tenants::Ctx;
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    LedgerError,
    model::{
        BankKind, Connector,
        bank_account::{self, BankState},
    },
    perm,
};

/// Registers a bank account of a pool.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankAccountCreate {
    /// Pool of the account.
    #[schema(example = "01")]
    pub pool_code: String,
    /// Short code of the bank.
    #[schema(example = "BOC")]
    pub bank: String,
    /// Account number, digits only.
    #[schema(example = "3799010001000123")]
    pub number: String,
    /// Name of the holder at the bank.
    #[schema(example = "维修资金专户")]
    pub holder_name: String,
    pub kind: BankKind,
    pub connector: Connector,
    /// First day of the account; receipts before it are refused (E11).
    pub opened_on: Date,
}

/// A bank account; its number is masked for everybody but finance and the bank.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BankAccountView {
    pub id: BankAccountId,
    #[schema(example = "01")]
    pub pool_code: String,
    #[schema(example = "BOC")]
    pub bank: String,
    #[schema(example = "************0123")]
    pub number: String,
    #[schema(example = "维修资金专户")]
    pub holder_name: String,
    pub kind: BankKind,
    pub connector: Connector,
    pub opened_on: Date,
    pub state: BankState,
    pub version: i64,
}

impl BankAccountView {
    fn of(row: bank_account::Model, whole: bool) -> BankAccountView {
        BankAccountView {
            number: if whole { row.number } else { mask::bank_account(&row.number) },
            id: row.id,
            pool_code: row.pool_code,
            bank: row.bank,
            holder_name: row.holder_name,
            kind: row.kind,
            connector: row.connector,
            opened_on: row.opened_on,
            state: row.state,
            version: row.version,
        }
    }
}

const POOL: &str = "select cast(1 as bigint) as v from pool where code = $1 and state = 'open'";
const SAME: &str = "select cast(1 as bigint) as v from bank_account where bank = $1 and number = $2";

/// Guards: the pool is open, the number is new, the day is not in the future, a simulator stands in a demonstration only.
pub async fn create(ctx: &Ctx, key: &Key, cmd: BankAccountCreate) -> Result<BankAccountView, Problem> {
    ctx.require(perm::BANK_ACCOUNT_CREATE)?;
    let mut invalid = Invalid::new();
    invalid.text("/holder_name", &cmd.holder_name, 100);
    let bank_ok = (2..=12).contains(&cmd.bank.len()) && cmd.bank.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    invalid.check(
        bank_ok,
        "/bank",
        "bank_code",
        "银行代码须为 2 至 12 位大写字母或数字",
        "A bank code is 2 to 12 capital letters or digits",
    );
    let number_ok = (8..=32).contains(&cmd.number.len()) && cmd.number.bytes().all(|b| b.is_ascii_digit());
    invalid.check(number_ok, "/number", "account_number", "账号须为 8 至 32 位数字", "An account number is 8 to 32 digits");
    invalid.check(cmd.opened_on <= ctx.today(), "/opened_on", "in_future", "开户日期晚于今天", "The day is later than today");
    invalid.check(
        cmd.connector != Connector::Simulator || ctx.app.config.demo,
        "/connector",
        "simulator",
        "银行模拟器只用于演示，正式环境不能选择",
        "The bank simulator is for demonstrations only",
    );
    let pool = ctx.conn().scalar::<i64>(POOL, values![cmd.pool_code.as_str()]).await?;
    invalid.check(pool.is_some(), "/pool_code", "unknown_pool", "资金池不存在或已关闭", "There is no such open pool");
    invalid.done()?;
    ctx.tx("ledger.bank_account.create", key, async |tx| {
        if tx.conn().scalar::<i64>(SAME, values![cmd.bank.as_str(), cmd.number.as_str()]).await?.is_some() {
            return Err(LedgerError::DuplicateBankAccount.into());
        }
        let id = BankAccountId::new();
        let row = bank_account::Model {
            id,
            pool_code: cmd.pool_code.clone(),
            bank: cmd.bank.clone(),
            number: cmd.number.clone(),
            holder_name: cmd.holder_name.clone(),
            kind: cmd.kind,
            connector: cmd.connector,
            opened_on: cmd.opened_on,
            state: BankState::Open,
            version: 1,
            maker: ctx.actor.account_id,
            created_at: tx.now(),
            area_path: ctx.tenant.area_path.clone(),
            matter: matter(id),
        };
        bank_account::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx.conn()).await?;
        let scope = ScopeIds { area_path: Some(row.area_path.clone()), ..ScopeIds::default() };
        let change = Change::new("ledger.bank_account.created", "ledger.bank_account", id).scope(scope);
        tx.event(change.data("code", mask::bank_account(&row.number)).data("state", "open").data("bank", &row.bank)).await?;
        Ok(BankAccountView::of(row, true))
    })
    .await
}

/// The assignment of a bank account's own people.
pub fn matter(id: BankAccountId) -> String {
    format!("ledger.bank_account:{id}")
}

pub async fn list(ctx: &Ctx, page: PageQuery) -> Result<Page<BankAccountView>, Problem> {
    ctx.require(perm::BANK_ACCOUNT_READ)?;
    let select = ctx.select::<bank_account::Entity>().order_by_asc(bank_account::Column::Id);
    let total = select.clone().limit(10_001).count(ctx.conn()).await?;
    let rows = select.limit(page.limit()).offset(page.offset()).all(ctx.conn()).await?;
    Ok(Page::new(rows.into_iter().map(|r| BankAccountView::of(r, false)).collect(), total as i64))
}

pub async fn get(ctx: &Ctx, id: BankAccountId) -> Result<BankAccountView, Problem> {
    ctx.require(perm::BANK_ACCOUNT_READ)?;
    let row = ctx.get::<bank_account::Entity>(ctx.conn(), id).await?;
    Ok(BankAccountView::of(row, ctx.may(perm::BANK_ACCOUNT_CREATE) || ctx.may(perm::STATEMENT_READ)))
}

/// The row without permission check, for the use cases of systems; 404 out of scope.
pub async fn in_scope(ctx: &Ctx, conn: &impl sea_orm::ConnectionTrait, id: BankAccountId) -> Result<bank_account::Model, Problem> {
    ctx.get::<bank_account::Entity>(conn, id).await
}
