//! linli-tenants
