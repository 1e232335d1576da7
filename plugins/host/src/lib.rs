//! linli-plugins
