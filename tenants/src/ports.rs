//! Where crates that stand above tenants plug in: filled once, in `src/wiring.rs`.
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use async_trait::async_trait;
use linli_kernel::{CommitteeId, CompanyId, Date, Invalid, JobId, Money, PaymentOrderId, PersonId, Problem, ProjectId, check};
use linli_runtime::{ScopeIds, Tx};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Ctx, Pack};

/// What a foundation tells the owner of a thing, in the same transaction (architecture §2 "Subjects").
#[derive(Clone, Debug)]
pub enum Report {
    /// An objection was filed against its publicity.
    Objected { objection_id: Uuid },
    /// An objection was answered; `upheld`: it was right. `open`: how many others still wait.
    Answered { objection_id: Uuid, upheld: bool, open: i64 },
    /// The bank confirmed the payment order; the handler posts and answers the number of its posting.
    Paid { payment_order_id: PaymentOrderId, amount: Money, bank_serial: String, bank_date: Date },
    /// The bank refused or returned it.
    PaymentFailed { payment_order_id: PaymentOrderId, reason: String },
    /// Its process ended without approval.
    Rejected { opinion: String, reason: Option<String> },
    /// Its process sent it back to the applicant.
    Returned { opinion: String },
    /// The applicant took it back.
    Withdrawn,
}

/// What a thing answers about itself to those who carry it.
#[derive(Clone, Debug)]
pub struct SubjectState {
    pub no: Option<String>,
    pub title: String,
    pub state: String,
    pub scope: ScopeIds,
    /// Facts for conditions and rules, as JSON.
    pub facts: Value,
}

/// A kind of business thing (`fund.use`), known to foundations by kind and id.
#[async_trait]
pub trait Subject: Send + Sync {
    fn kind(&self) -> &'static str;
    /// Whether the thing exists and lies in the actor's scope.
    async fn may_see(&self, ctx: &Ctx, id: Uuid) -> Result<bool, Problem>;
    async fn state(&self, tx: &Tx, id: Uuid) -> Result<SubjectState, Problem>;
    /// Reacts in the same transaction; answers what the reporter shows (a posting number, a state), or null.
    async fn report(&self, ctx: &Ctx, tx: &Tx, id: Uuid, what: &Report) -> Result<Value, Problem>;
}

/// A running job: progress and the answer of whether it was cancelled.
#[async_trait]
pub trait JobRun: Send + Sync {
    fn id(&self) -> JobId;
    fn payload(&self) -> &Value;
    /// Writes progress; `Err` when the job was cancelled or another replica took it over (fencing).
    async fn progress(&self, done: i64, total: i64, failed: i64) -> Result<(), Problem>;
}

/// Long work of one kind, resumable from its last chunk.
#[async_trait]
pub trait JobHandler: Send + Sync {
    fn kind(&self) -> &'static str;
    /// Runs under a context of whoever ordered it (or the system).
    async fn run(&self, ctx: &Ctx, job: &dyn JobRun) -> Result<(), Problem>;
}

/// What a post of scope `company`, `project`, `committee` or `assigned` points to.
#[derive(Clone, Debug, Default)]
pub struct PostTarget {
    pub company_id: Option<CompanyId>,
    pub project_id: Option<ProjectId>,
    pub committee_id: Option<CommitteeId>,
    /// Term of the committee: outside it the post covers nothing.
    pub from: Option<Date>,
    pub until: Option<Date>,
}

/// Asked when a post is proposed: does its target exist, and which project is it? Implemented by the register.
#[async_trait]
pub trait PostTargets: Send + Sync {
    async fn company(&self, ctx: &Ctx, id: CompanyId) -> Result<Option<PostTarget>, Problem>;
    async fn project(&self, ctx: &Ctx, id: ProjectId) -> Result<Option<PostTarget>, Problem>;
    async fn committee(&self, ctx: &Ctx, id: CommitteeId) -> Result<Option<PostTarget>, Problem>;
}

