//! Over-HTTP tests of the whole program, one binary, modules by subject. Each world is a demo province of its own process.
mod city;
mod client;
mod document;
mod hostile;
mod hostile_rule;
mod import_kill;
mod isolation;
mod kill;
mod picture;
mod server;
mod tables;
mod third_city;
mod whole_case;
