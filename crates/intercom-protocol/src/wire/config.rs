//! The settings of a client, the same for every HTTP stack.

use core::fmt;
use core::time::Duration;

use intercom_errors::names;
use intercom_pace::PacerSettings;
use intercom_retry::{RetryBudget, RetryPolicy};

use super::url;
use crate::Error;
use crate::observe::Observer;
use crate::observe::Watched;

/// How much of a response is accepted by default.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;

const STATUS_PAGE: &str = "https://www.intercomstatus.com";

names! {
    /// Where the workspace lives; the token works in its own region.
    ///
    /// The hosts are those of the `servers` list of Intercom's OpenAPI description.
    ///
    /// ```
    /// use intercom_protocol::Region;
    ///
    /// assert_eq!("EU".parse(), Ok(Region::Eu));
    /// ```
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Region {
        /// Australia: `https://api.au.intercom.io`.
        Au = "au",
        /// Europe: `https://api.eu.intercom.io`.
        Eu = "eu",
        /// The United States, and the default: `https://api.intercom.io`.
        #[default]
        Us = "us",
    }
}

impl Region {
    /// The base URL of the region's API.
    ///
    /// ```
    /// assert_eq!(intercom_protocol::Region::Eu.base_url(), "https://api.eu.intercom.io");
    /// ```
    #[must_use]
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Au => "https://api.au.intercom.io",
            Self::Eu => "https://api.eu.intercom.io",
            Self::Us => "https://api.intercom.io",
        }
    }

    /// Refuses a URL of another host, whatever its path; the names are those of the two settings.
    ///
    /// Guessing which of them is meant would send the token to the wrong host.
    pub(super) fn check(self, url: &str, [region, base_url]: [&str; 2]) -> Result<(), Error> {
        let origin = url::origin(url);
        let origin = origin.strip_suffix(":443").unwrap_or(origin);
        if origin.eq_ignore_ascii_case(self.base_url()) {
            return Ok(());
        }
        let why = format!("{region} and {base_url} are different hosts; give one of them");
        Err(Error::configuration(region, why))
    }
}

/// The settings of a client, checked together by [`build`](Self::build).
///
/// The builders of both clients set them; a client on another HTTP stack uses them as they are.
///
/// By default, a client goes as fast as the server's rate limit lets it, without meeting it; makes up to four attempts of a
/// call, where repeating it cannot do anything twice; and limits an attempt to 30 s, but not a call as a whole.
///
/// ```
/// use std::time::Duration;
/// use intercom_protocol::{Config, Region};
///
/// let connection = Config::new("dG9rOjEyMw==")
///     .region(Region::Eu)
///     .total_timeout(Duration::from_secs(60))
///     .build()?;
/// assert_eq!(connection.base_url(), "https://api.eu.intercom.io");
/// # Ok::<(), intercom_protocol::Error>(())
/// ```
#[derive(Clone)]
pub struct Config {
    pub(super) token: String,
    pub(super) base_url: Option<String>,
    pub(super) region: Option<Region>,
    pub(super) api_version: Option<String>,
    pub(super) user_agent: String,
    pub(super) status_url: String,
    pub(super) settings: Settings,
    pacer: Option<PacerSettings>,
}

/// The settings that a call reads.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: Option<RetryBudget>,
    pub(crate) attempt_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) body_limit: usize,
    pub(crate) observer: Option<Watched>,
}

