//! The current time.

use intercom_blocking::transport::{Clock as _, SystemClock};
use intercom_protocol::UnixTime;

/// The current Unix time, if the system clock has a valid one.
pub(crate) fn wall() -> Option<UnixTime> {
    SystemClock::default().now().wall()
}
