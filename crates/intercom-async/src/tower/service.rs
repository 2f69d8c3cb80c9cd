//! The service that carries out calls on an inner service.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response};
use http_body::Body;
use intercom_protocol::{ApiRequest, Error, Outgoing, Reply};
use tower_service::Service;

use super::body::{self, RequestBody, ResponseBody};
use super::options::{CallOptions, Called};
use crate::Client;
use crate::driver::{self, BoxError, Outcome, Shared, Wire};
use crate::transport::{Exchange, ExchangeError};

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

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that is ready goes into the future; the clone may not be ready.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        if !body::is_short(request.body()) {
            let passed = inner.call(request.map(RequestBody::passed));
            return Box::pin(async {
                Ok(passed.await.map_err(Into::into)?.map(ResponseBody::passed))
            });
        }
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            let options: CallOptions = head.extensions.remove().unwrap_or_default();
            let request = Request::from_parts(head, body::read(body).await?);
            let request = options.apply(ApiRequest::from(request));
            let mut attempts = Attempts {
                inner,
                body: PhantomData,
                is_ready: true,
                response: None,
            };
            let Shared {
                connection, gate, ..
            } = &*shared;
            let result =
                driver::drive(&shared, &mut attempts, connection, gate.as_deref(), request).await;
            finish(result, attempts.response)
        })
    }
}

/// Returns the response of the last attempt, or the error if it has none.
fn finish<R>(
    result: Result<Reply, Error>,
    last: Option<Response<Bytes>>,
) -> Result<Response<ResponseBody<R>>, BoxError> {
    let response = match &result {
        Ok(reply) => Some(reply.clone().into_response()),
        Err(error) if error.fault().is_none() => last,
        Err(_) => None,
    };
    match (response, result) {
        (Some(mut response), result) => {
            response.extensions_mut().insert(Called::new(result));
            Ok(response.map(ResponseBody::whole))
        }
        (None, Err(error)) => Err(error.into()),
        (None, Ok(_)) => Err("a call succeeded without a response".into()),
    }
}

/// Carries out the attempts of one call.
struct Attempts<S, B> {
    inner: S,
    body: PhantomData<fn(B)>,
    /// Whether the inner service has said that it is ready, and was not called since.
    is_ready: bool,
    /// The response of the latest attempt.
    response: Option<Response<Bytes>>,
}

impl<S, B, R> Wire for &mut Attempts<S, B>
where
    S: Service<Request<RequestBody<B>>, Response = Response<R>> + Send,
    S::Future: Send,
    S::Error: Into<BoxError>,
    R: Body<Data = Bytes> + Send,
    R::Error: Into<BoxError>,
{
    async fn send(&mut self, outgoing: Outgoing) -> Outcome {
        let https = outgoing.request().uri().scheme() == Some(&Scheme::HTTPS);
        let (exchange, request) = Exchange::begin(outgoing);
        let was_ready = mem::replace(&mut self.is_ready, false);
        let inner = &mut self.inner;
        let sending = async {
            if !was_ready {
                poll_fn(|context| inner.poll_ready(context)).await?;
            }
            inner.call(request.map(RequestBody::whole)).await
        };
        let sending = async {
            let sent: Result<_, S::Error> = sending.await;
            sent.map_err(|error| ExchangeError::sending(error, https))
        };
        let outcome = exchange.run(sending, ExchangeError::reading).await;
        self.response = outcome.as_ref().ok().cloned();
        outcome
    }
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
