//! The platform console's side: operators, tenants, cells, the simulated clock, health. Another account base than any tenant's;
//! nothing here reads a tenant's data.
pub mod cells;
pub mod clock;
pub mod health;
pub mod operators;
pub mod sessions;
pub mod tenants;

/// Permissions of the operator's routes; every operator has all of them.
pub mod perm {
    pub const TENANT_CREATE: &str = "platform.tenant:create";
    pub const TENANT_READ: &str = "platform.tenant:read";
    pub const CELL_CREATE: &str = "platform.cell:create";
    pub const CELL_READ: &str = "platform.cell:read";
    pub const CLOCK_READ: &str = "platform.clock:read";
    pub const CLOCK_SET: &str = "platform.clock:set";
    pub const HEALTH_READ: &str = "platform.health:read";
}
