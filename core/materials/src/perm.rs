//! Permissions of the routes in this crate; the strings are those of `tenants/policy/permissions.toml`.
pub const DOCUMENT_CREATE: &str = "document:create";
pub const DOCUMENT_READ: &str = "document:read";
