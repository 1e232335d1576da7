//! Where others plug in (the money of a house for the 楼盘表), and what we plug into tenants: people, targets of posts, the clock.
use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use linli_kernel::{CommitteeId, CompanyId, HouseId, Money, PersonId, Problem, ProjectId};
use linli_runtime::Tx;
use linli_tenants::{Ctx, People, PersonInput, PostTarget, PostTargets, Tick};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    model::{CommitteeState, CompanyState, ProjectState, committee, company, project},
    persons::{self, NewPerson},
    publicities,
};

/// What the fund knows of one house.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// State of the first deposit: `none`, `due`, `paid_pending`, `partly_paid`, `posted`.
    #[schema(example = "posted")]
    pub deposit_state: String,
    pub due: Money,
    pub balance: Money,
    pub held: Money,
}

/// Implemented by the fund: the figures of many houses at once. Houses without an account are left out.
#[async_trait]
pub trait HouseFigures: Send + Sync {
    async fn of(&self, ctx: &Ctx, houses: &[HouseId]) -> Result<HashMap<HouseId, Figures>, Problem>;
}

/// The port as it lies in [`linli_tenants::Ports`]: `ports.add(FiguresPort(Arc::new(…)))`.
#[derive(Clone)]
pub struct FiguresPort(pub Arc<dyn HouseFigures>);

/// Posts of scope company, project or committee point into the register.
pub struct Targets;

const REASON: &str = "administrators see no business row, and a post may point to any";

#[async_trait]
impl PostTargets for Targets {
    async fn company(&self, ctx: &Ctx, id: CompanyId) -> Result<Option<PostTarget>, Problem> {
        let row = ctx.unscoped::<company::Entity>(REASON).filter(company::Column::Id.eq(id)).one(ctx.conn()).await?;
        Ok(row.filter(|c| c.state != CompanyState::Cancelled).map(|c| PostTarget { company_id: Some(c.id), ..PostTarget::default() }))
    }

    async fn project(&self, ctx: &Ctx, id: ProjectId) -> Result<Option<PostTarget>, Problem> {
        let row = ctx.unscoped::<project::Entity>(REASON).filter(project::Column::Id.eq(id)).one(ctx.conn()).await?;
        Ok(row.filter(|p| p.state != ProjectState::Closed).map(|p| PostTarget {
            company_id: p.company_id,
            project_id: Some(p.id),
            ..PostTarget::default()
        }))
    }

    async fn committee(&self, ctx: &Ctx, id: CommitteeId) -> Result<Option<PostTarget>, Problem> {
        let row = ctx.unscoped::<committee::Entity>(REASON).filter(committee::Column::Id.eq(id)).one(ctx.conn()).await?;
        let live = |c: &committee::Model| match c.state {
            CommitteeState::Filed | CommitteeState::Caretaker => true,
            CommitteeState::Elected | CommitteeState::Filing | CommitteeState::Expired | CommitteeState::Cancelled => false,
        };
        Ok(row.filter(live).map(|c| PostTarget {
            company_id: None,
            project_id: Some(c.project_id),
            committee_id: Some(c.id),
            from: Some(c.from_on),
            until: Some(c.to_on),
        }))
    }
}

/// The natural persons behind accounts, whose papers an administrator has looked at.
pub struct Register;

#[async_trait]
impl People for Register {
    async fn ensure(&self, ctx: &Ctx, tx: &Tx, person: &PersonInput) -> Result<PersonId, Problem> {
        let mobile = Some(person.mobile.trim().to_owned()).filter(|m| !m.is_empty());
        let new = NewPerson { name: person.name.clone(), id_type: person.id_type.clone(), id_number: person.id_number.clone(), mobile };
        persons::ensure(ctx, tx, &new, Some("window")).await
    }
}

/// Ends publicities when their days are over.
pub struct PublicityClock;

#[async_trait]
impl Tick for PublicityClock {
    async fn tick(&self, ctx: &Ctx) -> Result<(), Problem> {
        publicities::close_due(ctx).await.map(|_| ())
    }
}
