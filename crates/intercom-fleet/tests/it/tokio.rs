//! The gate of tasks, on a clock that does not wait.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ::tokio::runtime::Builder;
use ::tokio::time::{Instant, sleep};
use intercom_async::async_trait;
use intercom_async::gate::{Admission, Answer, Ask, Gate};
use intercom_async::protocol::{Config, Connection, Moment, RateLimit, Tick, UnixTime};
use intercom_fleet::tokio::{FleetGate, Script};
use intercom_fleet::{FleetSettings, Trouble};

use crate::events::Events;
use crate::redis::Redis;
use crate::wire::BYE;

/// What a script does.
#[derive(Clone, Copy)]
enum Act {
    Fail,
    Hang,
    Panic,
}

/// What a test sees of its script.
#[derive(Clone, Default)]
struct Seen {
    runs: Arc<AtomicUsize>,
    is_dropped: Arc<AtomicBool>,
}

impl Seen {
    fn script(&self, act: Act) -> Fake {
        let seen = self.clone();
        Fake { act, seen }
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }

    fn is_dropped(&self) -> bool {
        self.is_dropped.load(Ordering::Relaxed)
    }
}

struct Fake {
    act: Act,
    seen: Seen,
}

#[async_trait]
impl Script for Fake {
    async fn run(&mut self, _: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        self.seen.runs.fetch_add(1, Ordering::Relaxed);
        match self.act {
            Act::Fail if arguments[BYE] == b"1" => Err(Trouble::TimedOut),
            Act::Fail => Err(Trouble::Unreachable),
            Act::Hang => pending().await,
            Act::Panic => panic!("expected by the test"),
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.seen.is_dropped.store(true, Ordering::Relaxed);
    }
}

fn named() -> FleetSettings {
    FleetSettings::new().with_name("app")
}

fn ask() -> Ask {
    let now = Moment::new(Tick::default());
    Ask::new(now, now.tick(), 1)
}

/// Makes a call, to which the API responds.
async fn call(gate: &FleetGate) {
    let Admission::Go(mut permit) = gate.admit(ask()).await else {
        panic!("the call was not admitted");
    };
    permit.sent();
    let date = 1_700_000_000;
    let limit = RateLimit::default()
        .with_limit(1000)
        .with_remaining(990)
        .with_date(UnixTime::from_secs(date))
        .with_reset(UnixTime::from_secs(date + 10));
    permit.responded(&Answer::new(limit, 200), ask().now().to_owned());
    // Lets the task of the gate run.
    ::tokio::task::yield_now().await;
}

fn connection(token: &str) -> Connection {
    Config::new(token).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_first_call_waits_at_most_250_ms_for_a_script_that_never_returns() {
    let script = Seen::default().script(Act::Hang);
    let gate = FleetGate::with_script(script, named()).unwrap();
    let start = Instant::now();
    assert!(matches!(gate.admit(ask()).await, Admission::Go(_)));
    let waited = start.elapsed();
    assert!(waited <= Duration::from_millis(251), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline_while_the_script_never_returns() {
    let script = Seen::default().script(Act::Hang);
    let gate = FleetGate::with_script(script, named()).unwrap();
    let start = Instant::now();
    let hurried = ask().with_give_up_at(Tick::new(Duration::from_millis(100)));
    assert!(matches!(gate.admit(hurried).await, Admission::TooLate(_)));
    let waited = start.elapsed();
    assert!(waited <= Duration::from_millis(100), "{waited:?}");
    assert!(
        waited >= Duration::from_millis(50),
        "it gives up only when it has to: {waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_script_that_hangs_is_cancelled_and_tried_again() {
    let seen = Seen::default();
    let script = seen.script(Act::Hang);
    let events = Events::default();
    let gate = FleetGate::with_script(script, events.settings().with_name("app")).unwrap();
    call(&gate).await;
    sleep(Duration::from_secs(10)).await;
    assert!(seen.runs() > 1, "{}", seen.runs());
    assert_eq!(events.troubles(), [Trouble::TimedOut]);
}

#[tokio::test(start_paused = true)]
async fn after_a_panic_of_the_script_the_calls_go_on() {
    let seen = Seen::default();
    let script = seen.script(Act::Panic);
    let events = Events::default();
    let gate = FleetGate::with_script(script, events.settings().with_name("app")).unwrap();
    let Admission::Go(permit) = gate.admit(ask()).await else {
        panic!("the call was not admitted");
    };
    assert!(seen.is_dropped());
    drop(permit);
    assert!(matches!(gate.admit(ask()).await, Admission::Go(_)));
    assert_eq!(seen.runs(), 1);
    gate.leave().await;
    assert_eq!(events.troubles(), [Trouble::Driver]);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_returned_adds_no_event() {
    let seen = Seen::default();
    let events = Events::default();
    let script = seen.script(Act::Fail);
    let gate = FleetGate::with_script(script, events.settings().with_name("app")).unwrap();
    call(&gate).await;
    gate.leave().await;
    assert_eq!(seen.runs(), 2);
    assert_eq!(events.troubles(), [Trouble::Unreachable]);
}

#[tokio::test(start_paused = true)]
async fn the_task_starts_with_the_first_call_and_ends_with_the_last_clone() {
    let seen = Seen::default();
    let gate = FleetGate::with_script(seen.script(Act::Fail), named()).unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(seen.runs(), 0);
    let clone = gate.clone();
    let permit = gate.admit(ask()).await;
    assert_eq!(seen.runs(), 1);
    drop((gate, permit));
    sleep(Duration::from_secs(1)).await;
    assert!(!seen.is_dropped());
    drop(clone);
    sleep(Duration::from_secs(1)).await;
    assert!(seen.is_dropped());
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_has_left_joins_again_with_the_next_call() {
    let seen = Seen::default();
    let gate = FleetGate::with_script(seen.script(Act::Fail), named()).unwrap();
    gate.leave().await;
    assert_eq!(seen.runs(), 0, "there is nothing to return");
    call(&gate).await;
    gate.leave().await;
    let runs = seen.runs();
    assert!(runs >= 2, "a request and a bye: {runs}");
    gate.leave().await;
    sleep(Duration::from_secs(10)).await;
    assert_eq!(seen.runs(), runs);
    call(&gate).await;
    sleep(Duration::from_secs(10)).await;
    assert!(seen.runs() > runs);
}

#[test]
fn when_the_runtime_ends_the_next_call_starts_the_task_on_its_own() {
    let seen = Seen::default();
    let script = seen.script(Act::Hang);
    let gate = FleetGate::with_script(script, named()).unwrap();
    for runs in 1..=3 {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            call(&gate).await;
            sleep(Duration::from_secs(10)).await;
        });
        assert!(seen.runs() >= runs);
        drop(runtime);
        assert!(!seen.is_dropped());
    }
    drop(gate);
    assert!(seen.is_dropped());
}

#[test]
fn in_the_next_runtime_the_gate_connects_again_without_trouble() {
    let Some(redis) = Redis::start() else { return };
    let events = Events::default();
    let gate = FleetGate::connect(&redis.url(), events.settings().with_name("app")).unwrap();
    for _ in 0..3 {
        let before = events.round_trips();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for _ in 0..20_000 {
                if events.round_trips() > before {
                    return;
                }
                call(&gate).await;
            }
            panic!("no reply: {:?}", events.all());
        });
    }
    assert_eq!(events.troubles(), []);
}

#[tokio::test(start_paused = true)]
async fn a_client_of_another_app_is_paced_alone() {
    let seen = Seen::default();
    let events = Events::default();
    let gate = FleetGate::with_script(seen.script(Act::Fail), events.settings()).unwrap();
    let other = gate.clone();
    gate.attach(&connection("a"));
    other.attach(&connection("b"));
    assert_eq!(events.troubles(), [Trouble::OtherQuota]);
    assert!(matches!(other.admit(ask()).await, Admission::Go(_)));
    assert_eq!(seen.runs(), 0);
    assert!(matches!(gate.admit(ask()).await, Admission::Go(_)));
    assert_eq!(seen.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_clients_share_without_a_clone_stays_in_the_fleet() {
    let seen = Seen::default();
    let events = Events::default();
    let gate = FleetGate::with_script(seen.script(Act::Fail), events.settings()).unwrap();
    let gate = Arc::new(gate);
    gate.attach(&connection("a"));
    gate.attach(&connection("b"));
    assert_eq!(events.troubles(), [Trouble::OtherQuota]);
    assert!(matches!(gate.admit(ask()).await, Admission::Go(_)));
    assert_eq!(seen.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_name_or_a_client_the_gate_paces_alone_and_says_so_once() {
    let seen = Seen::default();
    let events = Events::default();
    let gate = FleetGate::with_script(seen.script(Act::Fail), events.settings()).unwrap();
    for _ in 0..3 {
        let start = Instant::now();
        let admission = gate.admit(ask()).await;
        assert!(matches!(admission, Admission::Go(_)));
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
    assert_eq!(seen.runs(), 0);
    assert_eq!(events.troubles(), [Trouble::Unnamed]);
    gate.attach(&connection("a"));
    call(&gate).await;
    sleep(Duration::from_secs(10)).await;
    assert!(
        seen.runs() > 0,
        "a client that is attached later brings the quota"
    );
}
