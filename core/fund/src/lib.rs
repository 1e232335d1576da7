//! linli-fund
