//! 归档: all papers of the case as one package that never changes.
use linli_kernel::{Problem, UseId};
use linli_materials::{ArchiveFile, documents};
use linli_runtime::{
    Key, Tx,
    sheet::{Sheet, SheetFormat},
};
use linli_tenants::Ctx;
use sea_orm::Set;

use crate::{
    change::{event, moved, save},
    guard::{self, Verb},
    list::to_json,
    model::fund_use,
    perm, shares,
    use_state::UseStep,
    use_view::{UseView, known, view},
};

/// Guards: settled, the retention paid. Effect: one sealed package of the papers, the share table and the case; `archived`.
pub async fn archive_use(ctx: &Ctx, key: &Key, id: UseId) -> Result<UseView, Problem> {
    ctx.require(perm::USE_ARCHIVE)?;
    ctx.tx("fund.use.archive", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let to = guard::step(ctx, &row, &facts, Verb::Archive, UseStep::Archive)?;
        let mut case = view(ctx, tx.conn(), &row).await?;
        case.allowed_actions.clear();
        let manifest = serde_json::to_value(&case).map_err(Problem::internal)?;
        let pretty = serde_json::to_vec_pretty(&manifest).map_err(Problem::internal)?;
        let files = vec![
            ArchiveFile::Made { name: "分摊清册.csv".into(), bytes: share_table(tx, &row).await? },
            ArchiveFile::Made { name: "使用申请.json".into(), bytes: pretty },
        ];
        let title = format!("维修资金使用档案 {}", row.no);
        let archive = documents::archive(ctx, tx, "fund.use", row.id, &title, manifest, files).await?;
        let mut next = moved(&row, to);
        next.archive = Set(Some(to_json(&archive)?));
        let after = save(tx, next).await?;
        tx.event(event("fund.use.archived", &row, &after).data("digest", &archive.sha256).data("files", archive.files)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

/// 分摊清册 (R10): one row a house, no name.
async fn share_table(tx: &Tx, row: &fund_use::Model) -> Result<Vec<u8>, Problem> {
    let header = ["房屋编码", "面积", "权重", "分摊", "其中收益", "其中本金", "自筹", "最终分摊", "已支付"];
    let mut sheet = Sheet::new(SheetFormat::Csv, "分摊清册", &header)?;
    for share in shares::of_use(tx.conn(), row).await? {
        sheet.row(&[
            share.house_code.clone(),
            share.area.to_string(),
            share.weight.to_string(),
            share.share.to_string(),
            share.from_income.to_string(),
            share.from_principal.to_string(),
            share.self_raised.to_string(),
            share.final_share.unwrap_or(share.share).to_string(),
            share.paid.to_string(),
        ])?;
    }
    sheet.finish()
}
