//! 流程定义: BPMN 2.0 read, checked and compiled. No I/O.
//!
//! Invariant: what is not in the supported set is an error that names its element, never a silent no-op; a definition
//! that compiles can always reach an end from every marking (proved by `soundness`).
mod definition;
mod diagnostic;
mod lint;
mod read;
mod soundness;
mod xml;

pub use definition::{Boundary, Definition, Flow, Node, NodeKind, OrgLevel, Policy, StartKind, UserTask};
pub use diagnostic::{Diagnostic, Severity};
pub use soundness::explore;
pub use xml::XmlRefusal;

use crate::core::WorkflowError;

/// What a check found: all diagnostics at once, and the compiled form if it could be built.
#[derive(Clone, Debug)]
pub struct Checked {
    pub definition: Option<Definition>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// Reads and checks a BPMN file. Hostile files (DOCTYPE, too large, too deep) are refused before they are read.
pub fn check(bytes: &[u8]) -> Result<Checked, XmlRefusal> {
    let text = xml::guard(bytes)?;
    let document = xml::parse(text)?;
    let (definition, mut diagnostics) = read::read(&document, bytes);
    // Without its unsupported elements a diagram has holes that say nothing new.
    let whole = !diagnostics.iter().any(|d| matches!(d.rule_id.as_str(), "workflow.unsupported_element" | "workflow.flow_ends"));
    if let Some(definition) = definition.as_ref().filter(|_| whole) {
        lint::lint(definition, &mut diagnostics);
        // Markings mean something only for a diagram that is whole.
        if !diagnostics.iter().any(|d| d.severity == Severity::Error) {
            diagnostics.extend(explore(definition));
        }
    }
    Ok(Checked { definition, diagnostics })
}

/// The compiled definition, or everything that is wrong with it.
pub fn compile(bytes: &[u8]) -> Result<Definition, WorkflowError> {
    let checked = check(bytes).map_err(WorkflowError::Refused)?;
    match (checked.has_errors(), checked.definition) {
        (false, Some(definition)) => Ok(definition),
        _ => Err(WorkflowError::Invalid(checked.diagnostics)),
    }
}

#[cfg(test)]
mod tests;
