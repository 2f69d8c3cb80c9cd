//! The gate that paces tasks: no task waits forever, whatever happens to the others.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use intercom_async::gate::{Gate, PacedGate};
use intercom_async::protocol::gate::{Admission, Answer, Ask, Permit, WaitObserver};
use intercom_async::protocol::{Fault, Moment, Outgoing, RateLimit, Tick, bytes::Bytes, http};
use intercom_async::transport::{Timer, TokioTimer, transport_fn};
use intercom_async::{Client, PacerSettings};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep, timeout};

/// Longer than anything here takes that ends at all.
const LATER: Duration = Duration::from_secs(60);

async fn slow(_: Outgoing) -> Result<http::Response<Bytes>, Fault> {
    sleep(Duration::from_millis(100)).await;
    Ok(http::Response::new(Bytes::from_static(b"{}")))
}

/// Polls a future once, like a `select!` in which another branch wins.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) {
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_not_polled_do_not_block_the_calls_behind_them() {
    let client = Client::builder("token")
        .build_with(transport_fn(slow), TokioTimer::default())
        .unwrap();
    // The first goes to learn the limit, and the others queue up behind it.
    let mut first = pin!(client.me());
    let mut second = pin!(client.me());
    let mut third = pin!(client.me());
    poll_once(first.as_mut()).await;
    poll_once(second.as_mut()).await;
    poll_once(third.as_mut()).await;
    first.await.unwrap();
    let last = timeout(LATER, client.me()).await;
    last.expect("it waits for calls that are not polled")
        .unwrap();
    second.await.unwrap();
    third.await.unwrap();
}

/// Admits one call, which learns the limit, and makes three wait behind it.
async fn queue_up(gate: &PacedGate) -> (Permit, Vec<JoinHandle<Admission>>) {
    let now = TokioTimer::default().now();
    let ask = || Ask::new(now, now.tick(), 1);
    let Admission::Go(first) = gate.admit(ask()).await else {
        unreachable!("the first call goes at once");
    };
    let others = (0..3).map(|_| {
        let (gate, ask) = (gate.clone(), ask());
        tokio::spawn(async move { gate.admit(ask).await })
    });
    let others = others.collect();
    yield_now().await;
    (first, others)
}

#[tokio::test(start_paused = true)]
async fn the_first_response_lets_the_whole_queue_go_at_once() {
    let gate = PacedGate::new(PacerSettings::default(), TokioTimer::default());
    let (first, others) = queue_up(&gate).await;
    let responded_at = Instant::now();
    first.responded(&plenty(), TokioTimer::default().now());
    for other in others {
        assert!(matches!(other.await.unwrap(), Admission::Go(_)));
    }
    assert_eq!(responded_at.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_head_of_the_queue_that_is_dropped_after_its_wake_up_wakes_the_next() {
    let gate = PacedGate::new(PacerSettings::default(), TokioTimer::default());
    let (first, mut others) = queue_up(&gate).await;
    let responded_at = Instant::now();
    first.responded(&plenty(), TokioTimer::default().now());
    others.remove(0).abort();
    for other in others {
        assert!(matches!(other.await.unwrap(), Admission::Go(_)));
    }
    assert_eq!(responded_at.elapsed(), Duration::ZERO);
}

/// A waker that uses the gate when it is dropped. Dropping the last waker of a task can drop the task, which may do this.
struct Prying(PacedGate);

impl Wake for Prying {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Prying {
    fn drop(&mut self) {
        let _ = self.0.gauge();
    }
}

/// If the gate dropped wakers under its lock, this test would hang.
#[tokio::test(start_paused = true)]
async fn wakers_are_dropped_outside_the_lock() {
    let gate = PacedGate::new(PacerSettings::default(), TokioTimer::default());
    let (_first, _others) = queue_up(&gate).await;
    let now = TokioTimer::default().now();
    let mut waiting = Box::pin(gate.admit(Ask::new(now, now.tick(), 1)));
    for _ in 0..2 {
        let waker = Waker::from(Arc::new(Prying(gate.clone())));
        let polled = waiting.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
    }
    drop(waiting);
}

/// Pseudo-random numbers, the same in every run.
struct Dice(u32);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % sides
    }
}

/// A response that leaves plenty of quota.
fn plenty() -> Answer {
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", b"4000000".as_slice()),
        ("X-RateLimit-Remaining", b"3900000"),
    ]);
    Answer::new(limit, 200)
}

