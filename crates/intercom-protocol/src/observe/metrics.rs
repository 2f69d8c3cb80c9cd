//! Events as metrics of the `metrics` crate.

use std::borrow::Cow;

use intercom_errors::ErrorCode;
use intercom_retry::WaitCause;
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use crate::target::method_name;

use super::{Done, Event, EventKind, Observer, Received};

/// Counts and measures calls with the installed recorder of the `metrics` crate, for example a Prometheus exporter.
///
/// | metric | kind | labels |
/// |---|---|---|
/// | `intercom_api_calls_total` | counter | `route`, `method`, `outcome` |
/// | `intercom_api_call_duration_seconds` | histogram | `route`, `method` |
/// | `intercom_api_requests_total` | counter | `route`, `method`, `status` |
/// | `intercom_api_request_duration_seconds` | histogram | `route`, `method` |
/// | `intercom_api_requests_in_flight` | gauge | |
/// | `intercom_api_errors_total` | counter | `route`, `code`, `status` |
/// | `intercom_api_wait_seconds` | histogram | `cause` |
/// | `intercom_rate_limit` | gauge | |
/// | `intercom_rate_limit_remaining_ratio` | gauge | |
///
/// A request is one attempt; a call is all its attempts and waits. Labels have few distinct values and contain no personal data:
///
/// - `route` is the path without its ids, like `/contacts/{id}`;
/// - `status` is a number, or `none` if no head of a response arrived;
/// - `code` is Intercom's error code if it is a known one, `other` if it is not; without a code it is the category of the
///   error, like `timeout`;
/// - `outcome` is `ok`, the kind of the [`Error`](crate::Error), or `dropped`;
/// - `cause` is that of the [wait](crate::WaitCause) between two attempts, or `gate`.
///
/// `docs/OBSERVING.md` has alert rules.
///
/// ```
/// use intercom_protocol::Config;
/// use intercom_protocol::observe::MetricsObserver;
///
/// MetricsObserver::describe();
/// let config = Config::new("dG9rOjEyMw==").observer(MetricsObserver::new());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MetricsObserver(());

const CALLS: &str = "intercom_api_calls_total";
const CALL_DURATION: &str = "intercom_api_call_duration_seconds";
const REQUESTS: &str = "intercom_api_requests_total";
const REQUEST_DURATION: &str = "intercom_api_request_duration_seconds";
const IN_FLIGHT: &str = "intercom_api_requests_in_flight";
const ERRORS: &str = "intercom_api_errors_total";
const WAIT: &str = "intercom_api_wait_seconds";
const LIMIT: &str = "intercom_rate_limit";
const REMAINING: &str = "intercom_rate_limit_remaining_ratio";

impl MetricsObserver {
    /// Creates an observer. It uses the recorder that is installed when an event happens.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }

    /// Describes the metrics and their units to the recorder. Call it once, after the recorder is installed.
    pub fn describe() {
        describe_counter!(CALLS, "Calls to Intercom's API that have ended");
        describe_histogram!(
            CALL_DURATION,
            Unit::Seconds,
            "Duration of calls, with all waits"
        );
        describe_counter!(REQUESTS, "Requests sent to Intercom's API");
        describe_histogram!(REQUEST_DURATION, Unit::Seconds, "Duration of requests");
        describe_gauge!(IN_FLIGHT, "Requests whose outcome is not known yet");
        describe_counter!(ERRORS, "Requests that failed");
        describe_histogram!(WAIT, Unit::Seconds, "Waits at the gate and before retries");
        describe_gauge!(LIMIT, "Requests that a window allows");
        describe_gauge!(
            REMAINING,
            "Share of the window's requests that is left, from 0 to 1"
        );
    }
}

impl Observer for MetricsObserver {
    fn event(&self, event: &Event<'_>) {
        match event.kind() {
            EventKind::Paced(waited) => {
                histogram!(WAIT, "cause" => "gate").record(waited.as_secs_f64());
            }
            EventKind::Sent => gauge!(IN_FLIGHT).increment(1.0),
            EventKind::Received(received) => {
                gauge!(IN_FLIGHT).decrement(1.0);
                count_request(event, received);
            }
            EventKind::Waiting(wait) => {
                let cause = wait.cause().as_str();
                histogram!(WAIT, "cause" => cause).record(wait.duration().as_secs_f64());
            }
            EventKind::WaitingForScroll(wait) => {
                let cause = WaitCause::ScrollIdle.as_str();
                histogram!(WAIT, "cause" => cause).record(wait.as_secs_f64());
            }
            EventKind::Done(done) => count_call(event, outcome(done)),
            EventKind::Dropped => {
                if event.is_in_flight() {
                    gauge!(IN_FLIGHT).decrement(1.0);
                }
                count_call(event, "dropped");
            }
            EventKind::Queued(_) | EventKind::Stopped(_) => {}
        }
    }
}

fn count_request(event: &Event<'_>, received: &Received<'_>) {
    let status = match received.attempt().status() {
        Some(200) => Cow::Borrowed("200"),
        Some(status) => Cow::Owned(status.to_string()),
        None => Cow::Borrowed("none"),
    };
    let (route, method) = (event.request.route, method_label(event));
    counter!(REQUESTS, "route" => route.clone(), "method" => method.clone(), "status" => status.clone())
        .increment(1);
    histogram!(REQUEST_DURATION, "route" => route.clone(), "method" => method)
        .record(received.took().as_secs_f64());
    if received.class().is_some() {
        counter!(ERRORS, "route" => route.clone(), "code" => code(received), "status" => status)
            .increment(1);
    }
    let limit = received.rate_limit();
    if let (Some(limit), Some(remaining)) = (limit.limit(), limit.remaining()) {
        gauge!(LIMIT).set(f64::from(limit));
        if limit > 0 {
            gauge!(REMAINING).set(f64::from(remaining) / f64::from(limit));
        }
    }
}

fn count_call(event: &Event<'_>, outcome: &'static str) {
    let (route, method) = (event.request.route, method_label(event));
    counter!(CALLS, "route" => route.clone(), "method" => method.clone(), "outcome" => outcome)
        .increment(1);
    histogram!(CALL_DURATION, "route" => route.clone(), "method" => method)
        .record(event.elapsed().as_secs_f64());
}

/// The method, if the API has it: a program can invent others.
fn method_label(event: &Event<'_>) -> Cow<'static, str> {
    match method_name(event.method()) {
        Cow::Owned(_) => Cow::Borrowed("other"),
        known => known,
    }
}

fn outcome(done: &Done) -> &'static str {
    done.error().map_or("ok", crate::ErrorKind::as_str)
}

/// The code of a failure if this crate knows it, otherwise `other`, because a server can invent any number of codes. Without a
/// code, the category.
fn code(received: &Received<'_>) -> String {
    match received.attempt().code().map(ErrorCode::from) {
        Some(ErrorCode::Unknown(_)) => "other".to_owned(),
        Some(code) => code.as_str().to_owned(),
        None => {
            let category = received.class().map(|class| class.category());
            category
                .map_or("none", |category| category.as_str())
                .to_owned()
        }
    }
}
