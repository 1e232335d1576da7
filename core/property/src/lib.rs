//! linli-property
