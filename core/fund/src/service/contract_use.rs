//! 合同: who does the works, for how much.
use linli_kernel::{Date, DocumentId, Invalid, Money, Problem, UseId};
use linli_ledger::orders::Payee;
use linli_runtime::Key;
use linli_tenants::Ctx;
use sea_orm::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{attach, check_papers, event, moved, save},
    error::UseError,
    guard::{self, Known, Verb},
    model::fund_use,
    perm,
    use_state::UseStep,
    use_view::{UseView, view},
};

/// Record the contract (登记合同).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractUse {
    /// 施工单位, who is paid.
    pub contractor: Payee,
    /// Not above the budget.
    pub amount: Money,
    pub signed_on: Date,
    pub document_ids: Vec<DocumentId>,
}

/// Guards: filed; the amount is positive and not above the budget. Effect: `contracted`.
pub async fn contract_use(ctx: &Ctx, key: &Key, id: UseId, cmd: ContractUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_CONTRACT)?;
    ctx.tx("fund.use.contract", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let to = guard::step(ctx, &row, &Known::default(), Verb::Contract, UseStep::Contract)?;
        let mut invalid = Invalid::new();
        cmd.contractor.check(&mut invalid, "/contractor");
        invalid.check(cmd.contractor.uscc.is_some(), "/contractor/uscc", "required", "请填写统一社会信用代码", "This is required");
        invalid.check(cmd.signed_on <= tx.today(), "/signed_on", "range", "签订日期不能晚于今天", "Not later than today");
        invalid.done()?;
        check_papers(&cmd.document_ids, true)?;
        if !cmd.amount.is_positive() {
            return Err(UseError::CostNotPositive.into());
        }
        if cmd.amount > row.budget {
            return Err(UseError::ContractOverBudget { amount: cmd.amount, budget: row.budget }.into());
        }
        let mut next = moved(&row, to);
        next.contract_amount = Set(cmd.amount);
        next.contractor_name = Set(Some(cmd.contractor.name.trim().to_owned()));
        next.contractor_uscc = Set(cmd.contractor.uscc.clone());
        next.contractor_bank = Set(Some(cmd.contractor.bank.trim().to_owned()));
        next.contractor_account = Set(Some(ctx.tenant.cipher().seal(&cmd.contractor.account_number)));
        next.signed_on = Set(Some(cmd.signed_on));
        let after = save(tx, next).await?;
        attach(ctx, tx, &after, &cmd.document_ids, true).await?;
        tx.event(event("fund.use.contracted", &row, &after).data("amount", after.contract_amount)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}
