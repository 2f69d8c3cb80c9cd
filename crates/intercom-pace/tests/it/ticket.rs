//! The seam for pacing: a ticket settles exactly once, however its call ends.

use core::time::Duration;
use std::sync::{Arc, Mutex};

use intercom_errors::RateLimit;
use intercom_pace::{Admission, Answer, Ask, Refusal, Seen, Settle, Ticket};
use intercom_retry::{Moment, Tick};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A moment `seconds` after the origin.
const fn at(seconds: u64) -> Moment {
    Moment::new(Tick::new(secs(seconds)))
}

/// A gate that writes down what it is told.
#[derive(Debug, Default)]
struct Ledger(Mutex<Vec<String>>);

impl Ledger {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Settle for Ledger {
    fn settle(&self, place: u64, seen: Seen<'_>) {
        let line = match seen {
            Seen::Answered(answer) => {
                let left = answer.rate_limit().remaining();
                format!("{place}: answered {}, {left:?} left", answer.status())
            }
            Seen::NeverSent | Seen::Unknown => format!("{place}: {}", seen.as_str()),
        };
        self.0.lock().unwrap().push(line);
    }
}

/// What a gate is told about place 7 when its ticket ends like this.
fn settled(end: impl FnOnce(Ticket)) -> Vec<String> {
    let ledger = Arc::new(Ledger::default());
    end(Ticket::new(ledger.clone(), 7));
    assert_eq!(
        Arc::strong_count(&ledger),
        1,
        "a settled ticket still holds its gate"
    );
    ledger.lines()
}

#[test]
fn ticket_dropped_before_the_wire_was_never_sent() {
    assert_eq!(settled(drop), ["7: never_sent"]);
}

#[test]
fn ticket_dropped_in_flight_is_unknown() {
    let end = |mut ticket: Ticket| ticket.sent();
    assert_eq!(settled(end), ["7: unknown"]);
}

#[test]
fn answered_ticket_settles_with_the_answer_and_only_once() {
    let limit = RateLimit::from_headers([("X-RateLimit-Remaining", &b"41"[..])]);
    let end = |mut ticket: Ticket| {
        ticket.sent();
        ticket.answered(&Answer::new(limit, 200));
    };
    assert_eq!(settled(end), ["7: answered 200, Some(41) left"]);
}

#[test]
fn answer_counts_even_if_nobody_marked_the_sending() {
    let end = |ticket: Ticket| ticket.answered(&Answer::new(RateLimit::default(), 429));
    assert_eq!(settled(end), ["7: answered 429, None left"]);
}

#[test]
fn never_sent_overrules_the_mark_and_settles_once() {
    let end = |mut ticket: Ticket| {
        ticket.sent();
        ticket.never_sent();
    };
    assert_eq!(settled(end), ["7: never_sent"]);
}

#[test]
fn ticket_settles_when_its_call_panics() {
    let ledger = Arc::new(Ledger::default());
    let mut ticket = Ticket::new(ledger.clone(), 7);
    let call = std::thread::spawn(move || {
        ticket.sent();
        std::panic::resume_unwind(Box::new("a call that panics"));
    });
    assert!(call.join().is_err());
    assert_eq!(ledger.lines(), ["7: unknown"]);
}

#[test]
fn free_tickets_settle_nothing() {
    let mut ticket = Ticket::free();
    assert_eq!(ticket.place(), None);
    ticket.sent();
    ticket.answered(&Answer::new(RateLimit::default(), 200));
    Ticket::free().never_sent();
    drop(Ticket::free());
}

#[test]
fn debug_shows_the_place_without_asking_the_gate() {
    let mut ticket = Ticket::new(Arc::new(Ledger::default()), 7);
    ticket.sent();
    assert_eq!(
        format!("{ticket:?}"),
        "Ticket { place: Some(7), sent: true }"
    );
    assert_eq!(
        format!("{:?}", Ticket::free()),
        "Ticket { place: None, sent: false }"
    );
}

#[test]
fn who_paces_nothing_always_says_go() {
    let Admission::Go(ticket) = Ask::new(at(9), at(5).tick(), 2).free() else {
        panic!("not let go")
    };
    assert_eq!(ticket.place(), None);
}

#[test]
fn free_answer_gives_up_the_place_at_another_gate() {
    let end = |ticket: Ticket| drop(Ask::new(at(9), at(5).tick(), 2).with_ticket(ticket).free());
    assert_eq!(settled(end), ["7: never_sent"]);
}

#[test]
fn ask_carries_what_a_gate_needs_to_be_fair() {
    let ledger = Arc::new(Ledger::default());
    let mut ask = Ask::new(at(9), at(5).tick(), 2)
        .with_ticket(Ticket::new(ledger.clone(), 7))
        .with_give_up_at(at(60).tick());
    assert_eq!(
        (ask.now(), ask.began(), ask.attempt()),
        (&at(9), at(5).tick(), 2)
    );
    assert_eq!(ask.give_up_at(), Some(at(60).tick()));
    assert_eq!(ask.ticket().and_then(Ticket::place), Some(7));

    // A gate that says "wait" hands the ticket back: the place is kept, nothing is settled.
    let admission = Admission::Wait(ask.take_ticket().unwrap(), secs(2));
    assert!(ask.ticket().is_none());
    drop(ask);
    assert_eq!(ledger.lines(), [""; 0]);
    drop(admission);
    assert_eq!(ledger.lines(), ["7: never_sent"]);
}

#[test]
fn refusal_may_say_when_to_come_back() {
    assert_eq!(Refusal::new().retry_after(), None);
    assert_eq!(
        Refusal::new().with_retry_after(Duration::MAX).retry_after(),
        Some(Duration::MAX)
    );
}

#[test]
fn tickets_and_asks_cross_threads() {
    fn crosses_threads<T: Send + Sync>() {}
    crosses_threads::<Ask>();
    crosses_threads::<Admission>();
}
