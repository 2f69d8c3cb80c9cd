//! Properties of a call that hold for any order of events.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use intercom_protocol::gate::{Admission, Permit, Refusal, Seen, Settle};
use intercom_protocol::{
    ApiError, ApiRequest, Call, Fault, FaultKind, Moment, Phase, Replay, Resend, RetryPolicy, Step,
};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use proptest::proptest;

use crate::scripted::{Exchange, connection, moment, refusal, response, response_with};

/// An event for the call.
#[derive(Clone, Debug)]
enum Heard {
    Next { later_ms: u64 },
    Go,
    TooLate { ms: u64 },
    Refuse,
    Answered(u16, Body),
    Failed(Phase, FaultKind),
}

#[derive(Clone, Copy, Debug)]
enum Body {
    Empty,
    Html,
    Limited,
    Unavailable,
    NotFound,
    Json,
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        Just(Body::Empty),
        Just(Body::Html),
        Just(Body::Limited),
        Just(Body::Unavailable),
        Just(Body::NotFound),
        Just(Body::Json),
    ]
}

/// The outcome of an exchange.
fn outcome() -> impl Strategy<Value = Heard> {
    let status = prop_oneof![
        Just(200u16),
        Just(204),
        Just(302),
        Just(401),
        Just(404),
        Just(408),
        Just(409),
        Just(429),
        Just(500),
        Just(502),
        Just(503),
        Just(504),
        100u16..=999,
    ];
    let phase = prop_oneof![
        Just(Phase::NotSent),
        Just(Phase::OutcomeUnknown),
        Just(Phase::Cut)
    ];
    let kind = prop_oneof![
        Just(FaultKind::Closed),
        Just(FaultKind::Timeout),
        Just(FaultKind::TooLarge),
        Just(FaultKind::Connect)
    ];
    prop_oneof![
        5 => (status, body()).prop_map(|(status, body)| Heard::Answered(status, body)),
        2 => (phase, kind).prop_map(|(phase, kind)| Heard::Failed(phase, kind)),
    ]
}

fn heard() -> impl Strategy<Value = Heard> {
    prop_oneof![
        6 => (0u64..40_000).prop_map(|later_ms| Heard::Next { later_ms }),
        4 => Just(Heard::Go),
        1 => (0u64..20_000).prop_map(|ms| Heard::TooLate { ms }),
        1 => Just(Heard::Refuse),
        7 => outcome(),
    ]
}

/// A request, and the number of attempts that its policy allows.
fn request() -> impl Strategy<Value = (ApiRequest, usize)> {
    let base = prop_oneof![
        Just(ApiRequest::get("/me")),
        Just(ApiRequest::get("/companies/scroll")),
        Just(ApiRequest::post("/messages")),
        Just(ApiRequest::post("/contacts/search")),
        Just(ApiRequest::put("/contacts/1")),
        Just(ApiRequest::delete("/contacts/1")),
    ];
    let word = prop::option::of(any::<bool>());
    let deadline = prop::option::of(0u64..120_000);
    (base, word, deadline, 1u32..6).prop_map(|(request, word, deadline, attempts)| {
        let policy = RetryPolicy::builder().max_attempts(attempts);
        let mut request = request.policy(policy.build().unwrap());
        if let Some(replayable) = word {
            request = request.replayable(replayable);
        }
        if let Some(ms) = deadline {
            request = request.deadline(Duration::from_millis(ms));
        }
        (request, attempts as usize)
    })
}

fn exchange(status: u16, body: Body) -> Exchange {
    match body {
        Body::Empty => response(status, ""),
        Body::Html => response(status, "<html>"),
        Body::Limited => response_with(
            status,
            &[
                ("date", "Fri, 22 Mar 2024 09:33:20 GMT"),
                ("x-ratelimit-reset", "1711100010"),
            ],
            r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded"}]}"#,
        ),
        Body::Unavailable => refusal(status, "service_unavailable", "later"),
        Body::NotFound => refusal(status, "not_found", "User Not Found"),
        Body::Json => response(status, "{}"),
    }
}

fn fault(phase: Phase, kind: FaultKind) -> Fault {
    match phase {
        Phase::NotSent => Fault::not_sent(kind),
        Phase::OutcomeUnknown => Fault::outcome_unknown(kind),
        Phase::Cut => Fault::cut(kind, ApiError::from_parts(500, [], b"")),
    }
}

#[derive(Debug, Default)]
struct Settled(AtomicUsize);

