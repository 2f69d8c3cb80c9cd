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

use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use intercom_async::bytes::Bytes;
use intercom_async::http::Response;
use intercom_async::transport::{Incoming, Outgoing, TokioTimer, Transport};
use intercom_async::{ClientBuilder, Error, Fault, FaultKind, async_trait};
use tokio::time::timeout;

struct MyTransport(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

#[async_trait]
impl Transport for MyTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let limit = outgoing.timeout().unwrap_or(std::time::Duration::MAX);
        // The server may have acted on a request that times out, so a write is not retried.
        timeout(limit, self.exchange(outgoing))
            .await
            .unwrap_or_else(|_| Err(Fault::outcome_unknown(FaultKind::Timeout)))
    }
}

impl MyTransport {
    async fn exchange(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let (method, limit) = (outgoing.request().method().clone(), outgoing.body_limit());
        let sending = self.0.request(outgoing.into_request().map(Full::new));
        let lost = |error| Fault::outcome_unknown(FaultKind::Other).with_source(error);
        let (head, mut body) = sending.await.map_err(lost)?.into_parts();

        let mut incoming = Incoming::new(&method, Response::from_parts(head, ()), limit);
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => {
                    let data = frame.into_data().unwrap_or_default();
                    if incoming.push(&data).is_break() {
                        break;
                    }
                }
                Err(error) => return Err(incoming.cut(FaultKind::Closed).with_source(error)),
            }
        }
        incoming.finish()
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
