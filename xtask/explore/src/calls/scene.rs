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
    /// Whether the machine can be suspended, the wall clock be set, and a driver be woken for no reason.
    pub(super) has_oddities: bool,
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
    has_oddities: true,
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
    has_oddities: false,
    is_prompt: true,
    horizon: 60_000,
};

/// One call, to which everything can happen at any time.
pub(crate) const ALONE: Scene = Scene {
    name: "1 call, everything",
    calls: 1,
    outcomes: &Outcome::CHOICES,
    has_cancelling: true,
    has_oddities: true,
    is_prompt: false,
    horizon: 30_000,
};
