//! Evidence about calls to Intercom's API that is safe to send to support.
//!
//! In scope: a recording of what calls did; replaying a recording, which shows whether the same responses lead to the same
//! decisions today; a trace, which shows what happened; a bundle of evidence for Intercom's support.
//!
//! Out of scope: what a response means ([`intercom_protocol`]); arguments and terminals (the `intercom` command, which uses this
//! crate).
//!
//! # Record, replay, trace
//!
//! A [`Recorder`] is an observer of a client. It writes one line for each attempt, with everything that the decision after the attempt
//! depended on. [`replay()`] leads the same responses through the present code, and [`Trace`] shows what happened.
//!
//! ```
//! use std::time::Duration;
//! use intercom_debug::{Recorder, Recording, Trace, replay};
//! use intercom_protocol::bytes::Bytes;
//! use intercom_protocol::{ApiRequest, Call, Config, Moment, Step, Tick, http};
//!
//! let recorder = Recorder::builder().hide("dG9rOjEyMw==").in_memory(1_000);
//! let connection = Config::new("dG9rOjEyMw==").observer(recorder.clone()).build()?;
//!
//! // A client would send the request. Here the first response is an error, and the second one a success.
//! let mut responses = [503, 200].into_iter();
//! let mut now = Moment::new(Tick::default());
//! let mut call = Call::new(&connection, ApiRequest::get("/me"), now);
//! let reply = loop {
//!     match call.next(now) {
//!         Step::Admit(ask) => call.admitted(ask.free(), now),
//!         Step::Send(_) => {
//!             let response = http::Response::builder().status(responses.next().unwrap());
//!             call.received(Ok(response.body(Bytes::new()).unwrap()), now);
//!         }
//!         Step::Sleep(wait) => now = Moment::new(now.tick().after(wait)),
//!         Step::Done(result) => break result?,
//!         Step::Authorize(_) => unreachable!("the client has a token"),
//!     }
//! };
//! assert_eq!(reply.status(), 200);
//!
//! let recording = Recording::read(recorder.text().as_bytes())?;
//! assert_eq!(replay(&recording).differences(), 0);
//! assert_eq!(Trace::of(&recording).calls()[0].attempts().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Use [`RecorderBuilder::to_file`] in a program. The `intercom` command has the options `--record` and the commands `replay` and `trace`.
//!
//! # What a recording contains
//!
//! A value is written because it is known to be safe, never because nothing bad was found in it:
//!
//! | written | how |
//! |---|---|
//! | method, route | the path without its ids, like `/contacts/{id}`; `{id}` also stands for each unknown word |
//! | query | the names of parameters that the API's schema has |
//! | server | the region, `loopback` or `other` |
//! | status, and headers of a list | a value of another form than expected is `...` |
//! | error codes | those of the catalog; else `other` |
//! | messages | in the words of the table of known messages, without what varies; else `...` |
//! | fields | names of the API's schema; else `...` or `*` |
//! | request ids | a UUID, or 20 characters of base32, unless it shares eight characters with the token; else `...` |
//! | body | kind, length, and shape: names of the API's schema, types and lengths |
//! | decision | class, wait, cause, reason, policy, times, random numbers |
//!
//! It contains no ids of contacts, no names, addresses, messages, hosts or user names, and not the token.
//! [`RecorderBuilder::bodies`] adds bodies; then the recording can contain personal data.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod safe;

mod recording;

mod recorder;

mod replay;

mod trace;

mod text;

mod regular;

#[cfg(feature = "bundle")]
mod log;

#[cfg(feature = "bundle")]
#[cfg_attr(docsrs, doc(cfg(feature = "bundle")))]
pub mod bundle;

pub use recorder::{Recorder, RecorderBuilder};
pub use recording::{Recording, RecordingError};
pub use replay::{
    Replayed, ReplayedAttempt, ReplayedCall, Sendable, Skipped, replay, requests, script,
};
pub use trace::{Trace, TracedAttempt, TracedCall};
