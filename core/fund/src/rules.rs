//! What the specification says about money, votes and rows, as functions of their arguments: no clock, no database, no tenant.
pub mod allocate;
pub mod cells;
pub mod deposits_table;
pub mod due;
pub mod houses_table;
pub mod shortfall;
pub mod vote;
