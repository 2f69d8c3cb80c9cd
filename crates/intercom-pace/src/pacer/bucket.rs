//! The token bucket that spreads requests over a window.

/// A token bucket. The caller passes the current rate and size with each refill.
#[derive(Clone, Debug, Default)]
pub(super) struct Bucket {
    tokens: f64,
    /// The local time of the last refill.
    filled: f64,
}

impl Bucket {
    pub(super) fn tokens(&self) -> f64 {
        self.tokens
    }

    /// Adds the tokens for the time since the last refill: `rate` a second, up to `burst` in all.
    pub(super) fn refill(&mut self, rate: f64, burst: f64, now: f64) {
        let flowed = rate * (now - self.filled).max(0.0);
        self.tokens = (self.tokens + flowed).min(burst);
        self.filled = now;
    }

    pub(super) fn take(&mut self) {
        self.tokens -= 1.0;
    }

    /// Puts back the token of a request that was never sent.
    pub(super) fn put_back(&mut self, burst: f64) {
        self.tokens = (self.tokens + 1.0).min(burst);
    }

    /// Raises the number of tokens to at least this many.
    pub(super) fn fill_to(&mut self, tokens: f64) {
        self.tokens = self.tokens.max(tokens);
    }

    /// Starts over with this many tokens.
    pub(super) fn reset(&mut self, tokens: f64, now: f64) {
        self.tokens = tokens;
        self.filled = now;
    }

    /// Skips the refill for the time before `now`.
    pub(super) fn skip(&mut self, now: f64) {
        self.filled = now;
    }
}
