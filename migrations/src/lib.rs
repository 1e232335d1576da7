//! linli-migrations
