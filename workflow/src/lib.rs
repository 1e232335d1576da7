//! linli-workflow
