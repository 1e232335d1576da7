//! Where crates that stand above tenants plug in: filled once, in `src/wiring.rs`.
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use async_trait::async_trait;
use linli_kernel::{CommitteeId, CompanyId, Date, JobId, Money, PaymentOrderId, Problem, ProjectId};
use linli_runtime::{ScopeIds, Tx};
use serde_json::Value;
use uuid::Uuid;

use crate::Ctx;

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

/// All ports of one program.
#[derive(Default)]
pub struct Ports {
    subjects: HashMap<&'static str, Arc<dyn Subject>>,
    jobs: HashMap<&'static str, Arc<dyn JobHandler>>,
    pub post_targets: Option<Arc<dyn PostTargets>>,
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
    pub fn job(&self, kind: &str) -> Option<&Arc<dyn JobHandler>> {
        self.jobs.get(kind)
    }
    /// The port of type `T`, if it was added.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.more.get(&TypeId::of::<T>()).and_then(|any| any.clone().downcast().ok())
    }
}
