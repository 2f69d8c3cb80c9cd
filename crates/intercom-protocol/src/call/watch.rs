//! The events of a call, for the observer of its client.

use core::time::Duration;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Uri};
use intercom_pace::{Ask, WaitObserver};
use intercom_retry::Moment;

use super::Call;
use crate::observe::{Done, Event, EventKind, Progress, Received, Watched};
use crate::{ApiRequest, Error};

/// A wait at the gate that is shorter is not worth an event.
const PACED_AT_LEAST: Duration = Duration::from_millis(1);

/// One call under observation; shared with the gate that it asks.
#[derive(Debug)]
pub(super) struct Watch {
    by: Watched,
    call: u64,
    method: Method,
    uri: Uri,
    /// How long the path of the base URL is.
    base_len: usize,
}

impl Watch {
    pub(super) fn begin(by: &Watched, request: &ApiRequest, http: &Request<Bytes>) -> Arc<Self> {
        Arc::new(Self {
            call: by.begin_call(),
            by: by.clone(),
            method: http.method().clone(),
            base_len: http.uri().path().len().saturating_sub(request.path().len()),
            uri: http.uri().clone(),
        })
    }

    fn tell(&self, progress: Progress<'_>, kind: EventKind<'_>) {
        let path = self.uri.path();
        self.by.tell(&Event {
            call: self.call,
            method: &self.method,
            path: path.get(self.base_len..).unwrap_or(path),
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
        };
        self.tell(progress, EventKind::Queued(wait));
    }
}

/// Tells of a request that cannot be sent; this is the only event of its call.
pub(super) fn tell_invalid(observer: &Watched, request: &ApiRequest, error: &Error) {
    observer.tell(&Event {
        call: observer.begin_call(),
        method: request.method(),
        path: request.path(),
        progress: Progress {
            attempt: 0,
            elapsed: Duration::ZERO,
            latest: None,
        },
        kind: EventKind::Done(Done::failed(error)),
    });
}

impl Call {
    /// Tells the observer, if there is one; no lock is held here.
    pub(super) fn tell(&self, kind: EventKind<'_>, now: Moment) {
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
        };
        watch.tell(progress, kind);
    }

    /// Tells how long the gate took to let the attempt go.
    pub(super) fn tell_paced(&mut self, now: Moment) {
        let waited = self.asked.take().map(|asked| now.tick().since(asked));
        if let Some(waited) = waited.filter(|waited| *waited >= PACED_AT_LEAST) {
            self.tell(EventKind::Paced(waited), now);
        }
    }

    /// Tells how the attempt that is recorded last ended.
    pub(super) fn tell_received(&self, now: Moment) {
        if let Some(attempt) = self.session.attempts().last() {
            self.tell(EventKind::Received(Received::new(attempt)), now);
        }
    }
}
