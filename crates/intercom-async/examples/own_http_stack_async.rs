//! Makes calls with your own HTTP library: here, a client of `hyper-util` as a transport for `build_with`.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-async --example own_http_stack_async
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use intercom_async::bytes::Bytes;
use intercom_async::http::Response;
use intercom_async::transport::{
    Exchange, ExchangeError, MarkedBody, Outgoing, TokioTimer, Transport,
};
use intercom_async::{ClientBuilder, Error, Fault, FaultKind, async_trait};

struct MyTransport(Client<HttpsConnector<HttpConnector>, MarkedBody>);

#[async_trait]
impl Transport for MyTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        // Finds out whether a request that failed was sent, so that a write is not sent twice.
        let (exchange, request) = Exchange::begin(outgoing);
        let sending = async {
            self.0.request(request).await.map_err(|error| {
                let known_unsent = error.is_connect();
                ExchangeError::new(FaultKind::Other, error).known_unsent(known_unsent)
            })
        };
        let read_error = |error| ExchangeError::new(FaultKind::Closed, error);
        exchange.run(sending, read_error).await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Error> {
    let https = HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1();
    let http = Client::builder(TokioExecutor::new()).build(https.build());
    let builder = ClientBuilder::from_env()?;
    let client = builder.build_with(MyTransport(http), TokioTimer::default())?;

    let reply = client.me().await?;
    println!(
        "/me: {} (attempts: {})",
        reply.status(),
        reply.attempts().len()
    );
    Ok(())
}
