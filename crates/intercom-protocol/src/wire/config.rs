//! The settings of a client, the same for every HTTP stack.

use core::fmt;
use core::time::Duration;

use http::HeaderMap;
use intercom_errors::names;
use intercom_pace::PacerSettings;
use intercom_retry::{RetryBudget, RetryPolicy};

use super::attempt_headers::{AttemptHeaders, NextAttempt};
use super::url;
use crate::Error;
use crate::observe::Observer;
use crate::observe::Watched;

/// The default limit of a response's body.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;

const STATUS_PAGE: &str = "https://www.intercomstatus.com";

names! {
    /// The region that hosts the workspace. A token works only in its own region.
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
    /// Returns the base URL of the region's API.
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

    /// Returns the region whose host the URL names, whatever its path; `None` for another host, like a mock or a proxy.
    ///
    /// ```
    /// use intercom_protocol::Region;
    ///
    /// assert_eq!(Region::of_url("https://api.eu.intercom.io/contacts"), Some(Region::Eu));
    /// assert_eq!(Region::of_url("http://127.0.0.1:8080"), None);
    /// ```
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        let origin = url::origin(url);
        let origin = origin.strip_suffix(":443").unwrap_or(origin);
        let is_its_host = |region: &Self| origin.eq_ignore_ascii_case(region.base_url());
        Self::ALL.iter().copied().find(is_its_host)
    }

    /// Returns the region by the name that Intercom gives it in `app.region` of `/me`.
    ///
    /// `US` and `Europe` have been seen; the other names are those of the documentation.
    pub(crate) fn of_workspace(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "au" | "australia" => Some(Self::Au),
            "eu" | "europe" => Some(Self::Eu),
            "us" | "united states" => Some(Self::Us),
            _ => None,
        }
    }

    /// Refuses a URL of another host, whatever its path. The names are those of the two settings.
    ///
    /// Choosing one of the two could send the token to the wrong host.
    pub(super) fn check(self, url: &str, [region, base_url]: [&str; 2]) -> Result<(), Error> {
        if Self::of_url(url) == Some(self) {
            return Ok(());
        }
        let why = format!("{region} and {base_url} name different hosts; set only one of them");
        Err(Error::configuration(region, why))
    }
}

/// The settings of a client, which [`build`](Self::build) checks.
///
/// The builders of both clients wrap them. A client on another HTTP stack uses them directly.
///
/// By default, a client
///
/// - sends requests as fast as the rate limit allows, without exceeding it;
/// - makes up to four attempts of a call, but never sends a write again that may have been carried out, unless it is idempotent;
/// - limits an attempt to 30 s, and does not limit a call as a whole.
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
    /// `None` sends no `Authorization` header.
    pub(super) token: Option<String>,
    pub(super) renewable_token: bool,
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
    pub(crate) attempt_headers: Option<AttemptHeaders>,
}

impl Config {
    /// Creates the default settings, with an access token from the Developer Hub.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..Self::anonymous()
        }
    }

    /// Creates the default settings without an access token: requests have no `Authorization` header.
    ///
    /// The API refuses such requests with a 401. They suit a [diagnosis](crate::flows::diagnose), which shows whether the API can be
    /// reached, and programs behind a proxy that adds the token.
    ///
    /// ```
    /// let connection = intercom_protocol::Config::anonymous().build()?;
    /// assert!(!connection.has_token());
    /// # Ok::<(), intercom_protocol::Error>(())
    /// ```
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            token: None,
            renewable_token: false,
            base_url: None,
            region: None,
            api_version: None,
            user_agent: concat!("intercom-crates/", env!("CARGO_PKG_VERSION")).to_owned(),
            status_url: STATUS_PAGE.to_owned(),
            settings: Settings {
                policy: RetryPolicy::default(),
                budget: Some(RetryBudget::default()),
                attempt_timeout: Duration::from_secs(30),
                connect_timeout: Duration::from_secs(10),
                total_timeout: None,
                body_limit: BODY_LIMIT,
                observer: None,
                attempt_headers: None,
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
    /// It may end in a path, like that of a proxy. An API version is not part of the URL: see
    /// [`api_version`](Self::api_version).
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Requests this API version (`Intercom-Version`), like `2.14` or `Preview`. The default is the version that is set for
    /// your app.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// Sends this user agent to Intercom, like the name of your program.
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

    /// Limits connecting, including TLS; the default is 10 s.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Limits every call and every flow as a whole, including waits and retries. By default, nothing limits them.
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

    /// Sets how calls are paced to stay under the rate limit. By default they are paced steadily.
    ///
    /// Calls that share one client are sent as fast as the server's window allows, and get no 429s.
    #[must_use]
    pub fn pacing(mut self, settings: PacerSettings) -> Self {
        self.pacer = Some(settings);
        self
    }

    /// Turns pacing off: calls are sent at once, and only 429s slow them down.
    #[must_use]
    pub fn without_pacing(mut self) -> Self {
        self.pacer = None;
        self
    }

    /// Shares this retry budget with other clients. By default each client has its own. With `None`, each call retries
    /// independently of the others.
    #[must_use]
    pub fn budget(mut self, budget: impl Into<Option<RetryBudget>>) -> Self {
        self.settings.budget = budget.into();
        self
    }

    /// Reports the events of every call to this observer: attempts, waits, and why the call stops.
    ///
    /// [`observer_fn`](crate::observe::observer_fn) makes an observer from a closure. The feature `tracing` adds one that writes
    /// log lines. A later observer replaces an earlier one; pass a pair to use both. Several clients can share one in an `Arc`.
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

    /// Adds headers to every attempt, like a trace context that differs from attempt to attempt.
    ///
    /// The function receives the attempt and an empty map. It runs once for each attempt, just before the attempt is sent, and must
    /// not block. If it adds a header that the connection sets itself (`Authorization`, `Host`, the length of the body), that header
    /// is ignored. Other headers of the request are replaced. A later function replaces an earlier one.
    ///
    /// ```
    /// use intercom_protocol::Config;
    ///
    /// let config = Config::new("dG9rOjEyMw==")
    ///     .attempt_headers(|attempt, headers| {
    ///         headers.insert("x-attempt", attempt.number().into());
    ///     });
    /// ```
    #[must_use]
    pub fn attempt_headers(
        mut self,
        add: impl Fn(&NextAttempt<'_>, &mut HeaderMap) + Send + Sync + 'static,
    ) -> Self {
        self.settings.attempt_headers = Some(AttemptHeaders::new(add));
        self
    }

    /// Lets calls replace the access token. This setting is for authors of drivers; a client has the setting `token_provider`.
    ///
    /// A call without a token, and a call whose token the API refuses with a 401, then asks for one with
    /// [`Step::Authorize`](crate::Step::Authorize). A call asks at most once after a 401, and the repeated attempt does not count as one
    /// of the policy's.
    #[must_use]
    pub const fn renewable_token(mut self) -> Self {
        self.renewable_token = true;
        self
    }

    /// Returns how calls are paced; `None` without pacing. A client creates its gate from it.
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
                format!("{setting} must be greater than zero"),
            )),
            None => Ok(()),
        }
    }
}

/// Shows the settings without the token.
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
