//! One exchange over any HTTP library: its limits, its phase, and the part of a cut response that arrived.

use core::pin::pin;
use core::time::Duration;
use std::error::Error as StdError;

use bytes::{Buf, Bytes};
use http::{Method, Request, Response};
use http_body::Body;
use intercom_protocol::{Fault, FaultKind, Incoming, Outgoing};
use tokio::time::{Instant, timeout_at};

use super::connect_limit;
use super::marked_body::{Mark, MarkedBody};

/// How many header lines a response may have. ureq accepts as many, so the two clients behave alike.
pub(super) const HEADER_LINES: usize = 128;

/// Why an exchange ended without a whole response, as its HTTP library reports it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: FaultKind,
    /// Whether the error alone proves that nothing was sent.
    pub(super) known_unsent: bool,
    pub(super) source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The limits of an exchange and the mark of its request.
#[derive(Debug)]
pub(super) struct Exchange {
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    method: Method,
    body_limit: usize,
    mark: Mark,
}

impl Exchange {
    /// Separates the limits from the request, and marks its body.
    pub(super) fn begin(outgoing: Outgoing) -> (Self, Request<MarkedBody>) {
        let (timeout, connect_timeout) = (outgoing.timeout(), outgoing.connect_timeout());
        let body_limit = outgoing.body_limit();
        let (parts, bytes) = outgoing.into_request().into_parts();
        let (body, mark) = MarkedBody::new(bytes);
        (
            Self {
                timeout,
                connect_timeout,
                method: parts.method.clone(),
                body_limit,
                mark,
            },
            Request::from_parts(parts, body),
        )
    }

    /// Waits for the response and reads it, within the limits.
    pub(super) async fn run<B>(
        &self,
        sending: impl Future<Output = Result<Response<B>, Failure>>,
        read_error: impl Fn(B::Error) -> Failure,
    ) -> Result<Response<Bytes>, Fault>
    where
        B: Body,
    {
        // Declared outside the timed future, so that a time-out leaves what arrived before it.
        let mut incoming = None;
        // Both limits start here. If they are equal, the connect limit ends first, and proves that nothing was sent.
        let now = Instant::now();
        let until = |limit: Option<Duration>| limit.and_then(|limit| now.checked_add(limit));
        let received = {
            // Pinned here, so that the futures around it do not each carry a copy.
            let receiving = pin!(self.receive(sending, read_error, &mut incoming));
            let receiving = connect_limit::within(until(self.connect_timeout), receiving);
            match until(self.timeout) {
                None => receiving.await,
                Some(limit) => timeout_at(limit, receiving).await.unwrap_or_else(|_| {
                    Err(Failure {
                        kind: FaultKind::Timeout,
                        known_unsent: false,
                        source: None,
                    })
                }),
            }
        };
        match (received, incoming) {
            (Ok(()), Some(incoming)) => incoming.finish(),
            (Ok(()), None) => Err(Fault::outcome_unknown(FaultKind::Other)),
            (Err(failure), Some(incoming)) => Err(failure.into_fault(|kind| incoming.cut(kind))),
            (Err(failure), None) if self.mark.withdraw(failure.known_unsent) => {
                Err(failure.into_fault(Fault::not_sent))
            }
            (Err(failure), None) => Err(failure.into_fault(Fault::outcome_unknown)),
        }
    }

    /// Reads the response into `slot`, which keeps it when this future is dropped.
    async fn receive<B: Body>(
        &self,
        sending: impl Future<Output = Result<Response<B>, Failure>>,
        read_error: impl Fn(B::Error) -> Failure,
        slot: &mut Option<Incoming>,
    ) -> Result<(), Failure> {
        let (head, body) = sending.await?.into_parts();
        let mut body = pin!(body);
        let head = Response::from_parts(head, ());
        let incoming = Incoming::new(&self.method, head, self.body_limit);
        let incoming = slot.insert(incoming.expecting(body.size_hint().lower()));
        while let Some(frame) =
            core::future::poll_fn(|context| body.as_mut().poll_frame(context)).await
        {
            // Trailers are ignored.
            let Ok(mut data) = frame.map_err(&read_error)?.into_data() else {
                continue;
            };
            while data.has_remaining() {
                let length = data.chunk().len();
                if incoming.push(data.chunk()).is_break() {
                    return Ok(());
                }
                data.advance(length);
            }
        }
        Ok(())
    }
}

impl Failure {
    /// Makes a failure that does not show whether anything was sent.
    pub(super) fn new(kind: FaultKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            kind,
            known_unsent: false,
            source: Some(source.into()),
        }
    }

    fn into_fault(self, phase: impl FnOnce(FaultKind) -> Fault) -> Fault {
        let fault = phase(self.kind);
        match self.source {
            Some(source) => fault.with_source(source),
            None => fault,
        }
    }
}
