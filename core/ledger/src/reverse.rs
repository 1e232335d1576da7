//! 红冲 (MF28): the same lines negated, once, by another person; the only way an error in the books is mended.
use linli_kernel::{AccountId, Money, PostingId, Problem};
use linli_runtime::{Sql, Tx, values};
use linli_tenants::Ctx;

use crate::{
    BankLine, Bucket, FundLine, LedgerError, Posted, Posting, PostingCode,
    model::posting,
    post::{
        Draft,
        rows::{BANK_COLUMNS, BankRow, ENTRY_COLUMNS, EntryRow, GL_COLUMNS, GlRow},
        write,
    },
};

/// Reverses a posting: refuses a reversal (`ledger.posting.is_reversal`), a second time (`ledger.posting.already_reversed`), the
/// maker as checker (`duty.same_person`), and what would make an account negative. The value date is that of the original.
pub async fn reverse(
    ctx: &Ctx,
    tx: &Tx,
    posting_id: PostingId,
    reason: &str,
    maker: Option<AccountId>,
    checker: Option<AccountId>,
) -> Result<Posted, Problem> {
    let original: posting::Model = find(tx, posting_id).await?;
    reverse_in(tx, &ctx.tenant.area_path, original, reason, maker, checker).await
}

pub(crate) async fn reverse_in(
    tx: &Tx,
    home: &str,
    original: posting::Model,
    reason: &str,
    maker: Option<AccountId>,
    checker: Option<AccountId>,
) -> Result<Posted, Problem> {
    if original.reverses_id.is_some() {
        return Err(LedgerError::IsReversal.into());
    }
    if tx.conn().scalar::<i64>(REVERSED, values![original.id]).await?.is_some() {
        return Err(LedgerError::AlreadyReversed.into());
    }
    let mut draft = mirror(tx, &original, PostingCode::Mf28).await?;
    draft.source = format!("MF28:ledger.posting:{}", original.id);
    draft.reason = Some(reason.to_owned());
    draft.posting.maker = maker;
    draft.posting.checker = checker;
    draft.posting.reverses = Some(original.id);
    draft.posting.value_date = original.value_date;
    let gl: Vec<GlRow> = tx
        .conn()
        .rows(&format!("select {GL_COLUMNS} from gl_line g where g.posting_id = $1 order by g.line"), values![original.id])
        .await?;
    let mut red = Vec::with_capacity(gl.len());
    for line in gl {
        red.push(GlRow {
            debit: line.debit.try_neg()?,
            credit: line.credit.try_neg()?,
            summary: format!("冲销 {}", original.posting_no),
            ..line
        });
    }
    draft.red = Some(crate::post::Red {
        set_code: original.set_code.clone(),
        voucher_code: original.voucher_code.clone(),
        voucher_kind: original.voucher_kind.clone(),
        lines: red,
    });
    let posted = write(tx, home, vec![draft]).await?;
    posted.into_iter().next().ok_or_else(|| Problem::internal("a reversal came back without its number"))
}

const REVERSED: &str = "select cast(1 as bigint) as v from posting where reverses_id = $1";

/// The posting without a scope: the caller has what it is of in scope.
pub(crate) async fn find(tx: &Tx, id: PostingId) -> Result<posting::Model, Problem> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    posting::Entity::find().filter(posting::Column::Id.eq(id)).one(tx.conn()).await?.ok_or_else(Problem::not_found)
}

/// A draft under `code` with the lines of a posting negated; its bank serial is that of the original.
pub(crate) async fn mirror(tx: &Tx, original: &posting::Model, code: PostingCode) -> Result<Draft, Problem> {
    let entries: Vec<EntryRow> = tx
        .conn()
        .rows(&format!("select {ENTRY_COLUMNS} from fund_entry e where e.posting_id = $1 order by e.line"), values![original.id])
        .await?;
    let bank: Option<BankRow> =
        tx.conn().row(&format!("select {BANK_COLUMNS} from bank_entry b where b.posting_id = $1"), values![original.id]).await?;
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries {
        lines.push(FundLine {
            fund_account_id: entry.fund_account_id,
            bucket: if entry.bucket == Bucket::Income.text() { Bucket::Income } else { Bucket::Principal },
            amount: entry.amount.try_neg()?,
            summary: format!("冲销 {}", original.posting_no),
            formula: None,
        });
    }
    let bank_date = bank.as_ref().map(|b| b.bank_date);
    let negated = |amount: Money| amount.try_neg().map_err(Problem::from);
    let bank = match bank {
        Some(b) => Some(BankLine { bank_account_id: b.bank_account_id, amount: negated(b.amount)?, bank_serial: b.bank_serial }),
        None => None,
    };
    let mut draft = Draft::of(Posting {
        code,
        pool_code: original.pool_code.clone(),
        value_date: original.value_date,
        bank_date,
        lines,
        bank,
        subject_kind: "ledger.posting",
        subject_id: original.subject_id,
        subject_no: original.subject_no.clone(),
        maker: None,
        checker: None,
        reverses: None,
    });
    draft.subject_kind = original.subject_kind.clone();
    draft.origin_code = original.origin_code.clone();
    Ok(draft)
}
