//! What a gate answers.

use core::time::Duration;

use super::Permit;

/// A gate's answer to an [`Ask`](super::Ask).
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every driver must say what it does with each answer"
)]
#[must_use = "nothing happens unless it is acted on"]
pub enum Admission {
    /// Send now; the permit belongs to the attempt.
    Go(Permit),
    /// Not at all: the call ends with [`StopReason::Refused`](intercom_retry::StopReason::Refused).
    Refused(Refusal),
    /// Not in time: the call would have to wait this long, past its time to give up.
    ///
    /// It ends with [`StopReason::DeadlineExceeded`](intercom_retry::StopReason::DeadlineExceeded) and reports the wait;
    /// zero stands for a wait that the gate does not know.
    TooLate(Duration),
}

/// Why a gate refuses a call, and when it would not.
///
/// ```
/// use core::time::Duration;
/// use intercom_pace::Refusal;
///
/// let refusal = Refusal::new().with_retry_after(Duration::from_secs(7));
/// assert_eq!(refusal.retry_after(), Some(Duration::from_secs(7)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal that does not say when to come back.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds how long from now it would be worth asking again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// How long from now it would be worth asking again, if the gate knows.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}
