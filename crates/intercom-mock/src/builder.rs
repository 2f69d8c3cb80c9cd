//! Choosing how the server is before it starts.

use std::io;
use std::time::Duration;

use crate::clock::Clock;
use crate::script::{self, ScriptError, Scripts};
use crate::server::MockServer;
use crate::settings::Settings;
use crate::state::State;

/// Chooses how the server is before it starts; [`MockServer::builder`] makes one.
///
/// ```
/// use std::time::Duration;
/// use intercom_mock::MockServer;
///
/// let server = MockServer::builder()
///     .token("secret")
///     .rate_limit(167, Duration::from_secs(10))
///     .index_lag(Duration::from_secs(30))
///     .start()?;
/// assert_eq!(server.token(), "secret");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MockBuilder {
    port: u16,
    offset: i64,
    settings: Settings,
    scripts: Scripts,
}

impl MockServer {
    /// Starts a server with the default settings on a free port.
    ///
    /// # Errors
    ///
    /// When no port can be had, or the thread cannot be started.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Chooses settings first.
    #[must_use]
    pub fn builder() -> MockBuilder {
        MockBuilder::default()
    }
}

impl MockBuilder {
    /// The port on 127.0.0.1; by default any that is free.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The one token that is good (default `mock-token`); all others are answered with 401.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.settings.token = token.into();
        self
    }

    /// Whether [`MockServer::requests`] has the requests that arrived (it does by default); a server that runs for days had
    /// better forget them.
    #[must_use]
    pub fn keep_requests(mut self, yes: bool) -> Self {
        self.settings.keeps_requests = yes;
        self
    }

    /// Withholds a scope, such as `read_users`: what needs it is answered with 403. May be called several times.
    ///
    /// The scopes are `read_` and `write_` of `admins`, `users`, `conversations`, `articles`, `tags`, `companies` and `events`.
    #[must_use]
    pub fn withhold_scope(mut self, scope: impl Into<String>) -> Self {
        self.settings.withheld.insert(scope.into());
        self
    }

    /// Allows this many requests in each window (default a million in 10 s); windows are aligned to the server's clock.
    ///
    /// Requests above the limit are answered with 429 and are not counted.
    #[must_use]
    pub fn rate_limit(mut self, limit: u32, window: Duration) -> Self {
        (self.settings.quota.limit, self.settings.quota.window) = (limit, window);
        self
    }

    /// Makes `X-RateLimit-Reset` lie this many seconds behind the true end of the window: 0 as documented, 2 as recorded in 2021.
    #[must_use]
    pub fn reset_offset(mut self, seconds: u64) -> Self {
        self.settings.quota.reset_offset = seconds;
        self
    }

    /// Whether `X-RateLimit-Remaining` already counts the request it answers; recorded answers do not (the default).
    #[must_use]
    pub fn remaining_after(mut self, after: bool) -> Self {
        self.settings.quota.remaining_after = after;
        self
    }

    /// Sets a second limit over the same windows that no header shows, as the limit of a whole workspace is.
    #[must_use]
    pub fn hidden_workspace_limit(mut self, limit: u32) -> Self {
        self.settings.quota.hidden = Some(limit);
        self
    }

    /// Makes the server's clock wrong by this many seconds: its `Date`, its resets, its windows and its timestamps.
    #[must_use]
    pub fn clock_offset(mut self, seconds: i64) -> Self {
        self.offset = seconds;
        self
    }

    /// Keeps a new contact out of searches, and out of reach of messages, for this long (default not at all).
    #[must_use]
    pub fn index_lag(mut self, lag: Duration) -> Self {
        self.settings.index_lag = lag;
        self
    }

    /// What the status page says: an indicator (`none`, `minor`, `major`, `critical`, or any other word) and a sentence.
    #[must_use]
    pub fn service_status(
        mut self,
        indicator: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        (
            self.settings.service.indicator,
            self.settings.service.description,
        ) = (indicator.into(), description.into());
        self
    }

    /// Answers the status page with 503.
    #[must_use]
    pub fn status_page_down(mut self, down: bool) -> Self {
        self.settings.service.page_down = down;
        self
    }

    /// Answers every path of the API with the 503 page of an edge server (HTML, no error list).
    #[must_use]
    pub fn api_down(mut self, down: bool) -> Self {
        self.settings.api_down = down;
        self
    }

    /// The longest request body that is read, in bytes (default 16 MiB); longer ones are answered with 413.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Lays down the answers of a script in JSON before the first request comes; see [`MockServer::script_lines`].
    ///
    /// # Errors
    ///
    /// When a line is no answer.
    pub fn script_lines(mut self, lines: &str) -> Result<Self, ScriptError> {
        self.scripts.append(script::parse(lines)?);
        Ok(self)
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// When the port cannot be had, or the thread cannot be started.
    pub fn start(self) -> io::Result<MockServer> {
        let mut clock = Clock::start();
        clock.set_offset(self.offset);
        let mut state = State::new(clock, self.settings);
        state.scripts = self.scripts;
        MockServer::launch(self.port, state)
    }
}
