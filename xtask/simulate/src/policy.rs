//! The policies that are compared: common retry loops, and ours.

use fastrand::Rng;
use intercom_errors::RateLimit;
use intercom_pace::Pacing;

/// A way to deal with the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// Our pacer and retry policy.
    Ours(Pacing),
    /// Waits for `Reset` by the wall clock, plus a second; the number limits the retries.
    WaitForReset(u32),
    /// The two retries of the official Node SDK: until `Reset`, plus up to a fifth.
    NodeSdk,
    /// Exponential back-off with full jitter, ten retries.
    FullJitter,
    /// A token bucket of a tenth of the limit, filled at the limit's even rate. It reads headers after refusals only.
    Bucket,
}

pub(super) const ALL: [Policy; 7] = [
    Policy::WaitForReset(3),
    Policy::WaitForReset(u32::MAX),
    Policy::NodeSdk,
    Policy::FullJitter,
    Policy::Bucket,
    Policy::Ours(Pacing::Steady),
    Policy::Ours(Pacing::Fast),
];

/// The data that a failed call has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    pub(super) status: Option<u16>,
    pub(super) rate_limit: RateLimit,
    /// The number of the attempt, from 1.
    pub(super) attempt: u32,
    /// The client's wall clock, in Unix seconds.
    pub(super) wall: f64,
}

impl Policy {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ours(Pacing::Fast) => "ours, fast",
            Self::Ours(_) => "ours",
            Self::WaitForReset(u32::MAX) => "wait for Reset, endless",
            Self::WaitForReset(_) => "wait for Reset, 3 retries",
            Self::NodeSdk => "Node SDK, 2 retries",
            Self::FullJitter => "full jitter, 10 retries",
            Self::Bucket => "token bucket",
        }
    }

    pub(super) const fn is_ours(self) -> bool {
        matches!(self, Self::Ours(_))
    }

    /// How long a loop other than ours waits after a failure; `None` to give up.
    pub(super) fn wait(self, failure: &Failure, rng: &mut Rng) -> Option<f64> {
        let Failure {
            status,
            rate_limit,
            attempt,
            wall,
        } = *failure;
        let refused = status == Some(429);
        let until_reset = rate_limit
            .reset()
            .map(|reset| reset.as_secs() as f64 - wall);
        let doubled = 2_f64.powi(attempt.min(30) as i32 - 1);
        let retries = match self {
            Self::Ours(_) => return None,
            // The published loop retries only after a 429.
            Self::WaitForReset(retries) if refused => retries,
            Self::WaitForReset(u32::MAX) => u32::MAX,
            Self::WaitForReset(_) => return None,
            Self::NodeSdk => 2,
            Self::FullJitter => 10,
            Self::Bucket => u32::MAX,
        };
        if attempt > retries {
            return None;
        }
        Some(match self {
            Self::WaitForReset(_) if refused => until_reset
                .map_or(doubled.min(60.0), |wait| wait + 1.0)
                .max(1.0),
            Self::NodeSdk => match until_reset.filter(|wait| *wait > 0.0) {
                Some(wait) => wait.min(60.0) * (1.0 + 0.2 * rng.f64()),
                None => doubled * (0.9 + 0.2 * rng.f64()),
            },
            Self::FullJitter => doubled.min(60.0) * rng.f64(),
            Self::Bucket if refused => rate_limit
                .wait()
                .map_or(1.0, |wait| wait.as_secs_f64().max(1.0)),
            _ => 1.0,
        })
    }
}
