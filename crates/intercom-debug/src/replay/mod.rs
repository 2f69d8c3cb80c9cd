//! Replays recorded calls: the same responses at the same times, through the present code.

mod against;
mod call;
mod compared;
mod response;
mod script;
mod table;

pub use self::against::{Sendable, Skipped, requests};
pub use self::compared::{Replayed, ReplayedAttempt, ReplayedCall};
pub use self::script::script;
use crate::recording::{Recording, calls};

/// Runs each recorded call through the present code, and compares what was decided after each attempt.
///
/// Every input of a decision comes from the recording: the response, the time, the random number, the policy, and what the gate said. So
/// a difference comes from the code. Calls are replayed one by one; a flow of several calls is not.
///
/// ```
/// use intercom_debug::{Recording, replay};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let line = r#"{"line":"exchange","run":"5f1a09c2","call":1,"method":"GET","route":"/me","n":1,
///     "terms":{"replay":"read"},"began_ns":0,"sent_ns":0,"received_ns":80,
///     "response":{"status":500,"body":{"kind":"empty","len":0}},
///     "outcome":{"class":{"category":"server","resend":"if_replayable","action":"retry_and_check_status"},
///         "then":"retry","wait_ns":500000000,"cause":"backoff"}}"#;
/// let recording = Recording::read(line.replace('\n', "").as_bytes())?;
/// assert_eq!(replay(&recording).differences(), 0);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn replay(recording: &Recording) -> Replayed {
    let calls = calls(recording).into_iter().map(|call| call::replay(&call));
    Replayed::new(calls.collect(), recording.unreadable())
}
