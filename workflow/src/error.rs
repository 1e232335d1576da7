//! Refusals of the engine as problem documents.
use linli_kernel::{AccountId, Problem, Timestamp};

use crate::{
    core::WorkflowError,
    model::{Diagnostic, XmlRefusal},
};

impl From<WorkflowError> for Problem {
    fn from(error: WorkflowError) -> Problem {
        let problem = |code: &str, zh: &str, en: &str| Problem::new(409, code, zh, en);
        match error {
            WorkflowError::NotFound => Problem::not_found(),
            WorkflowError::NotAllowed(reason) => match reason.code() {
                "duty.same_person" => Problem::same_person(),
                code => Problem::new(reason.status(), code, reason.zh(), reason.en()),
            },
            WorkflowError::AlreadyDecided { by, at } => {
                problem("workflow.task.already_decided", "这项任务已经办结", "This task was decided before")
                    .with("by", by.map(AccountId))
                    .with("at", Timestamp(at))
            }
            WorkflowError::AlreadyClaimed { by } => {
                problem("workflow.task.already_claimed", "这项任务已被他人认领", "Somebody else has claimed this task")
                    .with("by", AccountId(by))
            }
            WorkflowError::Conflict => {
                problem("workflow.instance.conflict", "流程刚被他人推进，请刷新后再办", "Somebody else moved it; load it again")
            }
            WorkflowError::Suspended => problem("workflow.instance.suspended", "流程已挂起，不能办理", "The instance is suspended"),
            WorkflowError::Ended => problem("workflow.instance.ended", "流程已经结束", "The instance has ended"),
            WorkflowError::Invalid(diagnostics) => invalid(&diagnostics),
            WorkflowError::Refused(refusal) => refused(&refusal),
            WorkflowError::Budget => problem(
                "workflow.instance.budget",
                "流程在一步内走不到停点，请联系流程设计员",
                "The step does not come to rest within its budget",
            ),
        }
    }
}

/// 422: a file that is not even read.
pub(crate) fn refused(refusal: &XmlRefusal) -> Problem {
    Problem::new(422, refusal.code(), refusal.zh(), format!("The flow file is refused: {refusal}"))
}

/// 422 with everything that is wrong with a definition and the element it lies in.
pub(crate) fn invalid(diagnostics: &[Diagnostic]) -> Problem {
    let first = diagnostics.first();
    let (zh, en) = (first.map_or("", |d| d.zh.as_str()), first.map_or("", |d| d.en.as_str()));
    let n = diagnostics.len();
    Problem::new(422, "workflow.definition.invalid", format!("流程文件有{n}处问题：{zh}"), format!("The flow has {n} findings: {en}"))
        .with("diagnostics", diagnostics)
}

/// 409: the city has no such flow.
pub(crate) fn no_definition(key: &str) -> Problem {
    Problem::new(409, "workflow.definition.missing", format!("本市没有在用的流程“{key}”"), format!("This city has no flow {key} in force"))
}
