//! One binary, modules by subject.
