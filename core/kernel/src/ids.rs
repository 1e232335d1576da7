//! One alphabetical registry of typed ids: an id of the wrong kind does not compile.
use uuid::Uuid;

/// `typed_ids! { Use }` makes `UseId`, a UUIDv7; JSON form: its text.
macro_rules! typed_ids {
    ($($name:ident),* $(,)?) => { $(typed_id! { $name })* };
}
macro_rules! typed_id {
    ($name:ident) => {
        #[doc = concat!("Id of one row; UUIDv7, in JSON its text. See `vocabulary.md` §2 for `", stringify!($name), "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid", example = "01936f5e-7c1a-7a3e-9f00-0123456789ab")]
        pub struct $name(pub Uuid);
        impl $name {
            /// A new id; its order follows the time it was made.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
        #[cfg(feature = "sea-orm")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}
typed_ids! {
    AccountId, BankAccountId, BindingId, BuildingId, CallId, CommitteeId, CompanyId, DefinitionId, DepositId, DocumentId, EventId,
    FundAccountId, HoldId, HouseId, ImportId, IncidentId, InstanceId, InvitationId, JobId, NoticeId, ObjectionId, OrganId,
    OwnershipId, PaymentId, PaymentOrderId, PersonId, PostId, PostingId, ProjectId, PublicityId, SessionId, StandardId,
    StatementId, TaskId, UnitId, UseId, UseItemId, VoteId,
}
