//! Where a new row of the register lies.
use linli_kernel::{Invalid, Problem};
use linli_runtime::{ScopeIds, Tx};
use linli_tenants::{Ctx, areas};

/// The division with this code: 422 if there is none or it has another level, 404 if it lies outside the actor's scope.
pub(crate) async fn area_in_scope(ctx: &Ctx, tx: &Tx, code: &str, level: Option<&str>) -> Result<areas::Area, Problem> {
    let area = areas::find(tx.conn(), code).await?;
    if level.is_some_and(|level| area.level != level) {
        let mut invalid = Invalid::new();
        invalid.add("/area_code", "property.project.area_not_community", "小区须落在社区一级区划", "A project lies in a community");
        invalid.done()?;
    }
    let covered = ctx.scope.covers(&ScopeIds { area_path: Some(area.path.clone()), ..ScopeIds::default() });
    if covered { Ok(area) } else { Err(Problem::not_found()) }
}
