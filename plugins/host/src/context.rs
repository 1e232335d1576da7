//! What every call is told of its surroundings: the point, the place, the day, the parameters. No clock, no network.
use linli_kernel::Date;

use crate::{Params, bindings::WitContext};

#[derive(Clone, Debug)]
pub struct Context {
    pub point: String,
    /// Area code of the tenant, twelve digits.
    pub region: String,
    /// The day that the question is about.
    pub as_of: Date,
    /// What was known by this day counts.
    pub known_on: Date,
    pub params: Params,
}

impl Context {
    pub(crate) fn wit(&self) -> WitContext {
        WitContext {
            point: self.point.clone(),
            region: self.region.clone(),
            as_of: self.as_of.day_number(),
            known_on: self.known_on.day_number(),
            params: self.params.entries.clone(),
        }
    }
}
