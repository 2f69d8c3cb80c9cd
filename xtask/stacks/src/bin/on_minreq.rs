//! A loop around minreq.

use std::io::ErrorKind;

use intercom_errors::{ApiError, Fault, FaultKind};
use intercom_retry::{Failure, retry};
use xtask_stacks::{Request, policy, report, sleeper};

fn main() {
    let request = Request::from_args();
    let sending = minreq::Request::new(minreq::Method::Custom(request.method), request.url);
    let sending = sending.with_header("Authorization", format!("Bearer {}", request.token));
    let sending = sending.with_follow_redirects(false);

    let attempt = || -> Result<_, Failure> {
        let response = sending.clone().send().map_err(fault)?;
        has_head(&response)?;
        let headers = response.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
        ApiError::check(response.status_code, headers, response.as_bytes())?;
        Ok(response)
    };
    report(retry(policy(), request.replay, attempt, sleeper()));
}

/// minreq turns a connection that closes before the status line into a 503 without headers.
fn has_head(response: &minreq::Response) -> Result<(), Fault> {
    match response.headers.is_empty() {
        true => Err(Fault::outcome_unknown(FaultKind::Closed)),
        false => Ok(()),
    }
}

/// Only an unknown host and a refused connection certainly mean that nothing was sent.
fn fault(error: minreq::Error) -> Fault {
    let refused = |io: &std::io::Error| io.kind() == ErrorKind::ConnectionRefused;
    match &error {
        minreq::Error::AddressNotFound => Fault::not_sent(FaultKind::Dns),
        minreq::Error::IoError(io) if refused(io) => Fault::not_sent(FaultKind::Connect),
        _ => Fault::outcome_unknown(FaultKind::Closed),
    }
    .with_source(error)
}
