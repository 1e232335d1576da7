//! Permissions of the register; the same strings stand in the policy and in the API document.
pub const COMPANY_READ: &str = "property.company:read";
pub const COMPANY_CREATE: &str = "property.company:create";
pub const PROJECT_READ: &str = "property.project:read";
pub const PROJECT_CREATE: &str = "property.project:create";
pub const BUILDING_READ: &str = "property.building:read";
pub const UNIT_READ: &str = "property.unit:read";
pub const HOUSE_READ: &str = "property.house:read";
pub const OWNERSHIP_READ: &str = "property.ownership:read";
pub const COMMITTEE_READ: &str = "property.committee:read";
pub const COMMITTEE_CREATE: &str = "property.committee:create";
pub const BINDING_READ: &str = "property.binding:read";
pub const BINDING_APPLY: &str = "property.binding:apply";
pub const BINDING_ACCEPT: &str = "property.binding:accept";
pub const BINDING_REJECT: &str = "property.binding:reject";
pub const VOTE_READ: &str = "property.vote:read";
pub const PUBLICITY_READ: &str = "property.publicity:read";
pub const OBJECTION_READ: &str = "property.objection:read";
pub const OBJECTION_CREATE: &str = "property.objection:create";
pub const OBJECTION_ANSWER: &str = "property.objection:answer";
pub const FACT_READ: &str = "property.fact:read";
/// Whoever reads deposits sees a single house's money in the 楼盘表; committees and companies see sums only (vocabulary §3).
pub const HOUSE_FIGURES: &str = "fund.deposit:read";
