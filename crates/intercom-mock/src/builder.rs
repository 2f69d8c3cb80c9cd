//! The settings of a server before it starts.

use std::io;
use std::time::Duration;

use crate::clock::Clock;
use crate::script::{self, ScriptError, Scripts};
use crate::server::MockServer;
use crate::settings::Settings;
use crate::state::State;
use crate::store::exports::Course;
use crate::store::generated::Generated;

/// When the clock of a server without a socket stands: 2026-01-01.
const STANDING: Duration = Duration::from_secs(1_767_225_600);

/// The settings of a server before it starts. [`MockServer::builder`] creates one.
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
    generated: Generated,
    exports: Course,
    scripts: Scripts,
}

impl MockServer {
    /// Starts a server with the default settings on a free port.
    ///
    /// # Errors
    ///
    /// Fails if no port is free or the thread cannot be started.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Returns a builder to change the settings before the server starts.
    #[must_use]
    pub fn builder() -> MockBuilder {
        MockBuilder::default()
    }
}

impl MockBuilder {
    /// Sets the port on 127.0.0.1. By default, the system chooses a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the only valid access token (default `mock-token`). The server responds with 401 to any other.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.settings.token = token.into();
        self
    }

    /// Sets whether the server keeps requests for [`MockServer::requests`] (it does by default). Turn this off for a server
    /// that runs for days, because kept requests use more and more memory.
    #[must_use]
    pub fn keep_requests(mut self, yes: bool) -> Self {
        self.settings.keeps_requests = yes;
        self
    }

    /// Withholds a scope, like `read_users`: the server responds with 403 to requests that need it. Can be called several times.
    ///
    /// The scopes are `read_` or `write_`, followed by `admins`, `users`, `conversations`, `articles`, `tags`, `companies` or
    /// `events`.
    #[must_use]
    pub fn withhold_scope(mut self, scope: impl Into<String>) -> Self {
        self.settings.withheld.insert(scope.into());
        self
    }

    /// Sets how many requests each window allows (default: a million in 10 seconds). Windows are aligned to the server's clock.
    ///
    /// The server responds with 429 to requests over the limit and does not count them.
    #[must_use]
    pub fn rate_limit(mut self, limit: u32, window: Duration) -> Self {
        (self.settings.quota.limit, self.settings.quota.window) = (limit, window);
        self
    }

    /// Sets by how many seconds `X-RateLimit-Reset` is later than the real end of the window: 0 as documented (the default),
    /// 2 as recorded in 2021.
    #[must_use]
    pub fn reset_offset(mut self, seconds: u64) -> Self {
        self.settings.quota.reset_offset = seconds;
        self
    }

    /// Sets whether `X-RateLimit-Remaining` is computed after the request is counted. By default it is computed before, as recorded.
    #[must_use]
    pub fn remaining_after(mut self, after: bool) -> Self {
        self.settings.quota.remaining_after = after;
        self
    }

    /// Sets a second limit for the same windows, like the limit of a whole workspace. No header shows this limit.
    #[must_use]
    pub fn hidden_workspace_limit(mut self, limit: u32) -> Self {
        self.settings.quota.hidden = Some(limit);
        self
    }

    /// Sets the server's clock this many seconds ahead, or behind if negative. This affects `Date`, resets, windows and
    /// timestamps.
    #[must_use]
    pub fn clock_offset(mut self, seconds: i64) -> Self {
        self.offset = seconds;
        self
    }

    /// Sets how long it takes until searches and messages find a new contact (default: no time).
    #[must_use]
    pub fn index_lag(mut self, lag: Duration) -> Self {
        self.settings.index_lag = lag;
        self
    }

    /// Sets the indicator of the status page (`none`, `minor`, `major`, `critical`, or any other word) and its description.
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

    /// Sets whether the status page responds with 503.
    #[must_use]
    pub fn status_page_down(mut self, down: bool) -> Self {
        self.settings.service.page_down = down;
        self
    }

    /// Sets whether every path of the API responds with the 503 page of an edge server (HTML, without an error list).
    #[must_use]
    pub fn api_down(mut self, down: bool) -> Self {
        self.settings.api_down = down;
        self
    }

    /// Sets the longest request body that the server reads, in bytes (default 16 MiB). It responds with 413 to longer ones.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Adds companies in front of all others. They are made when they are read, so a million of them need no memory. Only lists and
    /// scrolls contain them.
    #[must_use]
    pub fn generated_companies(mut self, count: u64) -> Self {
        self.generated.companies = count;
        self
    }

    /// Adds contacts in front of all others. They are made when they are read, so a million of them need no memory. Only the list of
    /// contacts contains them.
    #[must_use]
    pub fn generated_contacts(mut self, count: u64) -> Self {
        self.generated.contacts = count;
        self
    }

    /// Sets how many messages the exports of message data contain (default 0). They are made when they are downloaded.
    #[must_use]
    pub fn exported_messages(mut self, count: u64) -> Self {
        self.exports.rows = count;
        self
    }

    /// Sets how long exports of message data take (default: no time).
    #[must_use]
    pub fn export_time(mut self, takes: Duration) -> Self {
        self.exports.takes = takes;
        self
    }

    /// Sets the time zone of the workspace, in minutes east of UTC (default 0). Searches for contacts compare calendar days in it.
    #[must_use]
    pub fn time_zone(mut self, minutes: i32) -> Self {
        self.settings.time_zone = i64::from(minutes) * 60;
        self
    }

    /// Adds a script in JSON, so that it applies from the first request. See [`MockServer::script_lines`].
    ///
    /// # Errors
    ///
    /// Fails if a line is invalid.
    pub fn script_lines(mut self, lines: &str) -> Result<Self, ScriptError> {
        self.scripts.append(script::parse(lines)?);
        Ok(self)
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// Fails if the port is not available or the thread cannot be started.
    pub fn start(self) -> io::Result<MockServer> {
        let port = self.port;
        MockServer::launch(port, self.state(Clock::start()))
    }

    /// Returns a server without a socket, for [`MockServer::exchange`]. Its clock stands still at a time in 2026 until
    /// [`advance_clock`](MockServer::advance_clock) is called.
    #[must_use]
    pub fn offline(self) -> MockServer {
        MockServer::without_socket(self.state(Clock::standing(STANDING)))
    }

    fn state(self, mut clock: Clock) -> State {
        clock.set_offset(self.offset);
        let mut state = State::new(clock, self.settings);
        state.scripts = self.scripts;
        state.store.generated = self.generated;
        state.store.exports.course = self.exports;
        state
    }
}
