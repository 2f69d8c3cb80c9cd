//! The settings of the server that a test can change.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::rate_limit::Quota;

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) token: String,
    pub(crate) withheld: BTreeSet<String>,
    pub(crate) quota: Quota,
    pub(crate) index_lag: Duration,
    pub(crate) service: Service,
    pub(crate) api_down: bool,
    /// Whether the server keeps requests.
    pub(crate) keeps_requests: bool,
    /// The longest request body that the server reads, in bytes.
    pub(crate) body_limit: usize,
    pub(crate) page_faults: PageFaults,
    /// The time zone of the workspace, in seconds east of UTC. Searches for contacts compare days in it.
    pub(crate) time_zone: i64,
}

/// Which pages of lists fail, and how slow they are.
#[derive(Clone, Debug)]
pub(crate) struct PageFaults {
    /// Pages with more items fail.
    pub(crate) fail_above: Option<usize>,
    /// Pages with one of these ids fail.
    pub(crate) unreadable: BTreeSet<String>,
    /// Searches that find more are too slow.
    pub(crate) slow_above: Option<usize>,
    /// Pages of searches that begin behind this many items are too slow.
    pub(crate) slow_behind: Option<usize>,
    /// Searches do not sort.
    pub(crate) ignores_order: bool,
    /// How long each item of a page delays the response.
    pub(crate) item_delay: Duration,
}

/// The state that the status page shows.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) indicator: String,
    pub(crate) description: String,
    pub(crate) page_down: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token: "mock-token".to_owned(),
            withheld: BTreeSet::new(),
            quota: Quota::default(),
            index_lag: Duration::ZERO,
            keeps_requests: true,
            service: Service::default(),
            api_down: false,
            body_limit: 16 << 20,
            page_faults: PageFaults::default(),
            time_zone: 0,
        }
    }
}

impl Default for Service {
    fn default() -> Self {
        Self {
            indicator: "none".to_owned(),
            description: "All Systems Operational".to_owned(),
            page_down: false,
        }
    }
}
