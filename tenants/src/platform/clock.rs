//! 模拟时钟: exists only where the program was started with simulated time; it moves forward only.
use linli_kernel::{Problem, Timestamp};
use linli_macros::Problem as ProblemEnum;
use linli_runtime::{Change, Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{PlatformCtx, background};

/// The simulated present.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClockView {
    pub now: Timestamp,
}

/// To which instant.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockSet {
    pub now: Timestamp,
}

#[derive(Debug, ProblemEnum)]
pub enum ClockError {
    #[problem(
        409,
        "platform.clock.backward",
        zh = "模拟时间只能向前拨，现在是 {now}",
        en = "Simulated time only goes forward; it is {now}"
    )]
    Backward { now: Timestamp },
}

pub fn get(ctx: &PlatformCtx) -> Result<ClockView, Problem> {
    if ctx.app.clock.is_simulated() { Ok(ClockView { now: ctx.app.clock.now() }) } else { Err(Problem::not_found()) }
}

pub async fn set(ctx: &PlatformCtx, cmd: ClockSet) -> Result<ClockView, Problem> {
    get(ctx)?;
    let before = ctx.app.clock.now();
    if cmd.now < before {
        return Err(ClockError::Backward { now: before }.into());
    }
    ctx.tx("platform.clock.set", &Key::default(), async |tx| {
        tx.event(Change::new("platform.clock.changed", "platform.clock", Uuid::nil()).data("from", before).data("to", cmd.now)).await?;
        Ok(())
    })
    .await?;
    let now = ctx.app.clock.advance(cmd.now).map_err(|now| ClockError::Backward { now })?;
    background::keep_clock(&ctx.app);
    Ok(ClockView { now })
}
