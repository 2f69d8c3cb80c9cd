//! A connect time-out that differs from request to request.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use tokio::time::{Instant, timeout_at};
use tower_service::Service;

use crate::driver::BoxError;

tokio::task_local! {
    /// When the request that this task is sending gives up connecting.
    ///
    /// A connector receives the address but not the request, so the limit travels with the task. The HTTP library calls the
    /// connector from within the request's future, where the value is set.
    static LIMIT: Option<Instant>;
}

/// A connector with one time limit for the lookup, TCP and TLS together.
///
/// Wrap the connector of a hyper-util client in it, so that the connect time-out of the settings applies to the requests that a
/// [`CallLayer`](crate::tower::CallLayer) sends on the client. Outside of such a request it changes nothing.
///
/// ```
/// use hyper_util::client::legacy::{Client, connect::HttpConnector};
/// use hyper_util::rt::TokioExecutor;
/// use intercom_async::tower::RequestBody;
/// use intercom_async::transport::ConnectLimit;
///
/// type Body = RequestBody<String>;
///
/// let connector = ConnectLimit::new(HttpConnector::new());
/// let client = Client::builder(TokioExecutor::new()).build::<_, Body>(connector);
/// ```
#[derive(Clone, Debug)]
pub struct ConnectLimit<S>(S);

impl<S> ConnectLimit<S> {
    /// Wraps a connector.
    pub fn new(connector: S) -> Self {
        Self(connector)
    }
}

/// Runs `request`, which gives up connecting at `limit`.
pub(in crate::transport) fn within<F: Future>(
    limit: Option<Instant>,
    request: F,
) -> impl Future<Output = F::Output> {
    LIMIT.scope(limit, request)
}

impl<S, D> Service<D> for ConnectLimit<S>
where
    S: Service<D>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: D) -> Self::Future {
        let limit = LIMIT.try_with(|limit| *limit).ok().flatten();
        let connecting = self.0.call(destination);
        Box::pin(async move {
            match limit {
                None => connecting.await.map_err(Into::into),
                Some(limit) => match timeout_at(limit, connecting).await {
                    Ok(connected) => connected.map_err(Into::into),
                    Err(_) => Err(Box::new(ConnectTimedOut) as BoxError),
                },
            }
        })
    }
}

/// Connecting took longer than its limit.
#[derive(Debug)]
pub(super) struct ConnectTimedOut;

impl fmt::Display for ConnectTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connecting took too long")
    }
}

impl std::error::Error for ConnectTimedOut {}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use bytes::Bytes;
    use intercom_protocol::{FaultKind, Outgoing, Phase};

    use super::super::fault::{Stage, kind};
    use super::*;
    use crate::transport::{Exchange, ExchangeError};

    /// A connector that never connects.
    struct Stalled;

    impl Service<()> for Stalled {
        type Response = ();
        type Error = BoxError;
        type Future = core::future::Pending<Result<(), BoxError>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            core::future::pending()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connect_time_out_equal_to_the_whole_time_out_means_not_sent() {
        let limit = Duration::from_secs(2);
        let request = http::Request::get("https://intercom.test/me").body(Bytes::new());
        let outgoing = Outgoing::new(request.unwrap())
            .with_timeout(limit)
            .with_connect_timeout(limit);
        let (exchange, _request) = Exchange::begin(outgoing);
        let sending = async {
            // The library's work before it connects.
            tokio::time::sleep(Duration::from_millis(5)).await;
            let error = ConnectLimit::new(Stalled).call(()).await.unwrap_err();
            Err::<http::Response<String>, _>(ExchangeError {
                kind: kind(&*error, Stage::Connecting { https: true }),
                known_unsent: true,
                source: Some(error),
            })
        };
        let fault = exchange.run(sending, |never| match never {}).await;
        let fault = fault.unwrap_err();
        assert_eq!(
            (fault.phase(), fault.kind()),
            (Phase::NotSent, FaultKind::Timeout)
        );
    }
}
