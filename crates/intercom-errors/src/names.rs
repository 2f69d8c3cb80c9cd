//! The names of things are shown as they are spelt in JSON.

use core::fmt;

use crate::{Action, BodyKind, Category, FaultKind, HintCause, Phase, Provenance, Resend};

macro_rules! shown_as_spelt {
    ($($name:ty),+ $(,)?) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        })+
    };
}

shown_as_spelt!(
    Action, BodyKind, Category, FaultKind, HintCause, Phase, Provenance, Resend
);
