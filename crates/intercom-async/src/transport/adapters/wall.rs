//! What the timers share: the wall clock, and chance.

use core::time::Duration;
use std::time::SystemTime;

use intercom_protocol::{Moment, Tick, UnixTime};

/// The present time, this long after the origin of a timer's clock, with a random number.
#[expect(clippy::disallowed_methods, reason = "only timers may read the time")]
pub(super) fn moment(since_origin: Duration) -> Moment {
    let moment = Moment::new(Tick::new(since_origin)).with_roll(fastrand::u64(..));
    match UnixTime::try_from(SystemTime::now()) {
        Ok(wall) => moment.with_wall(wall),
        Err(_) => moment,
    }
}
