//! linli-ledger
