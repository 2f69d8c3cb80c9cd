//! The gate of `intercom-blocking`: a thread of its own talks to Redis.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use intercom_blocking::gate::{Admission, Ask, Gate, Gauge, PacedGate};
use intercom_blocking::transport::{Clock, SystemClock};
use intercom_pace::SharedQueue;
use intercom_pace::fleet::Member;
use intercom_protocol::Connection;

use crate::courier::{Courier, Step};
use crate::error::FleetError;
use crate::event::Trouble;
use crate::quota::{Quota, Seat};
use crate::server::{Link, Server};
use crate::settings::FleetSettings;

/// A connection with Redis that runs the ledger's script. Implement it for a connection of your own: a cluster, a sentinel, a pool.
///
/// ```
/// use intercom_fleet::{LEDGER, Trouble};
/// use intercom_fleet::blocking::Script;
///
/// struct Pooled;
///
/// impl Script for Pooled {
///     fn run(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
///         // Here your library runs EVALSHA, or EVAL with the script `LEDGER`, with this one key and these arguments.
///         Err(Trouble::Unreachable)
///     }
/// }
/// ```
pub trait Script: Send {
    /// Runs the script [`LEDGER`](crate::LEDGER) with one key and these arguments, and returns the integers of its reply.
    ///
    /// It runs on a thread of its own and may block. After 250 ms, the gate goes on without the reply and ignores it when it comes.
    /// A reply that comes late must never be returned for the next call: drop the connection after a time-out.
    ///
    /// # Errors
    ///
    /// Why there is no reply. The gate reports it as an event, and asks again after a pause.
    fn run(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble>;
}

/// A gate that shares the quota of an app with all processes that use the same Redis.
///
/// Give it to a client, and a clone of it to each further client of the same app. It learns the app from the client's access token,
/// unless the settings [name](FleetSettings::with_name) the quota. Clones share the lease. A clone whose first
/// client is of another app or base URL paces that client on its own, without the fleet, and reports [`Trouble::OtherQuota`].
/// Two clients that share one gate without a clone, for example in an `Arc`, share its quota too: the gate cannot tell their calls apart.
/// It reports the second one if it is of another app, and both are paced within the quota of the first.
///
/// A call never waits for Redis: one thread, named `intercom-fleet`, does all I/O. It starts with the first call and ends with the last
/// clone. Dropping the last clone returns the lease, and waits for that at most 250 ms. If Redis cannot be used, the calls go on: first
/// with the lease, then paced without the other processes.
///
/// ```no_run
/// use intercom_blocking::Client;
/// use intercom_fleet::FleetSettings;
/// use intercom_fleet::blocking::FleetGate;
///
/// let settings = FleetSettings::new().with_observer(|event| eprintln!("{event}"));
/// let gate = FleetGate::connect("redis://localhost:6379", settings)?;
/// let client = Client::builder("dG9rOjEyMw==").gate(gate).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct FleetGate {
    shared: Arc<Shared>,
    seat: Seat<PacedGate>,
}

impl FleetGate {
    /// Makes a gate that shares its quota through the Redis server at this URL, like `redis://user:password@host:6379/0`. `rediss://`
    /// is TLS, with the feature `tls`.
    ///
    /// It does no I/O. The connection is opened with the first call.
    ///
    /// # Errors
    ///
    /// [`FleetError`] if the URL or a setting is invalid.
    pub fn connect(url: &str, settings: FleetSettings) -> Result<Self, FleetError> {
        Self::with_script(Link::new(Server::parse(url)?), settings)
    }

    /// Makes a gate that shares its quota through a connection of your own.
    ///
    /// # Errors
    ///
    /// [`FleetError`] if a setting is invalid.
    pub fn with_script(
        script: impl Script + 'static,
        settings: FleetSettings,
    ) -> Result<Self, FleetError> {
        let quota = Quota::new(settings)?;
        let clock = SystemClock::default();
        let line = Arc::new(Line::default());
        let bell = Arc::clone(&line);
        let member = Member::new(quota.pacer(), clock.now().roll());
        let queue = SharedQueue::before(member, move || clock.now()).with_bell(move || bell.ring());
        let queue = Arc::new(queue);
        let shared = Shared {
            gate: PacedGate::with_queue(Arc::clone(&queue)),
            queue,
            quota,
            line,
            script: Mutex::new(Some(Box::new(script))),
            ended: Mutex::new(None),
        };
        Ok(Self {
            shared: Arc::new(shared),
            seat: Seat::default(),
        })
    }

