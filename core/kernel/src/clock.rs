//! The one source of time. Domain code gets it in its context and never asks the system.
use std::sync::atomic::{AtomicI64, Ordering};

use crate::{Date, Timestamp};

/// Business time = the machine's time + an offset that only a simulated start may move, and only forward.
#[derive(Debug)]
pub struct Clock {
    offset_micros: AtomicI64,
    simulated: bool,
}

impl Clock {
    /// The machine's own time.
    pub const fn system() -> Clock {
        Clock { offset_micros: AtomicI64::new(0), simulated: false }
    }
    /// Starts at `now` and runs on from there (`linli demo --clock`).
    pub fn simulated(now: Timestamp) -> Clock {
        Clock { offset_micros: AtomicI64::new(now.0 - wall().0), simulated: true }
    }
    pub const fn is_simulated(&self) -> bool {
        self.simulated
    }
    /// Business time.
    pub fn now(&self) -> Timestamp {
        Timestamp(wall().0 + self.offset_micros.load(Ordering::Acquire))
    }
    /// The machine's time: for sessions, rate limits and leases only.
    pub fn machine(&self) -> Timestamp {
        wall()
    }
    /// Today in the zone `offset_hours` east of UTC.
    pub fn today(&self, offset_hours: i8) -> Date {
        self.now().date_at(offset_hours)
    }
    /// Moves a simulated clock forward to `to`; `Err(now)` if it is not simulated or `to` lies in the past.
    pub fn advance(&self, to: Timestamp) -> Result<Timestamp, Timestamp> {
        let now = self.now();
        if !self.simulated || to < now {
            return Err(now);
        }
        self.offset_micros.fetch_max(to.0 - wall().0, Ordering::AcqRel);
        Ok(self.now())
    }
}

#[allow(clippy::disallowed_methods)] // the one place that reads the machine's clock
fn wall() -> Timestamp {
    Timestamp::from_utc(time::OffsetDateTime::now_utc())
}
