//! The server that a test controls.

mod content;
mod live;
mod offline;
mod thread;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use http::Method;

use crate::connection::locked;
use crate::record::Recorded;
use crate::script::{self, Entry, ScriptError, Scripted};
use crate::state::State;
pub use offline::Exchanged;
use thread::Thread;

/// A mock server of the Intercom API on loopback. Dropping it stops it.
///
/// Its methods are synchronous and it runs on its own thread, so it works in tests with and without an async runtime.
///
/// ```
/// use intercom_mock::{Method, MockServer, Scripted};
///
/// let server = MockServer::start()?;
/// server.script(Method::GET, "/me", [Scripted::status(500), Scripted::close_before()]);
/// // ... call `server.base_url()` with `server.token()` from the client under test ...
/// assert_eq!(server.requests().len(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct MockServer {
    base_url: String,
    status_url: String,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// `None` if the server has no socket.
    _thread: Option<Thread>,
}

impl MockServer {
    pub(crate) fn launch(port: u16, state: State) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(state));
        let (thread, address) = Thread::start(port, state.clone())?;
        Ok(Self::new(address, state, Some(thread)))
    }

    /// A server without a socket. Nothing listens at its address.
    pub(crate) fn without_socket(state: State) -> Self {
        let discard = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        Self::new(discard, Arc::new(Mutex::new(state)), None)
    }

    fn new(address: SocketAddr, state: Arc<Mutex<State>>, thread: Option<Thread>) -> Self {
        let base_url = format!("http://{address}");
        Self {
            status_url: format!("{base_url}/status"),
            base_url,
            address,
            state,
            _thread: thread,
        }
    }

    /// Returns the base URL of the API: `http://127.0.0.1:PORT`, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the base URL of the status page. Its documents are `{status_url}/api/v2/status.json` and `…/summary.json`.
    ///
    /// The server also has the same documents at `{base_url}/api/v2/…`.
    #[must_use]
    pub fn status_url(&self) -> &str {
        &self.status_url
    }

    /// Returns the address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the access token that is currently valid.
    #[must_use]
    pub fn token(&self) -> String {
        self.with(|state| state.settings.token.clone())
    }

    /// Returns every request that the server has read completely, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.with(|state| state.records.clone())
    }

    /// Returns how many requests the server has recorded since the start or the last
    /// [`clear_requests`](Self::clear_requests).
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.with(|state| state.records.len())
    }

    /// Clears the recorded requests.
    pub fn clear_requests(&self) {
        self.with(|state| state.records.clear());
    }

    /// Returns how many connections the server has accepted: one, as long as the client reuses it.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.with(|state| state.connections)
    }

    /// Adds responses for a method and a path. The server sends each of them once, in order, and then responds as usual.
    ///
    /// The path is compared without the query, and a `*` at its end matches any ending. If several scripts match, the oldest
    /// one is used up first.
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
    pub fn script(
        &self,
        method: Method,
        path: &str,
        responses: impl IntoIterator<Item = Scripted>,
    ) {
        let entries: Vec<Entry> = responses.into_iter().map(Entry::once).collect();
        self.with(|state| state.scripts.add(Some(method), path, entries));
    }

    /// Adds a response that the server sends every time, until [`clear_scripts`](Self::clear_scripts).
    pub fn script_always(&self, method: Method, path: &str, response: Scripted) {
        let entries = [Entry::always(response)];
        self.with(|state| state.scripts.add(Some(method), path, entries));
    }

    /// Adds a script in JSON, with one response on each line. [The crate's front page](crate#scripts) lists its members.
    ///
    /// Scripts that were added earlier are used first.
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
    /// Fails if a line is invalid. In that case, none of the lines is added.
    pub fn script_lines(&self, lines: &str) -> Result<(), ScriptError> {
        let scripts = script::parse(lines)?;
        self.with(|state| state.scripts.append(scripts));
        Ok(())
    }

    /// Removes all scripts.
    pub fn clear_scripts(&self) {
        self.with(|state| state.scripts.clear());
    }

    /// Returns how many scripted responses have not been sent. Those that repeat without end do not count.
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
