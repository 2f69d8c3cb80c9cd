//! The export of message data: a job, and a compressed table.

use http::StatusCode;
use serde_json::{Value, json};

use super::Exchange;
use crate::clock::Now;
use crate::response::{Outcome, Refusal, Response};
use crate::store::exports::Job;

/// Starts a job, unless one is active.
pub(super) fn start(exchange: &mut Exchange<'_>) -> Outcome {
    let after = required(exchange, "created_at_after")?;
    required(exchange, "created_at_before")?;
    match exchange.store.exports.start(after, exchange.now) {
        Some(job) => Ok(Response::ok(&shown(job, exchange.now))),
        None => Err(Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_exceeded",
            "Exceeded rate limit of 1 pending message data export jobs",
        )),
    }
}

pub(super) fn show(exchange: &mut Exchange<'_>) -> Outcome {
    let job = find(exchange)?;
    Ok(Response::ok(&shown(job, exchange.now)))
}

pub(super) fn download(exchange: &mut Exchange<'_>) -> Outcome {
    let job = find(exchange)?;
    if job.status(exchange.now) == "completed" {
        return Ok(Response::gzip(job.csv().as_bytes()));
    }
    Err(Refusal::not_found("Export data not found"))
}

fn find<'e>(exchange: &'e Exchange<'_>) -> Result<&'e Job, Refusal> {
    let job = exchange
        .store
        .exports
        .find(exchange.segment(3), exchange.now);
    job.ok_or_else(|| Refusal::not_found("Export job not found"))
}

fn shown(job: &Job, now: Now) -> Value {
    let status = job.status(now);
    let url = if status == "completed" {
        format!("https://api.intercom.io/download/content/data/{}", job.id)
    } else {
        String::new()
    };
    json!({
        "job_identifier": job.id,
        "status": status,
        "download_url": url,
        "download_expires_at": job.expires_at().to_string(),
    })
}

fn required(exchange: &Exchange<'_>, field: &str) -> Result<u64, Refusal> {
    let given = exchange.body.get(field).and_then(Value::as_u64);
    given.ok_or_else(|| Refusal::missing(format!("{field} not specified")))
}
