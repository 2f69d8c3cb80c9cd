//! The scenes: which calls there are, and what can happen to them.

use super::server::Outcome;

/// A choice of what can happen. Fewer choices let the search look further ahead.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// How many of the calls take part.
    pub(super) calls: usize,
    /// What a server or a network can choose.
    pub(super) outcomes: &'static [Outcome],
    /// Whether a call can be cancelled.
    pub(super) has_cancelling: bool,
    /// Whether the machine can be suspended, and the wall clock be set.
    pub(super) has_odd_clocks: bool,
    /// Whether time passes only while every driver waits.
    pub(super) is_prompt: bool,
    /// No step of time begins later than this, in milliseconds.
    pub(super) horizon: u64,
}

/// Everything can happen at any time.
pub(crate) const WIDE: Scene = Scene {
    name: "3 calls, everything",
    calls: 3,
    outcomes: &Outcome::CHOICES,
    has_cancelling: true,
    has_odd_clocks: true,
    is_prompt: false,
    horizon: 30_000,
};

/// Drivers are prompt, and clocks are honest.
pub(crate) const DEEP: Scene = Scene {
    name: "3 calls, prompt drivers",
    calls: 3,
    outcomes: &[
        Outcome::Ok,
        Outcome::Limited,
        Outcome::Busy,
        Outcome::Closed,
    ],
    has_cancelling: true,
    has_odd_clocks: false,
    is_prompt: true,
    horizon: 60_000,
};

/// A single call, with its whole life.
pub(crate) const WHOLE: Scene = Scene {
    name: "1 call, prompt driver, to the end",
    calls: 1,
    outcomes: &Outcome::CHOICES,
    has_cancelling: true,
    has_odd_clocks: false,
    is_prompt: true,
    horizon: 60_000,
};
