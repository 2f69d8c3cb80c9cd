//! Shows what happened in a recording: by request id, by call, by route, and over time.

mod call;
mod summary;
mod table;
mod timeline;

use serde::Serialize;

pub use self::call::{TracedAttempt, TracedCall};
use self::summary::{ErrorRow, RouteRow, Summary};
use self::timeline::Timeline;
use crate::recording::{Recording, calls};

/// What happened in a recording. `Display` writes tables of 80 columns; serde writes everything.
///
/// ```
/// use intercom_debug::{Recorder, Recording, Trace};
///
/// # fn main() -> Result<(), intercom_debug::RecordingError> {
/// let recorder = Recorder::builder().in_memory(100);
/// // Make calls with this observer.
/// let recording = Recording::read(recorder.text().as_bytes())?;
/// println!("{}", Trace::of(&recording));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    summary: Summary,
    errors: Vec<ErrorRow>,
    routes: Vec<RouteRow>,
    calls: Vec<TracedCall>,
    #[serde(skip)]
    timeline: Timeline,
    #[serde(skip)]
    is_filtered: bool,
}

impl Trace {
    /// Traces a recording.
    #[must_use]
    pub fn of(recording: &Recording) -> Self {
        let calls = calls(recording);
        let mut calls: Vec<TracedCall> = calls.iter().filter_map(TracedCall::of).collect();
        calls.sort_by_key(|call| call.began);
        let first = calls.first().map(|call| call.run().to_owned());
        if calls
            .iter()
            .any(|call| Some(call.run()) != first.as_deref())
        {
            calls.iter_mut().for_each(TracedCall::name_run);
        }
        Self::new(calls, false)
    }

    /// Keeps only the call whose response has this request id.
    #[must_use]
    pub fn with_request_id(self, id: &str) -> Self {
        self.filtered(|call| call.has_request_id(id))
    }

    /// Keeps only the calls with this number, like `12`. Each run numbers its calls from 1, so a run can be named too: `5f1a#12`.
    #[must_use]
    pub fn with_call(self, name: &str) -> Self {
        self.filtered(|call| call.is_called(name))
    }

    /// Keeps only the calls of this route, like `/contacts/{id}`.
    #[must_use]
    pub fn with_route(self, route: &str) -> Self {
        self.filtered(|call| call.route() == route)
    }

    /// Returns the calls, in the order in which they began.
    #[must_use]
    pub fn calls(&self) -> &[TracedCall] {
        &self.calls
    }

    fn filtered(mut self, keep: impl Fn(&TracedCall) -> bool) -> Self {
        self.calls.retain(keep);
        Self::new(self.calls, true)
    }

    fn new(calls: Vec<TracedCall>, is_filtered: bool) -> Self {
        Self {
            summary: Summary::of(&calls),
            errors: ErrorRow::of(&calls),
            routes: RouteRow::of(&calls),
            timeline: Timeline::of(&calls),
            calls,
            is_filtered,
        }
    }
}
