//! Whether `Remaining` is written before or after the answered request is subtracted.

/// What is known of how the server counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Counting {
    /// The answered request is missing in `Remaining`.
    After {
        /// Concluded from a slot a window that nobody accounts for, rather than seen.
        guessed: bool,
    },
    /// The answered request is still in `Remaining`, as recorded in 2021.
    Before,
    /// Nothing proves either; taken for `Before`, with one slot of tolerance. So many windows in a row hinted at
    /// `After`.
    #[default]
    Unknown,
}

impl Counting {
    /// Reads what an accepted request's headers prove.
    pub(super) fn see(&mut self, limit: f64, remaining: f64) {
        if remaining == limit {
            *self = Self::Before;
        } else if remaining == 0.0 {
            *self = Self::After { guessed: false };
        }
    }

    /// A refusal is at odds with a mere guess.
    pub(super) fn doubt(&mut self) {
        if *self == (Self::After { guessed: true }) {
            *self = Self::Before;
        }
    }

    /// How much of the window was consumed, the answered request included.
    pub(super) fn consumed(self, limit: f64, remaining: f64) -> f64 {
        let own = match self {
            Self::After { .. } => 0.0,
            Self::Before | Self::Unknown => 1.0,
        };
        (limit - remaining + own).max(0.0)
    }

    /// How many unexplained requests do not yet mean a neighbour.
    pub(super) fn quiet(self) -> f64 {
        match self {
            Self::Unknown => 1.0,
            Self::After { .. } | Self::Before => 0.5,
        }
    }
}
