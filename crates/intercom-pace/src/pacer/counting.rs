//! Whether `Remaining` already excludes the request that the response belongs to.

/// What is known about how the server counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Counting {
    /// `Remaining` is written after the request is subtracted.
    After {
        /// Inferred from one unexplained slot in each window, rather than observed.
        guessed: bool,
    },
    /// `Remaining` is written before the request is subtracted, as recorded in 2021.
    Before,
    /// Nothing proves `After` or `Before`. Treated as `Before`, with one slot of tolerance.
    #[default]
    Unknown,
}

impl Counting {
    /// Learns from the headers of an accepted request.
    pub(super) fn see(&mut self, limit: f64, remaining: f64) {
        if remaining == limit {
            *self = Self::Before;
        } else if remaining == 0.0 {
            *self = Self::After { guessed: false };
        }
    }

    /// Drops a guess, because a refusal contradicts it.
    pub(super) fn drop_guess(&mut self) {
        if *self == (Self::After { guessed: true }) {
            *self = Self::Before;
        }
    }

    /// How much of the window was consumed, including the request that the response belongs to.
    pub(super) fn consumed(self, limit: f64, remaining: f64) -> f64 {
        let own = match self {
            Self::After { .. } => 0.0,
            Self::Before | Self::Unknown => 1.0,
        };
        (limit - remaining + own).max(0.0)
    }

    /// The highest number of unexplained requests that does not yet prove another client.
    pub(super) fn tolerance(self) -> f64 {
        match self {
            Self::Unknown => 1.0,
            Self::After { .. } | Self::Before => 0.5,
        }
    }
}
