//! What every step of a use writes: the row in its next version, its event, and the papers that came with it.
use linli_kernel::{DocumentId, Invalid, Problem};
use linli_materials::documents;
use linli_runtime::{Change, ScopeIds, Tx};
use linli_tenants::Ctx;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use crate::{model::fund_use, use_state::UseState};

/// The scope columns of a use, as its events and orders carry them.
pub(crate) fn scope_of(row: &fund_use::Model) -> ScopeIds {
    ScopeIds { area_path: Some(row.area_path.clone()), company_id: row.company_id, project_id: Some(row.project_id), ..ScopeIds::default() }
}

/// The row about to go to `to`, in its next version; the caller sets what else changes.
pub(crate) fn moved(row: &fund_use::Model, to: UseState) -> fund_use::ActiveModel {
    let mut next = row.clone().into_active_model();
    next.state = Set(to);
    next.version = Set(row.version + 1);
    next
}

/// Writes the changed row and answers it.
pub(crate) async fn save(tx: &Tx, next: fund_use::ActiveModel) -> Result<fund_use::Model, Problem> {
    Ok(next.update(tx.conn()).await?)
}

/// The event of a step: `fund.use.filed` and its like, with number, states, budget and houses.
pub(crate) fn event(kind: &'static str, from: &fund_use::Model, to: &fund_use::Model) -> Change {
    Change::new(kind, "fund.use", to.id)
        .scope(scope_of(to))
        .state(from.state, to.state)
        .data("no", &to.no)
        .data("round", to.round)
        .data("budget", to.budget)
        .data("houses", to.houses)
}

/// Attaches papers to the use; at least one where `required`, all readable by the actor (else 404).
pub(crate) async fn attach(ctx: &Ctx, tx: &Tx, row: &fund_use::Model, ids: &[DocumentId], required: bool) -> Result<(), Problem> {
    check_papers(ids, required)?;
    documents::attach(ctx, tx, ids, "fund.use", row.id).await
}

/// 422 where a paper is needed and none is named, or far too many are.
pub(crate) fn check_papers(ids: &[DocumentId], required: bool) -> Result<(), Problem> {
    let mut invalid = Invalid::new();
    invalid.check(!required || !ids.is_empty(), "/document_ids", "required", "请附上证明材料", "A paper is required");
    invalid.check(ids.len() <= 50, "/document_ids", "too_many", "一次最多50个文件", "At most 50 files at a time");
    invalid.done()
}
