//! The gate of `intercom-async` on tokio: a task of its own talks to Redis.

use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use ::tokio::runtime::Handle;
use ::tokio::sync::Notify;
use ::tokio::time::timeout;
use async_trait::async_trait;
use intercom_async::gate::{Admission, Ask, Gate, Gauge, PacedGate};
use intercom_async::transport::{Timer, TokioTimer};
use intercom_pace::SharedQueue;
use intercom_pace::fleet::Member;
use intercom_protocol::Connection;

use crate::courier::{Courier, Step};
use crate::error::FleetError;
use crate::event::Trouble;
use crate::quota::{Quota, Seat};
use crate::server::{Link, Server};
use crate::settings::FleetSettings;

/// After this time the script is cancelled: long enough to open a connection over a slow network and to send the script.
const PATIENCE: Duration = Duration::from_secs(2);

/// A connection with Redis that runs the ledger's script. Implement it for a connection of your own: a cluster, a sentinel, a pool.
///
/// ```
/// use intercom_async::async_trait;
/// use intercom_fleet::{LEDGER, Trouble};
/// use intercom_fleet::tokio::Script;
///
/// struct Pooled;
///
/// #[async_trait]
/// impl Script for Pooled {
///     async fn run(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
///         // Here your library runs EVALSHA, or EVAL with the script `LEDGER`, with this one key and these arguments.
///         Err(Trouble::Unreachable)
///     }
/// }
/// ```
#[async_trait]
pub trait Script: Send {
    /// Runs the script [`LEDGER`](crate::LEDGER) with one key and these arguments, and returns the integers of its reply.
    ///
    /// After 250 ms, the gate goes on without the reply and ignores it when it comes; after two seconds it drops the future. A reply that
    /// comes late must never be returned for the next call: drop the connection after a time-out.
    ///
    /// # Errors
    ///
    /// Why there is no reply. The gate reports it as an event, and asks again after a pause.
    async fn run(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble>;

    /// A new task uses this connection from now on, maybe in another runtime. It does nothing unless you implement it.
    ///
    /// A connection that belongs to a runtime breaks when that runtime ends. Drop it here, so that [`run`](Self::run) opens a new one.
    fn restarted(&mut self) {}
}

/// A gate that shares the quota of an app with all processes that use the same Redis.
///
/// Give it to a client, and a clone of it to each further client of the same app. It learns the app from the client's access token,
/// unless the settings [name](FleetSettings::with_name) the quota. Clones share the lease. A clone whose first
/// client is of another app or base URL paces that client on its own, without the fleet, and reports [`Trouble::OtherQuota`].
/// Two clients that share one gate without a clone, for example in an `Arc`, share its quota too: the gate cannot tell their calls apart.
/// It reports the second one if it is of another app, and both are paced within the quota of the first.
///
/// A call never waits for Redis: one task does all I/O. The first call starts it on its runtime. If that runtime ends, the next call
/// starts it again. Dropping the last clone lets the task return the lease, if the runtime lives on; [`leave`](Self::leave) waits for
/// that. If Redis cannot be used, the calls go on: first with the lease, then paced without the other processes.
///
/// ```no_run
/// use intercom_async::Client;
/// use intercom_fleet::FleetSettings;
/// use intercom_fleet::tokio::FleetGate;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = FleetSettings::new().with_observer(|event| eprintln!("{event}"));
/// let gate = FleetGate::connect("redis://localhost:6379", settings)?;
/// let client = Client::builder("dG9rOjEyMw==").gate(gate.clone()).build()?;
/// client.me().await?;
/// gate.leave().await;
/// # Ok(()) }
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
        let timer = TokioTimer::default();
        let signal = Arc::new(Signal::new(script));
        let bell = Arc::clone(&signal);
        let member = Member::new(quota.pacer(), timer.now().roll());
        let queue = SharedQueue::before(member, move || timer.now())
            .with_bell(move || bell.bell.notify_one());
        let queue = Arc::new(queue);
        let shared = Shared {
            gate: PacedGate::with_queue(Arc::clone(&queue), timer),
            queue,
            quota,
            signal,
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

    /// Returns the lease, so that other processes can use it at once, and waits until that is done: two seconds at most.
    ///
    /// Call it at the end of a program. If there are calls later, the gate joins the fleet again.
    pub async fn leave(&self) {
        let signal = &self.shared.signal;
        let mut ended = pin!(signal.ended.notified());
        ended.as_mut().enable();
        if signal.is_running.load(Ordering::Acquire) {
            signal.close();
            let _ = timeout(PATIENCE, ended).await;
        }
    }
}

#[async_trait]
impl Gate for FleetGate {
    async fn admit(&self, ask: Ask) -> Admission {
        if let Some(alone) = self.seat.alone() {
            return alone.admit(ask).await;
        }
        self.shared.start();
        self.shared.gate.admit(ask).await
    }