impl Settle for Settled {
    fn settle(&self, _: u64, _: Seen<'_>, _: Option<Moment>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A call, and what is needed to check its promises.
struct Play {
    call: Call,
    replay: Replay,
    most: usize,
    now: Duration,
    gate: Arc<Settled>,
    permits: u64,
    sent: usize,
    under_way: bool,
    /// Whether the outcome of an attempt was ambiguous.
    ambiguous: bool,
}

impl Play {
    fn new((request, most): (ApiRequest, usize)) -> Self {
        let replay = request.replay();
        Self {
            call: Call::new(&connection(), request, moment(Duration::ZERO)),
            replay,
            most,
            now: Duration::ZERO,
            gate: Arc::default(),
            permits: 0,
            sent: 0,
            under_way: false,
            ambiguous: false,
        }
    }

    fn permit(&mut self) -> Permit {
        self.permits += 1;
        Permit::new(self.gate.clone(), self.permits)
    }

    fn next(&mut self, later: Duration) -> Step {
        self.now += later;
        let step = self.call.next(moment(self.now));
        if matches!(step, Step::Send(_)) && !self.under_way {
            self.under_way = true;
            self.sent += 1;
            assert!(self.sent <= self.most, "more attempts than allowed");
            assert!(
                !self.ambiguous || self.replay != Replay::No,
                "an ambiguous write was retried"
            );
        }
        step
    }

    fn received(&mut self, outcome: Exchange) {
        if self.under_way {
            let resend = match &outcome {
                Ok(response) => ApiError::from_response(response).class().resend(),
                Err(fault) => fault.class().resend(),
            };
            self.ambiguous |= resend == Resend::IfReplayable;
        }
        self.under_way = false;
        self.call.received(outcome, moment(self.now));
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Next { later_ms } => drop(self.next(Duration::from_millis(later_ms))),
            Heard::Go => {
                let admission = Admission::Go(self.permit());
                self.call.admitted(admission, moment(self.now));
            }
            Heard::TooLate { ms } => {
                let wait = Duration::from_millis(ms);
                self.call
                    .admitted(Admission::TooLate(wait), moment(self.now));
            }
            Heard::Refuse => {
                let refusal = Admission::Refused(Refusal::new());
                self.call.admitted(refusal, moment(self.now));
            }
            Heard::Answered(status, body) => self.received(exchange(status, body)),
            Heard::Failed(phase, kind) => self.received(Err(fault(phase, kind))),
        }
    }

    fn end(self) {
        drop(self.call);
        let settled = self.gate.0.load(Ordering::SeqCst) as u64;
        assert_eq!(settled, self.permits, "each permit is settled once");
    }
}

proptest! {
    #[test]
    fn every_promise_holds_for_any_order_of_events(
        request in request(),
        script in prop::collection::vec(heard(), 0..80),
    ) {
        let mut play = Play::new(request);
        for heard in script {
            play.hear(heard);
        }
        play.end();
    }

    #[test]
    fn a_call_ends_and_its_result_has_the_history(
        request in request(),
        outcomes in prop::collection::vec(outcome(), 6),
        waits in prop::collection::vec(prop::option::of(0u64..20_000), 6),
    ) {
        let mut play = Play::new(request);
        let mut outcomes = outcomes.into_iter();
        let mut waits = waits.into_iter();
        let mut slept = Duration::ZERO;
        let result = loop {
            match play.next(slept) {
                Step::Authorize(_) => panic!("the token cannot be replaced"),
                Step::Admit(ask) => {
                    slept = Duration::from_millis(waits.next().flatten().unwrap_or_default());
                    ask.waiting(slept);
                    play.hear(Heard::Go);
                }
                Step::Send(_) => {
                    slept = Duration::from_millis(50);
                    play.hear(outcomes.next().expect("no policy here allows more than five"));
                }
                Step::Sleep(duration) => slept = duration,
                Step::Done(result) => break result,
            }
        };
        let attempts = match &result {
            Ok(reply) => reply.attempts(),
            Err(error) => error.attempts(),
        };
        assert_eq!(attempts.len(), play.sent);
        if let Err(error) = &result {
            assert!(error.stop().is_some(), "every error says why the call stopped");
            let read = play.replay == Replay::Read;
            assert!(!play.ambiguous || read || error.may_have_been_applied());
            assert!(!(read && error.may_have_been_applied()));
        }
        play.end();
    }
}
