//! Every permit is settled, however the call ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_protocol::gate::{Admission, Permit, Seen, Settle};
use intercom_protocol::{
    ApiError, ApiRequest, Call, ErrorKind, Fault, FaultKind, Moment, Step, StopReason,
};

use crate::scripted::{Exchange, connection, moment, response, response_with};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct Ledger(Mutex<Vec<String>>);

impl Settle for Ledger {
    fn settle(&self, place: u64, seen: Seen<'_>, now: Option<Moment>) {
        let line = match seen {
            Seen::Responded(answer) => format!(
                "{place}: response {} remaining {:?}",
                answer.status(),
                answer.rate_limit().remaining()
            ),
            Seen::NeverSent | Seen::Unknown => format!("{place}: {}", seen.as_str()),
        };
        let line = match now {
            Some(now) => format!("{line} at {:?}", now.tick().since_origin()),
            None => line,
        };
        self.0.lock().unwrap().push(line);
    }
}

impl Ledger {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn permit(ledger: &Arc<Ledger>, place: u64) -> Permit {
    Permit::new(ledger.clone(), place)
}

fn begin(request: ApiRequest) -> Call {
    Call::new(&connection(), request, moment(Duration::ZERO))
}

/// A call that was admitted with place 1.
fn admitted(ledger: &Arc<Ledger>) -> Call {
    let mut call = begin(ApiRequest::get("/me"));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Go(permit(ledger, 1)), moment(Duration::ZERO));
    call
}

/// A call whose request was sent with place 1.
fn in_flight(ledger: &Arc<Ledger>) -> Call {
    let mut call = admitted(ledger);
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Send(_)));
    call
}

#[test]
fn a_gate_that_admits_too_late_stops_the_call_and_its_wait_is_reported() {
    for (deadline, wait) in [(Some(5), 6), (Some(5), 4), (Some(5), 0), (None, 6)] {
        let request = ApiRequest::get("/me");
        let mut call = begin(match deadline {
            Some(seconds) => request.deadline(seconds * SECOND),
            None => request,
        });
        assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
        call.admitted(Admission::TooLate(wait * SECOND), moment(Duration::ZERO));
        let Step::Done(Err(error)) = call.next(moment(Duration::ZERO)) else {
            panic!("the call has ended")
        };
        assert_eq!(error.kind(), ErrorKind::NotStarted);
        let stop = error.stop().unwrap();
        assert_eq!(stop.reason(), StopReason::DeadlineExceeded);
        let reported = (wait > 0).then_some(wait * SECOND);
        assert_eq!(stop.retry_after(), reported, "{deadline:?} {wait}");
    }
}

#[test]
fn a_call_adds_no_jitter_if_the_gate_spreads_calls() {
    let now = moment(Duration::ZERO).with_roll(u64::MAX);
    let ledger = Arc::new(Ledger::default());
    for (permit, wait) in [
        (permit(&ledger, 1), 11 * SECOND),
        (permit(&ledger, 2).spread(), 10 * SECOND),
        (Permit::free(), 11 * SECOND),
    ] {
        let mut call = Call::new(&connection(), ApiRequest::get("/me"), now);
        assert!(matches!(call.next(now), Step::Admit(_)));
        call.admitted(Admission::Go(permit), now);
        assert!(matches!(call.next(now), Step::Send(_)));
        call.received(response_with(429, &[("retry-after", "10")], "{}"), now);
        assert!(matches!(call.next(now), Step::Sleep(slept) if slept == wait));
    }
}

#[test]
fn an_unexpected_admission_is_ignored_and_its_permit_is_returned() {
    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me"));
    call.admitted(Admission::Go(permit(&ledger, 1)), moment(Duration::ZERO));
    assert_eq!(ledger.lines(), ["1: never_sent"]);
    assert!(
        matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)),
        "the call has not been admitted"
    );
    call.admitted(Admission::Go(permit(&ledger, 2)), moment(Duration::ZERO));
    call.admitted(Admission::Go(permit(&ledger, 3)), moment(Duration::ZERO));
    assert_eq!(ledger.lines(), ["1: never_sent", "3: never_sent"]);
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Send(_)));
    call.admitted(Admission::Go(permit(&ledger, 4)), moment(Duration::ZERO));
    call.received(response(200, "{}"), moment(SECOND));
    assert_eq!(
        ledger.lines()[2..],
        ["4: never_sent", "2: response 200 remaining None at 1s"]
    );
}

#[test]
fn every_outcome_settles_the_permit_once_with_its_response() {
    let cut = || {
        let headers = [("x-ratelimit-remaining", b"9".as_slice())];
        Fault::cut(FaultKind::Closed, ApiError::from_parts(200, headers, b"{"))
    };
    let outcomes: [(Exchange, &str); 5] = [
        (
            response_with(200, &[("x-ratelimit-remaining", "5")], "{}"),
            "1: response 200 remaining Some(5) at 1s",
        ),
        (response(503, ""), "1: response 503 remaining None at 1s"),
        (Err(Fault::not_sent(FaultKind::Dns)), "1: never_sent at 1s"),
        (
            Err(Fault::outcome_unknown(FaultKind::Closed)),
            "1: unknown at 1s",
        ),
        (Err(cut()), "1: response 200 remaining Some(9) at 1s"),
    ];
    for (outcome, settled) in outcomes {
        let ledger = Arc::new(Ledger::default());
        let mut call = in_flight(&ledger);
        call.received(outcome, moment(SECOND));
        drop(call);
        assert_eq!(ledger.lines(), [settled]);
    }
}

#[test]
fn a_call_dropped_in_any_state_settles_its_permit_once() {
    let ledger = Arc::new(Ledger::default());
    drop(admitted(&ledger));
    assert_eq!(ledger.lines(), ["1: never_sent"], "before sending");

    let ledger = Arc::new(Ledger::default());
    drop(in_flight(&ledger));
    assert_eq!(ledger.lines(), ["1: unknown"], "after sending");

    let ledger = Arc::new(Ledger::default());
    let mut call = in_flight(&ledger);
    call.received(response(500, ""), moment(SECOND));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Sleep(_)));
    drop(call);
    assert_eq!(
        ledger.lines(),
        ["1: response 500 remaining None at 1s"],
        "during back-off"
    );
}

#[test]
fn a_deadline_that_passes_after_the_admission_returns_the_permit() {
    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me").deadline(SECOND));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Go(permit(&ledger, 1)), moment(Duration::ZERO));
    assert!(matches!(call.next(moment(SECOND)), Step::Done(Err(_))));
    assert_eq!(ledger.lines(), ["1: never_sent at 1s"]);
}

#[test]
fn an_admission_after_the_deadline_returns_the_permit_at_once() {
    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me").deadline(SECOND));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Go(permit(&ledger, 1)), moment(SECOND));
    assert_eq!(ledger.lines(), ["1: never_sent at 1s"]);
    let Step::Done(Err(error)) = call.next(moment(SECOND)) else {
        panic!("the call has ended")
    };
    assert_eq!(error.stop().unwrap().reason(), StopReason::DeadlineExceeded);
}
