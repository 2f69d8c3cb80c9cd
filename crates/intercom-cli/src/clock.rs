//! What time it is.

use intercom_blocking::transport::{Clock as _, SystemClock};
use intercom_protocol::UnixTime;

/// The time, if this machine knows it.
pub(crate) fn wall() -> Option<UnixTime> {
    SystemClock::default().now().wall()
}
