//! The only file that knows every crate: which handler answers which port.
use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use linli_kernel::{DocumentId, Problem};
use linli_plugins::{Case, Facts, rules};
use linli_runtime::{Tx, crypto::MasterKey};
use linli_tenants::{Ctx, Pack, Ports, ProvisionStep, Tick};
use linli_workflow::{Papers, RuleHost, Topics};
use serde_json::{Value, json};
use uuid::Uuid;

/// All ports of the program, over the data folder `data`.
pub fn ports(data: &Path) -> anyhow::Result<Ports> {
    std::fs::create_dir_all(data)?;
    let master = MasterKey::load_or_create(&data.join("master.key"))?;
    let mut ports = Ports::default();

    ports.people = Some(Arc::new(linli_property::ports::Register));
    ports.post_targets = Some(Arc::new(linli_property::ports::Targets));

    ports.add(linli_plugins::Rules::start(master.derive("plugin-artefact"), &data.join("artefacts"))?);
    ports.add(linli_ledger::Files(Arc::new(StoredFiles)));
    let papers: Arc<dyn Papers> = Arc::new(StoredFiles);
    ports.add(papers);
    ports.add_job(Arc::new(linli_ledger::StatementImport));
    ports.add_job(Arc::new(linli_ledger::BankSimulator));
    let rules: Arc<dyn RuleHost> = Arc::new(CityRules);
    ports.add(rules);
    linli_fund::plug_in(&mut ports);
    let mut topics = Topics::default();
    linli_fund::process::topics().into_iter().for_each(|topic| topics.add(topic));
    ports.add(topics);

    ports.provision = vec![Arc::new(InstallLedger), Arc::new(linli_plugins::InstallRules), Arc::new(InstallFlows)];
    ports.ticks = vec![Arc::new(linli_property::ports::PublicityClock), Arc::new(FlowTimers), Arc::new(VoucherNumbers)];
    Ok(ports)
}

/// Documents, for the foundations that may not know materials.
struct StoredFiles;

#[async_trait]
impl linli_ledger::FileSource for StoredFiles {
    async fn open(&self, ctx: &Ctx, id: DocumentId) -> Result<linli_ledger::SourceFile, Problem> {
        let view = linli_materials::documents::get(ctx, id).await?;
        Ok(linli_ledger::SourceFile { name: view.title, bytes: linli_materials::documents::bytes(ctx, id).await? })
    }
    async fn attach(&self, ctx: &Ctx, tx: &Tx, id: DocumentId, subject_kind: &'static str, subject_id: Uuid) -> Result<(), Problem> {
        linli_materials::documents::attach(ctx, tx, &[id], subject_kind, subject_id).await.map(|_| ())
    }
}

#[async_trait]
impl Papers for StoredFiles {
    async fn bytes(&self, ctx: &Ctx, id: DocumentId) -> Result<Vec<u8>, Problem> {
        linli_materials::documents::bytes(ctx, id).await
    }
}

/// A business rule task asks a threshold point with those facts of its case that the point declares; the answer is the verdict.
struct CityRules;

#[async_trait]
impl RuleHost for CityRules {
    async fn ask(&self, ctx: &Ctx, tx: &Tx, point: &str, subject_kind: &str, subject_id: Uuid, facts: &Value) -> Result<Value, Problem> {
        let point = linli_plugins::points::find(point)?;
        let kind = ctx.app.ports.subject(subject_kind)?.kind();
        let declared = facts.as_object().into_iter().flatten().filter(|(key, _)| point.facts.contains_key(*key));
        let facts = Facts::new(&point.name, declared.map(|(key, value)| (key.clone(), value.clone())).collect())?;
        let ruled = rules::threshold(ctx, tx, &Case::new(kind, subject_id), &point.name, &facts).await?;
        Ok(json!({ "met": ruled.value.met, "checks": ruled.value.checks }))
    }
}

/// Chart of accounts and posting map of the pack.
struct InstallLedger;

#[async_trait]
impl ProvisionStep for InstallLedger {
    async fn install(&self, _: &Ctx, tx: &Tx, pack: &Pack) -> Result<(), Problem> {
        match pack.file("ledger.toml") {
            Some(file) => linli_ledger::install_pack(tx, text("ledger.toml", file)?).await,
            None => Ok(()),
        }
    }
}

/// Flows of the pack.
struct InstallFlows;

#[async_trait]
impl ProvisionStep for InstallFlows {
    async fn install(&self, ctx: &Ctx, tx: &Tx, pack: &Pack) -> Result<(), Problem> {
        for (path, file) in pack.files_in("flows/") {
            linli_workflow::service::install_definition(ctx, tx, text(path, file)?).await?;
        }
        Ok(())
    }
}

fn text<'a>(path: &str, file: &'a [u8]) -> Result<&'a str, Problem> {
    std::str::from_utf8(file).map_err(|_| {
        Problem::new(422, "pack.not_utf8", format!("城市包文件 {path} 不是 UTF-8 编码"), format!("The pack's file {path} is not UTF-8"))
    })
}

struct FlowTimers;

#[async_trait]
impl Tick for FlowTimers {
    async fn tick(&self, ctx: &Ctx) -> Result<(), Problem> {
        linli_workflow::service::tick(ctx).await
    }
}

/// 凭证号 are given after the posting, gapless.
struct VoucherNumbers;

#[async_trait]
impl Tick for VoucherNumbers {
    async fn tick(&self, ctx: &Ctx) -> Result<(), Problem> {
        linli_ledger::number(ctx).await.map(|_| ())
    }
}
