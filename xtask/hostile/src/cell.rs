//! A cell of the matrix: one call over one transport, in which one exchange goes wrong.

use std::fmt;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use intercom_protocol::http::Method;
use intercom_protocol::{ApiRequest, Config, Error, Reply, RetryPolicy};
use intercom_wire::{Authority, WireRequest, WireServer};

use crate::fault::{Act, End, Fault, Phase};
use crate::judge;
use crate::transports::{Failed, Transport};

pub(crate) const TOKEN: &str = "planted-token-0123456789";

/// How long a call may take before the cell is given up. Every call has a deadline long before.
const WATCHDOG: Duration = Duration::from_secs(60);

/// The deadline of a call that nothing holds up, even on a busy machine.
const PATIENT: Duration = Duration::from_secs(20);

/// The limits of a call that the server holds up.
const HURRIED: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(1));

/// A request of which one exchange goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Get,
    /// A write that must not be applied twice.
    Post,
    /// A write that the caller has marked as replayable.
    Replayable,
    Put,
    Delete,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Get,
        Self::Post,
        Self::Replayable,
        Self::Put,
        Self::Delete,
    ];

    const BODY: &str = r#"{"role":"user","name":"Ada"}"#;

    const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Replayable => "POST replayable",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) const fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post | Self::Replayable => Method::POST,
            Self::Put => Method::PUT,
            Self::Delete => Method::DELETE,
        }
    }

    pub(crate) const fn target(self) -> &'static str {
        match self {
            Self::Post | Self::Replayable => "/contacts",
            _ => "/contacts/5f1",
        }
    }

    pub(crate) const fn body(self) -> &'static str {
        match self {
            Self::Get | Self::Delete => "",
            _ => Self::BODY,
        }
    }

    fn request(self) -> ApiRequest {
        let request = ApiRequest::new(self.method(), self.target());
        match self {
            Self::Get | Self::Delete => request,
            Self::Post | Self::Put => request.json_bytes(Self::BODY),
            Self::Replayable => request.json_bytes(Self::BODY).replayable(true),
        }
    }
}

/// A cell of the matrix.
#[derive(Clone, Debug)]
pub struct Cell {
    pub(crate) fault: Arc<Fault>,
    pub(crate) phase: Phase,
    pub(crate) kind: Kind,
    pub(crate) transport: Transport,
}

/// What happened in a cell.
pub(crate) struct Outcome {
    pub(crate) result: Result<Reply, Error>,
    /// The next call with the same client.
    pub(crate) next: Result<Reply, Error>,
    /// Every request that the server has read to its end.
    pub(crate) read: Vec<WireRequest>,
}

pub(crate) const WARM_UP: &str = "/warm-up";
pub(crate) const NEXT: &str = "/next";

impl Cell {
    /// Returns all cells of these transports.
    #[must_use]
    pub fn all(transports: &[Transport]) -> Vec<Self> {
        let mut cells = Vec::new();
        for fault in crate::faults::all().into_iter().map(Arc::new) {
            for phase in fault.phases() {
                for kind in Kind::ALL {
                    let transports = transports.iter();
                    let tried = transports.filter(|transport| !is_known_limit(transport, &fault));
                    cells.extend(tried.map(|transport| Self {
                        fault: Arc::clone(&fault),
                        phase,
                        kind,
                        transport: *transport,
                    }));
                }
            }
        }
        cells
    }

    /// Returns the name of the transport.
    #[must_use]
    pub const fn transport(&self) -> &'static str {
        self.transport.name
    }

    /// Whether it waits for a time-out.
    pub(crate) fn hangs(&self) -> bool {
        self.fault.hangs
    }

    /// Whether a response may be lost because the connection breaks or the time-out is short.
    pub(crate) fn is_broken(&self) -> bool {
        let is_cut = |end| matches!(end, End::Break | End::Reset);
        self.hangs() || matches!(self.fault.act, Act::Respond(_, end) if is_cut(end))
    }

    /// Returns what the server does.
    #[must_use]
    pub fn script(&self) -> String {
        let script = self.fault.script(self.phase, self.kind.target());
        format!("{script:?}")
    }

    /// Carries out the call. Returns what is wrong.
    ///
    /// # Errors
    ///
    /// What the client did that it must not do.
    pub fn run(&self) -> Result<(), String> {
        let (sender, receiver) = channel();
        let cell = self.clone();
        let running = thread::Builder::new().spawn(move || sender.send(cell.judged()));
        running.map_err(|error| format!("no thread: {error}"))?;
        match receiver.recv_timeout(WATCHDOG) {
            Ok(verdict) => verdict,
            Err(RecvTimeoutError::Timeout) => Err(format!("not ended after {WATCHDOG:?}")),
            Err(RecvTimeoutError::Disconnected) => Err("a panic".to_owned()),
        }
    }

    fn judged(&self) -> Result<(), String> {
        let outcome = self
            .play()
            .map_err(|error| format!("no exchange: {error}"))?;
        judge::judge(self, &outcome)
    }

    fn play(&self) -> Result<Outcome, Failed> {
        static AUTHORITY: LazyLock<Result<Authority, String>> =
            LazyLock::new(|| Authority::new().map_err(|error| error.to_string()));

        let authority = AUTHORITY.as_ref().map_err(String::as_str)?;
        let secure = self.fault.is_secure(self.phase).then_some(authority);
        let script = self.fault.script(self.phase, self.kind.target());
        let server = WireServer::play(script, secure)?;
        let (attempt, deadline) = if self.hangs() {
            HURRIED
        } else {
            (PATIENT, PATIENT)
        };
        let config = Config::new(TOKEN)
            .base_url(server.url())
            .policy(policy(3)?)
            .budget(None)
            .attempt_timeout(attempt)
            .body_limit(1 << 20)
            .without_pacing();
        let call = (self.transport.connect)(config, &authority.pem())?;
        let patient = |path: &str| {
            let request = ApiRequest::get(path).deadline(PATIENT);
            Ok::<_, Failed>(request.policy(policy(20)?))
        };
        if self.phase.is_pooled() {
            call(patient(WARM_UP)?)?;
            // What the server sends unasked has arrived before the request.
            let _ = server.settle(PATIENT);
        }
        let result = call(self.kind.request().deadline(deadline));
        let _ = server.settle(PATIENT);
        let next = call(patient(NEXT)?);
        Ok(Outcome {
            result,
            next,
            read: server.transcript(),
        })
    }
}

/// Whether the transport is documented not to keep its time-out here: reqwest cannot count interim responses, and reads them
/// without a pause.
fn is_known_limit(transport: &Transport, fault: &Fault) -> bool {
    let is_flood = fault.name == "endless and fast: interim responses";
    is_flood && transport.name.starts_with("reqwest")
}

/// Short waits, and none that the server asks for.
pub(crate) fn policy(attempts: u32) -> Result<RetryPolicy, Failed> {
    let policy = RetryPolicy::builder()
        .max_attempts(attempts)
        .base(Duration::from_millis(1))
        .cap(Duration::from_millis(4))
        .spread(Duration::ZERO)
        .rate_limit_floor(Duration::ZERO)
        .max_wait(Duration::from_millis(500));
    Ok(policy.build()?)
}

/// The fault, the phase, the request and the transport.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (family, name) = (self.fault.family, &self.fault.name);
        let (phase, kind) = (self.phase.name(), self.kind.name());
        write!(f, "{family}: {name}, {phase}, {kind}, {}", self.transport())
    }
}
