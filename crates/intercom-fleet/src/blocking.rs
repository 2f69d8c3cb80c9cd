//! The gate of `intercom-blocking`: a thread of its own talks to Redis.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use intercom_blocking::gate::{Admission, Ask, Gate, Gauge, PacedGate};
use intercom_blocking::transport::{Clock, SystemClock};
use intercom_pace::SharedQueue;
use intercom_pace::fleet::Member;
use intercom_protocol::Connection;
use intercom_retry::Tick;

use crate::courier::{Courier, Step};
use crate::error::FleetError;
use crate::event::Trouble;
use crate::quota::{Quota, Seat};
use crate::server::{Link, Server};
use crate::settings::FleetSettings;

/// How long after a failed start of the thread a call tries again.
const PAUSE: Duration = Duration::from_secs(1);

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
        let signal = Arc::new(Signal::new(script));
        let bell = Arc::clone(&signal);
        let member = Member::new(quota.pacer(), clock.now().roll());
        let queue = SharedQueue::before(member, move || clock.now()).with_bell(move || bell.ring());
        let queue = Arc::new(queue);
        let shared = Shared {
            gate: PacedGate::with_queue(Arc::clone(&queue)),
            queue,
            quota,
            clock,
            signal,
            spawn,
            start: Mutex::default(),
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
    clock: SystemClock,
    signal: Arc<Signal>,
    /// Starts a thread. A test replaces it.
    spawn: fn(Work) -> io::Result<()>,
    start: Mutex<Start>,
}

type Work = Box<dyn FnOnce() + Send>;

/// What is known of the start of the thread.
#[derive(Default)]
struct Start {
    /// Not before this time.
    next_try: Tick,
    /// Disconnected when the thread ends.
    ended: Option<Receiver<()>>,
}

/// How the calls reach the thread.
struct Signal {
    is_started: AtomicBool,
    thread: OnceLock<Thread>,
    is_closing: AtomicBool,
    /// The connection, until the thread runs.
    script: Mutex<Option<Box<dyn Script>>>,
}

impl Signal {
    fn new(script: impl Script + 'static) -> Self {
        Self {
            is_started: AtomicBool::new(false),
            thread: OnceLock::new(),
            is_closing: AtomicBool::new(false),
            script: Mutex::new(Some(Box::new(script))),
        }
    }

    fn take_script(&self) -> Option<Box<dyn Script>> {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.take()
    }

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
    /// Starts the thread, if it was not started. After a failure, it tries again with a call after a pause.
    fn start(&self) {
        if self.signal.is_started.load(Ordering::Acquire) {
            return;
        }
        let Some(key) = self.quota.key() else {
            return self.quota.go_alone(&self.queue, Trouble::Unnamed);
        };
        if self.try_start(key).is_err() {
            self.quota.go_alone(&self.queue, Trouble::Driver);
        }
    }

    fn try_start(&self, key: &str) -> io::Result<()> {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now().tick();
        if self.signal.is_started.load(Ordering::Acquire) || now < start.next_try {
            return Ok(());
        }
        let (alive, ended) = channel();
        let reporter = Arc::clone(&self.quota.reporter);
        let courier = Courier::new(Arc::clone(&self.queue), reporter, key.to_owned());
        let signal = Arc::clone(&self.signal);
        let work = move || {
            let _alive = alive;
            Worker::run(courier, &signal);
        };
        (self.spawn)(Box::new(work)).inspect_err(|_| start.next_try = now.after(PAUSE))?;
        start.ended = Some(ended);
        self.signal.is_started.store(true, Ordering::Release);
        Ok(())
    }
}

fn spawn(work: Work) -> io::Result<()> {
    let thread = thread::Builder::new().name("intercom-fleet".to_owned());
    thread.spawn(work).map(drop)
}

/// Returns the lease, and waits for that for a short time.
impl Drop for Shared {
    fn drop(&mut self) {
        self.signal.is_closing.store(true, Ordering::Release);
        self.signal.ring();
        let start = self.start.get_mut().unwrap_or_else(PoisonError::into_inner);
        // The observer may drop the last clone, on the thread itself.
        if let Some(ended) = start.ended.take().filter(|_| !self.signal.is_this_thread()) {
            let _ = ended.recv_timeout(Member::TIMEOUT);
        }
    }
}

/// The work of the thread.
struct Worker<'s> {
    courier: Courier,
    script: Box<dyn Script>,
    signal: &'s Signal,
}

impl Worker<'_> {
    /// Works until the signal is closed or the script panics.
    fn run(courier: Courier, signal: &Signal) {
        let _ = signal.thread.set(thread::current());
        let Some(script) = signal.take_script() else {
            return;
        };
        let mut worker = Worker {
            courier,
            script,
            signal,
        };
        let has_panicked = catch_unwind(AssertUnwindSafe(|| worker.work())).is_err();
        if has_panicked {
            worker.courier.broke();
        }
        worker.courier.stop();
    }

    fn work(&mut self) {
        while !self.signal.is_closing.load(Ordering::Acquire) {
            match self.courier.next() {
                Step::Run(arguments) => {
                    let outcome = self.script.run(self.courier.key(), &arguments);
                    self.courier.completed(outcome);
                }
                // A time-out of centuries is the same as none.
                Step::Rest(pause) => thread::park_timeout(pause.unwrap_or(Duration::MAX)),
            }
        }
        if let Some(arguments) = self.courier.bye() {
            let outcome = self.script.run(self.courier.key(), &arguments);
            self.courier.said_bye(outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use intercom_retry::Tick;

    use super::{FleetGate, PAUSE, Script, Work, spawn};
    use crate::event::{FleetEvent, Trouble};
    use crate::settings::FleetSettings;

    static SPAWNS: AtomicUsize = AtomicUsize::new(0);

    /// Fails at first.
    fn spawn_later(work: Work) -> io::Result<()> {
        match SPAWNS.fetch_add(1, Ordering::Relaxed) {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            _ => spawn(work),
        }
    }

    struct Unreachable;

    impl Script for Unreachable {
        fn run(&mut self, _: &str, _: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
            Err(Trouble::Unreachable)
        }
    }

    #[test]
    fn a_thread_that_could_not_be_started_is_started_later() {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let settings = FleetSettings::new().with_name("app");
        let settings = settings.with_observer(move |event| sink.lock().unwrap().push(*event));
        let mut gate = FleetGate::with_script(Unreachable, settings).unwrap();
        Arc::get_mut(&mut gate.shared).unwrap().spawn = spawn_later;
        let start = |next_try| {
            let shared = &gate.shared;
            shared.start.lock().unwrap().next_try = next_try;
            shared.start();
            let is_started = shared.signal.is_started.load(Ordering::Relaxed);
            (SPAWNS.load(Ordering::Relaxed), is_started)
        };
        let (now, later) = (Tick::default(), Tick::new(Duration::MAX));
        assert_eq!(start(now), (1, false));
        let next_try = gate.shared.start.lock().unwrap().next_try;
        assert!(next_try >= Tick::new(PAUSE) && next_try < later);
        assert_eq!(start(later), (1, false));
        assert_eq!(start(now), (2, true));
        assert_eq!(start(now), (2, true));
        let driver = FleetEvent::Trouble(Trouble::Driver);
        assert_eq!(*events.lock().unwrap(), [driver]);
    }
}
