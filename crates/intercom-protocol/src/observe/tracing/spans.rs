//! The spans of a call and its attempts.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::Span;
use tracing::field::{Empty, display};

use super::super::{Done, Event, EventKind, Received};

/// The open spans of all calls, by the number of the call.
#[derive(Debug, Default)]
pub(super) struct Spans(Mutex<HashMap<u64, Open>>);

/// The span of a call, and that of its attempt in flight.
#[derive(Clone, Debug)]
struct Open {
    call: Span,
    attempt: Option<Span>,
}

impl Spans {
    /// Opens the spans that the event begins, and returns the one that the event belongs to.
    pub(super) fn before(&self, event: &Event<'_>) -> Span {
        let mut open = self.get(event.call()).unwrap_or_else(|| Open {
            call: call(event),
            attempt: None,
        });
        // Nothing is kept of a call whose spans no subscriber wants.
        if open.call.is_disabled() {
            return open.call;
        }
        if matches!(event.kind(), EventKind::Sent) {
            open.attempt = Some(attempt(&open.call, event));
        }
        let current = open.attempt.as_ref().unwrap_or(&open.call).clone();
        self.lock().insert(event.call(), open);
        current
    }

    /// Closes the spans that the event ends.
    pub(super) fn after(&self, event: &Event<'_>) {
        match event.kind() {
            EventKind::Received(received) => {
                let mut spans = self.lock();
                let open = spans.get_mut(&event.call());
                let attempt = open.and_then(|open| open.attempt.take());
                drop(spans);
                if let Some(attempt) = attempt {
                    record(&attempt, received);
                }
            }
            EventKind::Done(done) => {
                if let Some(open) = self.remove(event.call()) {
                    end(&open.call, event, done);
                }
            }
            EventKind::Dropped => {
                if let Some(open) = self.remove(event.call()) {
                    for span in open.attempt.iter().chain([&open.call]) {
                        span.record("error.type", "dropped");
                    }
                }
            }
            _ => {}
        }
    }

    // No subscriber runs while the lock is held.
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, call: u64) -> Option<Open> {
        self.lock().get(&call).cloned()
    }

    fn remove(&self, call: u64) -> Option<Open> {
        self.lock().remove(&call)
    }
}

fn call(event: &Event<'_>) -> Span {
    tracing::info_span!(
        target: "intercom",
        "intercom.call",
        otel.name = %format_args!("intercom {} {}", event.method(), event.route()),
        otel.status_code = Empty,
        http.request.method = event.method().as_str(),
        url.template = event.route(),
        server.address = event.host(),
        server.port = event.port(),
        http.response.status_code = Empty,
        error.type = Empty,
        intercom.attempts = Empty,
    )
}

fn attempt(call: &Span, event: &Event<'_>) -> Span {
    let resent = event.attempt().saturating_sub(1);
    tracing::info_span!(
        target: "intercom",
        parent: call,
        "intercom.attempt",
        otel.name = %format_args!("{} {}", event.method(), event.route()),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = event.method().as_str(),
        http.request.resend_count = (resent > 0).then_some(resent),
        http.request.body.size = event.request_size(),
        url.template = event.route(),
        server.address = event.host(),
        server.port = event.port(),
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        error.type = Empty,
        intercom.request_id = Empty,
    )
}

fn record(span: &Span, received: &Received<'_>) {
    let attempt = received.attempt();
    if let Some(status) = attempt.status() {
        span.record("http.response.status_code", status);
    }
    if let Some(size) = received.response_size() {
        span.record("http.response.body.size", size);
    }
    if let Some(id) = attempt.request_id() {
        span.record("intercom.request_id", id);
    }
    if received.class().is_some() {
        span.record("otel.status_code", "ERROR");
        match (attempt.fault(), attempt.code(), attempt.status()) {
            (Some((_, kind)), ..) => span.record("error.type", kind.as_str()),
            (None, Some(code), _) => span.record("error.type", code),
            (None, None, status) => span.record("error.type", status.map(display)),
        };
    }
}

fn end(span: &Span, event: &Event<'_>, done: &Done) {
    span.record("intercom.attempts", event.attempt());
    if let Some(status) = done.status() {
        span.record("http.response.status_code", status.as_u16());
    }
    if let Some(error) = done.error() {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", error.as_str());
    }
}
