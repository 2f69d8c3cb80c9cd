//! Servers that tell no quota: the limit is found by the first refusal, and approached again with patience.

/// The most permits out at once.
const MOST: f64 = 16.0;

/// Accepted answers that allow one more permit at once.
const PATIENCE: f64 = 0.25;

/// The most clean windows between two attempts to find more.
const LONGEST_GAP: u32 = 32;

/// What is allowed without being told.
#[derive(Clone, Debug)]
pub(super) struct Headerless {
    /// Requests a window; infinite before the first refusal.
    pub(super) limit: f64,
    /// Permits out at once.
    at_once: f64,
    /// Clean full windows to go before the limit is tried upwards, and how many it was last time.
    wait: u32,
    gap: u32,
}

impl Default for Headerless {
    fn default() -> Self {
        Self {
            limit: f64::INFINITY,
            at_once: 1.0,
            wait: 0,
            gap: 1,
        }
    }
}

impl Headerless {
    /// How many permits may be out, of a window in which `own` were accepted.
    pub(super) fn allowed(&self, own: f64) -> f64 {
        libm::floor(self.at_once.min(self.limit - own))
    }

    pub(super) fn accept(&mut self) {
        self.at_once = (self.at_once + PATIENCE).min(MOST);
    }

    /// The window's first refusal after `own` were accepted; a window not seen whole says little.
    pub(super) fn refuse(&mut self, own: f64, full: bool) {
        self.limit = own.max(if full { 1.0 } else { 8.0 });
        self.gap = (2 * self.gap).min(LONGEST_GAP);
        self.wait = self.gap;
    }

    /// A window without refusals is over; in it `own` were accepted.
    pub(super) fn clean(&mut self, own: f64) {
        if own < self.limit {
            return;
        }
        match self.wait.checked_sub(1) {
            Some(wait) => self.wait = wait,
            None => self.limit += libm::floor(self.limit / 100.0).max(1.0),
        }
    }
}
