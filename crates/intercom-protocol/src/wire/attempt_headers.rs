//! Headers that differ from attempt to attempt.

use core::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method};

use super::request::OWNED;

/// The attempt that is about to be sent, for [`Config::attempt_headers`](crate::Config::attempt_headers).
#[derive(Clone, Copy, Debug)]
pub struct NextAttempt<'c> {
    pub(crate) number: u32,
    pub(crate) method: &'c Method,
    pub(crate) route: &'c str,
    pub(crate) call: Option<u64>,
}

impl<'c> NextAttempt<'c> {
    /// Returns the number of the attempt, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Returns the method of the request.
    #[must_use]
    pub const fn method(&self) -> &'c Method {
        self.method
    }

    /// Returns the [route](crate::route_of) of the request, like `/contacts/{id}`.
    #[must_use]
    pub const fn route(&self) -> &'c str {
        self.route
    }

    /// Returns the number of the call in the [events](crate::observe::Event::call) of its observer; `None` without an observer.
    #[must_use]
    pub const fn call(&self) -> Option<u64> {
        self.call
    }
}

/// The program's own function that adds headers to an attempt.
#[derive(Clone)]
pub(crate) struct AttemptHeaders(Arc<Add>);

type Add = dyn Fn(&NextAttempt<'_>, &mut HeaderMap) + Send + Sync;

impl AttemptHeaders {
    pub(crate) fn new(
        add: impl Fn(&NextAttempt<'_>, &mut HeaderMap) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(add))
    }

    /// Returns the headers of this attempt, without those that the connection sets.
    pub(crate) fn of(&self, attempt: &NextAttempt<'_>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        (self.0)(attempt, &mut headers);
        for owned in &OWNED {
            headers.remove(owned);
        }
        headers
    }
}

impl fmt::Debug for AttemptHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttemptHeaders")
    }
}
