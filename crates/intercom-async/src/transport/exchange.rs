//! One exchange over any HTTP library: its limits, its phase, and the part of a cut response that arrived.

use core::future::poll_fn;
use core::pin::pin;
use core::time::Duration;
use std::error::Error as StdError;

use bytes::{Buf, Bytes};
use http::{Request, Response};
use http_body::Body;
use intercom_protocol::{Fault, FaultKind, Incoming, Outgoing, Reception};

#[cfg(feature = "_adapter")]
use super::adapters::connect_limit;
#[cfg(feature = "tokio")]
use super::limits::TokioLimits;
use super::limits::{Limits, TimerLimits};
use super::marked_body::{Mark, MarkedBody};
#[cfg(feature = "tokio")]
use super::turn::turn;
use crate::transport::Timer;

/// Why an exchange ended without a whole response, as its HTTP library reports it. [`Exchange::run`] makes a [`Fault`] of it.
#[derive(Debug)]
pub struct ExchangeError {
    pub(super) kind: FaultKind,
    /// Whether the error alone proves that nothing was sent.
    pub(super) known_unsent: bool,
    pub(super) source: Option<Box<dyn StdError + Send + Sync>>,
}

const TIMED_OUT: ExchangeError = ExchangeError {
    kind: FaultKind::Timeout,
    known_unsent: false,
    source: None,
};

/// One exchange of a request and a response over an HTTP library: its limits, its phase, and the part of a response that arrived.
///
/// A [`Transport`](super::Transport) calls [`begin`](Self::begin), passes the request with its marked body to the library, and
/// passes the library's future to `run`, which uses tokio's timer (feature `tokio`), or to [`run_with`](Self::run_with), which uses
/// any other. The adapters of this crate do the same.
///
/// ```
/// use intercom_async::transport::{Exchange, ExchangeError, MarkedBody, Outgoing, Transport};
/// use intercom_async::{Fault, FaultKind, async_trait, bytes::Bytes, http};
/// use hyper_util::client::legacy::{Client, connect::HttpConnector};
///
/// struct MyTransport(Client<HttpConnector, MarkedBody>);
///
/// #[async_trait]
/// impl Transport for MyTransport {
///     async fn send(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Fault> {
///         let (exchange, request) = Exchange::begin(outgoing);
///         let sending = async {
///             self.0.request(request).await.map_err(|error| {
///                 let known_unsent = error.is_connect();
///                 ExchangeError::new(FaultKind::Other, error).known_unsent(known_unsent)
///             })
///         };
///         exchange.run(sending, |error| ExchangeError::new(FaultKind::Closed, error)).await
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Exchange {
    timeout: Option<Duration>,
    #[cfg(feature = "_adapter")]
    connect_timeout: Option<Duration>,
    head_timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    reception: Reception,
    mark: Mark,
}

impl Exchange {
    /// Separates the limits from the request, and marks its body.
    #[must_use]
    pub fn begin(outgoing: Outgoing) -> (Self, Request<MarkedBody>) {
        let timeout = outgoing.timeout();
        #[cfg(feature = "_adapter")]
        let connect_timeout = outgoing.connect_timeout();
        let (head_timeout, idle_timeout) = (outgoing.head_timeout(), outgoing.idle_timeout());
        let (request, reception) = outgoing.into_parts();
        let (parts, bytes) = request.into_parts();
        let (body, mark) = MarkedBody::new(bytes);
        (
            Self {
                timeout,
                #[cfg(feature = "_adapter")]
                connect_timeout,
                head_timeout,
                idle_timeout,
                reception,
                mark,
            },
            Request::from_parts(parts, body),
        )
    }

