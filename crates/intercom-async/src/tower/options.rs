//! What travels in the extensions of a request and of its response.

use std::sync::Arc;
use std::time::Duration;

use intercom_protocol::{ApiRequest, Attempt, Error, Priority, Reply, RetryPolicy};

/// Settings for a single call, in the extensions of its request. Without them, the settings of the layer apply.
///
/// ```
/// use intercom_async::http::Request;
/// use intercom_async::tower::CallOptions;
///
/// let request = Request::post("https://api.intercom.io/events")
///     // The event has a fixed `created_at`, so it may be sent twice.
///     .extension(CallOptions::default().replayable(true))
///     .body("{}".to_owned())?;
/// # Ok::<(), intercom_async::http::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "put the options into the extensions of a request"]
pub struct CallOptions {
    replayable: Option<bool>,
    deadline: Option<Duration>,
    policy: Option<RetryPolicy>,
    priority: Priority,
}

impl CallOptions {
    /// Sets whether the request may be sent again if the outcome of an attempt is unknown. By default its method and path decide.
    pub const fn replayable(mut self, yes: bool) -> Self {
        self.replayable = Some(yes);
        self
    }

    /// Limits the call to this duration, including waits and retries.
    pub const fn deadline(mut self, duration: Duration) -> Self {
        self.deadline = Some(duration);
        self
    }

    /// Retries the call by this policy.
    pub fn policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets how urgent the call is, compared with the others that wait for the rate limit.
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// How long the call may take, if the options say so.
    pub(super) const fn limit(&self) -> Option<Duration> {
        self.deadline
    }

    pub(super) fn apply(self, mut request: ApiRequest) -> ApiRequest {
        if let Some(replayable) = self.replayable {
            request = request.replayable(replayable);
        }
        if let Some(policy) = self.policy {
            request = request.policy(policy);
        }
        request.priority(self.priority)
    }
}

/// What a call did, in the extensions of its response.
#[derive(Clone, Debug)]
pub struct Called(Arc<Result<Reply, Error>>);

impl Called {
    pub(super) fn new(result: Result<Reply, Error>) -> Self {
        Self(Arc::new(result))
    }

    /// Returns every attempt of the call, oldest first. The response belongs to the last one.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        match &*self.0 {
            Ok(reply) => reply.attempts(),
            Err(error) => error.attempts(),
        }
    }

    /// Returns the result of the call. An error says what the response means, and why the request was not sent again.
    ///
    /// # Errors
    ///
    /// The error with which a call of a [`Client`](crate::Client) would have ended.
    pub fn result(&self) -> Result<&Reply, &Error> {
        self.0.as_ref().as_ref()
    }

    /// Returns the result of the call by value; `None` if there is another clone of it.
    ///
    /// ```
    /// use intercom_async::http::Response;
    /// use intercom_async::tower::Called;
    ///
    /// /// Turns an error response into the error of its call.
    /// fn check<B>(mut response: Response<B>) -> Result<Response<B>, intercom_async::Error> {
    ///     let called = response.extensions_mut().remove::<Called>();
    ///     match called.and_then(Called::into_result) {
    ///         Some(Err(error)) => Err(error),
    ///         _ => Ok(response),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn into_result(self) -> Option<Result<Reply, Error>> {
        Arc::into_inner(self.0)
    }
}
