//! The loop, blocking and async, on a virtual clock.

use core::cell::{Cell, RefCell};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use intercom_errors::{ApiError, Fault, FaultKind};
use intercom_retry::{
    Failure, GaveUp, Moment, Replay, RetryBudget, RetryPolicy, RetrySession, StopReason, Tick,
    retry, retry_async,
};

use crate::failures::{api, wall};

/// What a loop did: the waits, the end, and the attempts.
#[derive(Debug, PartialEq)]
struct Trace {
    waits_ms: Vec<u128>,
    sent: u32,
    end: String,
}

/// A virtual clock. Sleeping only moves it.
#[derive(Default)]
struct Clock {
    at: Cell<Duration>,
    waits_ms: RefCell<Vec<u128>>,
}

impl Clock {
    fn sleep(&self, wait: Duration) -> Moment {
        if !wait.is_zero() {
            self.waits_ms.borrow_mut().push(wait.as_millis());
        }
        self.at.set(self.at.get() + wait);
        Moment::new(Tick::new(self.at.get())).with_wall(wall(self.at.get().as_secs()))
    }

    /// Describes how the loop ended.
    fn trace(&self, sent: u32, result: Result<u32, GaveUp>) -> Trace {
        let end = result.map_or_else(
            |error| {
                let after = error.stop().retry_after().map(|after| after.as_secs());
                let reason = error.stop().reason();
                let (count, applied) = (error.attempts().len(), error.maybe_applied());
                format!("{reason} after {count}, come back {after:?}, applied {applied}")
            },
            |value| format!("ok {value}"),
        );
        Trace {
            waits_ms: self.waits_ms.take(),
            sent,
            end,
        }
    }
}

/// The outcome of each attempt; `None` is a success.
type Script = fn(u32) -> Option<Failure>;

fn attempt(script: Script, sent: &Cell<u32>) -> Result<u32, Failure> {
    sent.set(sent.get() + 1);
    script(sent.get()).map_or(Ok(sent.get()), Err)
}

fn blocking(replay: Replay, script: Script) -> Trace {
    let (clock, sent) = (Clock::default(), Cell::new(0));
    let send = || attempt(script, &sent);
    let result = retry(RetryPolicy::default(), replay, send, |wait| {
        clock.sleep(wait)
    });
    clock.trace(sent.get(), result)
}

fn with_futures(replay: Replay, script: Script) -> Trace {
    let (clock, sent) = (Clock::default(), Cell::new(0));
    let send = async || {
        pending_once().await;
        attempt(script, &sent)
    };
    let sleep = async |wait| {
        pending_once().await;
        clock.sleep(wait)
    };
    let result = block_on(retry_async(RetryPolicy::default(), replay, send, sleep));
    clock.trace(sent.get(), result)
}

