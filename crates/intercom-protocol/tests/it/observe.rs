//! Which events an observer receives, in which order, and what they do not contain.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_protocol::client::{Blocking, RequestBuilder};
use intercom_protocol::flows::{OnArchived, find_or_create};
use intercom_protocol::gate::{Admission, Permit, Refusal};
use intercom_protocol::observe::{Event, EventKind, Observer, Terms, observer_fn};
use intercom_protocol::{
    ApiRequest, Call, Caller, Config, ErrorKind, Fault, FaultKind, NewContact, RetryPolicy, Step,
    Tick, ready,
};
use intercom_retry::{Question, decide};
use serde_json::json;

use crate::scripted::{
    Exchange, ScriptedCaller, TOKEN, config, json_response, moment, refusal, response,
    response_with,
};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

/// Collects the line of each event, with the number of its call.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<(u64, String)>>>);

impl Log {
    /// The lines, with their calls numbered from 1. Other tests in this process make calls too.
    pub(crate) fn text(&self) -> String {
        let mut calls = Vec::new();
        let mut text = Vec::new();
        for (call, line) in self.0.lock().unwrap().iter() {
            if !calls.contains(call) {
                calls.push(*call);
            }
            let number = calls.iter().position(|known| known == call).unwrap() + 1;
            let rest = line.strip_prefix(&format!("#{call} ")).unwrap();
            text.push(format!("#{number} {rest}"));
        }
        text.join("\n")
    }
}

impl Observer for Log {
    fn event(&self, event: &Event<'_>) {
        let line = (event.call(), event.to_string());
        self.0.lock().unwrap().push(line);
    }
}

/// How a gate responds each time it is asked.
pub(crate) enum GateStep {
    /// Admits the attempt, after blocking for this long.
    Go(Duration),
    /// Announces a wait and waits for this long, before it responds again.
    Wait(Duration),
    /// Refuses the attempt; it is worth trying again after this long.
    Refuse(Duration),
    /// Cannot admit the attempt in time; it would take this long.
    TooLate(Duration),
    /// Admits the attempt, and says that it spreads calls.
    Spread,
}

/// Carries out a call. Each exchange takes 80 ms. Once the gate has no more responses, it admits every attempt.
pub(crate) fn drive(
    config: Config,
    request: ApiRequest,
    gate: impl IntoIterator<Item = GateStep>,
    exchanges: impl IntoIterator<Item = Exchange>,
) {
    let mut gate: VecDeque<_> = gate.into_iter().collect();
    let mut exchanges: VecDeque<_> = exchanges.into_iter().collect();
    let mut now = Duration::ZERO;
    let connection = config.build().unwrap();
    let mut call = Call::new(&connection, request, moment(now));
    loop {
        match call.next(moment(now)) {
            Step::Authorize(_) => panic!("the token cannot be replaced"),
            Step::Admit(ask) => {
                let admission = loop {
                    match gate.pop_front() {
                        None => break ask.free(),
                        Some(GateStep::Go(after)) => {
                            now += after;
                            break ask.free();
                        }
                        Some(GateStep::Wait(wait)) => {
                            ask.waiting(wait);
                            now += wait;
                        }
                        Some(GateStep::Refuse(after)) => {
                            let refusal = Refusal::new().with_retry_after(after);
                            break Admission::Refused(refusal);
                        }
                        Some(GateStep::TooLate(wait)) => break Admission::TooLate(wait),
                        Some(GateStep::Spread) => break Admission::Go(Permit::free().spread()),
                    }
                };
                call.admitted(admission, moment(now));
            }
            Step::Send(_) => {
                let Some(exchange) = exchanges.pop_front() else {
                    return;
                };
                now += 80 * MILLI;
                call.received(exchange, moment(now));
            }
            Step::Sleep(duration) => now += duration,
            Step::Done(_) => return,
        }
    }
}

fn events(
    request: ApiRequest,
    gate: impl IntoIterator<Item = GateStep>,
    exchanges: impl IntoIterator<Item = Exchange>,
) -> String {
    let log = Log::default();
    let config = config().observer(log.clone());
    drive(config, request, gate, exchanges);
    log.text()
}

