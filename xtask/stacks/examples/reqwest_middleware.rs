//! Retries calls to Intercom in a middleware of reqwest-middleware. A program adds it to the client that it already has.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run --manifest-path xtask/stacks/Cargo.toml --example reqwest_middleware -- /me
//! ```
//!
//! With a real token, set `INTERCOM_BASE_URL=https://api.intercom.io`, and enable the feature `rustls` of reqwest.

use std::time::{Duration, SystemTime};

use http::Extensions;
use intercom_errors::{ApiError, Fault, FaultKind, UnixTime};
use intercom_retry::{Failure, GaveUp, Moment, Replay, RetryPolicy, Tick, retry_async};
use reqwest::header::HeaderMap;
use reqwest::{Method, Request, Response, redirect};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error, Middleware, Next, Result};
use tokio::time::{Instant, sleep};

/// Sends a request until it succeeds, or until it should not be sent again. Its errors contain a [`GaveUp`].
///
/// It reads each response, because the body says what an error means. Do not use it for downloads.
///
/// What reqwest does not tell: whether a request was sent, unless connecting failed. So give the client a connect time-out.
/// A write that meets the time-out of the whole request is not sent again.
#[derive(Clone, Debug, Default)]
pub struct RetryIntercom {
    /// When to send a request again.
    pub policy: RetryPolicy,
}

#[async_trait::async_trait]
impl Middleware for RetryIntercom {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        // A streamed body cannot be sent twice.
        if request.try_clone().is_none() {
            return next.run(request, extensions).await;
        }
        let replay = match *request.method() {
            Method::GET | Method::HEAD => Replay::Read,
            Method::PUT | Method::DELETE => Replay::Idempotent,
            // Creating something twice makes two of it.
            _ => Replay::No,
        };
        let send = || {
            let request = request.try_clone();
            let (mut extensions, next) = (extensions.clone(), next.clone());
            async move {
                let request = request.ok_or_else(|| Fault::not_sent(FaultKind::Other))?;
                let sent = next.run(request, &mut extensions).await;
                checked(sent.map_err(without_response)?).await
            }
        };
        let start = Instant::now();
        let wait = async |duration| {
            sleep(duration).await;
            moment(start)
        };
        let result = retry_async(self.policy.clone(), replay, send, wait).await;
        result.map_err(Error::middleware)
    }
}

/// Reads the response, and returns it unless it is an error.
async fn checked(response: Response) -> std::result::Result<Response, Failure> {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.map_err(|error| {
        let head = ApiError::from_parts(status.as_u16(), parts(&headers), b"");
        Fault::cut(kind(&error), head).with_source(error.without_url())
    })?;
    ApiError::check(status.as_u16(), parts(&headers), &body)?;
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response.into())
}

fn parts(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    let headers = headers.iter();
    headers.map(|(name, value)| (name.as_str(), value.as_bytes()))
}

fn without_response(error: Error) -> Fault {
    let error = error.without_url();
    match &error {
        Error::Reqwest(cause) if cause.is_connect() => Fault::not_sent(FaultKind::Connect),
        Error::Reqwest(cause) => Fault::outcome_unknown(kind(cause)),
        Error::Middleware(_) => Fault::outcome_unknown(FaultKind::Other),
    }
    .with_source(error)
}

fn kind(error: &reqwest::Error) -> FaultKind {
    match error.is_timeout() {
        true => FaultKind::Timeout,
        false => FaultKind::Closed,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program reads the clocks; the crates do not"
)]
fn moment(start: Instant) -> Moment {
    let moment = Moment::new(Tick::new(start.elapsed())).with_roll(fastrand::u64(..));
    let wall = UnixTime::try_from(SystemTime::now());
    wall.map_or(moment, |wall| moment.with_wall(wall))
}

/// Makes a client that retries, and never sends the token elsewhere.
pub fn client(policy: RetryPolicy) -> reqwest::Result<ClientWithMiddleware> {
    let client = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(60))
        .build()?;
    Ok(ClientBuilder::new(client)
        .with(RetryIntercom { policy })
        .build())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "/me".to_owned());
    let url = std::env::var("INTERCOM_BASE_URL")? + &path;
    let request = client(RetryPolicy::default())?.get(url);
    let token = std::env::var("INTERCOM_ACCESS_TOKEN")?;
    match request.bearer_auth(token).send().await {
        Ok(response) => println!("{path}: {}", response.status()),
        Err(error) => {
            eprintln!("{error}");
            if let Error::Middleware(error) = &error
                && let Some(gave_up) = error.downcast_ref::<GaveUp>()
                && let Some(wait) = gave_up.stop().retry_after()
            {
                eprintln!("it is worth trying again in {} s", wait.as_secs());
            }
            std::process::exit(1);
        }
    }
    Ok(())
}
