//! What time it is.

use std::time::Duration;

use intercom_blocking::{Clock as _, SystemClock};

/// The time since the Unix epoch, if this machine knows it.
pub(crate) fn wall() -> Option<Duration> {
    SystemClock::default().now().wall()
}