fn pending_once() -> impl Future<Output = ()> {
    let mut polled = false;
    core::future::poll_fn(move |_| {
        if core::mem::replace(&mut polled, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
}

/// Polls until the future is ready.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

fn status(status: u16) -> Failure {
    ApiError::from_parts(status, [], b"").into()
}

fn unreachable() -> Failure {
    Fault::not_sent(FaultKind::Connect).into()
}

fn limited() -> Failure {
    let headers = [
        ("Date", &b"Fri, 22 Mar 2024 09:33:20 GMT"[..]),
        ("X-RateLimit-Reset", b"1711100007"),
    ];
    ApiError::from_parts(429, headers, b"").into()
}

fn closed() -> Failure {
    Fault::outcome_unknown(FaultKind::Closed).into()
}

#[test]
fn both_loops_follow_the_decisions() {
    let scripts: [(&str, Replay, Script); 8] = [
        ("success", Replay::No, |_| None),
        ("404", Replay::Read, |_| Some(status(404))),
        ("500", Replay::Read, |_| Some(status(500))),
        ("500 to a write", Replay::No, |_| Some(status(500))),
        ("429 once", Replay::No, |n| (n == 1).then(limited)),
        ("closed once", Replay::Read, |n| (n == 1).then(closed)),
        ("closed, a write", Replay::No, |_| Some(closed())),
        ("no connection, a write", Replay::No, |n| {
            (n == 1).then(unreachable)
        }),
    ];
    let mut shown = String::new();
    for (name, replay, script) in scripts {
        let trace = blocking(replay, script);
        assert_eq!(with_futures(replay, script), trace, "{name}");
        let Trace {
            waits_ms,
            sent,
            end,
        } = trace;
        shown += &format!("{name}: sent {sent}, waits {waits_ms:?}, {end}\n");
    }
    insta::assert_snapshot!(shown, @r"
    success: sent 1, waits [], ok 1
    404: sent 1, waits [], not_retryable after 1, come back None, applied false
    500: sent 4, waits [500, 1000, 2000], attempts_exhausted after 4, come back Some(4), applied false
    500 to a write: sent 1, waits [], not_replayable after 1, come back None, applied true
    429 once: sent 2, waits [7000], ok 2
    closed once: sent 2, waits [500], ok 2
    closed, a write: sent 1, waits [], not_replayable after 1, come back None, applied true
    no connection, a write: sent 2, waits [500], ok 2
    ");
}

#[test]
fn a_wait_that_ends_too_late_ends_the_call() {
    let policy = RetryPolicy::default();
    let start = Moment::new(Tick::default());
    let deadline = start.tick().after(Duration::from_secs(5));
    let clock = Cell::new(Duration::ZERO);
    // Each wait lasts ten times as long as it should.
    let oversleep = |wait: Duration| {
        clock.set(clock.get() + wait * 10);
        Moment::new(Tick::new(clock.get()))
    };
    let mut session = RetrySession::new(policy, Replay::Read, &start).with_deadline(Some(deadline));
    let result = session.run(|| Err::<(), _>(status(502)), oversleep);
    let error = result.unwrap_err();
    assert_eq!(error.stop().reason(), StopReason::DeadlineExceeded);
    assert_eq!(
        (error.attempts().len(), error.failure().status()),
        (1, Some(502))
    );
}

#[test]
fn a_session_keeps_its_failed_attempts_and_pays_the_budget_back_after_a_success() {
    let budget = RetryBudget::new(1);
    let clock = Clock::default();
    for _ in 0..3 {
        let start = clock.sleep(Duration::ZERO);
        let mut session = RetrySession::new(RetryPolicy::default(), Replay::Idempotent, &start)
            .with_budget(Some(budget.clone()));
        let sent = Cell::new(0);
        let send = || attempt(|n| (n == 1).then(unreachable), &sent);
        assert_eq!(session.run(send, |wait| clock.sleep(wait)).unwrap(), 2);
        assert_eq!(session.attempts().len(), 1);
        assert!(!session.maybe_applied());
    }
}

#[test]
fn the_error_shows_the_failure_its_source_and_the_reason() {
    let fault = || Fault::outcome_unknown(FaultKind::Closed).with_source("reset by peer");
    let clock = Clock::default();
    let result = retry(
        RetryPolicy::default(),
        Replay::No,
        || Err::<(), _>(fault().into()),
        |wait| clock.sleep(wait),
    );
    let error = result.unwrap_err();
    insta::assert_snapshot!(error, @"the connection was closed; the request may have been applied and must not be applied twice");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "reset by peer");
    assert!(error.into_failure().fault().is_some());
}

#[test]
fn a_failure_reads_like_its_error_or_its_fault() {
    let fault = || Fault::outcome_unknown(FaultKind::Closed);
    assert_eq!(Failure::from(fault()).to_string(), fault().to_string());
    let error = || api(404, "not_found", &[]);
    assert_eq!(Failure::from(error()).to_string(), error().to_string());
    assert!(error().to_string().contains("404"));
}

#[test]
fn the_debug_form_shows_what_happened_without_the_servers_message() {
    let body = br#"{"type":"error.list","errors":[{"code":"unauthorized","message":"of ann@example.com"}]}"#;
    let clock = Clock::default();
    let result = retry(
        RetryPolicy::default(),
        Replay::No,
        || Err::<(), _>(ApiError::from_parts(401, [], body).into()),
        |wait| clock.sleep(wait),
    );
    let error = result.unwrap_err();
    assert!(format!("{error:#}").contains("ann@example.com"));
    let debug = format!("{error:?}");
    assert!(
        debug.contains("NotRetryable") && debug.contains("401"),
        "{debug}"
    );
    assert!(!debug.contains("ann@example.com"), "{debug}");
}
