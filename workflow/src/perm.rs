//! Permissions of the engine; the same strings as in the access policy.
pub const TASK_READ: &str = "workflow.task:read";
pub const TASK_CLAIM: &str = "workflow.task:claim";
pub const TASK_RELEASE: &str = "workflow.task:release";
pub const TASK_APPROVE: &str = "workflow.task:approve";
pub const TASK_REJECT: &str = "workflow.task:reject";
pub const TASK_RETURN: &str = "workflow.task:return";
pub const TASK_TRANSFER: &str = "workflow.task:transfer";
pub const INSTANCE_READ: &str = "workflow.instance:read";
pub const INSTANCE_WITHDRAW: &str = "workflow.instance:withdraw";
pub const INSTANCE_URGE: &str = "workflow.instance:urge";
pub const INSTANCE_COPY: &str = "workflow.instance:copy";
pub const DEFINITION_READ: &str = "workflow.definition:read";
pub const DEFINITION_CREATE: &str = "workflow.definition:create";
pub const DEFINITION_CHECK: &str = "workflow.definition:check";
pub const DEFINITION_PUBLISH: &str = "workflow.definition:publish";
pub const INCIDENT_READ: &str = "workflow.incident:read";
pub const INCIDENT_RETRY: &str = "workflow.incident:retry";
