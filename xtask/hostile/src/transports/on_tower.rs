//! The tower layer of the async client, over a client of hyper-util.

use http_body_util::Full;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use intercom_async::tower::{CallOptions, Called};
use intercom_async::transport::{ConnectLimit, TokioTimer};
use intercom_protocol::{ApiRequest, Config, Error, Replay, Reply};
use tower::{Layer, ServiceExt};

use super::{Call, Failed, driven, trusting};

pub(super) fn connect(config: Config, root: &str) -> Result<Call, Failed> {
    let connection = config.clone().build()?;
    let builder = intercom_async::ClientBuilder::from(config);
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(trusting(root)?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    let client = Client::builder(TokioExecutor::new()).build(ConnectLimit::new(https));
    let service = builder.build_layer(TokioTimer::default())?.layer(client);
    driven(move |request| {
        let sent = connection.http_request(&request).map(|complete| {
            let mut complete = complete.map(Full::new);
            complete.extensions_mut().insert(options(&request));
            service.clone().oneshot(complete)
        });
        async move {
            match sent?.await {
                Ok(response) => result(response.into_parts().0.extensions.remove()),
                Err(error) => Err(*error.downcast::<Error>().map_err(other)?),
            }
        }
    })
}

/// The result of the call to which a response belongs.
fn result(called: Option<Called>) -> Result<Reply, Error> {
    let result = called.and_then(Called::into_result);
    result.unwrap_or_else(|| Err(other("a response without the result of its call")))
}

fn other(why: impl std::fmt::Display) -> Error {
    Error::configuration("tower", why.to_string())
}

/// The settings of a call, which a request that is already complete does not have.
fn options(request: &ApiRequest) -> CallOptions {
    let mut options = CallOptions::default();
    if request.replay() == Replay::Allowed {
        options = options.replayable(true);
    }
    if let Some(limit) = request.time_limit() {
        options = options.deadline(limit);
    }
    if let Some(policy) = request.own_policy() {
        options = options.policy(policy.clone());
    }
    options
}
