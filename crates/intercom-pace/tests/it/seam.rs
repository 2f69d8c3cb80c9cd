//! The interface between calls and gates: a permit settles exactly once, no matter how its call ends.

use core::time::Duration;
use std::sync::{Arc, Mutex};

use intercom_errors::{ApiError, RateLimit};
use intercom_pace::{
    Admission, Answer, Ask, Permit, Priority, Refusal, Seen, Settle, WaitObserver,
};
use intercom_retry::{Moment, Tick};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The time `seconds` after the origin.
const fn at(seconds: u64) -> Moment {
    Moment::new(Tick::new(secs(seconds)))
}

/// A gate that records what it receives.
#[derive(Debug, Default)]
struct Ledger(Mutex<Vec<String>>);

impl Ledger {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Settle for Ledger {
    fn settle(&self, place: u64, seen: Seen<'_>, now: Option<Moment>) {
        let line = match seen {
            Seen::Responded(answer) => {
                let left = answer.rate_limit().remaining();
                format!("{place}: answered {}, {left:?} left", answer.status())
            }
            Seen::NeverSent | Seen::Unknown => format!("{place}: {}", seen.as_str()),
        };
        let line = match now {
            Some(now) => format!("{line}, at {:?}", now.tick().since_origin()),
            None => line,
        };
        self.0.lock().unwrap().push(line);
    }
}

/// Returns what a gate receives about place 7 when its permit ends with `end`.
fn settled(end: impl FnOnce(Permit)) -> Vec<String> {
    let ledger = Arc::new(Ledger::default());
    end(Permit::new(ledger.clone(), 7));
    assert_eq!(
        Arc::strong_count(&ledger),
        1,
        "a settled permit still holds its gate"
    );
    ledger.lines()
}

type End = fn(Permit, &Answer);

#[test]
fn nested_permits_settle_alike_and_each_once() {
    let answer = Answer::new(RateLimit::default(), 200);
    let ends: [(End, &str); 5] = [
        (|permit, _| drop(permit), "never_sent"),
        (
            |mut permit, _| {
                permit.sent();
                drop(permit);
            },
            "unknown",
        ),
        (
            |permit, answer| permit.responded(answer, at(1)),
            "answered 200, None left, at 1s",
        ),
        (|permit, _| permit.never_sent(at(2)), "never_sent, at 2s"),
        (|permit, _| permit.unknown(at(3)), "unknown, at 3s"),
    ];
    for (end, line) in ends {
        let ledgers: [Arc<Ledger>; 3] = Default::default();
        let permits = ledgers.iter().map(|ledger| Permit::new(ledger.clone(), 7));
        end(permits.reduce(Permit::and).unwrap(), &answer);
        for ledger in ledgers {
            assert_eq!(ledger.lines(), [format!("7: {line}")]);
        }
    }
}

#[test]
fn a_nested_permit_that_spreads_spreads() {
    assert!(!Permit::free().and(Permit::free()).is_spread());
    assert!(Permit::free().and(Permit::free().spread()).is_spread());
}

#[test]
fn permit_dropped_before_sending_settles_as_never_sent_without_a_time() {
    assert_eq!(settled(drop), ["7: never_sent"]);
}

#[test]
fn permit_dropped_in_flight_settles_as_unknown() {
    let end = |mut permit: Permit| permit.sent();
    assert_eq!(settled(end), ["7: unknown"]);
}

#[test]
fn answered_permit_settles_once_with_the_response() {
    let limit = RateLimit::from_headers([("X-RateLimit-Remaining", &b"41"[..])]);
    let end = |mut permit: Permit| {
        permit.sent();
        permit.responded(&Answer::new(limit, 200), at(9));
    };
    assert_eq!(settled(end), ["7: answered 200, Some(41) left, at 9s"]);
}

#[test]
fn response_counts_even_if_the_permit_was_not_marked_as_sent() {
    let end = |permit: Permit| permit.responded(&Answer::new(RateLimit::default(), 429), at(9));
    assert_eq!(settled(end), ["7: answered 429, None left, at 9s"]);
}

#[test]
fn never_sent_overrides_the_mark_and_settles_once() {
    let end = |mut permit: Permit| {
        permit.sent();
        permit.never_sent(at(9));
    };
    assert_eq!(settled(end), ["7: never_sent, at 9s"]);
}

#[test]
fn unknown_outcome_settles_once_with_its_time() {
    let end = |mut permit: Permit| {
        permit.sent();
        permit.unknown(at(9));
    };
    assert_eq!(settled(end), ["7: unknown, at 9s"]);
}

#[test]
fn permit_settles_when_its_call_panics() {
    let ledger = Arc::new(Ledger::default());
    let mut permit = Permit::new(ledger.clone(), 7);
    let call = std::thread::spawn(move || {
        permit.sent();
        std::panic::resume_unwind(Box::new("a call that panics"));
    });
    assert!(call.join().is_err());
    assert_eq!(ledger.lines(), ["7: unknown"]);
}

#[test]
fn free_permits_settle_nothing() {
    let mut permit = Permit::free();
    assert_eq!(permit.place(), None);
    permit.sent();
    permit.responded(&Answer::new(RateLimit::default(), 200), at(9));
    Permit::free().never_sent(at(9));
    drop(Permit::free());
}

#[test]
fn debug_shows_the_place_without_asking_the_gate() {
    let mut permit = Permit::new(Arc::new(Ledger::default()), 7);
    permit.sent();
    assert_eq!(
        format!("{permit:?}"),
        "Permit { place: Some(7), sent: true }"
    );
    assert_eq!(
        format!("{:?}", Permit::free()),
        "Permit { place: None, sent: false }"
    );
}

#[test]
fn free_ask_is_always_admitted() {
    let Admission::Go(permit) = Ask::new(at(9), at(5).tick(), 2).free() else {
        panic!("not admitted")
    };
    assert_eq!(permit.place(), None);
}

#[test]
fn ask_contains_what_a_gate_needs_to_be_fair() {
    let ask = Ask::new(at(9), at(5).tick(), 2).with_give_up_at(at(60).tick());
    assert_eq!(
        (ask.now(), ask.began(), ask.attempt()),
        (&at(9), at(5).tick(), 2)
    );
    assert_eq!(ask.give_up_at(), Some(at(60).tick()));
    assert_eq!(ask.time_left(), Some(secs(51)));
}

/// Records the announced waits.
#[derive(Default)]
struct Heard(Mutex<Vec<(u32, Duration)>>);

impl WaitObserver for Heard {
    fn waiting(&self, ask: &Ask, wait: Duration) {
        self.0.lock().unwrap().push((ask.attempt(), wait));
    }
}

#[test]
fn announced_wait_reaches_the_calls_observer() {
    let heard = Arc::new(Heard::default());
    let ask = Ask::new(at(9), at(5).tick(), 2);
    ask.waiting(secs(1));
    ask.clone()
        .with_wait_observer(heard.clone())
        .waiting(secs(3));
    assert_eq!(*heard.0.lock().unwrap(), [(2, secs(3))]);
}

#[test]
fn refusal_may_contain_when_to_ask_again() {
    assert_eq!(Refusal::new().retry_after(), None);
    assert_eq!(
        Refusal::new().with_retry_after(Duration::MAX).retry_after(),
        Some(Duration::MAX)
    );
}

#[test]
fn permits_and_asks_are_send_and_sync() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Ask>();
    is_send_and_sync::<Admission>();
}