    /// Waits for the response and reads it, within the limits. Call it in a tokio runtime whose timer is enabled.
    ///
    /// Before that, it lets tokio look at its sockets once. So the tasks of idle connections notice what a server has sent unasked,
    /// and do not mistake it for the response to this request. What arrives later cannot be distinguished from that response.
    ///
    /// `sending` is the library's future. Nothing may be sent before it is polled. `read_error` converts an error that occurs
    /// while the body is read. The library makes the connection, so it must also limit the time to connect: `run` applies the
    /// connect time-out only for the adapters of this crate.
    ///
    /// # Errors
    ///
    /// A [`Fault`]. Its phase follows from the body of the request: [`Transport`](super::Transport) has the table.
    #[cfg(feature = "tokio")]
    pub async fn run<B>(
        &self,
        sending: impl Future<Output = Result<Response<B>, ExchangeError>>,
        read_error: impl Fn(B::Error) -> ExchangeError,
    ) -> Result<Response<Bytes>, Fault>
    where
        B: Body,
    {
        turn().await;
        let limits = TokioLimits;
        // Declared outside the timed future, so that a time-out leaves what arrived before it.
        let mut incoming = None;
        // If the limits are equal, the connect limit ends first, because it starts first, and proves that nothing was sent.
        #[cfg(feature = "_adapter")]
        let connected = TokioLimits::until(self.connect_timeout);
        let received = {
            // Pinned here, so that the futures around it do not each carry a copy.
            let receiving = pin!(self.receive(&limits, sending, read_error, &mut incoming));
            #[cfg(feature = "_adapter")]
            let receiving = connect_limit::within(connected, receiving);
            limits.within(self.timeout, receiving).await
        };
        self.end(received, incoming)
    }

    /// Does the same as `run`, with this timer instead of tokio's.
    ///
    /// `timer` is only asked to sleep: once, or in a download once for each wait. On tokio, prefer `run`: its time-out also ends an
    /// exchange that never stops receiving data. `run_with` does not wait for other tasks. If the library drives its connections in
    /// tasks of their own, let them run before you call it.
    ///
    /// ```
    /// use intercom_async::transport::{AsyncIoTimer, Exchange, ExchangeError, Outgoing};
    /// use intercom_async::{FaultKind, bytes::Bytes, http, protocol::Phase};
    ///
    /// # async_io::block_on(async {
    /// let request = http::Request::post("http://127.0.0.1/contacts").body(Bytes::from_static(b"{}"))?;
    /// let outgoing = Outgoing::new(request).with_timeout(std::time::Duration::from_millis(1));
    /// let (exchange, _request) = Exchange::begin(outgoing);
    ///
    /// // A library that never connects.
    /// let sending = std::future::pending::<Result<http::Response<String>, ExchangeError>>();
    /// let timer = AsyncIoTimer::default();
    /// let fault = exchange.run_with(&timer, sending, |never| match never {}).await.unwrap_err();
    /// assert_eq!((fault.phase(), fault.kind()), (Phase::NotSent, FaultKind::Timeout));
    /// # Ok::<_, http::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// A [`Fault`]. Its phase follows from the body of the request: [`Transport`](super::Transport) has the table.
    pub async fn run_with<B>(
        &self,
        timer: &(impl Timer + ?Sized),
        sending: impl Future<Output = Result<Response<B>, ExchangeError>>,
        read_error: impl Fn(B::Error) -> ExchangeError,
    ) -> Result<Response<Bytes>, Fault>
    where
        B: Body,
    {
        let limits = TimerLimits(timer);
        let mut incoming = None;
        let received = {
            let receiving = pin!(self.receive(&limits, sending, read_error, &mut incoming));
            limits.within(self.timeout, receiving).await
        };
        self.end(received, incoming)
    }

    /// Returns the response, or the fault. `received` is `None` after a time-out.
    fn end(
        &self,
        received: Option<Result<(), ExchangeError>>,
        incoming: Option<Incoming>,
    ) -> Result<Response<Bytes>, Fault> {
        match (received.unwrap_or(Err(TIMED_OUT)), incoming) {
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
        limits: &impl Limits,
        sending: impl Future<Output = Result<Response<B>, ExchangeError>>,
        read_error: impl Fn(B::Error) -> ExchangeError,
        slot: &mut Option<Incoming>,
    ) -> Result<(), ExchangeError> {
        let sent = limits.within(self.head_timeout, sending).await;
        let (head, body) = sent.unwrap_or(Err(TIMED_OUT))?.into_parts();
        let mut body = pin!(body);
        let incoming = self.reception.head(Response::from_parts(head, ()));
        let incoming = slot.insert(incoming.expecting(body.size_hint().lower()));
        loop {
            let frame = poll_fn(|context| body.as_mut().poll_frame(context));
            let frame = limits.within(self.idle_timeout, frame).await;
            let Some(frame) = frame.ok_or(TIMED_OUT)? else {
                return Ok(());
            };
            // Trailers are ignored.
            let Ok(mut data) = frame.map_err(&read_error)?.into_data() else {
                continue;
            };
            while data.has_remaining() {
                let length = data.chunk().len();
                let pushed = incoming.push(data.chunk());
                if pushed.is_break() || poll_fn(|it| incoming.poll_ready(it)).await.is_break() {
                    return Ok(());
                }
                data.advance(length);
            }
        }
    }
}

impl ExchangeError {
    /// Makes an error that does not show whether anything was sent.
    pub fn new(kind: FaultKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            kind,
            known_unsent: false,
            source: Some(source.into()),
        }
    }

