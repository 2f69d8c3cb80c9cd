//! Reports the events of a call to the observer of its client.

use core::time::Duration;
use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Uri};
use intercom_pace::{Ask, WaitObserver};
use intercom_retry::{Decision, Moment};

use super::Call;
use crate::observe::{Done, Event, EventKind, Progress, Received, Requested, Terms, Watched};
use crate::{ApiRequest, Error, Reply};

/// A shorter wait at the gate is not reported.
const PACED_AT_LEAST: Duration = Duration::from_millis(1);

/// An observed call. The gate shares it, to report waits.
#[derive(Debug)]
pub(super) struct Watch {
    by: Watched,
    call: u64,
    method: Method,
    uri: Uri,
    /// The length of the base URL's path.
    base_len: usize,
    route: Cow<'static, str>,
    /// The length of the request's body.
    size: usize,
}

impl Watch {
    pub(super) fn begin(
        by: &Watched,
        request: &ApiRequest,
        route: Cow<'static, str>,
        http: &Request<Bytes>,
    ) -> Arc<Self> {
        Arc::new(Self {
            call: by.begin_call(),
            by: by.clone(),
            method: http.method().clone(),
            base_len: http.uri().path().len().saturating_sub(request.path().len()),
            uri: http.uri().clone(),
            route,
            size: http.body().len(),
        })
    }

    /// Returns the number of the call in its events.
    pub(super) const fn call(&self) -> u64 {
        self.call
    }

    fn report(&self, terms: Option<Terms<'_>>, progress: Progress<'_>, kind: EventKind<'_>) {
        let path = self.uri.path();
        self.by.report(&Event {
            call: self.call,
            request: Requested {
                method: &self.method,
                path: path.get(self.base_len..).unwrap_or(path),
                query: self.uri.query(),
                route: &self.route,
                server: (self.uri.host().unwrap_or_default(), self.uri.port_u16()),
                size: self.size,
            },
            terms,
            progress,
            kind,
        });
    }
}

impl WaitObserver for Watch {
    fn waiting(&self, ask: &Ask, wait: Duration) {
        let progress = Progress {
            now: *ask.now(),
            by_gate: false,
            attempt: ask.attempt(),
            elapsed: ask.now().tick().since(ask.began()),
            latest: None,
            in_flight: false,
        };
        self.report(None, progress, EventKind::Queued(wait));
    }
}

/// Reports an invalid request. This is the only event of its call.
pub(super) fn report_invalid(observer: &Watched, request: &ApiRequest, error: &Error, now: Moment) {
    let kind = EventKind::Done(Done::failed(error));
    observer.report_outside(request, ("", None), now, kind);
}

impl Call {
    /// Reports an event to the observer, if there is one. No lock is held here.
    pub(super) fn report(&self, kind: EventKind<'_>, now: Moment) {
        let Some(watch) = &self.watch else {
            return;
        };
        let attempt = match kind {
            EventKind::Dropped | EventKind::Paced(_) | EventKind::Sent => self.session.attempt(),
            _ => self.session.attempt().saturating_sub(1),
        };
        let terms = Terms {
            policy: self.session.policy(),
            replay: self.session.replay(),
            deadline: self
                .session
                .deadline()
                .map(|deadline| deadline.since(self.session.began())),
            expect: self.expect,
            is_download: self.receiver.is_some(),
        };
        let progress = Progress {
            now,
            by_gate: self.stopped_by_gate,
            attempt,
            elapsed: now.tick().since(self.session.began()),
            latest: self.session.attempts().last(),
            in_flight: self.in_flight,
        };
        watch.report(Some(terms), progress, kind);
    }

    /// Reports how long the gate took to admit the attempt.
    pub(super) fn report_paced(&mut self, now: Moment) {
        let waited = self.asked.take().map(|asked| now.tick().since(asked));
        if let Some(waited) = waited.filter(|waited| *waited >= PACED_AT_LEAST) {
            self.report(EventKind::Paced(waited), now);
        }
    }

    /// Reports the outcome of the attempt that was recorded last, and what follows it.
    pub(super) fn report_received(
        &mut self,
        reply: Option<&Reply>,
        decision: Option<Decision>,
        now: Moment,
    ) {
        self.in_flight = false;
        let Some(attempt) = self.session.attempts().last() else {
            return;
        };
        let outcome = match (reply, &self.failure) {
            (Some(reply), _) => Ok(reply),
            (None, Some(failure)) => Err(failure),
            (None, None) => return,
        };
        let received = Received::new(attempt, outcome, decision);
        self.report(EventKind::Received(received), now);
    }
}
