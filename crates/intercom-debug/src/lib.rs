//! Evidence about calls to Intercom's API that is safe to send to support.
//!
//! In scope: a recording of what calls did; replaying a recording, which shows whether the same responses lead to the same
//! decisions today; a bundle of evidence for Intercom's support.
//!
//! Out of scope: what a response means ([`intercom_protocol`]); arguments and terminals (the `intercom` command, which uses this
//! crate).

#[allow(
    dead_code,
    unused_imports,
    reason = "the recorder and the bundle will use it"
)]
mod safe;

mod recording;

mod recorder;

mod replay;

mod trace;

mod text;

pub use recorder::{Recorder, RecorderBuilder};
pub use recording::{Recording, RecordingError};
pub use replay::{
    Replayed, ReplayedAttempt, ReplayedCall, Sendable, Skipped, replay, requests, script,
};
pub use trace::{Trace, TracedAttempt, TracedCall};
