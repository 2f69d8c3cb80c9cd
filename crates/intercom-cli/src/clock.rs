//! Clocks: what time it is, and a word on stderr while a person waits.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use intercom_async::{Timer, TokioTimer, async_trait};
use intercom_blocking::{Clock, SystemClock};
use intercom_protocol::Moment;

/// Waits that are not worth a word.
pub(crate) const UNNOTICED: Duration = Duration::from_millis(500);

/// The time since the Unix epoch, if this machine knows it.
pub(crate) fn wall() -> Option<Duration> {
    SystemClock::default().now().wall()
}

/// A clock that tells how long it sleeps, where a person may be watching.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling<C> {
    clock: C,
    tell: bool,
}

impl<C: Default> Telling<C> {
    pub(crate) fn new(tell: bool) -> Self {
        Self {
            clock: C::default(),
            tell: tell && std::io::stderr().is_terminal(),
        }
    }
}

/// Says that the gate keeps a call waiting.
pub(crate) fn tell_of_the_gate(wait: Duration) {
    say(wait, "for the rate limit");
}

fn say(wait: Duration, what: &str) {
    let seconds = wait.as_secs_f64();
    let _ = writeln!(std::io::stderr(), "intercom: waiting {seconds:.1} s {what}");
}

impl<C> Telling<C> {
    fn tell(&self, wait: Duration) {
        if self.tell && wait >= UNNOTICED {
            say(wait, "before the next attempt");
        }
    }

    /// Whether a person is told.
    pub(crate) const fn tells(&self) -> bool {
        self.tell
    }
}

impl Clock for Telling<SystemClock> {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn sleep(&self, duration: Duration) {
        self.tell(duration);
        self.clock.sleep(duration);
    }
}

#[async_trait]
impl Timer for Telling<TokioTimer> {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.tell(duration);
        self.clock.sleep(duration).await;
    }
}