    /// Sets whether the error alone proves that nothing was sent, for example because the library could not connect. For a
    /// request with a body, this has no effect: the [`MarkedBody`] shows whether the request was sent.
    #[must_use]
    pub fn known_unsent(mut self, known_unsent: bool) -> Self {
        self.known_unsent = known_unsent;
        self
    }

    fn into_fault(self, phase: impl FnOnce(FaultKind) -> Fault) -> Fault {
        let fault = phase(self.kind);
        match self.source {
            Some(source) => fault.with_source(source),
            None => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use core::future::{pending, ready};
    use core::task::{Context, Poll, Waker};

    use async_trait::async_trait;
    use http_body_util::Full;
    use intercom_protocol::{Moment, Phase, Tick};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    /// A timer whose sleeps end at once.
    struct Impatient;

    #[async_trait]
    impl Timer for Impatient {
        fn now(&self) -> Moment {
            Moment::new(Tick::new(Duration::ZERO))
        }

        async fn sleep(&self, _: Duration) {}
    }

    /// A body whose first piece never arrives.
    struct Stalled;

    impl Body for Stalled {
        type Data = Bytes;
        type Error = core::convert::Infallible;

        fn poll_frame(
            self: core::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }
    }

    type Sent<B> = Result<Response<B>, ExchangeError>;

    /// Makes one exchange of a POST without tokio.
    fn exchange<B: Body<Error = core::convert::Infallible>>(
        limit: impl FnOnce(Outgoing) -> Outgoing,
        sending: impl AsyncFnOnce(Request<MarkedBody>) -> Sent<B>,
    ) -> Result<Response<Bytes>, Fault> {
        let request = Request::post("http://127.0.0.1/contacts").body(Bytes::from_static(b"{}"));
        let (exchange, request) = Exchange::begin(limit(Outgoing::new(request.unwrap())));
        let run = exchange.run_with(&Impatient, sending(request), |never| match never {});
        let mut context = Context::from_waker(Waker::noop());
        match pin!(run).poll(&mut context) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("the exchange waits"),
        }
    }

    async fn read(request: Request<MarkedBody>) {
        let body = request.into_body();
        let mut body = pin!(body);
        poll_fn(|context| body.as_mut().poll_frame(context)).await;
    }

    #[test]
    fn a_time_out_of_any_timer_ends_the_exchange() {
        let whole = |outgoing: Outgoing| outgoing.with_timeout(LIMIT);
        let head = |outgoing: Outgoing| outgoing.with_head_timeout(LIMIT);
        for limit in [whole, head] {
            let unread = exchange(limit, async |_| pending::<Sent<Stalled>>().await).unwrap_err();
            assert_eq!(
                (unread.phase(), unread.kind()),
                (Phase::NotSent, FaultKind::Timeout)
            );
            let begun = exchange(limit, async |request| {
                read(request).await;
                pending::<Sent<Stalled>>().await
            });
            let begun = begun.unwrap_err();
            assert_eq!(
                (begun.phase(), begun.kind()),
                (Phase::OutcomeUnknown, FaultKind::Timeout)
            );
        }
        let idle = |outgoing: Outgoing| outgoing.with_idle_timeout(LIMIT);
        for limit in [whole, idle] {
            let cut = exchange(limit, async |_| Ok(Response::new(Stalled))).unwrap_err();
            assert_eq!((cut.phase(), cut.kind()), (Phase::Cut, FaultKind::Timeout));
        }
    }

    #[test]
    fn a_response_in_time_is_returned() {
        let respond = || ready(Ok(Response::new(Full::<Bytes>::from("{}"))));
        let limits = |outgoing: Outgoing| {
            let outgoing = outgoing.with_timeout(LIMIT).with_head_timeout(LIMIT);
            outgoing.with_idle_timeout(LIMIT)
        };
        for limit in [|outgoing| outgoing, limits] {
            let response = exchange(limit, async |_request| respond().await).unwrap();
            assert_eq!(response.body().as_ref(), b"{}");
        }
    }
}
