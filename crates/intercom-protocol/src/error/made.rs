//! How errors are made.

use std::io;

use core::error::Error as StdError;

use bytes::Bytes;
use intercom_errors::ErrorItem;
use intercom_retry::{Failure, Stop};

use super::{Cause, Ending, Error, Inner, Undecodable};
use crate::target::Target;

impl Error {
    pub(super) fn new(cause: Cause) -> Self {
        Self(Box::new(Inner {
            target: None,
            cause,
            ending: Ending::default(),
            source: None,
            #[cfg(feature = "serde")]
            stored_class: None,
        }))
    }

    /// Creates an error for a request that was refused before it was sent. Each item names a field and how to fix it.
    #[must_use]
    pub fn invalid(items: Vec<ErrorItem>) -> Self {
        Self::new(Cause::Invalid(items))
    }

    /// Creates an error for an invalid setting. The problem names the setting and says how to fix it.
    ///
    /// ```
    /// use intercom_protocol::{Error, ErrorKind};
    ///
    /// let error = Error::configuration("proxy", "proxy is not a URL");
    /// assert_eq!(error.kind(), ErrorKind::Configuration);
    /// assert_eq!(error.to_string(), "invalid configuration: proxy is not a URL");
    /// ```
    #[must_use]
    pub fn configuration(setting: &str, problem: impl Into<Box<str>>) -> Self {
        let item = ErrorItem::from_message(problem).with_field(setting);
        Self::new(Cause::Configuration(item))
    }

    pub(crate) fn failed(failure: Failure) -> Self {
        Self::new(Cause::Failed(failure))
    }

    pub(crate) fn not_started(why: &'static str) -> Self {
        Self::new(Cause::NotStarted(why.into()))
    }

    /// The writer of a download failed.
    pub(crate) fn writer(source: io::Error) -> Self {
        // The error itself can contain anything.
        Self::new(Cause::Writer(source.kind().to_string())).with_source(source.into())
    }

    pub(crate) fn ambiguous(ids: Vec<String>) -> Self {
        Self::new(Cause::Ambiguous(ids))
    }

    pub(crate) fn archived(id: &str) -> Self {
        Self::new(Cause::Archived { id: id.to_owned() })
    }

    pub(crate) fn mismatch(id: &str, field: &'static str) -> Self {
        Self::new(Cause::Mismatch {
            id: id.to_owned(),
            field: field.into(),
        })
    }

    /// A value from a response that was already read, which does not match the requested type.
    pub(crate) fn unfit(path: String, source: serde_json::Error) -> Self {
        Self::undecodable(Undecodable {
            status: None,
            request_id: None,
            body: Bytes::new(),
            path,
            source: Some(source),
        })
    }

    pub(crate) fn undecodable(what: Undecodable) -> Self {
        Self::new(Cause::Decode(what))
    }

    pub(crate) const fn target(&self) -> Option<&Target> {
        self.0.target.as_ref()
    }

    pub(crate) fn with_target(mut self, target: Target) -> Self {
        self.0.target = Some(target);
        self
    }

    pub(crate) fn with_source(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn ended(mut self, ending: Ending) -> Self {
        self.0.ending = ending;
        self
    }

    /// Sets why no attempt follows.
    pub(crate) fn stopped(mut self, stop: Stop) -> Self {
        self.0.ending.stop = Some(stop);
        self
    }

    /// Sets whether the request may be applied twice.
    pub(crate) fn replayable(mut self, replayable: bool) -> Self {
        self.0.ending.replayable = replayable;
        self
    }

    /// Sets whether this call, or an earlier one of its flow, may have changed something.
    pub(crate) fn maybe_applied(mut self, maybe_applied: bool) -> Self {
        self.0.ending.maybe_applied = maybe_applied;
        self
    }
}
