//! Reports the events of a call to the observer of its client.

use core::time::Duration;
use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Uri};
use intercom_pace::{Ask, WaitObserver};
use intercom_retry::Moment;

use super::Call;
use crate::observe::{Done, Event, EventKind, Progress, Received, Requested, Watched};
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

    fn report(&self, progress: Progress<'_>, kind: EventKind<'_>) {
        let path = self.uri.path();
        self.by.report(&Event {
            call: self.call,
            request: Requested {
                method: &self.method,
                path: path.get(self.base_len..).unwrap_or(path),
                route: &self.route,
                server: (self.uri.host().unwrap_or_default(), self.uri.port_u16()),
                size: self.size,
            },
            progress,
            kind,
        });
    }
}

impl WaitObserver for Watch {
    fn waiting(&self, ask: &Ask, wait: Duration) {
        let progress = Progress {
            attempt: ask.attempt(),
            elapsed: ask.now().tick().since(ask.began()),
            latest: None,
            in_flight: false,
        };
        self.report(progress, EventKind::Queued(wait));
    }
}

/// Reports an invalid request. This is the only event of its call.
pub(super) fn report_invalid(observer: &Watched, request: &ApiRequest, error: &Error) {
    observer.report(&Event {
        call: observer.begin_call(),
        request: Requested {
            method: request.method(),
            path: request.path(),
            route: &request.route(),
            server: ("", None),
            size: request.body().map_or(0, Bytes::len),
        },
        progress: Progress {
            attempt: 0,
            elapsed: Duration::ZERO,
            latest: None,
            in_flight: false,
        },
        kind: EventKind::Done(Done::failed(error)),
    });
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
        let progress = Progress {
            attempt,
            elapsed: now.tick().since(self.session.began()),
            latest: self.session.attempts().last(),
            in_flight: self.in_flight,
        };
        watch.report(progress, kind);
    }

    /// Reports how long the gate took to admit the attempt.
    pub(super) fn report_paced(&mut self, now: Moment) {
        let waited = self.asked.take().map(|asked| now.tick().since(asked));
        if let Some(waited) = waited.filter(|waited| *waited >= PACED_AT_LEAST) {
            self.report(EventKind::Paced(waited), now);
        }
    }

    /// Reports the outcome of the attempt that was recorded last.
    pub(super) fn report_received(&mut self, reply: Option<&Reply>, now: Moment) {
        self.in_flight = false;
        let Some(attempt) = self.session.attempts().last() else {
            return;
        };
        let received = match (reply, &self.failure) {
            (Some(reply), _) => Received::succeeded(attempt, reply),
            (None, Some(failure)) => Received::failed(attempt, failure),
            (None, None) => return,
        };
        self.report(EventKind::Received(received), now);
    }
}