    fn attach(&self, connection: &Connection) {
        let alone = |pacer| PacedGate::new(pacer, TokioTimer::default());
        self.shared.quota.attach(connection, &self.seat, alone);
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

/// What the clones of a gate share. The task ends with it.
struct Shared {
    queue: Arc<SharedQueue<Member>>,
    gate: PacedGate<Member>,
    quota: Quota,
    signal: Arc<Signal>,
}

/// How the calls reach the task.
struct Signal {
    bell: Notify,
    is_closing: AtomicBool,
    is_running: AtomicBool,
    ended: Notify,
    /// The connection, while no task runs.
    script: Mutex<Option<Box<dyn Script>>>,
}

impl Signal {
    fn new(script: impl Script + 'static) -> Self {
        Self {
            bell: Notify::new(),
            is_closing: AtomicBool::new(false),
            is_running: AtomicBool::new(false),
            ended: Notify::new(),
            script: Mutex::new(Some(Box::new(script))),
        }
    }

    /// Lets the task end.
    fn close(&self) {
        self.is_closing.store(true, Ordering::Release);
        self.bell.notify_one();
    }

    fn take_script(&self) -> Option<Box<dyn Script>> {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.take()
    }

    /// Keeps the script for the next task.
    fn keep_script(&self, script: Box<dyn Script>) {
        let mut kept = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(script);
    }
}

impl Shared {
    /// Starts the task, if it does not run.
    fn start(&self) {
        if self.signal.is_running.load(Ordering::Acquire) {
            return;
        }
        let Some(key) = self.quota.key() else {
            return self.quota.go_alone(&self.queue, Trouble::Unnamed);
        };
        let Ok(runtime) = Handle::try_current() else {
            return self.quota.go_alone(&self.queue, Trouble::Driver);
        };
        let Some(script) = self.signal.take_script() else {
            return;
        };
        self.signal.is_closing.store(false, Ordering::Release);
        self.signal.is_running.store(true, Ordering::Release);
        let reporter = Arc::clone(&self.quota.reporter);
        let courier = Courier::new(Arc::clone(&self.queue), reporter, key.to_owned());
        let worker = Worker {
            courier,
            script: Some(script),
            signal: Arc::clone(&self.signal),
        };
        // Detached: it ends when the signal is closed.
        drop(runtime.spawn(worker.run()));
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.signal.close();
    }
}

/// The work of the task.
struct Worker {
    courier: Courier,
    /// Always there, until the end or a panic.
    script: Option<Box<dyn Script>>,
    signal: Arc<Signal>,
}

impl Worker {
    /// Works until the signal is closed or the script panics.
    async fn run(mut self) {
        let mut work = Box::pin(self.work());
        let guarded = poll_fn(|context| {
            let poll = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
            poll.map_or(Poll::Ready(true), |poll| poll.map(|()| false))
        });
        let has_panicked = guarded.await;
        drop(work);
        if has_panicked {
            self.script = None;
            self.courier.broke();
        }
    }

    async fn work(&mut self) {
        if let Some(script) = &mut self.script {
            script.restarted();
        }
        while !self.signal.is_closing.load(Ordering::Acquire) {
            match self.courier.next() {
                Step::Run(arguments) => {
                    let outcome = self.carry(&arguments).await;
                    self.courier.completed(outcome);
                }
                Step::Rest(Some(pause)) => drop(timeout(pause, self.signal.bell.notified()).await),
                Step::Rest(None) => self.signal.bell.notified().await,
            }
        }
        if let Some(arguments) = self.courier.bye() {
            let outcome = self.carry(&arguments).await;
            self.courier.said_bye(outcome);
        }
    }

    async fn carry(&mut self, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        let Some(script) = &mut self.script else {
            return Err(Trouble::Driver);
        };
        let reply = timeout(PATIENCE, script.run(self.courier.key(), arguments)).await;
        reply.unwrap_or(Err(Trouble::TimedOut))
    }
}

/// The task ends here, with its runtime or by itself. After a panic of the script, the gate starts no other.
impl Drop for Worker {
    fn drop(&mut self) {
        self.courier.stop();
        if let Some(script) = self.script.take() {
            self.signal.keep_script(script);
        }
        self.signal.is_running.store(false, Ordering::Release);
        self.signal.ended.notify_waiters();
    }
}
