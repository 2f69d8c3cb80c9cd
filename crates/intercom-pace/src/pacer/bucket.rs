//! The bucket that spreads what a window allows.

/// A token bucket whose rate and size are told anew each time.
#[derive(Clone, Debug, Default)]
pub(super) struct Bucket {
    tokens: f64,
    /// The local time up to which tokens have flowed in.
    filled: f64,
}

impl Bucket {
    pub(super) fn tokens(&self) -> f64 {
        self.tokens
    }

    /// Lets tokens flow in at `rate` a second until `now`, up to `burst`.
    pub(super) fn refill(&mut self, rate: f64, burst: f64, now: f64) {
        let flowed = rate * (now - self.filled).max(0.0);
        self.tokens = (self.tokens + flowed).min(burst);
        self.filled = now;
    }

    pub(super) fn take(&mut self) {
        self.tokens -= 1.0;
    }

    /// Puts back what was taken for a request that was never sent.
    pub(super) fn put_back(&mut self, burst: f64) {
        self.tokens = (self.tokens + 1.0).min(burst);
    }

    /// Makes sure of at least this many.
    pub(super) fn fill_to(&mut self, tokens: f64) {
        self.tokens = self.tokens.max(tokens);
    }

    /// Starts over with this many tokens.
    pub(super) fn reset(&mut self, tokens: f64, now: f64) {
        self.tokens = tokens;
        self.filled = now;
    }

    /// Forgets what would have flowed in before `now`.
    pub(super) fn skip(&mut self, now: f64) {
        self.filled = now;
    }
}
