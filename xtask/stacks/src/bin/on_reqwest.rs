//! A loop around reqwest.

use intercom_errors::{ApiError, Fault, FaultKind};
use intercom_retry::{Failure, retry};
use reqwest::blocking::Client;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use xtask_stacks::{Request, policy, report, sleeper};

fn main() {
    let request = Request::from_args();
    let method = reqwest::Method::from_bytes(request.method.as_bytes()).expect("a method");
    let http = Client::builder().redirect(Policy::none()).no_proxy();
    let http = http.build().expect("a client");

    let attempt = || -> Result<_, Failure> {
        let sending = http.request(method.clone(), &request.url);
        let response = sending.bearer_auth(&request.token).send().map_err(fault)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let broken = |error| cut(status, &headers, error);
        let body = response.bytes().map_err(broken)?;
        ApiError::check(status, parts(&headers), &body)?;
        Ok(body)
    };
    report(retry(policy(), request.replay, attempt, sleeper()));
}

fn parts(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    let headers = headers.iter();
    headers.map(|(name, value)| (name.as_str(), value.as_bytes()))
}

/// Only an error while connecting means that nothing was sent.
fn fault(error: reqwest::Error) -> Fault {
    match error.is_connect() {
        true => Fault::not_sent(FaultKind::Connect),
        false => Fault::outcome_unknown(kind(&error)),
    }
    .with_source(error)
}

/// The head of the response says what was done, even if the body is not complete.
fn cut(status: u16, headers: &HeaderMap, error: reqwest::Error) -> Fault {
    let head = ApiError::from_parts(status, parts(headers), b"");
    Fault::cut(kind(&error), head).with_source(error)
}

fn kind(error: &reqwest::Error) -> FaultKind {
    match error.is_timeout() {
        true => FaultKind::Timeout,
        false => FaultKind::Closed,
    }
}
