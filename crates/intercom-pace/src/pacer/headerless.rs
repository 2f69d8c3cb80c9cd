//! Pacing for servers that send no quota headers: a refusal reveals the limit, and later windows slowly try a higher
//! one.

/// The most permits outstanding at once.
const MOST: f64 = 16.0;

/// How much each accepted request raises the number of permits outstanding at once.
const PATIENCE: f64 = 0.25;

/// The most windows without a refusal before a higher limit is tried.
const LONGEST_GAP: u32 = 32;

/// What is allowed without quota headers.
#[derive(Clone, Debug)]
pub(super) struct Headerless {
    /// Requests a window; infinite before the first refusal.
    pub(super) limit: f64,
    /// How many permits may be outstanding at once.
    at_once: f64,
    /// How many more fully used windows without a refusal must pass before a higher limit is tried.
    wait: u32,
    /// The value that `wait` started from.
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
    /// How many permits may be outstanding in a window that has accepted `own` requests, with so many `extra` ones while
    /// nothing is known about the limit.
    pub(super) fn allowed(&self, own: f64, extra: f64) -> f64 {
        let extra = if self.limit.is_infinite() { extra } else { 0.0 };
        libm::floor((self.at_once + extra).min(MOST).min(self.limit - own))
    }

    pub(super) fn accept(&mut self) {
        self.at_once = (self.at_once + PATIENCE).min(MOST);
    }

    /// Learns from the window's first refusal, after `own` accepted requests.
    ///
    /// A window that was not observed in `full` reveals little.
    pub(super) fn refuse(&mut self, own: f64, full: bool) {
        self.limit = own.max(if full { 1.0 } else { 8.0 });
        self.gap = (2 * self.gap).min(LONGEST_GAP);
        self.wait = self.gap;
    }

    /// Learns from a window that accepted `own` requests and ended without a refusal.
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
