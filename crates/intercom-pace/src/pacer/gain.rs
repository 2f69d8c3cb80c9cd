//! Sharing with others who are not coordinated: how large a part of what is left to take.

/// At this gain we are alone.
const ALONE: f64 = 0.95;

/// The most that is taken while somebody else is there.
const SHARED: f64 = 0.94;

/// The sum of everybody's gains that is steered for.
const GOAL: f64 = 1.25;

/// How fast the gain moves towards the goal.
const STEER: f64 = 0.6;

/// What every window adds, and the power of the gain it is scaled by: small shares grow faster, which makes them equal.
const GROWTH: f64 = 0.10;
const GROWTH_POWER: f64 = 0.75;

/// The share of the quota we take, as a factor on the rate that would spend all that is left by the end.
#[derive(Clone, Debug)]
pub(super) struct Gain {
    pub(super) own: f64,
    /// An estimate of everybody's gains together.
    pub(super) sum: f64,
    /// Refused in a window in which nothing of ours was accepted.
    pub(super) starved: bool,
}

/// What a closing window showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closing {
    pub(super) allowed: f64,
    pub(super) used: f64,
    /// How much of the window had passed when that much was used.
    pub(super) used_after: f64,
    pub(super) others: f64,
    /// How many requests of others do not yet mean a neighbour.
    pub(super) quiet: f64,
    /// How much of the window had passed at our first refusal.
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
    /// Whether nobody else has been seen lately.
    pub(super) fn is_alone(&self) -> bool {
        self.own >= ALONE
    }

    /// The factor on what is left: with several about, what they take until our next answer is theirs.
    pub(super) fn shrink(&self, left: f64, left_when_told: f64) -> f64 {
        let shrunk = libm::pow(left / left_when_told, (self.sum - self.own).clamp(0.0, 2.0));
        shrunk.min(1.0)
    }

    /// The part of the rate to take when `others` of a window's `expected` consumption so far are not ours.
    pub(super) fn share(&self, allowed: f64, others: f64, expected: f64) -> f64 {
        if self.is_alone() {
            // First sight of a neighbour, in the middle of a window.
            (1.0 - others / expected.max(f64::MIN_POSITIVE)).clamp(0.1, 1.0)
        } else {
            self.own.max(0.3 / allowed)
        }
    }

    /// Learns from a window that told its counts.
    pub(super) fn judge(&mut self, closing: &Closing) {
        if closing.others <= closing.quiet {
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
        let next = match closing.everybody() {
            Some(sum) => {
                self.sum = f64::midpoint(self.sum, sum);
                own * libm::pow(GOAL / sum, STEER).clamp(0.4, 1.5) + growth
            }
            None => own + growth,
        };
        self.own = next.max(1.0 / closing.allowed).min(SHARED);
    }

    /// After a window that told nothing: nobody starves for ever.
    pub(super) fn recover(&mut self) {
        if !self.is_alone() {
            self.own = (self.own + growth(self.own)).min(SHARED);
        }
    }

    /// Starts over: what looked like a neighbour was none.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Closing {
    /// Everybody's gains together; `None` when the answer came too early in the window to tell.
    ///
    /// If each spends his gain times what is left, evenly over the time left, then what remains of the quota is the
    /// part of the time that remains to the power of all gains. So one answer tells the sum, whenever it came.
    fn everybody(&self) -> Option<f64> {
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
