//! The service that carries out calls on an inner service.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::uri::Scheme;
use http::{Extensions, Request, Response};
use http_body::Body;
use http_body_util::Full;
use intercom_protocol::{ApiRequest, Error, Fault, FaultKind, Outgoing, Reply};
use tokio::runtime::Handle;
use tower_service::Service;

use super::body::{self, RequestBody, ResponseBody};
use super::options::{CallOptions, Called};
use crate::Client;
use crate::driver::{self, BoxError, Outcome, Shared, Wire};
use crate::transport::{Exchange, ExchangeError, Interim, Timer};

type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// A service that paces requests to the inner service and retries them. Made by a [`CallLayer`](super::CallLayer).
#[derive(Clone)]
pub struct CallService<S> {
    shared: Arc<Shared>,
    inner: S,
}

impl<S> CallService<S> {
    pub(super) const fn new(shared: Arc<Shared>, inner: S) -> Self {
        Self { shared, inner }
    }
}

impl<S> fmt::Debug for CallService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallService")
            .field("connection", &self.shared.connection)
            .finish_non_exhaustive()
    }
}

impl<S, B, R> Service<Request<B>> for CallService<S>
where
    S: Service<Request<RequestBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    R: Body<Data = Bytes> + Send,
    R::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = BoxError;
    type Future = BoxFuture<Self::Response, BoxError>;

    /// Always ready: each attempt waits for the inner service itself, after the gate. A call that waits at the gate thus holds no
    /// place in the inner service.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut inner = self.inner.clone();
        if !body::is_short(request.body()) {
            return Box::pin(async move {
                let passed = request.map(RequestBody::Right);
                let response = ready_call(&mut inner, passed).await;
                let response = response.map_err(|error| error.into_inner().into())?;
                Ok(response.map(ResponseBody::Right))
            });
        }
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let request = buffered(&shared, request).await?;
            let mut attempts = Attempts {
                inner,
                timer: Arc::clone(&shared.timer),
                body: PhantomData,
                latest: None,
            };
            let Shared {
                connection, gate, ..
            } = &*shared;
            let result =
                driver::drive(&shared, &mut attempts, connection, gate.as_deref(), request).await;
            finish(result, attempts.latest)
        })
    }
}

/// Reads the body of a request, and applies the options of its call. The deadline of the call counts from now.
async fn buffered<B>(shared: &Shared, request: Request<B>) -> Result<ApiRequest, BoxError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (mut head, body) = request.into_parts();
    let options: CallOptions = head.extensions.remove().unwrap_or_default();
    let began = shared.timer.now().tick();
    let limit = options
        .limit()
        .or_else(|| shared.connection.total_timeout());
    let read = driver::within(&*shared.timer, limit, body::read(body)).await;
    let fault = match read {
        Some(Ok(body)) => {
            let request = options.apply(ApiRequest::from(Request::from_parts(head, body)));
            return Ok(match limit {
                Some(limit) => request.deadline_at(began.after(limit)),
                None => request,
            });
        }
        Some(Err(error)) => Fault::not_sent(FaultKind::Other).with_source(error),
        None => Fault::not_sent(FaultKind::Timeout),
    };
    let request = ApiRequest::from(Request::from_parts(head, Bytes::new()));
    Err(Error::from(fault).with_request(&request).into())
}

/// Why the inner service returned no response.
enum Unsuccessful<E> {
    /// It did not become ready, so it has not seen the request.
    NotReady(E),
    Failed(E),
}

impl<E> Unsuccessful<E> {
    fn into_inner(self) -> E {
        match self {
            Self::NotReady(error) | Self::Failed(error) => error,
        }
    }
}

/// Waits until the service is ready, and calls it.
async fn ready_call<S: Service<Q>, Q>(
    service: &mut S,
    request: Q,
) -> Result<S::Response, Unsuccessful<S::Error>> {
    let ready = poll_fn(|context| service.poll_ready(context)).await;
    ready.map_err(Unsuccessful::NotReady)?;
    service.call(request).await.map_err(Unsuccessful::Failed)
}

/// Returns the response of the last attempt, or the error if it has none.
fn finish<R>(
    result: Result<Reply, Error>,
    last: Option<Response<Bytes>>,
) -> Result<Response<ResponseBody<R>>, BoxError> {
    let response = match &result {
        Ok(reply) => {
            let mut response = reply.clone().into_response();
            *response.extensions_mut() = last
                .map(|last| last.into_parts().0.extensions)
                .unwrap_or_default();
            Some(response)
        }
        Err(error) if error.fault().is_none() => last,
        Err(_) => None,
    };
    match (response, result) {
        (Some(mut response), result) => {
            let length = response.body().len();
            // The body of an error is read up to 1 MiB. The response must not announce more than it has.
            if length > 0 && response.headers().contains_key(CONTENT_LENGTH) {
                response.headers_mut().insert(CONTENT_LENGTH, length.into());
            }
            response.extensions_mut().insert(Called::new(result));
            Ok(response.map(|body| ResponseBody::Left(Full::new(body))))
        }
        (None, Err(error)) => Err(error.into()),
        (None, Ok(_)) => Err("a call succeeded without a response".into()),
    }
}

/// Carries out the attempts of one call.
struct Attempts<S, B> {
    inner: S,
    timer: Arc<dyn Timer>,
    body: PhantomData<fn(B)>,
    /// The response of the latest attempt.
    latest: Option<Response<Bytes>>,
}

impl<S, B, R> Wire for &mut Attempts<S, B>
where
    B: Send,
    S: Service<Request<RequestBody<B>>, Response = Response<R>> + Send,
    S::Future: Send,
    S::Error: Into<BoxError>,
    R: Body<Data = Bytes> + Send,
    R::Error: Into<BoxError>,
{
    async fn send(&mut self, outgoing: Outgoing) -> Outcome {
        let https = outgoing.request().uri().scheme() == Some(&Scheme::HTTPS);
        let (exchange, mut request) = Exchange::begin(outgoing);
        let interim = Interim::counting(&mut request);
        let inner = &mut self.inner;
        let extensions = Mutex::new(Extensions::new());
        let sending = pin!(async {
            match ready_call(inner, request.map(RequestBody::Left)).await {
                Ok(mut response) => {
                    mem::swap(&mut *lock(&extensions), response.extensions_mut());
                    Ok(response)
                }
                Err(Unsuccessful::NotReady(error)) => {
                    Err(ExchangeError::sending(error, https).known_unsent(true))
                }
                Err(Unsuccessful::Failed(error)) => Err(ExchangeError::sending(error, https)),
            }
        });
        let sending = interim.bound(sending);
        let outcome = if Handle::try_current().is_ok() {
            exchange.run(sending, ExchangeError::reading).await
        } else {
            let timer = &*self.timer;
            exchange
                .run_with(timer, sending, ExchangeError::reading)
                .await
        };
        self.latest = outcome.as_ref().ok().cloned();
        if let Some(response) = &mut self.latest {
            mem::swap(response.extensions_mut(), &mut *lock(&extensions));
        }
        outcome
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service<ApiRequest> for Client {
    type Response = Reply;
    type Error = Error;
    type Future = BoxFuture<Reply, Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ApiRequest) -> Self::Future {
        let client = self.clone();
        Box::pin(async move { client.execute(request).await })
    }
}
