//! linli-openapi
