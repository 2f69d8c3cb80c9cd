//! Sharing the quota with other clients without coordination: how much of the remaining quota to take.

/// From this gain on, this process is the only client.
const ALONE: f64 = 0.95;

/// The largest gain while there are other clients.
const SHARED: f64 = 0.94;

/// The target for the sum of all clients' gains.
const GOAL: f64 = 1.25;

/// How fast the gain moves towards the goal.
const STEER: f64 = 0.6;

/// How much the gain grows in each window.
const GROWTH: f64 = 0.10;

/// The growth scales with the gain to this power. Small gains grow relatively faster, so all clients' gains become
/// equal.
const GROWTH_POWER: f64 = 0.75;

/// The share of the quota to take, as a factor on the rate that would spend the remaining quota by the window's end.
#[derive(Clone, Debug)]
pub(super) struct Gain {
    pub(super) own: f64,
    /// An estimate of the sum of all clients' gains.
    pub(super) sum: f64,
    /// Whether the last window refused our requests and accepted none.
    pub(super) starved: bool,
}

/// The result of a window that closes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closing {
    pub(super) allowed: f64,
    pub(super) used: f64,
    /// The part of the window that had passed when `used` was reported.
    pub(super) used_after: f64,
    pub(super) others: f64,
    /// The highest number of others' requests that does not yet prove another client.
    pub(super) tolerance: f64,
    /// The part of the window that had passed at our first refusal.
    pub(super) refused_after: Option<f64>,
}

impl Default for Gain {
    fn default() -> Self {
        Self {
            own: 1.0,
            sum: 1.0,
            starved: false,
        }
    }
}

impl Gain {
    /// Whether no other client was detected recently.
    pub(super) fn is_alone(&self) -> bool {
        self.own >= ALONE
    }

    /// The factor on the reported remaining quota that allows for what other clients have taken since the report.
    pub(super) fn shrink(&self, left: f64, left_at_report: f64) -> f64 {
        let shrunk = libm::pow(left / left_at_report, (self.sum - self.own).clamp(0.0, 2.0));
        shrunk.min(1.0)
    }

    /// The part of the rate to take when others sent `others` of the `expected` requests of the window so far.
    pub(super) fn share(&self, allowed: f64, others: f64, expected: f64) -> f64 {
        if self.is_alone() {
            // Another client appeared in the middle of this window.
            (1.0 - others / expected.max(f64::MIN_POSITIVE)).clamp(0.1, 1.0)
        } else {
            self.own.max(0.3 / allowed)
        }
    }

    /// Learns from a window whose counts are known.
    pub(super) fn learn(&mut self, closing: &Closing) {
        if closing.others <= closing.tolerance {
            self.own = if self.own >= 0.5 { 1.0 } else { 2.0 * self.own };
            return;
        }
        let own = if self.is_alone() {
            let ours = 1.0 - closing.others / closing.allowed;
            self.own.min(ours).max(0.05)
        } else {
            self.own
        };
        let growth = growth(own);
        let next = match closing.sum_of_gains() {
            Some(sum) => {
                self.sum = f64::midpoint(self.sum, sum);
                own * libm::pow(GOAL / sum, STEER).clamp(0.4, 1.5) + growth
            }
            None => own + growth,
        };
        self.own = next.max(1.0 / closing.allowed).min(SHARED);
    }

    /// Grows after a window whose counts are unknown, so that no client starves for ever.
    pub(super) fn recover(&mut self) {
        if !self.is_alone() {
            self.own = (self.own + growth(self.own)).min(SHARED);
        }
    }

    /// Takes this part of the quota, beside other clients whose parts add up to the rest.
    pub(super) fn take_part(&mut self, part: f64) {
        *self = Self {
            own: part.min(SHARED),
            ..Self::default()
        };
    }

    /// Starts over, because what looked like another client was not one.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Closing {
    /// Estimates the sum of all clients' gains; `None` if the counts come from too early in the window.
    ///
    /// Suppose that each client spends its gain times the remaining quota, evenly over the remaining time. Then the
    /// fraction of the quota that remains is a power of the fraction of the time that remains, and the exponent is the sum
    /// of the gains. So the sum follows from a single response.
    fn sum_of_gains(&self) -> Option<f64> {
        let (passed, used) = match self.refused_after {
            Some(after) => (after.max(0.05), self.allowed),
            None => (self.used_after, self.used),
        };
        if passed <= 0.08 {
            return None;
        }
        let least = 0.5 / self.allowed;
        let remaining = (1.0 - used / self.allowed).max(least).min(1.0);
        let sum = libm::log(remaining) / libm::log(1.0 - passed.min(0.97));
        Some(sum.clamp(0.05, 4.0))
    }
}

fn growth(gain: f64) -> f64 {
    GROWTH * libm::pow(gain, GROWTH_POWER)
}
