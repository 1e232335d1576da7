//! Rows and typed states of the register. Rows never leave the crate as JSON: views do.
pub mod binding;
pub mod building;
pub mod committee;
pub mod committee_member;
pub mod company;
pub mod company_area;
pub mod fact;
pub mod house;
pub mod objection;
pub mod ownership;
pub mod person;
pub mod project;
pub mod publicity;
pub mod unit;
pub mod vote;

pub use binding::{BindingRole, BindingState};
pub use building::BuildingState;
pub use committee::{CommitteeKind, CommitteeState};
pub use committee_member::Duty;
pub use company::{CompanyState, Origin};
pub use house::HouseState;
pub use objection::ObjectionState;
pub use ownership::{Mode, PartyKind};
pub use person::PersonState;
pub use project::{ManagementMode, ProjectState};
pub use publicity::PublicityState;
pub use vote::{VoteChannel, VoteClass, VoteResult, VoteState};
