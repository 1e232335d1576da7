//! linli-runtime
