//! The spans of calls and attempts, collected by a subscriber.

#![expect(
    clippy::indexing_slicing,
    reason = "the ids are those that the subscriber gave"
)]

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_protocol::observe::TracingObserver;
use intercom_protocol::{ApiRequest, Call, Fault, FaultKind, Step};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Event, Metadata, Subscriber};

use crate::observe::drive;
use crate::scripted::{Exchange, config, moment, refusal, response};

/// What happened to each span, one line each.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    lines: String,
    /// How many handles each span has.
    handles: Vec<u32>,
}

struct Fields<'l>(&'l mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span()
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut seen = self.0.lock().unwrap();
        seen.handles.push(1);
        let id = Id::from_u64(seen.handles.len() as u64);
        let parent = attributes.parent().map(Id::into_u64);
        let name = attributes.metadata().name();
        write!(seen.lines, "{} in {parent:?}: {name}", id.into_u64()).unwrap();
        attributes.record(&mut Fields(&mut seen.lines));
        seen.lines.push('\n');
        id
    }

    fn record(&self, id: &Id, record: &Record<'_>) {
        let mut seen = self.0.lock().unwrap();
        write!(seen.lines, "{}:", id.into_u64()).unwrap();
        record.record(&mut Fields(&mut seen.lines));
        seen.lines.push('\n');
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.0.lock().unwrap().handles[index(id)] += 1;
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut seen = self.0.lock().unwrap();
        let handles = &mut seen.handles[index(&id)];
        *handles -= 1;
        let closed = *handles == 0;
        if closed {
            writeln!(seen.lines, "{}: closed", id.into_u64()).unwrap();
        }
        closed
    }

    fn event(&self, _: &Event<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn spans(request: ApiRequest, exchanges: impl IntoIterator<Item = Exchange>) -> String {
    let spans = Spans::default();
    let config = config().observer(TracingObserver::new());
    with_default(spans.clone(), || drive(config, request, [], exchanges));
    spans.0.lock().unwrap().lines.clone()
}

#[test]
fn a_call_is_a_span_and_each_attempt_a_span_in_it() {
    let request = ApiRequest::put("/contacts")
        .segment("ada@example.org")
        .json_bytes("{}");
    let busy = refusal(500, "server_error", "Server Error");
    let lost = Err(Fault::outcome_unknown(FaultKind::Timeout));
    let shown = spans(request, [busy, lost, response(200, "{}")]);
    insta::assert_snapshot!(shown, @r#"
    1 in None: intercom.call otel.name=intercom PUT /contacts/{id} http.request.method="PUT" url.template="/contacts/{id}" server.address="api.intercom.io"
    2 in Some(1): intercom.attempt otel.name=PUT /contacts/{id} otel.kind="client" http.request.method="PUT" http.request.body.size=2 url.template="/contacts/{id}" server.address="api.intercom.io"
    2: http.response.status_code=500
    2: http.response.body.size=102
    2: intercom.request_id="req-1"
    2: otel.status_code="ERROR"
    2: error.type="server_error"
    2: closed
    3 in Some(1): intercom.attempt otel.name=PUT /contacts/{id} otel.kind="client" http.request.method="PUT" http.request.resend_count=1 http.request.body.size=2 url.template="/contacts/{id}" server.address="api.intercom.io"
    3: otel.status_code="ERROR"
    3: error.type="timeout"
    3: closed
    4 in Some(1): intercom.attempt otel.name=PUT /contacts/{id} otel.kind="client" http.request.method="PUT" http.request.resend_count=2 http.request.body.size=2 url.template="/contacts/{id}" server.address="api.intercom.io"
    4: http.response.status_code=200
    4: http.response.body.size=2
    4: closed
    1: intercom.attempts=3
    1: http.response.status_code=200
    1: closed
    "#);
}

#[test]
fn an_error_is_the_status_of_its_spans() {
    let shown = spans(ApiRequest::get("/me"), [response(404, "")]);
    insta::assert_snapshot!(shown, @r#"
    1 in None: intercom.call otel.name=intercom GET /me http.request.method="GET" url.template="/me" server.address="api.intercom.io"
    2 in Some(1): intercom.attempt otel.name=GET /me otel.kind="client" http.request.method="GET" http.request.body.size=0 url.template="/me" server.address="api.intercom.io"
    2: http.response.status_code=404
    2: http.response.body.size=0
    2: otel.status_code="ERROR"
    2: error.type=404
    2: closed
    1: intercom.attempts=1
    1: http.response.status_code=404
    1: otel.status_code="ERROR"
    1: error.type="api"
    1: closed
    "#);
}

#[test]
fn a_dropped_call_closes_its_spans() {
    let spans = Spans::default();
    let now = moment(Duration::ZERO);
    with_default(spans.clone(), || {
        let config = config().observer(TracingObserver::new());
        let mut call = Call::new(&config.build().unwrap(), ApiRequest::get("/me"), now);
        let Step::Admit(ask) = call.next(now) else {
            unreachable!("a new call asks the gate");
        };
        call.admitted(ask.free(), now);
        assert!(matches!(call.next(now), Step::Send(_)));
    });
    let lines = spans.0.lock().unwrap().lines.clone();
    let ends: Vec<_> = lines.lines().skip(2).collect();
    assert_eq!(
        ends,
        [
            r#"2: error.type="dropped""#,
            r#"1: error.type="dropped""#,
            "1: closed",
            "2: closed"
        ]
    );
}
