//! Over-HTTP tests of the whole.
