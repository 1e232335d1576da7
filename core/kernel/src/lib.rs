//! The values that every part of Linli speaks in: money, areas, dates, ids, numbers, errors. Pure: no I/O, no clock of its own.
extern crate self as linli_kernel;

mod allocate;
mod area;
mod calendar;
pub mod check;
mod clock;
mod date;
mod ids;
mod malformed;
pub mod mask;
mod money;
mod page;
mod problem;

pub use allocate::{AllocateError, Portion, largest_remainder};
pub use area::Area;
pub use calendar::{Calendar, CalendarError};
pub use clock::Clock;
pub use date::{Date, Timestamp};
pub use ids::*;
pub use malformed::Malformed;
pub use money::{Money, Overflow};
pub use page::{Page, PageQuery};
pub use problem::{FieldError, Invalid, Locale, Problem, ProblemCode};