impl Config {
    /// The default settings, with an access token from the Developer Hub.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            base_url: None,
            region: None,
            api_version: None,
            user_agent: concat!("intercom-rs/", env!("CARGO_PKG_VERSION")).to_owned(),
            status_url: STATUS_PAGE.to_owned(),
            settings: Settings {
                policy: RetryPolicy::default(),
                budget: Some(RetryBudget::default()),
                attempt_timeout: Duration::from_secs(30),
                connect_timeout: Duration::from_secs(10),
                total_timeout: None,
                body_limit: BODY_LIMIT,
                observer: None,
            },
            pacer: Some(PacerSettings::default()),
        }
    }

    /// Sends requests to the region's host; the default is the United States.
    #[must_use]
    pub const fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Sends requests to this URL instead of a region's host: `https`, or `http` on loopback for a mock server.
    ///
    /// It may end in a path, the prefix of a proxy. An API version is not part of the URL: see
    /// [`api_version`](Self::api_version).
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Asks for this API version (`Intercom-Version`), like `2.14` or `Preview`; by default the version set for the app is
    /// used.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// Sends this name of your program to Intercom.
    #[must_use]
    pub fn user_agent(mut self, agent: impl Into<String>) -> Self {
        self.user_agent = agent.into();
        self
    }

    /// Reads the status page at this URL; the default is Intercom's own, which has moved before.
    #[must_use]
    pub fn status_url(mut self, url: impl Into<String>) -> Self {
        self.status_url = url.into();
        self
    }

    /// Retries by this policy; the default makes up to four attempts.
    #[must_use]
    pub fn policy(mut self, policy: RetryPolicy) -> Self {
        self.settings.policy = policy;
        self
    }

    /// Limits one attempt, from connecting to the last byte of the response; the default is 30 s.
    #[must_use]
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.attempt_timeout = timeout;
        self
    }

    /// Limits connecting, TLS included; the default is 10 s.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Limits every call and every flow as a whole, waits and retries included; by default there is no limit.
    #[must_use]
    pub const fn total_timeout(mut self, timeout: Duration) -> Self {
        self.settings.total_timeout = Some(timeout);
        self
    }

    /// Limits the body of a successful response, in bytes after decompression; the default is 16 MiB.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Paces calls to stay under the rate limit in this way; by default they are paced steadily.
    ///
    /// Calls go as fast as the server's window admits and draw no 429, as long as they share one client.
    #[must_use]
    pub fn pacing(mut self, settings: PacerSettings) -> Self {
        self.pacer = Some(settings);
        self
    }

    /// Sends every call at once, so that only 429s slow it down.
    #[must_use]
    pub fn without_pacing(mut self) -> Self {
        self.pacer = None;
        self
    }

    /// Shares this retry budget with other clients; by default each has its own. `None` lets each call retry as if it were
    /// alone.
    #[must_use]
    pub fn budget(mut self, budget: impl Into<Option<RetryBudget>>) -> Self {
        self.settings.budget = budget.into();
        self
    }

    /// Reports to this observer what every call does: attempts, waits, why it stops.
    ///
    /// [`observer_fn`](crate::observe::observer_fn) makes one from a closure; with the feature `tracing` there is one that
    /// writes log lines. A later observer replaces an earlier one; a pair of two is one, too. Several clients share one in an
    /// `Arc`.
    ///
    /// ```
    /// use intercom_protocol::Config;
    /// use intercom_protocol::observe::observer_fn;
    ///
    /// let config = Config::new("dG9rOjEyMw==").observer(observer_fn(|event| eprintln!("{event}")));
    /// ```
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.settings.observer = Some(Watched::new(observer));
        self
    }

    /// How calls are paced, for the client that makes the gate; `None` without pacing.
    #[must_use]
    pub const fn pacer(&self) -> Option<&PacerSettings> {
        self.pacer.as_ref()
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), Error> {
        let timeouts = [
            ("attempt_timeout", Some(self.attempt_timeout)),
            ("connect_timeout", Some(self.connect_timeout)),
            ("total_timeout", self.total_timeout),
        ];
        match timeouts
            .iter()
            .find(|(_, time)| *time == Some(Duration::ZERO))
        {
            Some((setting, _)) => Err(Error::configuration(
                setting,
                format!("{setting} is zero, which leaves no time"),
            )),
            None => Ok(()),
        }
    }
}

/// Shows where calls go and how; never the token.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("base_url", &self.base_url)
            .field("region", &self.region)
            .field("api_version", &self.api_version)
            .field("token", &format_args!("redacted"))
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