/// A natural person whose papers were checked at the window (vocabulary §10 row 7).
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonInput {
    #[schema(example = "王丽")]
    pub name: String,
    /// Code of dictionary `id_type`.
    #[schema(example = "resident_id")]
    pub id_type: String,
    #[schema(example = "37990119800101001X")]
    pub id_number: String,
    /// Mainland mobile, 11 digits; may be empty.
    #[serde(default)]
    #[schema(example = "13800005678")]
    pub mobile: String,
}

impl PersonInput {
    /// Notes what is wrong, `at` its place in the command.
    pub fn check(&self, invalid: &mut Invalid, at: &str) {
        invalid.text(&format!("{at}/name"), &self.name, 50);
        invalid.text(&format!("{at}/id_type"), &self.id_type, 30);
        let number_ok = match self.id_type.as_str() {
            "resident_id" => check::resident_id(self.id_number.trim()).is_ok(),
            _ => (4..=30).contains(&self.id_number.trim().len()),
        };
        invalid.check(number_ok, &format!("{at}/id_number"), "id_number", "证件号码不正确，请核对", "The id number is not right");
        let mobile = self.mobile.trim();
        let mobile_ok = mobile.is_empty() || mobile.len() == 11 && mobile.starts_with('1') && mobile.bytes().all(|b| b.is_ascii_digit());
        invalid.check(mobile_ok, &format!("{at}/mobile"), "mobile", "手机号须为11位数字", "A mobile number has 11 digits");
    }
}

/// The register's natural persons: one row a human, found again by his papers.
#[async_trait]
pub trait People: Send + Sync {
    /// The person with these papers, made if he is not there; verified, since they were checked at the window.
    async fn ensure(&self, ctx: &Ctx, tx: &Tx, person: &PersonInput) -> Result<PersonId, Problem>;
}

/// What another crate takes from a city pack (posting map, flows, rules), in the transaction that provisions the tenant.
#[async_trait]
pub trait ProvisionStep: Send + Sync {
    async fn install(&self, ctx: &Ctx, tx: &Tx, pack: &Pack) -> Result<(), Problem>;
}

/// Work that follows the business clock (timers of flows, ends of publicities); asked at each round of the background loop.
#[async_trait]
pub trait Tick: Send + Sync {
    /// Does what is due now. An error is logged and asked again in the next round.
    async fn tick(&self, ctx: &Ctx) -> Result<(), Problem>;
}

/// All ports of one program.
#[derive(Default)]
pub struct Ports {
    subjects: HashMap<&'static str, Arc<dyn Subject>>,
    jobs: HashMap<&'static str, Arc<dyn JobHandler>>,
    pub post_targets: Option<Arc<dyn PostTargets>>,
    pub people: Option<Arc<dyn People>>,
    /// In the order in which they install their parts.
    pub provision: Vec<Arc<dyn ProvisionStep>>,
    pub ticks: Vec<Arc<dyn Tick>>,
    more: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl Ports {
    pub fn add_subject(&mut self, subject: Arc<dyn Subject>) {
        self.subjects.insert(subject.kind(), subject);
    }
    pub fn add_job(&mut self, job: Arc<dyn JobHandler>) {
        self.jobs.insert(job.kind(), job);
    }
    /// A port that a crate above declares itself (workflow's topics, the plugin host), by its type.
    pub fn add<T: Any + Send + Sync>(&mut self, port: T) {
        self.more.insert(TypeId::of::<T>(), Arc::new(port));
    }
    pub fn subject(&self, kind: &str) -> Result<&Arc<dyn Subject>, Problem> {
        self.subjects.get(kind).ok_or_else(|| Problem::internal(format!("no subject handler for {kind}")))
    }
    pub fn find_subject(&self, kind: &str) -> Option<&Arc<dyn Subject>> {
        self.subjects.get(kind)
    }
    pub fn people(&self) -> Result<&Arc<dyn People>, Problem> {
        self.people.as_ref().ok_or_else(|| Problem::internal("no port knows natural persons"))
    }
    pub fn job(&self, kind: &str) -> Option<&Arc<dyn JobHandler>> {
        self.jobs.get(kind)
    }
    /// The port of type `T`, if it was added.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.more.get(&TypeId::of::<T>()).and_then(|any| any.clone().downcast().ok())
    }
}
