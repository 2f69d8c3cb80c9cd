//! A recording: one JSON object on each line.
//!
//! ```text
//! {"line":"head","v":1,"tool":"intercom 0.2.0","bodies":false}
//! {"line":"exchange","run":"5f1a09c2","call":1,"n":1,"method":"GET","route":"/me",..}
//! {"line":"end","run":"5f1a09c2","call":2,"why":"refused",..}
//! ```
//!
//! Each line stands for itself, so a torn file or a ring of the last lines is a recording too.

mod calls;
mod end;
mod exchange;
mod nanos;
mod outcome;
mod read;
mod response;
mod shape;
mod terms;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::safe::HIDDEN;

pub(crate) use self::calls::{Recorded, calls};
pub(crate) use self::end::{End, Why};
pub(crate) use self::exchange::{Exchange, Request, Times};
pub(crate) use self::nanos::{Nanos, Roll};
pub(crate) use self::outcome::{Meaning, Outcome, Then};
pub use self::read::{Recording, RecordingError};
pub(crate) use self::response::{Body, Broken, Item, Response, header};
pub(crate) use self::shape::shape;
pub(crate) use self::terms::Terms;

/// The version of the format. It changes when an older reader would misread a line.
pub(crate) const VERSION: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(crate) enum Line {
    Head(Head),
    Exchange(Box<Exchange>),
    End(Box<End>),
}

/// The first line of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) v: u32,
    /// The program that recorded, with its version.
    pub(crate) tool: Cow<'static, str>,
    /// The version of this crate.
    pub(crate) recorder: Cow<'static, str>,
    /// Whether bodies are kept, without secrets and e-mail addresses.
    pub(crate) bodies: bool,
}

impl Head {
    /// Returns the head with only values that a recorder writes.
    fn checked(mut self) -> Self {
        for text in [&mut self.tool, &mut self.recorder] {
            if !is_version(text.strip_prefix("intercom ").unwrap_or(text)) {
                *text = Cow::Borrowed(HIDDEN);
            }
        }
        self
    }
}

/// Whether the text is a version, like `0.2.0-dev`.
fn is_version(text: &str) -> bool {
    let text = text.strip_suffix("-dev").unwrap_or(text);
    let is_number =
        |part: &str| matches!(part.len(), 1..=2) && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() == 3 && text.split('.').all(is_number)
}

/// Whether a value is left out of a line.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
