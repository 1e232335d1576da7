//! The program's parts, put together once at the start.
use std::sync::Arc;

use linli_kernel::Clock;
use linli_runtime::Db;

use crate::Ports;

/// Everything that outlives a request. The state of every router is `Arc<App>`.
pub struct App {
    pub clock: Arc<Clock>,
    pub platform: Db,
    pub ports: Ports,
}
