//! Runs that are stopped or stop by themselves.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use intercom_batch::intercom_async::async_trait;
use intercom_batch::intercom_async::gate::{Admission, Ask, Gate, Refusal};
use intercom_batch::intercom_async::transport::transport_fn;
use intercom_batch::intercom_protocol::bytes::Bytes;
use intercom_batch::intercom_protocol::{Connection, http};
use intercom_batch::{Batch, Config, Event, Run, Stopped};
use intercom_mock::MockServer;
use tokio::sync::Semaphore;

use crate::folder::{Folder, batch, lead, unpaced};
use crate::world::{HandClock, responses};

fn config() -> Config {
    Config::new("dG9rOjEyMw==")
}

fn leads(number: usize) -> Vec<String> {
    (0..number).map(|n| lead(&n.to_string())).collect()
}

/// A gate that admits `left` requests. Further requests wait or are refused.
struct Admitting {
    left: AtomicUsize,
    refuses: bool,
}

/// A gate that records the base URL of its connection and admits no requests.
struct Attached(Arc<OnceLock<String>>);

#[async_trait]
impl Gate for Attached {
    async fn admit(&self, _: Ask) -> Admission {
        pending().await
    }

    fn attach(&self, connection: &Connection) {
        self.0.set(connection.base_url().to_owned()).unwrap();
    }
}

#[test]
fn gate_is_attached_to_the_connection_once() {
    let base_url = Arc::default();
    let gate = Box::new(Attached(Arc::clone(&base_url)));
    let _batch = Batch::with(config(), responses(&[]), HandClock::new(), Some(gate)).unwrap();
    assert_eq!(base_url.get().unwrap(), "https://api.intercom.io");
}

/// A gate that makes every call wait for three seconds, unless the call gives up earlier.
struct Waiting;

#[async_trait]
impl Gate for Waiting {
    async fn admit(&self, ask: Ask) -> Admission {
        let wait = Duration::from_secs(3);
        match ask.time_left() {
            Some(left) if left < wait => Admission::TooLate(wait),
            _ => ask.free(),
        }
    }
}

#[test]
fn total_timeout_of_a_call_does_not_stop_the_run() {
    let folder = Folder::new("total", &leads(3));
    let config = config().total_timeout(Duration::from_secs(2));
    let transport = responses(&[(200, "{}"); 3]);
    let batch = Batch::with(config, transport, HandClock::new(), Some(Box::new(Waiting)));
    let ran = folder.run(batch.unwrap()).unwrap();
    assert_eq!((ran.stopped, ran.tally.ok), (None, 3));
}

#[async_trait]
impl Gate for Admitting {
    async fn admit(&self, ask: Ask) -> Admission {
        let left = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        match left {
            Ok(_) => ask.free(),
            Err(_) if self.refuses => Admission::Refused(Refusal::new()),
            Err(_) => pending().await,
        }
    }
}

fn admitting(number: usize, refuses: bool, clock: &HandClock) -> Batch {
    let left = AtomicUsize::new(number);
    let gate = Box::new(Admitting { left, refuses });
    let transport = responses(&[(200, "{}"); 2]);
    Batch::with(config(), transport, clock.clone(), Some(gate)).unwrap()
}

#[tokio::test]
async fn stop_cancels_requests_that_wait_for_the_gate() {
    let clock = HandClock::new();
    let folder = Folder::new("turn", &leads(30));
    let mut run = folder.start(admitting(2, false, &clock)).unwrap();
    for _ in 0..2 {
        let event = run.next().await.unwrap();
        assert!(matches!(event, Some(Event::Recorded { .. })), "{event:?}");
    }
    assert!(run.next().now_or_never().is_none(), "the others wait");
    assert_eq!((run.under_way(), run.on_their_way()), (16, 0));
    run.stop();
    let event = run.next().await.unwrap();
    assert!(matches!(event, Some(Event::Stopped(Stopped::ByCaller))));
    assert!(matches!(run.next().now_or_never(), Some(Ok(None))));
    assert_eq!((run.tally().ok, run.tally().failed), (2, 0));
    drop(run);
    let journal = folder.read("out.journal");
    assert_eq!(journal.lines().count(), 3, "the others were not started");
}

