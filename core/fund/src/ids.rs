//! Ids that only the fund speaks of.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Id of a correction (红冲申请).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema, sea_orm::DeriveValueType)]
#[serde(transparent)]
#[schema(value_type = String, format = "uuid", example = "01936f5e-7c1a-7a3e-9f00-0123456789ab")]
pub struct CorrectionId(pub Uuid);

impl CorrectionId {
    #[allow(clippy::new_without_default)]
    pub fn new() -> CorrectionId {
        CorrectionId(Uuid::now_v7())
    }
}
impl From<Uuid> for CorrectionId {
    fn from(id: Uuid) -> Self {
        CorrectionId(id)
    }
}
impl From<CorrectionId> for Uuid {
    fn from(id: CorrectionId) -> Self {
        id.0
    }
}
impl std::fmt::Display for CorrectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl sea_orm::TryFromU64 for CorrectionId {
    fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
        Err(sea_orm::DbErr::ConvertFromU64("CorrectionId"))
    }
}
