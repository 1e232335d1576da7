//! What the engine asks of others; put together in `src/wiring.rs`.
use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use linli_kernel::{DocumentId, Problem};
use linli_runtime::Tx;
use linli_tenants::Ctx;
use serde_json::Value;
use uuid::Uuid;

/// 系统动作: what a service task of this topic does, in the transaction of the step. A refusal rolls the step back.
#[async_trait]
pub trait TopicHandler: Send + Sync {
    /// `fund.use.hold`
    fn topic(&self) -> &'static str;
    async fn run(&self, ctx: &Ctx, tx: &Tx, subject_id: Uuid) -> Result<(), Problem>;
}

/// All topics of the program.
#[derive(Default)]
pub struct Topics(HashMap<&'static str, Arc<dyn TopicHandler>>);

impl Topics {
    pub fn add(&mut self, handler: Arc<dyn TopicHandler>) {
        self.0.insert(handler.topic(), handler);
    }
    pub fn find(&self, topic: &str) -> Option<&Arc<dyn TopicHandler>> {
        self.0.get(topic)
    }
}

/// Answers a business rule task.
#[async_trait]
pub trait RuleHost: Send + Sync {
    async fn ask(&self, ctx: &Ctx, tx: &Tx, point: &str, subject_kind: &str, subject_id: Uuid, facts: &Value) -> Result<Value, Problem>;
}

/// Bytes of an uploaded file that the actor may read.
#[async_trait]
pub trait Papers: Send + Sync {
    async fn bytes(&self, ctx: &Ctx, id: DocumentId) -> Result<Vec<u8>, Problem>;
}
