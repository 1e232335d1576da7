//! 业主表决: what the tests of a vote mean (maintenance-fund §2.6.3). The tests themselves are the city's rule (`vote.threshold`),
//! whose checks the plugin host recomputes; the counts are checked where they are recorded, in the register.
use linli_property::model::VoteResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One test of a vote as it is shown: `left op right`, whole numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoteTest {
    #[schema(example = "participation_heads")]
    pub name: String,
    /// have × denominator.
    pub left: i64,
    /// `>=` or `>`.
    #[schema(example = ">=")]
    pub op: String,
    /// numerator × whole.
    pub right: i64,
    pub ok: bool,
}

/// Participation short makes a vote invalid; approval short makes it not passed.
pub fn result_of(tests: &[VoteTest]) -> VoteResult {
    let failed = |prefix: &str| tests.iter().any(|t| t.name.starts_with(prefix) && !t.ok);
    if failed("participation") {
        VoteResult::Invalid
    } else if tests.is_empty() || tests.iter().any(|t| !t.ok) {
        VoteResult::NotPassed
    } else {
        VoteResult::Passed
    }
}

#[cfg(test)]
mod tests;
