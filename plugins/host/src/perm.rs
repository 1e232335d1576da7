//! Permissions of the routes in this crate; the strings are those of `policy/permissions.toml`.
pub const PACKAGE_READ: &str = "plugin.package:read";
pub const PACKAGE_UPLOAD: &str = "plugin.package:upload";
pub const BINDING_READ: &str = "plugin.binding:read";
pub const BINDING_PROPOSE: &str = "plugin.binding:propose";
pub const BINDING_APPROVE: &str = "plugin.binding:approve";
pub const BINDING_SUSPEND: &str = "plugin.binding:suspend";
pub const INCIDENT_READ: &str = "plugin.incident:read";
pub const INCIDENT_HANDLE: &str = "plugin.incident:handle";