#[test]
fn an_answer_is_read_as_it_was_stored() {
    let limit = RateLimit::default().with_remaining(3);
    let answer = Answer::new(limit, 503).with_slow_down(true);
    let json = serde_json::to_string(&answer).unwrap();
    let stored =
        r#"{"rate_limit":{"remaining":3},"status":503,"window_refusal":false,"slow_down":true}"#;
    assert_eq!(json, stored);
    assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), answer);
}

#[test]
fn ask_tells_of_its_request() {
    let ask = Ask::new(at(1), at(0).tick(), 2);
    assert_eq!((ask.method(), ask.route()), ("", ""));
    assert_eq!((ask.attempt(), ask.priority()), (2, Priority::Normal));
    let ask = ask.with_request("GET", "/contacts/{id}");
    let ask = ask.with_priority(Priority::High);
    assert_eq!((ask.method(), ask.route()), ("GET", "/contacts/{id}"));
    assert_eq!(ask.priority(), Priority::High);
    let shown = format!("{ask:?}");
    assert!(
        shown.contains("/contacts/{id}") && shown.contains("High"),
        "{shown}"
    );
}

#[test]
fn answer_of_an_error_says_whether_the_window_is_full_and_whether_to_slow_down() {
    let answer = |status: u16, code: &str, headers: &[(&str, &str)]| {
        let body = format!(r#"{{"type":"error.list","errors":[{{"code":"{code}"}}]}}"#);
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()));
        let answer = Answer::from(&ApiError::from_parts(status, headers, body.as_bytes()));
        assert_eq!(answer.status(), status);
        (answer.is_window_refusal(), answer.is_slow_down())
    };
    assert_eq!(answer(429, "rate_limit_exceeded", &[]), (true, false));
    assert_eq!(answer(200, "rate_limit_exceeded", &[]), (false, false));
    assert_eq!(answer(404, "not_found", &[]), (false, false));
    assert_eq!(answer(503, "service_unavailable", &[]), (false, true));
    assert_eq!(answer(500, "service_unavailable", &[]), (false, false));
    assert_eq!(answer(500, "server_error", &[]), (false, false));
    let captcha = [("x-amzn-waf-action", "captcha")];
    let page = ApiError::from_parts(
        405,
        captcha.map(|(name, value)| (name, value.as_bytes())),
        b"",
    );
    assert!(Answer::from(&page).is_slow_down());
    // A proxy that is overloaded may have passed the request on.
    assert!(!Answer::from(&ApiError::from_parts(503, [], b"<html>")).is_slow_down());
}
