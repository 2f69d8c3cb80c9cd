//! The setters of a client's builder.

/// Writes the setters of a client's builder, its `from_env`, a `From<Config>` and a `Debug`.
///
/// The builder is a struct with a field `config`, which holds the [`Config`](crate::Config). The macro receives the initial values
/// of its other fields. The client itself defines the setters for those, like its transport and its clock.
///
/// ```
/// use intercom_protocol::{Config, Region, client_settings};
///
/// pub struct ClientBuilder {
///     config: Config,
///     proxy: Option<String>,
/// }
///
/// client_settings!(ClientBuilder { proxy: None });
///
/// let builder = ClientBuilder::from(Config::new("dG9rOjEyMw=="));
/// let connection = builder.region(Region::Eu).config.build()?;
/// assert_eq!(connection.base_url(), "https://api.eu.intercom.io");
/// # Ok::<(), intercom_protocol::Error>(())
/// ```
#[rustfmt::skip]
#[macro_export]
macro_rules! client_settings {
    ($builder:ident { $($(#[$attribute:meta])* $field:ident: $start:expr),* $(,)? }) => {
        impl $builder {
            /// Creates a builder from the environment: `INTERCOM_ACCESS_TOKEN`, and `INTERCOM_BASE_URL` or `INTERCOM_REGION` (`us`,
            /// `eu` or `au`) if set.
            ///
            /// # Errors
            ///
            /// An [`Error`](intercom_protocol::Error) of kind `configuration` that names the variable. It never contains the token.
            pub fn from_env() -> Result<Self, $crate::Error> {
                $crate::Config::from_vars(|name| std::env::var_os(name)).map(Self::of_this_crate)
            }
            /// Creates a builder with these settings and the name of the client's crate as the user agent.
            pub(crate) fn of_this_crate(config: $crate::Config) -> Self {
                Self::from(config.user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"))))
            }
            /// Sends requests to the region's host. The default is the United States.
            pub fn region(self, region: $crate::Region) -> Self { Self { config: self.config.region(region), ..self } }
            /// Sends requests to this URL: `https`, or `http` on loopback for a mock server.
            pub fn base_url(self, url: impl Into<String>) -> Self { Self { config: self.config.base_url(url), ..self } }
            /// Requests this API version: a number like `2.14`, or `Preview`. By default, the version in the app's settings applies.
            pub fn api_version(self, version: impl Into<String>) -> Self { Self { config: self.config.api_version(version), ..self } }
            /// Sends this user agent to Intercom, like the name of your program.
            pub fn user_agent(self, agent: impl Into<String>) -> Self { Self { config: self.config.user_agent(agent), ..self } }
            /// Reads the status page at this URL.
            pub fn status_url(self, url: impl Into<String>) -> Self { Self { config: self.config.status_url(url), ..self } }
            /// Retries by this policy; the default makes up to four attempts.
            pub fn policy(self, policy: $crate::RetryPolicy) -> Self { Self { config: self.config.policy(policy), ..self } }
            /// Limits one attempt, from connecting to the last byte of the response; the default is 30 s.
            pub fn attempt_timeout(self, timeout: core::time::Duration) -> Self { Self { config: self.config.attempt_timeout(timeout), ..self } }
            /// Limits connecting, including TLS; the default is 10 s. The transport documents whether DNS lookup counts.
            pub fn connect_timeout(self, timeout: core::time::Duration) -> Self { Self { config: self.config.connect_timeout(timeout), ..self } }
            /// Limits every call and every flow as a whole. By default, nothing limits them.
            pub fn total_timeout(self, timeout: core::time::Duration) -> Self { Self { config: self.config.total_timeout(timeout), ..self } }
            /// Limits the body of a successful response, in bytes after decompression; the default is 16 MiB.
            pub fn body_limit(self, bytes: usize) -> Self { Self { config: self.config.body_limit(bytes), ..self } }
            /// Shares this retry budget with other clients. `None` removes the budget.
            pub fn budget(self, budget: impl Into<Option<$crate::RetryBudget>>) -> Self { Self { config: self.config.budget(budget), ..self } }
            /// Sets how calls are paced to stay under the rate limit. By default they are paced steadily.
            pub fn pacing(self, settings: $crate::PacerSettings) -> Self { Self { config: self.config.pacing(settings), ..self } }
            /// Turns pacing off: calls are sent at once, and only 429s slow them down.
            pub fn without_pacing(self) -> Self { Self { config: self.config.without_pacing(), ..self } }
            /// Reports to this observer what every call does: its attempts, its waits, and why it stops. A later observer
            /// replaces an earlier one; a pair of observers is an observer too.
            pub fn observer(self, observer: impl $crate::observe::Observer + 'static) -> Self { Self { config: self.config.observer(observer), ..self } }
            /// Adds headers to every attempt, like a trace context. See [`Config::attempt_headers`]($crate::Config::attempt_headers).
            pub fn attempt_headers(self, add: impl Fn(&$crate::NextAttempt<'_>, &mut $crate::http::HeaderMap) + Send + Sync + 'static) -> Self {
                Self { config: self.config.attempt_headers(add), ..self }
            }
        }

        /// Creates a builder with these settings.
        impl From<$crate::Config> for $builder {
            fn from(config: $crate::Config) -> Self {
                Self { config, $($(#[$attribute])* $field: $start),* }
            }
        }

        /// Shows the settings without the token.
        impl core::fmt::Debug for $builder {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($builder)).field("config", &self.config).finish_non_exhaustive()
            }
        }
    };
}