async fn visit(gate: &PacedGate, timer: &TokioTimer, dice: &mut Dice) {
    let now = timer.now();
    let ask = Ask::new(now, now.tick(), 1 + dice.below(2));
    let patience = match dice.below(4) {
        0 => Duration::ZERO,
        1 => Duration::from_micros(dice.below(2000).into()),
        _ => LATER,
    };
    let Ok(Admission::Go(mut permit)) = timeout(patience, gate.admit(ask)).await else {
        // The ask was dropped while it waited.
        return;
    };
    match dice.below(4) {
        0 => drop(permit),
        1 => {
            yield_now().await;
            permit.never_sent(timer.now());
        }
        2 => {
            permit.sent();
            yield_now().await;
            permit.responded(&plenty(), timer.now());
        }
        _ => {
            permit.sent();
            sleep(Duration::from_micros(300)).await;
            permit.responded(&plenty(), timer.now());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_task_is_left_waiting_when_others_go_or_give_up() {
    let timer = TokioTimer::default();
    let gate = PacedGate::new(PacerSettings::default(), timer);
    let visitors: Vec<_> = (1..=64)
        .map(|seed| {
            let gate = gate.clone();
            tokio::spawn(async move {
                let mut dice = Dice(seed);
                for _ in 0..100 {
                    visit(&gate, &timer, &mut dice).await;
                }
            })
        })
        .collect();
    for visitor in visitors {
        timeout(LATER, visitor)
            .await
            .expect("a lost wake-up")
            .unwrap();
    }
    assert_eq!(format!("{gate:?}"), "PacedGate { waiting: 0, .. }");
    assert_eq!(gate.gauge().in_flight(), 0);
}

/// Records the waits that it observes, with their times, and reads the gate's gauge meanwhile.
struct Listener {
    gate: PacedGate,
    heard: Mutex<Vec<(Instant, Duration)>>,
}

impl WaitObserver for Listener {
    fn waiting(&self, _: &Ask, wait: Duration) {
        assert_eq!(self.gate.gauge().accepted(), 1);
        self.heard.lock().unwrap().push((Instant::now(), wait));
    }
}

/// If the gate held its lock, the listener would hang when it reads the gauge.
#[tokio::test(start_paused = true)]
async fn a_wait_is_announced_before_it_begins_and_outside_the_lock() {
    let gate = PacedGate::new(PacerSettings::default(), TokioTimer::default());
    let now = TokioTimer::default().now();
    let ask = Ask::new(now, now.tick(), 1);
    let Admission::Go(first) = gate.admit(ask.clone()).await else {
        unreachable!("the first call goes at once");
    };
    // The window's quota is one request.
    first.responded(&limited_to_one(), now);
    let listener = Arc::new(Listener {
        gate: gate.clone(),
        heard: Mutex::default(),
    });
    let began = Instant::now();
    let admission = gate.admit(ask.with_wait_observer(listener.clone())).await;
    assert!(matches!(admission, Admission::Go(_)));
    let heard = listener.heard.lock().unwrap();
    let (at, wait) = heard[0];
    assert_eq!((heard.len(), at), (1, began));
    assert!(
        wait > Duration::from_secs(9) && wait <= began.elapsed(),
        "{wait:?}"
    );
}

/// The response to the only request that a window of ten seconds admits.
fn limited_to_one() -> Answer {
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", b"1".as_slice()),
        ("X-RateLimit-Remaining", b"0"),
        ("X-RateLimit-Reset", b"1711100010"),
        ("Date", b"Fri, 22 Mar 2024 09:33:20 GMT"),
    ]);
    Answer::new(limit, 200)
}

/// Clients that share a gate have separate clocks, which may have started at different times.
#[tokio::test(start_paused = true)]
async fn a_gate_uses_its_own_clock_and_not_the_calls() {
    let gate = PacedGate::new(PacerSettings::default(), TokioTimer::default());
    let now = Moment::new(Tick::new(Duration::from_secs(3600)));
    let Admission::Go(permit) = gate.admit(Ask::new(now, now.tick(), 1)).await else {
        unreachable!("the first call goes at once");
    };
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", b"167".as_slice()),
        ("X-RateLimit-Remaining", b"166"),
        ("X-RateLimit-Reset", b"1711100010"),
        ("Date", b"Fri, 22 Mar 2024 09:33:21 GMT"),
    ]);
    permit.responded(&Answer::new(limit, 200), now);
    let turns_at = gate.gauge().turns_at().unwrap();
    assert!(
        turns_at.since_origin() < Duration::from_secs(60),
        "{turns_at:?}"
    );
}
