//! Events as log lines, collected by a subscriber.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_protocol::observe::TracingObserver;
use intercom_protocol::{ApiRequest, Fault, FaultKind};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Event, Metadata, Subscriber};

use crate::observe::{GateStep, drive};
use crate::scripted::{Exchange, config, refusal, response};

/// One line for each event: level, target, words, fields.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

struct Fields {
    words: String,
    rest: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => write!(self.words, "{value:?}").unwrap(),
            // Each test here makes one call. How many calls other tests have made is not known.
            "call" => self.rest.push_str(" call=1"),
            name => write!(self.rest, " {name}={value:?}").unwrap(),
        }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields {
            words: String::new(),
            rest: String::new(),
        };
        event.record(&mut fields);
        let (level, target) = (event.metadata().level(), event.metadata().target());
        let mut lines = self.0.lock().unwrap();
        writeln!(lines, "{level} {target}: {}{}", fields.words, fields.rest).unwrap();
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn logged(
    request: ApiRequest,
    gate: impl IntoIterator<Item = GateStep>,
    exchanges: impl IntoIterator<Item = Exchange>,
) -> String {
    let lines = Lines::default();
    let config = config().observer(TracingObserver::new());
    with_default(lines.clone(), || drive(config, request, gate, exchanges));
    lines.0.lock().unwrap().clone()
}

#[test]
fn every_event_is_one_line_with_fields() {
    let gate = [
        GateStep::Wait(Duration::from_secs(2)),
        GateStep::Go(Duration::from_millis(300)),
    ];
    let exchanges = [
        refusal(500, "server_error", "Server Error"),
        response(200, "{}"),
    ];
    insta::assert_snapshot!(logged(ApiRequest::get("/me"), gate, exchanges), @r#"
    INFO intercom: queued at the gate call=1 method="GET" path="/me" attempt=1 wait_ms=2000
    DEBUG intercom: admitted by the gate call=1 method="GET" path="/me" attempt=1 waited_ms=2300
    DEBUG intercom: sent call=1 method="GET" path="/me" attempt=1
    DEBUG intercom: got a response call=1 method="GET" path="/me" attempt=1 status=500 code="server_error" request_id="req-1" took_ms=80
    INFO intercom: waits before the next attempt call=1 method="GET" path="/me" attempt=1 status=500 code="server_error" request_id="req-1" wait_ms=500 cause="backoff"
    DEBUG intercom: sent call=1 method="GET" path="/me" attempt=2
    DEBUG intercom: got a response call=1 method="GET" path="/me" attempt=2 status=200 took_ms=80
    DEBUG intercom: done call=1 method="GET" path="/me" attempt=2 status=200 elapsed_ms=2960
    "#);
}

#[test]
fn short_wait_at_the_gate_is_of_no_interest() {
    let level = |wait| {
        let lines = logged(
            ApiRequest::get("/me"),
            [GateStep::Wait(wait)],
            [response(200, "{}")],
        );
        lines.split(' ').next().map(str::to_owned)
    };
    assert_eq!(level(Duration::from_millis(999)).as_deref(), Some("DEBUG"));
    assert_eq!(level(Duration::from_secs(1)).as_deref(), Some("INFO"));
}

#[test]
fn an_error_that_is_not_retried_is_not_a_warning() {
    let unknown = refusal(404, "not_found", "User Not Found");
    insta::assert_snapshot!(logged(ApiRequest::get("/contacts/1"), [], [unknown]), @r#"
    DEBUG intercom: sent call=1 method="GET" path="/contacts/1" attempt=1
    DEBUG intercom: got a response call=1 method="GET" path="/contacts/1" attempt=1 status=404 code="not_found" request_id="req-1" took_ms=80
    INFO intercom: stopped call=1 method="GET" path="/contacts/1" attempt=1 status=404 code="not_found" request_id="req-1" reason="not_retryable"
    DEBUG intercom: failed call=1 method="GET" path="/contacts/1" attempt=1 error="api" status=404 elapsed_ms=80
    "#);
}

#[test]
fn a_call_that_gave_up_or_is_ambiguous_is_a_warning() {
    let lost = Err(Fault::outcome_unknown(FaultKind::Timeout));
    insta::assert_snapshot!(logged(ApiRequest::post("/messages"), [], [lost]), @r#"
    DEBUG intercom: sent call=1 method="POST" path="/messages" attempt=1
    DEBUG intercom: broke off call=1 method="POST" path="/messages" attempt=1 phase="outcome_unknown" fault="timeout" took_ms=80
    WARN intercom: stopped call=1 method="POST" path="/messages" attempt=1 phase="outcome_unknown" fault="timeout" reason="not_replayable"
    WARN intercom: failed, and may have been applied call=1 method="POST" path="/messages" attempt=1 error="fault" elapsed_ms=80
    "#);
}

#[test]
fn wait_for_another_scroll_is_a_line_without_a_span() {
    use intercom_mock::{Method, MockServer, Scripted};
    use intercom_protocol::observe::{EventKind, Observer};

    use crate::walks::World;

    let observer = TracingObserver::new();
    let world = World::observed(MockServer::builder(), move |event| {
        if matches!(event.kind(), EventKind::WaitingForScroll(_)) {
            observer.event(event);
            assert!(!format!("{observer:?}").contains("call: "), "{observer:?}");
        }
    });
    let exists = Scripted::error(400, "scroll_exists", "scroll already exists");
    world
        .server
        .script(Method::GET, "/companies/scroll", [exists]);
    let lines = Lines::default();
    let scroll = || world.walk(ApiRequest::get("/companies/scroll")).count();
    assert_eq!(with_default(lines.clone(), scroll), 0);
    insta::assert_snapshot!(lines.0.lock().unwrap(), @r#"INFO intercom: waits for another scroll call=1 method="GET" path="/companies/scroll" attempt=0 wait_ms=60000"#);
}
