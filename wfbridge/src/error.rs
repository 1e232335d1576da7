//! Refusals of the engine.
use linli_kernel::Problem;

use crate::{
    core::{Refused, StepError},
    model::Diagnostic,
};

#[derive(Debug, linli_macros::Problem)]
pub enum WorkflowError {
    #[problem(409, "workflow.task.already_claimed", zh = "这项任务已被他人认领", en = "Somebody else has claimed this task")]
    AlreadyClaimed,
    #[problem(409, "workflow.task.already_decided", zh = "这项任务已经办结或已取消", en = "This task was decided or cancelled before")]
    AlreadyDecided,
    #[problem(403, "workflow.task.not_yours", zh = "这项任务不在您的办理范围", en = "This task is not yours")]
    NotYours,
    #[problem(409, "workflow.task.not_returnable", zh = "本环节不能退回", en = "This step may not send back")]
    NotReturnable,
    #[problem(422, "workflow.task.return_target", zh = "不能退回到这个环节：本分支没有办过它", en = "This branch never visited the step to return to")]
    ReturnTarget,
    #[problem(409, "workflow.instance.decided", zh = "已有人作出决定，不能撤回", en = "A decision was made already; it can no longer be withdrawn")]
    TooLate,
    #[problem(409, "workflow.instance.suspended", zh = "流程已挂起", en = "The instance is suspended")]
    Suspended,
    #[problem(409, "workflow.instance.ended", zh = "流程已经结束", en = "The instance has ended")]
    Ended,
    #[problem(409, "workflow.instance.conflict", zh = "流程现在不能这样办，请刷新后再看", en = "The instance waits for something else; load it again")]
    Conflict,
    #[problem(409, "workflow.instance.budget", zh = "流程在一步内走不到停点", en = "The step does not come to rest")]
    Budget,
    #[problem(422, "workflow.xml_doctype", zh = "流程文件不得含 DOCTYPE 声明", en = "A flow file must not hold a DOCTYPE")]
    Doctype,
    #[problem(409, "workflow.task.urged", zh = "四小时内已催办过", en = "It was urged within the last four hours")]
    Urged,
    #[problem(409, "workflow.definition.missing", zh = "本市没有在用的流程“{key}”", en = "This city has no flow {key} in force")]
    NoDefinition { key: String },
}

impl From<StepError> for Problem {
    fn from(error: StepError) -> Problem {
        match error {
            StepError::NotFound => Problem::not_found(),
            StepError::NotAllowed(Refused::Applicant | Refused::SamePerson) => Problem::same_person(),
            StepError::NotAllowed(Refused::NotYours) => WorkflowError::NotYours.into(),
            StepError::NotAllowed(Refused::NotReturnable) => WorkflowError::NotReturnable.into(),
            StepError::NotAllowed(Refused::Target) => WorkflowError::ReturnTarget.into(),
            StepError::NotAllowed(Refused::TooLate) => WorkflowError::TooLate.into(),
            StepError::AlreadyClaimed => WorkflowError::AlreadyClaimed.into(),
            StepError::AlreadyDecided => WorkflowError::AlreadyDecided.into(),
            StepError::Suspended => WorkflowError::Suspended.into(),
            StepError::Ended => WorkflowError::Ended.into(),
            StepError::Conflict => WorkflowError::Conflict.into(),
            StepError::Budget => WorkflowError::Budget.into(),
        }
    }
}

/// 422 with every fault of a file and the element it lies in.
pub fn invalid(faults: &[Diagnostic]) -> Problem {
    if faults.iter().any(|f| f.rule_id == "xml.doctype") {
        return WorkflowError::Doctype.into();
    }
    let first = faults.first();
    let (zh, en) = (first.map_or("", |f| f.zh.as_str()), first.map_or("", |f| f.en.as_str()));
    let n = faults.len();
    Problem::new(422, "workflow.definition.invalid", format!("流程文件有{n}处问题：{zh}"), format!("The flow has {n} faults: {en}")).with("diagnostics", faults)
}
