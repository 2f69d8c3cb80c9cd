//! The server as a test holds it.

mod content;
mod live;
mod thread;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::Method;

use crate::connection::locked;
use crate::record::Recorded;
use crate::script::{self, ScriptError, Scripted, Turn};
use crate::state::State;
use thread::Thread;

/// An Intercom on loopback: started, asked over real HTTP, stopped when dropped.
///
/// It is synchronous to its user and runs on a thread of its own, so it serves tests with and without an async runtime.
///
/// ```
/// use intercom_mock::{Method, MockServer, Scripted};
///
/// let server = MockServer::start()?;
/// server.script(Method::GET, "/me", [Scripted::status(500), Scripted::close_before()]);
/// // ... let the client under test call `server.base_url()` with `server.token()` ...
/// assert_eq!(server.requests().len(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct MockServer {
    base_url: String,
    status_url: String,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    _thread: Thread,
}

impl MockServer {
    pub(crate) fn launch(port: u16, state: State) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(state));
        let (thread, address) = Thread::start(port, state.clone())?;
        let base_url = format!("http://{address}");
        Ok(Self {
            status_url: format!("{base_url}/status"),
            base_url,
            address,
            state,
            _thread: thread,
        })
    }

    /// Where the API is: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where the status page is: its documents are at `{status_url}/api/v2/status.json` and `…/summary.json`.
    ///
    /// The same documents are at the root, `{base_url}/api/v2/…`.
    #[must_use]
    pub fn status_url(&self) -> &str {
        &self.status_url
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that is good at present.
    #[must_use]
    pub fn token(&self) -> String {
        self.with(|state| state.settings.token.clone())
    }

    /// Every request that has arrived completely, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.with(|state| state.records.clone())
    }

    /// How many requests have arrived completely since the start or the last clearing.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.with(|state| state.records.len())
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.with(|state| state.records.clear());
    }

    /// How many connections have been accepted since the start: one, as long as a client reuses its own.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.with(|state| state.connections)
    }

    /// Lays down answers for a method and a path, given one by one; then things are normal again.
    ///
    /// The path is compared without the query; a `*` at its end stands for any ending. Of several scripts that fit, the
    /// one laid down first is used up first.
    ///
    /// ```
    /// use intercom_mock::{Method, MockServer, Scripted};
    ///
    /// let server = MockServer::start()?;
    /// server.script(Method::POST, "/contacts", [Scripted::normal(), Scripted::close_after_work()]);
    /// server.script(Method::GET, "*", std::iter::repeat_n(Scripted::status(503), 3));
    /// assert_eq!(server.scripted_left(), 5);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn script(&self, method: Method, path: &str, answers: impl IntoIterator<Item = Scripted>) {
        let turns: Vec<Turn> = answers.into_iter().map(Turn::once).collect();
        self.with(|state| state.scripts.add(Some(method), path, turns));
    }

    /// Lays down one answer that is given again and again, until [`clear_scripts`](Self::clear_scripts).
    pub fn script_always(&self, method: Method, path: &str, answer: Scripted) {
        let turns = [Turn::always(answer)];
        self.with(|state| state.scripts.add(Some(method), path, turns));
    }

    /// Lays down the answers of a script in JSON, one a line; [the crate's first page](crate#scripts) has its members.
    ///
    /// They stand behind the scripts that are there already.
    ///
    /// ```
    /// use intercom_mock::MockServer;
    ///
    /// let server = MockServer::start()?;
    /// server.script_lines(r#"{"method": "POST", "path": "/contacts", "status": 503, "times": 2}"#)?;
    /// assert_eq!(server.scripted_left(), 2);
    /// let error = server.script_lines(r#"{"sttaus": 503}"#).unwrap_err();
    /// assert!(error.to_string().starts_with("line 1: unknown field `sttaus`, expected one of `method`, "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a line is no answer; none of the others is laid down then.
    pub fn script_lines(&self, lines: &str) -> Result<(), ScriptError> {
        let scripts = script::parse(lines)?;
        self.with(|state| state.scripts.append(scripts));
        Ok(())
    }

    /// Forgets all scripts.
    pub fn clear_scripts(&self) {
        self.with(|state| state.scripts.clear());
    }

    /// How many scripted answers have not been asked for; those laid down for always do not count.
    #[must_use]
    pub fn scripted_left(&self) -> usize {
        self.with(|state| state.scripts.left())
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        locked(&self.state, work)
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MockServer")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
