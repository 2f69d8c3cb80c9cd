//! What a client decides for all its calls.

use core::time::Duration;

use intercom_errors::ErrorItem;
use intercom_retry::{RetryBudget, RetryPolicy};

use crate::observe::Watched;
use crate::{Error, Observer};

/// How much of an answer is accepted, unless settings say otherwise.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// What a client decides for all its calls; a request may decide otherwise for itself.
#[derive(Clone, Debug)]
pub struct CallSettings {
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: Option<RetryBudget>,
    pub(crate) paced: bool,
    pub(crate) attempt_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) body_limit: usize,
    pub(crate) observer: Option<Watched>,
}

impl Default for CallSettings {
    /// The default policy, a retry budget of its own, 30 s an attempt, 10 s to connect, no limit in total, answers of
    /// at most 16 MiB, nobody who paces or observes.
    fn default() -> Self {
        Self {
            policy: RetryPolicy::default(),
            budget: Some(RetryBudget::default()),
            paced: false,
            attempt_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            total_timeout: None,
            body_limit: BODY_LIMIT,
            observer: None,
        }
    }
}

impl CallSettings {
    /// When and how often to try again.
    #[must_use]
    pub fn policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Shares this retry budget among all calls, or with other clients; `None` lets each call retry as if it were alone.
    #[must_use]
    pub fn budget(mut self, budget: Option<RetryBudget>) -> Self {
        self.budget = budget;
        self
    }

    /// Says whether the gate spreads calls over the window, so that chance need not do so after a rate limit.
    #[must_use]
    pub const fn paced(mut self, yes: bool) -> Self {
        self.paced = yes;
        self
    }

    /// Bounds one attempt, from connecting to the last byte of the answer.
    #[must_use]
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Bounds connecting, TLS included.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Bounds a whole call or flow, waits and repeats included.
    #[must_use]
    pub const fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// Bounds the body of a successful answer, in bytes after decompression.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Tells this observer what every call does.
    /// A later one takes its place; a pair of two tells both.
    ///
    /// ```
    /// use intercom_protocol::{CallSettings, observer_fn};
    ///
    /// let settings = CallSettings::default().observer(observer_fn(|event| eprintln!("{event}")));
    /// ```
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Some(Watched::new(observer));
        self
    }

    /// Says whether calls can be made with these.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` when a time-out leaves no time at all.
    pub fn check(&self) -> Result<(), Error> {
        let none = |(field, timeout): (&str, Option<Duration>)| {
            (timeout == Some(Duration::ZERO)).then(|| {
                ErrorItem::new(
                    "parameter_invalid",
                    "it leaves no time; give more than zero",
                )
                .with_field(field)
            })
        };
        let items: Vec<_> = [
            ("attempt_timeout", Some(self.attempt_timeout)),
            ("connect_timeout", Some(self.connect_timeout)),
            ("total_timeout", self.total_timeout),
        ]
        .into_iter()
        .filter_map(none)
        .collect();
        if items.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid(items))
        }
    }

    /// The bound of one attempt.
    #[must_use]
    pub const fn attempt(&self) -> Duration {
        self.attempt_timeout
    }

    /// The bound of connecting, which is a part of an attempt.
    #[must_use]
    pub fn connect(&self) -> Duration {
        self.connect_timeout.min(self.attempt_timeout)
    }

    /// The bound of a whole call or flow, if there is one.
    #[must_use]
    pub const fn total(&self) -> Option<Duration> {
        self.total_timeout
    }
}
