//! A tenant's handle: its database, its policy, its calendar.
use std::{
    collections::HashSet,
    sync::{Arc, RwLock},
};

use linli_kernel::Calendar;
use linli_runtime::{Db, crypto::FieldCipher};
use uuid::Uuid;

/// What Casbin compiled at load: which role may do which operation (architecture §5.1).
#[derive(Debug, Default)]
pub struct Policy {
    allowed: HashSet<(String, String)>,
}

impl Policy {
    pub fn new(allowed: impl IntoIterator<Item = (String, String)>) -> Policy {
        Policy { allowed: allowed.into_iter().collect() }
    }
    pub fn allows(&self, role: &str, permission: &str) -> bool {
        // Looked up for each request: two short strings are cheaper than an index of their own.
        self.allowed.contains(&(role.to_owned(), permission.to_owned()))
    }
    /// All permissions of a role, sorted.
    pub fn of(&self, role: &str) -> Vec<String> {
        let mut all: Vec<String> = self.allowed.iter().filter(|(r, _)| r == role).map(|(_, p)| p.clone()).collect();
        all.sort();
        all
    }
}

/// 租户: a city bureau. Made by the registry only.
pub struct Tenant {
    pub id: Uuid,
    /// `[a-z][a-z0-9-]{1,30}`, as in its path.
    pub slug: String,
    pub name: String,
    /// 12 digits of the city.
    pub area_code: String,
    /// `37/3799/`: the path of the city in the division tree.
    pub area_path: String,
    /// Code of its city pack.
    pub pack: String,
    pub zone_hours: i8,
    pub epoch: i64,
    /// False while `read_only` or `suspended`.
    pub writable: bool,
    pub(crate) db: Db,
    pub(crate) committed: Arc<tokio::sync::Notify>,
    pub(crate) policy: RwLock<Arc<Policy>>,
    pub(crate) calendar: RwLock<Arc<Calendar>>,
    pub(crate) cipher: FieldCipher,
}

impl Tenant {
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
    pub fn calendar(&self) -> Arc<Calendar> {
        self.calendar.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
    pub(crate) fn set_policy(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(policy);
    }
    pub(crate) fn set_calendar(&self, calendar: Calendar) {
        *self.calendar.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(calendar);
    }
    /// The first six digits of the area code, as numbers of papers begin with.
    pub fn area6(&self) -> &str {
        &self.area_code[..6]
    }
    /// The first four digits, as account numbers carry them.
    pub fn area4(&self) -> &str {
        &self.area_code[..4]
    }
    /// Seals and opens personal data of this tenant (architecture §5.12).
    pub fn cipher(&self) -> &FieldCipher {
        &self.cipher
    }
    /// Its database, for background work that has no actor (sequencer, job leases).
    pub fn db(&self) -> &Db {
        &self.db
    }
    /// Told after each commit.
    pub fn committed(&self) -> &Arc<tokio::sync::Notify> {
        &self.committed
    }
}
