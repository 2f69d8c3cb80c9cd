//! A gate's decision.

use core::time::Duration;

use super::Permit;

/// A gate's decision about an [`Ask`](super::Ask).
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every driver must handle each decision"
)]
#[must_use = "a decision has no effect by itself"]
pub enum Admission {
    /// Send now. The permit belongs to the attempt.
    Go(Permit),
    /// Do not send. The call ends with [`StopReason::Refused`](intercom_retry::StopReason::Refused).
    Refused(Refusal),
    /// Do not send: the call would have to wait this long, past its deadline.
    ///
    /// The call ends with [`StopReason::DeadlineExceeded`](intercom_retry::StopReason::DeadlineExceeded) and reports
    /// the wait. Zero means that the gate does not know the wait.
    TooLate(Duration),
}

/// A gate's refusal of a call, and when to ask again.
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
    /// Creates a refusal that does not say when to ask again.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long to wait from now until it is worth asking again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Returns how long to wait from now until it is worth asking again, if the gate knows.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}