fn me() -> ApiRequest {
    ApiRequest::get("/me")
}

fn limited() -> Exchange {
    response_with(
        429,
        &[
            ("date", "Fri, 22 Mar 2024 09:33:20 GMT"),
            ("x-ratelimit-reset", "1711100004"),
            ("x-request-id", "req-1"),
        ],
        r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":"Exceeded rate limit"}]}"#,
    )
}

#[test]
fn a_success_is_sent_received_and_done() {
    let success = response_with(200, &[("x-request-id", "req-1")], "{}");
    insta::assert_snapshot!(events(me(), [], [success]), @r"
    #1 GET /me: attempt 1 sent
    #1 GET /me: attempt 1 got 200 in 80ms (request req-1)
    #1 GET /me: done: 200 after 1 attempt in 80ms
    ");
}

#[test]
fn a_rate_limit_is_followed_by_a_wait_and_a_retry() {
    insta::assert_snapshot!(events(me(), [], [limited(), response(200, "{}")]), @r"
    #1 GET /me: attempt 1 sent
    #1 GET /me: attempt 1 got 429 rate_limit_exceeded in 80ms (request req-1)
    #1 GET /me: waits 4s before attempt 2: rate_limit_reset
    #1 GET /me: attempt 2 sent
    #1 GET /me: attempt 2 got 200 in 80ms
    #1 GET /me: done: 200 after 2 attempts in 4.16s
    ");
}

#[test]
fn a_call_stops_after_its_last_attempt() {
    let broken = || refusal(500, "server_error", "Server Error");
    insta::assert_snapshot!(events(me(), [], [broken(), broken(), broken(), broken()]), @r"
    #1 GET /me: attempt 1 sent
    #1 GET /me: attempt 1 got 500 server_error in 80ms (request req-1)
    #1 GET /me: waits 500ms before attempt 2: backoff
    #1 GET /me: attempt 2 sent
    #1 GET /me: attempt 2 got 500 server_error in 80ms (request req-1)
    #1 GET /me: waits 1s before attempt 3: backoff
    #1 GET /me: attempt 3 sent
    #1 GET /me: attempt 3 got 500 server_error in 80ms (request req-1)
    #1 GET /me: waits 2s before attempt 4: backoff
    #1 GET /me: attempt 4 sent
    #1 GET /me: attempt 4 got 500 server_error in 80ms (request req-1)
    #1 GET /me: stopped: attempts_exhausted, worth trying again in 4s
    #1 GET /me: failed: api 500 after 4 attempts in 3.82s
    ");
}

#[test]
fn a_call_stops_at_an_error_that_is_not_retried() {
    let unknown = refusal(404, "not_found", "User Not Found");
    insta::assert_snapshot!(events(ApiRequest::get("/contacts/1"), [], [unknown]), @r"
    #1 GET /contacts/1: attempt 1 sent
    #1 GET /contacts/1: attempt 1 got 404 not_found in 80ms (request req-1)
    #1 GET /contacts/1: stopped: not_retryable
    #1 GET /contacts/1: failed: api 404 after 1 attempt in 80ms
    ");
}

#[test]
fn a_wait_at_the_gate_is_reported_with_its_duration() {
    let gate = [
        GateStep::Wait(2 * SECOND),
        GateStep::Go(300 * MILLI),
        GateStep::Go(Duration::from_micros(999)),
    ];
    let broken = response(502, "");
    insta::assert_snapshot!(events(me(), gate, [broken, response(200, "{}")]), @r"
    #1 GET /me: attempt 1 queued for 2s
    #1 GET /me: attempt 1 admitted by the gate after 2.3s
    #1 GET /me: attempt 1 sent
    #1 GET /me: attempt 1 got 502 in 80ms
    #1 GET /me: waits 500ms before attempt 2: backoff
    #1 GET /me: attempt 2 sent
    #1 GET /me: attempt 2 got 200 in 80ms
    #1 GET /me: done: 200 after 2 attempts in 2.96s
    ");
}

#[test]
fn a_gate_that_refuses_stops_the_call() {
    insta::assert_snapshot!(events(me(), [GateStep::Refuse(7 * SECOND)], []), @r"
    #1 GET /me: stopped: refused, worth trying again in 7s
    #1 GET /me: failed: not_started after 0 attempts in 0ms
    ");
}

#[test]
fn a_deadline_stops_the_call_in_any_state() {
    let limited_for_two = me().deadline(2 * SECOND);
    insta::assert_snapshot!(events(limited_for_two, [], [limited()]), @r"
    #1 GET /me: attempt 1 sent
    #1 GET /me: attempt 1 got 429 rate_limit_exceeded in 80ms (request req-1)
    #1 GET /me: stopped: deadline_exceeded, worth trying again in 4s
    #1 GET /me: failed: api 429 after 1 attempt in 80ms
    ");
    insta::assert_snapshot!(events(me().deadline(SECOND), [GateStep::TooLate(3 * SECOND)], []), @r"
    #1 GET /me: stopped: deadline_exceeded, worth trying again in 3s
    #1 GET /me: failed: not_started after 0 attempts in 0ms
    ");
    insta::assert_snapshot!(events(me(), [GateStep::TooLate(Duration::ZERO)], []), @r"
    #1 GET /me: stopped: deadline_exceeded
    #1 GET /me: failed: not_started after 0 attempts in 0ms
    ");
    insta::assert_snapshot!(events(me().deadline(SECOND), [GateStep::Go(SECOND)], []), @r"
    #1 GET /me: stopped: deadline_exceeded
    #1 GET /me: failed: not_started after 0 attempts in 1s
    ");
}

#[test]
fn an_ambiguous_write_is_reported_as_maybe_applied() {
    let lost = || Err(Fault::outcome_unknown(FaultKind::Timeout));
    insta::assert_snapshot!(events(ApiRequest::post("/messages"), [], [lost()]), @r"
    #1 POST /messages: attempt 1 sent
    #1 POST /messages: attempt 1 broke off: outcome_unknown timeout in 80ms
    #1 POST /messages: stopped: not_replayable
    #1 POST /messages: failed: fault, maybe applied, after 1 attempt in 80ms
    ");
    let replayable = ApiRequest::post("/contacts").replayable(true);
    insta::assert_snapshot!(events(replayable, [], [lost(), refusal(409, "conflict", "")]), @r"
    #1 POST /contacts: attempt 1 sent
    #1 POST /contacts: attempt 1 broke off: outcome_unknown timeout in 80ms
    #1 POST /contacts: waits 500ms before attempt 2: backoff
    #1 POST /contacts: attempt 2 sent
    #1 POST /contacts: attempt 2 got 409 conflict in 80ms (request req-1)
    #1 POST /contacts: stopped: not_retryable
    #1 POST /contacts: failed: maybe_applied 409 after 2 attempts in 660ms
    ");
    let cut = intercom_protocol::ApiError::from_parts(200, [], b"{");
    let cut = Fault::cut(FaultKind::Closed, cut);
    insta::assert_snapshot!(events(ApiRequest::post("/messages"), [], [Err(cut)]), @r"
    #1 POST /messages: attempt 1 sent
    #1 POST /messages: attempt 1 broke off: 200 cut closed in 80ms
    #1 POST /messages: stopped: not_replayable
    #1 POST /messages: failed: fault 200, maybe applied, after 1 attempt in 80ms
    ");
}

#[test]
fn an_invalid_request_has_only_the_event_done() {
    insta::assert_snapshot!(events(ApiRequest::get("me\n"), [], []), @r#"#1 GET me\n: failed: invalid after 0 attempts in 0ms"#);
}

#[test]
fn a_dropped_call_ends_with_the_event_dropped() {
    insta::assert_snapshot!(events(me(), [], []), @r"
    #1 GET /me: attempt 1 sent
    #1 GET /me: dropped before or during attempt 1
    ");
}

#[test]
fn a_call_reports_nothing_twice_if_next_is_called_again() {
    let log = Log::default();
    let config = config().observer(log.clone());
    let now = || moment(Duration::ZERO);
    let mut call = Call::new(&config.build().unwrap(), me(), now());
    let _first = call.next(now());
    let Step::Admit(ask) = call.next(now()) else {
        panic!("expected Step::Admit")
    };
    call.admitted(ask.free(), now());
    assert!(matches!(call.next(now()), Step::Send(_)));
    assert!(matches!(call.next(now()), Step::Send(_)));
    call.received(response(200, "{}"), now());
    assert!(matches!(call.next(now()), Step::Done(Ok(_))));
    assert!(matches!(call.next(now()), Step::Done(Err(_))));
    insta::assert_snapshot!(log.text(), @r"
    #1 GET /me: attempt 1 sent
    #1 GET /me: attempt 1 got 200 in 0ms
    #1 GET /me: done: 200 after 1 attempt in 0ms
    ");
}

#[test]
fn calls_of_two_clients_that_share_an_observer_have_different_numbers() {
    let log = Log::default();
    let client = || ScriptedCaller::new([response(200, "{}")]).observed(log.clone());
    for client in [client(), client()] {
        ready(client.call(ApiRequest::get("/me"))).unwrap().unwrap();
    }
    insta::assert_snapshot!(log.text(), @r"
    #1 GET /me: attempt 1 sent
    #1 GET /me: attempt 1 got 200 in 0ms
    #1 GET /me: done: 200 after 1 attempt in 0ms
    #2 GET /me: attempt 1 sent
    #2 GET /me: attempt 1 got 200 in 0ms
    #2 GET /me: done: 200 after 1 attempt in 0ms
    ");
}

#[test]
fn the_calls_of_a_flow_have_different_numbers() {
    let log = Log::default();
    let contact = json!({ "type": "contact", "id": "5f1", "email": "ada@example.org" });
    let caller = ScriptedCaller::new([
        json_response(200, &json!({ "type": "list", "data": [] })),
        refusal(
            409,
            "conflict",
            "A contact matching those details already exists with id=5f1",
        ),
        json_response(200, &contact),
    ])
    .observed(log.clone());
    let ada = NewContact::user().email("ada@example.org");
    ready(find_or_create(&caller, &ada, OnArchived::default()))
        .unwrap()
        .unwrap();
    insta::assert_snapshot!(log.text(), @r"
    #1 POST /contacts/search: attempt 1 sent
    #1 POST /contacts/search: attempt 1 got 200 in 0ms
    #1 POST /contacts/search: done: 200 after 1 attempt in 0ms
    #2 POST /contacts: attempt 1 sent
    #2 POST /contacts: attempt 1 got 409 conflict in 0ms (request req-1)
    #2 POST /contacts: stopped: not_retryable
    #2 POST /contacts: failed: api 409 after 1 attempt in 0ms
    #3 GET /contacts/5f1: attempt 1 sent
    #3 GET /contacts/5f1: attempt 1 got 200 in 0ms
    #3 GET /contacts/5f1: done: 200 after 1 attempt in 0ms
    ");
}

#[test]
fn an_event_has_the_values_of_its_line() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&seen);
    let observer = observer_fn(move |event| {
        assert_eq!((event.method().as_str(), event.path()), ("GET", "/me"));
        let value = match event.kind() {
            EventKind::Received(received) => {
                assert_eq!(received.took(), 80 * MILLI);
                received.attempt().status()
            }
            EventKind::Done(done) => {
                assert_eq!(done.error(), Some(ErrorKind::Api));
                assert!(!done.may_have_been_applied());
                done.status().map(|status| status.as_u16())
            }
            _ => None,
        };
        let kind = event.kind().as_str();
        list.lock()
            .unwrap()
            .push((kind, event.attempt(), event.elapsed(), value));
    });
    let config = config().policy(RetryPolicy::none()).observer(observer);
    drive(config, me(), [GateStep::Go(SECOND)], [response(502, "")]);
    let late = SECOND + 80 * MILLI;
    assert_eq!(
        *seen.lock().unwrap(),
        [
            ("paced", 1, SECOND, None),
            ("sent", 1, SECOND, None),
            ("received", 1, late, Some(502)),
            ("stopped", 1, late, None),
            ("done", 1, late, Some(502)),
        ]
    );
}

#[test]
fn an_outcome_has_what_its_decision_depended_on() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&seen);
    let observer = observer_fn(move |event| {
        let EventKind::Received(received) = event.kind() else {
            return;
        };
        let terms = event.terms().unwrap();
        // The same inputs lead to the same decision.
        if let Some(failure) = received.failure() {
            let now = event.moment();
            let began = Tick::new(now.tick().since_origin() - event.elapsed());
            let question = Question::new(terms.policy(), failure, terms.replay(), &now)
                .with_attempts(event.attempt())
                .with_deadline(terms.deadline().map(|deadline| began.after(deadline)));
            assert_eq!(received.decision(), Some(decide(&question)));
        }
        assert_eq!(received.failure().is_some(), received.reply().is_none());
        assert!(!terms.is_download() && event.query() == Some("a=b"));
        list.lock().unwrap().push(terms.policy().spread());
    });
    let request = me().query("a", "b").deadline(60 * SECOND);
    let gate = [GateStep::Go(SECOND), GateStep::Spread];
    let exchanges = [limited(), limited(), response(200, "{}")];
    drive(config().observer(observer), request, gate, exchanges);
    assert_eq!(
        *seen.lock().unwrap(),
        [SECOND, Duration::ZERO, Duration::ZERO]
    );
}

#[test]
fn a_stop_says_whether_the_gate_ended_the_call() {
    for (gate, request, by_gate) in [
        (vec![GateStep::Refuse(SECOND)], me(), true),
        (vec![GateStep::TooLate(SECOND)], me(), true),
        (vec![], me().deadline(Duration::ZERO), false),
    ] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&seen);
        let observer = observer_fn(move |event| {
            if matches!(event.kind(), EventKind::Stopped(_)) {
                list.lock().unwrap().push(event.is_stopped_by_gate());
            }
        });
        drive(config().observer(observer), request, gate, []);
        assert_eq!(*seen.lock().unwrap(), [by_gate]);
    }
}

#[test]
fn an_event_contains_neither_the_token_nor_a_body_a_query_or_the_servers_words() {
    let log = Log::default();
    let shown = log.clone();
    let observer = observer_fn(move |event| {
        shown.event(event);
        let debug = (event.call(), format!("#{} {event:?}", event.call()));
        shown.0.lock().unwrap().push(debug);
    });
    let config = config().observer(observer);
    let request = ApiRequest::post("/contacts")
        .query("note", "in-the-query")
        .json(&json!({ "note": "in-the-body" }))
        .replayable(true);
    let fault = Fault::outcome_unknown(FaultKind::Closed).with_source("in-the-source");
    drive(
        config,
        request,
        [],
        [Err(fault), refusal(409, "conflict", "in-the-words")],
    );
    let shown = log.text();
    assert!(shown.contains("POST /contacts: failed: maybe_applied 409"));
    for secret in [TOKEN, "in-the"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_code_from_the_server_stays_on_its_line_and_is_cut() {
    let code = "a\nb\u{202e}".to_owned() + &"c".repeat(100);
    let shown = events(me(), [], [refusal(400, &code, "")]);
    assert_eq!(shown.lines().count(), 4, "{shown}");
    assert!(shown.contains(r"400 a\nb\u{202e}ccc"), "{shown}");
    assert!(shown.contains("ccc…"), "{shown}");
}

#[test]
fn an_observer_that_stores_nothing_adds_one_allocation_to_a_call() {
    let run = |config: Config| {
        let count = || {
            let exchanges = [response(502, ""), limited(), response(200, "{}")];
            let gate = [GateStep::Wait(SECOND), GateStep::Go(SECOND)];
            drive(config.clone(), me(), gate, exchanges);
        };
        count();
        allocation_counter::measure(count).count_total
    };
    let unobserved = run(config());
    let observed = run(config().observer(observer_fn(|_| {})));
    // The method and path of the call, which its events and those of the gate share.
    assert_eq!(observed, unobserved + 1);
}

#[test]
fn several_clients_can_share_an_observer() {
    let log = Arc::new(Log::default());
    for _ in 0..2 {
        let caller = ScriptedCaller::new([response(200, "{}")]).observed(Arc::clone(&log));
        ready(caller.call(me())).unwrap().unwrap();
    }
    assert_eq!(log.text().lines().count(), 6);
}

#[test]
fn two_observers_receive_the_same_events() {
    let (first, second) = (Log::default(), Log::default());
    let caller = ScriptedCaller::new([response(200, "{}")]);
    let caller = caller.observed((first.clone(), Arc::new(second.clone())));
    ready(caller.call(ApiRequest::get("/me"))).unwrap().unwrap();
    assert!(!first.text().is_empty());
    assert_eq!(first.text(), second.text());
}

#[test]
fn observer_in_a_setting_is_shown_by_its_kind() {
    let observer = observer_fn(|_| ());
    assert_eq!(format!("{observer:?}"), "ObserverFn");
    let config = format!("{:?}", config().observer(observer));
    assert!(config.contains("observer: Some(Observer)"), "{config}");
}

/// Everything that an event tells, on some lines.
fn told(event: &Event<'_>) -> String {
    let request = (event.method(), event.route(), event.path(), event.query());
    let sent = (event.host(), event.port(), event.request_size());
    let now = (event.attempt(), event.elapsed(), event.is_in_flight());
    let terms = event.terms().map(|terms| {
        let limits = (terms.deadline(), terms.replay(), terms.expect());
        (limits, terms.is_download(), terms.policy().max_attempts())
    });
    let what = match event.kind() {
        EventKind::Received(received) => {
            let got = (
                received.took(),
                received.response_size(),
                received.rate_limit(),
            );
            let meant = (received.class(), received.decision().is_some());
            let parts = (received.reply().is_some(), received.failure().is_some());
            format!(
                "{got:?} {meant:?} {parts:?} {:?}",
                received.attempt().number()
            )
        }
        EventKind::Done(done) => {
            let (status, error) = (done.status(), done.error());
            format!("{status:?} {error:?} {}", done.may_have_been_applied())
        }
        _ => String::new(),
    };
    let latest = event.latest_attempt().map(|attempt| attempt.number());
    let kind = event.kind().as_str();
    format!("{request:?} {sent:?}\n  {now:?} {latest:?}\n  {terms:?}\n  {kind} {what}\n")
}

#[test]
fn event_tells_everything_about_its_call() {
    let text = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&text);
    let observer = observer_fn(move |event| *seen.lock().unwrap() += &told(event));
    let config = config()
        .base_url("http://127.0.0.1:8080")
        .observer(observer);
    let request = ApiRequest::post("/contacts")
        .query("a", "b")
        .json(&json!({ "id": 7 }));
    let limit = [("x-ratelimit-limit", "83"), ("content-length", "2")];
    let exchanges = [limited(), response_with(200, &limit, "{}")];
    drive(config, request.deadline(20 * SECOND), [], exchanges);
    insta::assert_snapshot!(text.lock().unwrap());
}

#[test]
fn debug_of_an_event_leaves_out_the_query() {
    let text = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&text);
    let observer = observer_fn(move |event| *seen.lock().unwrap() += &format!("{event:?}"));
    let request = ApiRequest::get("/contacts").query("email", "planted-query");
    drive(
        config().observer(observer),
        request,
        [],
        [response(404, "")],
    );
    let text = text.lock().unwrap();
    assert!(
        text.contains(r#"path: "/contacts", route: "/contacts""#),
        "{text}"
    );
    assert!(!text.contains("planted-query"), "{text}");
}

#[test]
fn event_of_a_download_says_so() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&seen);
    let observer = observer_fn(move |event| {
        list.lock()
            .unwrap()
            .extend(event.terms().map(Terms::is_download));
    });
    let caller = ScriptedCaller::new([response(200, "x")]).observed(observer);
    let file = RequestBuilder::<_, Blocking>::new(&caller, ApiRequest::get("/download/x"))
        .deadline(SECOND);
    assert_eq!(file.download(Vec::new()).unwrap().into_writer(), b"x");
    let seen = seen.lock().unwrap();
    assert!(!seen.is_empty() && seen.iter().all(|is| *is), "{seen:?}");
}
