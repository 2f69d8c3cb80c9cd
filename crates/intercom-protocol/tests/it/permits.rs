//! What becomes of a place at the gate, whatever becomes of the call.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_protocol::{
    Admission, ApiError, ApiRequest, Call, ErrorKind, Fault, FaultKind, Moment, Permit, Seen,
    Settle, Step,
};

use crate::scripted::{Exchange, answer, answer_with, connection, moment};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct Ledger(Mutex<Vec<String>>);

impl Settle for Ledger {
    fn settle(&self, place: u64, seen: Seen<'_>, now: Option<Moment>) {
        let line = match seen {
            Seen::Answered(answer) => format!(
                "{place}: answered {} remaining {:?}",
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

/// A call that was let go with place 1.
fn admitted(ledger: &Arc<Ledger>) -> Call {
    let mut call = begin(ApiRequest::get("/me"));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Go(permit(ledger, 1)));
    call
}

/// A call whose request is on the wire with place 1.
fn in_flight(ledger: &Arc<Ledger>) -> Call {
    let mut call = admitted(ledger);
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Send(_)));
    call
}

#[test]
fn a_place_in_the_queue_is_kept_over_the_wait() {
    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me"));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Wait(permit(&ledger, 7), 3 * SECOND));
    assert!(matches!(call.next(moment(SECOND)), Step::Sleep(wait) if wait == 3 * SECOND));
    let Step::Admit(mut ask) = call.next(moment(4 * SECOND)) else {
        panic!("expected to be asked for admission again")
    };
    let place = ask.take_permit().expect("the place was kept");
    assert_eq!(place.place(), Some(7));
    assert!(ledger.lines().is_empty(), "nothing is settled yet");
    call.admitted(Admission::Go(place));
    assert!(matches!(call.next(moment(4 * SECOND)), Step::Send(_)));
    call.received(
        answer_with(200, &[("x-ratelimit-remaining", "5")], "{}"),
        moment(5 * SECOND),
    );
    assert_eq!(ledger.lines(), ["7: answered 200 remaining Some(5) at 5s"]);
}

#[test]
fn a_wait_that_reaches_the_deadline_gives_the_place_up_without_sleeping() {
    for (wait, sleeps) in [(4 * SECOND, true), (5 * SECOND, false), (6 * SECOND, false)] {
        let ledger = Arc::new(Ledger::default());
        let mut call = begin(ApiRequest::get("/me").deadline(5 * SECOND));
        assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
        call.admitted(Admission::Wait(permit(&ledger, 1), wait));
        match call.next(moment(Duration::ZERO)) {
            Step::Sleep(slept) => assert!(sleeps && slept == wait),
            Step::Done(result) => {
                let error = result.unwrap_err();
                assert!(!sleeps, "{wait:?}");
                assert_eq!(error.kind(), ErrorKind::NotStarted);
                assert_eq!(error.stop().unwrap().retry_after(), Some(wait));
                assert_eq!(ledger.lines(), ["1: never_sent at 0ns"]);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_admission_nobody_asked_for_is_ignored_and_its_place_given_back() {
    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me"));
    call.admitted(Admission::Go(permit(&ledger, 1)));
    assert_eq!(ledger.lines(), ["1: never_sent"]);
    assert!(
        matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)),
        "the call has not been let go"
    );
    call.admitted(Admission::Go(permit(&ledger, 2)));
    call.admitted(Admission::Go(permit(&ledger, 3)));
    assert_eq!(ledger.lines(), ["1: never_sent", "3: never_sent"]);
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Send(_)));
    call.admitted(Admission::Wait(permit(&ledger, 4), SECOND));
    call.received(answer(200, "{}"), moment(SECOND));
    assert_eq!(
        ledger.lines()[2..],
        ["4: never_sent", "2: answered 200 remaining None at 1s"]
    );
}

#[test]
fn every_outcome_settles_the_place_once_with_what_was_seen() {
    let cut = || {
        let headers = [("x-ratelimit-remaining", b"9".as_slice())];
        Fault::cut(FaultKind::Closed, ApiError::from_parts(200, headers, b"{"))
    };
    let outcomes: [(Exchange, &str); 5] = [
        (answer(200, "{}"), "1: answered 200 remaining None at 1s"),
        (answer(503, ""), "1: answered 503 remaining None at 1s"),
        (Err(Fault::not_sent(FaultKind::Dns)), "1: never_sent at 1s"),
        (Err(Fault::fate_unknown(FaultKind::Closed)), "1: unknown"),
        (Err(cut()), "1: answered 200 remaining Some(9) at 1s"),
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
fn a_call_dropped_in_any_state_settles_its_place_once() {
    let ledger = Arc::new(Ledger::default());
    drop(admitted(&ledger));
    assert_eq!(ledger.lines(), ["1: never_sent"], "before the wire");

    let ledger = Arc::new(Ledger::default());
    drop(in_flight(&ledger));
    assert_eq!(ledger.lines(), ["1: unknown"], "on the wire");

    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me"));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Wait(permit(&ledger, 1), SECOND));
    drop(call);
    assert_eq!(ledger.lines(), ["1: never_sent"], "sent to the queue");

    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me"));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Wait(permit(&ledger, 1), SECOND));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Sleep(_)));
    drop(call);
    assert_eq!(ledger.lines(), ["1: never_sent"], "in the queue");

    let ledger = Arc::new(Ledger::default());
    let mut call = in_flight(&ledger);
    call.received(answer(500, ""), moment(SECOND));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Sleep(_)));
    drop(call);
    assert_eq!(
        ledger.lines(),
        ["1: answered 500 remaining None at 1s"],
        "during back-off"
    );
}

#[test]
fn a_step_dropped_with_the_place_in_it_gives_it_back_once() {
    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me"));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Wait(permit(&ledger, 1), SECOND));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Sleep(_)));
    drop(call.next(moment(SECOND)));
    assert_eq!(ledger.lines(), ["1: never_sent"]);
    drop(call);
    assert_eq!(ledger.lines().len(), 1);
}

#[test]
fn a_deadline_that_passes_after_admission_gives_the_place_back() {
    let ledger = Arc::new(Ledger::default());
    let mut call = begin(ApiRequest::get("/me").deadline(SECOND));
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Go(permit(&ledger, 1)));
    assert!(matches!(call.next(moment(SECOND)), Step::Done(Err(_))));
    assert_eq!(ledger.lines(), ["1: never_sent"]);
}
