//! A limit on connecting that differs from request to request.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

tokio::task_local! {
    /// How long the request that this task is sending may take to connect.
    ///
    /// A connector is told the address and nothing of the request, so the limit travels with the task. The HTTP library
    /// calls the connector from within the request's own future, where the value is set.
    static LIMIT: Option<Duration>;
}

/// A connector bounded in time as a whole: name, TCP and TLS.
#[derive(Clone, Debug)]
pub(super) struct ConnectLimit<S>(S);

impl<S> ConnectLimit<S> {
    pub(super) fn new(connector: S) -> Self {
        Self(connector)
    }
}

/// Runs a request whose connecting may take this long.
pub(super) async fn within<F: Future>(limit: Option<Duration>, request: F) -> F::Output {
    LIMIT.scope(limit, request).await
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
                Some(limit) => match tokio::time::timeout(limit, connecting).await {
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