#[tokio::test]
async fn deadline_leaves_the_rest_for_the_next_run() {
    let clock = HandClock::new();
    let folder = Folder::new("deadline", &leads(9));
    let limited = admitting(2, false, &clock).deadline(Duration::from_millis(500));
    let mut run = folder.start(limited).unwrap();
    for _ in 0..2 {
        run.next().await.unwrap();
    }
    clock.advance(Duration::from_millis(499));
    assert!(run.next().now_or_never().is_none());
    clock.advance(Duration::from_millis(1));
    let event = run.next().await.unwrap();
    assert!(matches!(event, Some(Event::Stopped(Stopped::Deadline))));
    assert!(matches!(run.next().now_or_never(), Some(Ok(None))));
    assert_eq!((run.tally().total, run.tally().failed), (2, 0));
    drop(run);
    let mock = MockServer::start().unwrap();
    let run = folder.start(unpaced(&mock)).unwrap();
    let tally = run.finish().await.unwrap();
    assert_eq!((tally.total, tally.ok), (9, 7));
    assert_eq!(mock.request_count(), 7);
}

#[tokio::test]
async fn refusing_gate_stops_the_run() {
    let folder = Folder::new("gate", &leads(9));
    let mut run = folder.start(admitting(2, true, &HandClock::new())).unwrap();
    while run.next().await.unwrap().is_some() {}
    assert_eq!(run.stopped(), Some(Stopped::Refused));
    assert_eq!((run.tally().total, run.tally().failed), (2, 0));
}

#[test]
fn refused_token_stops_the_run() {
    let mock = MockServer::start().unwrap();
    mock.set_token("another-token");
    let folder = Folder::new("token", &leads(500));
    let old = Config::new("an-old-token").base_url(mock.base_url());
    let ran = folder.run(Batch::new(old).unwrap().concurrency(4)).unwrap();
    assert_eq!(ran.stopped, Some(Stopped::TokenRefused));
    assert!(mock.request_count() < 20, "{}", mock.request_count());
    let ran = folder.run(batch(&mock).retry_failed(true)).unwrap();
    assert_eq!((ran.tally.ok, ran.tally.total), (500, 500));
}

#[tokio::test]
async fn unreachable_api_stops_the_run() {
    use intercom_batch::intercom_protocol::{Fault, FaultKind};

    let transport = transport_fn(|_| async { Err(Fault::not_sent(FaultKind::Connect)) });
    let clock = crate::world::JumpingClock::default();
    let unreachable = Batch::with(config(), transport, clock, None).unwrap();
    let folder = Folder::new("unreachable", &leads(30));
    let mut run = folder.start(unreachable.concurrency(1)).unwrap();
    while run.next().await.unwrap().is_some() {}
    assert_eq!(run.stopped(), Some(Stopped::Unreachable));
    assert_eq!((run.tally().failed, run.tally().unknown), (10, 0));
}

/// The future of a run can move to another thread.
fn _is_send(run: Run) -> impl Send {
    run.finish()
}

#[tokio::test]
async fn requests_in_flight_are_finished_after_a_stop_and_dropped_futures() {
    let (gate, sent) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let transport = {
        let (gate, sent) = (Arc::clone(&gate), Arc::clone(&sent));
        transport_fn(move |_| {
            sent.fetch_add(1, Ordering::Relaxed);
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(http::Response::new(Bytes::from_static(b"{}")))
            }
        })
    };
    let slow = Batch::with(config(), transport, HandClock::new(), None).unwrap();
    let folder = Folder::new("dropped", &leads(9));
    let mut run = folder.start(slow.concurrency(3)).unwrap();
    while sent.load(Ordering::Relaxed) < 3 {
        assert!(run.next().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert_eq!((run.under_way(), run.on_their_way()), (3, 3));
    run.stop();
    assert!(matches!(run.next().await, Ok(Some(Event::Stopped(_)))));
    assert!(run.next().now_or_never().is_none(), "three are in flight");
    gate.add_permits(9);
    let tally = run.finish().await.unwrap();
    assert_eq!((tally.ok, tally.total), (3, 3));
    assert_eq!(sent.load(Ordering::Relaxed), 3);
    assert_eq!(folder.records().len(), 3);
}
