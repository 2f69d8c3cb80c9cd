//! Intercom's error responses as typed values.
//!
//! In scope: parsing and classifying. A status, headers and bytes become an [`ApiError`]; this cannot fail. Its
//! [`Class`] says what the response means: which kind of error it is ([`Category`]), whether the same request can be
//! sent again ([`Resend`]), and what to do next ([`Action`], with the usual causes and a list of steps, each a
//! [`Fix`]). A [`Fault`] is an exchange without a complete response.
//!
//! Out of scope: HTTP clients, clocks, and the decision to retry, which `intercom-retry` makes. `intercom-blocking` and
//! `intercom-async` are whole clients. Without its default feature `std` the crate is `no_std` with `alloc`. The
//! feature `http` adds [`ApiError::from_response`](ApiError#method.from_response). With the feature `serde`, errors can be
//! stored as JSON and read again; `docs/STORED_ERRORS.md` of the project describes the format.
//!
//! ```text
//! bytes + headers + status ──parse──▶ ApiError ──classify──▶ Class
//! ```
//!
//! ```
//! use intercom_errors::{Action, ApiError, Category, Resend};
//!
//! let body = br#"{"type":"error.list","request_id":"req_abc123","errors":[
//!     {"code":"conflict","message":"A contact matching those details already exists with id=5f1a"}]}"#;
//! let error = ApiError::from_parts(409, [("X-Request-Id", b"req_abc123".as_slice())], body);
//!
//! assert_eq!(error.code().unwrap(), "conflict");
//! assert_eq!(error.class().category(), Category::Conflict);
//! assert_eq!(error.class().resend(), Resend::Never);
//! assert_eq!(error.class().action(), Action::UseExisting);
//! assert_eq!(error.existing_contact().unwrap().id(), "5f1a");
//! ```
//!
//! The example `read_response` reads a response as `curl -si` prints it, and says what it means.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod names;
mod one_line;
mod unix_time;

mod body;
mod code;
mod item;
mod path;
mod rate_limit;
mod request_line;
mod retry_after;

mod parse;

mod classify;

mod api_error;
mod line;
mod steps;

mod fault;

mod stored;

pub use api_error::{ApiError, ExistingContact};
pub use body::{Body, BodyKind};
#[doc(hidden)]
pub use classify::rules;
pub use classify::{
    Action, AnsweredBy, CATALOG, Category, Class, Entry, ErrorCode, FilledFix, Fix, Hint,
    HintCause, IsNotFound, KnownCase, OptionalExt, Provenance, Resend, Slot,
};
pub use fault::{Fault, FaultKind, Phase};
#[cfg(feature = "http")]
pub use http;
pub use item::ErrorItem;
pub use line::Line;
pub use names::UnknownName;
pub use one_line::OneLine;
#[doc(hidden)]
pub use parse::content::{Content, without_mark};
pub use path::RequestPath;
pub use rate_limit::RateLimit;
pub use request_line::RequestLine;
pub use retry_after::RetryAfter;
#[cfg(feature = "serde")]
#[doc(hidden)]
pub use serde;
#[cfg(feature = "serde")]
pub use stored::StoredClass;
#[cfg(feature = "serde")]
#[doc(hidden)]
pub use stored::{StoredBytes, Version, read_name};
pub use unix_time::UnixTime;
#[cfg(feature = "std")]
pub use unix_time::UnixTimeError;
