//! linli-materials