    /// Returns what the gate currently knows about the rate limit.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        match self.seat.alone() {
            Some(alone) => alone.gauge(),
            None => self.shared.gate.gauge(),
        }
    }
}

impl Gate for FleetGate {
    fn admit(&self, ask: Ask) -> Admission {
        if let Some(alone) = self.seat.alone() {
            return alone.admit(ask);
        }
        self.shared.start();
        self.shared.gate.admit(ask)
    }

    fn attach(&self, connection: &Connection) {
        let quota = &self.shared.quota;
        quota.attach(connection, &self.seat, PacedGate::new);
    }
}

impl fmt::Debug for FleetGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetGate")
            .field("waiting", &self.shared.queue.waiting())
            .field("is_alone", &self.seat.alone().is_some())
            .finish_non_exhaustive()
    }
}

/// What the clones of a gate share. The thread ends with it.
struct Shared {
    queue: Arc<SharedQueue<Member>>,
    gate: PacedGate<Member>,
    quota: Quota,
    line: Arc<Line>,
    /// The connection, until the thread starts.
    script: Mutex<Option<Box<dyn Script>>>,
    /// Disconnected when the thread ends.
    ended: Mutex<Option<Receiver<()>>>,
}

/// How the calls reach the thread.
#[derive(Default)]
struct Line {
    thread: OnceLock<Thread>,
    is_closing: AtomicBool,
}

impl Line {
    /// Before the thread has begun, there is no need to: it begins with a look at everything.
    fn ring(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    fn is_this_thread(&self) -> bool {
        let this = thread::current().id();
        self.thread.get().is_some_and(|thread| thread.id() == this)
    }
}

impl Shared {
    /// Starts the thread, if it does not run.
    fn start(&self) {
        if self.line.thread.get().is_some() {
            return;
        }
        let Some(key) = self.quota.key() else {
            return self.quota.go_alone(&self.queue, Trouble::Unnamed);
        };
        let script = self
            .script
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(script) = script else {
            return;
        };
        let reporter = Arc::clone(&self.quota.reporter);
        let courier = Courier::new(Arc::clone(&self.queue), reporter, key.to_owned());
        let (alive, ended) = channel();
        let ride = Ride {
            courier,
            script,
            _alive: alive,
        };
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        let line = Arc::clone(&self.line);
        let thread = thread::Builder::new().name("intercom-fleet".to_owned());
        if thread.spawn(move || ride.run(&line)).is_err() {
            self.quota.go_alone(&self.queue, Trouble::Driver);
        }
    }
}

/// Returns the lease, and waits for that for a short time.
impl Drop for Shared {
    fn drop(&mut self) {
        self.line.is_closing.store(true, Ordering::Release);
        self.line.ring();
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        // The observer may drop the last clone, on the thread itself.
        if let Some(ended) = ended.take().filter(|_| !self.line.is_this_thread()) {
            let _ = ended.recv_timeout(Member::TIMEOUT);
        }
    }
}

/// The work of the thread.
struct Ride {
    courier: Courier,
    script: Box<dyn Script>,
    _alive: Sender<()>,
}

impl Ride {
    fn run(mut self, line: &Line) {
        let _ = line.thread.set(thread::current());
        while !line.is_closing.load(Ordering::Acquire) {
            match self.courier.next() {
                Step::Run(arguments) => {
                    let outcome = self.script.run(self.courier.key(), &arguments);
                    self.courier.came(outcome);
                }
                // A time-out of centuries is the same as none.
                Step::Rest(pause) => thread::park_timeout(pause.unwrap_or(Duration::MAX)),
            }
        }
        if let Some(arguments) = self.courier.bye() {
            let _ = self.script.run(self.courier.key(), &arguments);
        }
    }
}

/// After a panic of the script or of the observer, the calls go on without the fleet.
impl Drop for Ride {
    fn drop(&mut self) {
        self.courier.stop();
    }
}
