//! The quota of the API: windows, and how many requests each has accepted.

/// The server's clock when the exploration begins, in seconds: the turn of a window.
pub(crate) const EPOCH: u64 = 1_711_100_040;

/// How far the server is into its window then, in milliseconds.
pub(crate) const PHASE: u64 = 1000;

/// The length of a window, in milliseconds.
pub(crate) const WINDOW: u64 = 4000;

/// The number of the window that is open at this time.
pub(crate) fn window(now: u64) -> u64 {
    (now + PHASE) / WINDOW
}

/// The number of the window that ends at this time of the server, in milliseconds.
pub(crate) fn ending_at(millis: u64) -> u64 {
    (millis.saturating_sub(EPOCH * 1000) / WINDOW).saturating_sub(1)
}

/// The time at which a window ends.
pub(crate) fn end(window: u64) -> u64 {
    (window + 1) * WINDOW - PHASE
}

/// A request that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Arrived {
    pub(crate) window: u64,
    /// What the window has left after it; `None` if the window had nothing left for it.
    pub(crate) remaining: Option<u32>,
}

impl Arrived {
    pub(crate) fn is_refused(self) -> bool {
        self.remaining.is_none()
    }
}

/// How many requests of all clients each window has accepted.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    limit: u32,
    used: Vec<u32>,
}

impl Quota {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            limit,
            used: Vec::new(),
        }
    }

    pub(crate) fn used(&self, window: u64) -> u32 {
        self.used.get(window as usize).copied().unwrap_or_default()
    }

    fn set_used(&mut self, window: u64, used: u32) {
        let window = window as usize;
        if self.used.len() <= window {
            self.used.resize(window + 1, 0);
        }
        self.used[window] = used;
    }

    /// Counts a request.
    pub(crate) fn arrive(&mut self, now: u64) -> Arrived {
        let window = window(now);
        let used = self.used(window);
        let remaining = self.limit.checked_sub(used + 1);
        if remaining.is_some() {
            self.set_used(window, used + 1);
        }
        Arrived { window, remaining }
    }

    /// Takes back a request that has not arrived after all.
    pub(crate) fn take_back(&mut self, Arrived { window, remaining }: Arrived) {
        if remaining.is_some() {
            self.set_used(window, self.used(window).saturating_sub(1));
        }
    }

    /// Records that other clients have used up a window.
    pub(crate) fn use_up(&mut self, window: u64) {
        self.set_used(window, self.limit);
    }
}
