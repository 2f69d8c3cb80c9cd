//! The state machine of a call, driven step by step.

use std::time::Duration;

use http::StatusCode;
use intercom_protocol::gate::{Admission, Refusal};
use intercom_protocol::{
    ApiRequest, Call, Category, Config, Error, ErrorKind, Fault, FaultKind, Outgoing, Phase, Reply,
    RetryPolicy, Step, StopReason, UnixTime, WaitCause,
};

use serde_json::json;

use crate::scripted::{Exchange, config, connection, moment, refusal, response, response_with};

const SECOND: Duration = Duration::from_secs(1);

fn begin(request: ApiRequest) -> Call {
    begin_with(request, config())
}

fn begin_with(request: ApiRequest, config: Config) -> Call {
    let connection = config.build().unwrap();
    Call::new(&connection, request, moment(Duration::ZERO))
}

fn admit(call: &mut Call, at: Duration) {
    match call.next(moment(at)) {
        Step::Admit(ask) => call.admitted(ask.free(), moment(at)),
        other => panic!("expected Step::Admit, got {other:?}"),
    }
}

fn outgoing(call: &mut Call, at: Duration) -> Outgoing {
    match call.next(moment(at)) {
        Step::Send(outgoing) => outgoing,
        other => panic!("expected Step::Send, got {other:?}"),
    }
}

fn sleep(call: &mut Call, at: Duration) -> Duration {
    match call.next(moment(at)) {
        Step::Sleep(duration) => duration,
        other => panic!("expected Step::Sleep, got {other:?}"),
    }
}

fn done(call: &mut Call, at: Duration) -> Result<Reply, Error> {
    match call.next(moment(at)) {
        Step::Done(result) => result,
        other => panic!("expected Step::Done, got {other:?}"),
    }
}

/// Makes an attempt at this time, with this outcome.
fn attempt(call: &mut Call, at: Duration, outcome: Exchange) {
    admit(call, at);
    outgoing(call, at);
    call.received(outcome, moment(at));
}

fn reason(error: &Error) -> Option<&'static str> {
    error.stop().map(|stop| stop.reason().as_str())
}

#[test]
fn next_returns_the_same_step_until_it_is_carried_out() {
    let mut call = begin(ApiRequest::get("/me"));
    for _ in 0..2 {
        assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    }
    admit(&mut call, Duration::ZERO);
    for _ in 0..2 {
        assert_eq!(
            outgoing(&mut call, Duration::ZERO).request().uri().path(),
            "/me"
        );
    }
    call.received(response(500, ""), moment(Duration::ZERO));
    let first = sleep(&mut call, Duration::ZERO);
    assert_eq!(sleep(&mut call, Duration::ZERO), first);
    assert_eq!(
        sleep(&mut call, first / 2),
        first - first / 2,
        "the rest of the wait"
    );
}

#[test]
fn an_unexpected_response_is_ignored() {
    let mut call = begin(ApiRequest::get("/me"));
    call.received(response(200, "{}"), moment(Duration::ZERO));
    admit(&mut call, Duration::ZERO);
    call.received(response(200, "{}"), moment(Duration::ZERO));
    outgoing(&mut call, Duration::ZERO);
    call.received(response(404, ""), moment(Duration::ZERO));
    call.received(response(200, "{}"), moment(Duration::ZERO));
    assert_eq!(
        done(&mut call, Duration::ZERO).unwrap_err().status(),
        Some(StatusCode::NOT_FOUND)
    );
}

#[test]
fn a_result_is_returned_once() {
    let mut call = begin(ApiRequest::get("/me"));
    attempt(&mut call, Duration::ZERO, response(200, "{}"));
    assert!(done(&mut call, Duration::ZERO).is_ok());
    let error = done(&mut call, Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStarted);
}

#[test]
fn a_call_with_an_invalid_request_ends_at_once() {
    let mut call = begin(ApiRequest::get("me"));
    let error = done(&mut call, Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[test]
fn a_time_limit_is_cut_to_the_deadline() {
    let config = config()
        .attempt_timeout(30 * SECOND)
        .connect_timeout(10 * SECOND);
    let mut call = begin_with(ApiRequest::get("/me").deadline(12 * SECOND), config.clone());
    admit(&mut call, SECOND);
    let first = outgoing(&mut call, 4 * SECOND);
    assert_eq!(first.timeout(), Some(8 * SECOND));
    assert_eq!(first.connect_timeout(), Some(8 * SECOND));
    let mut call = begin_with(ApiRequest::get("/me").deadline(60 * SECOND), config);
    admit(&mut call, SECOND);
    let first = outgoing(&mut call, SECOND);
    assert_eq!(first.timeout(), Some(30 * SECOND));
    assert_eq!(first.connect_timeout(), Some(10 * SECOND));
}

#[test]
fn nothing_is_sent_after_the_deadline() {
    let mut call = begin(ApiRequest::get("/me").deadline(Duration::ZERO));
    let error = done(&mut call, Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStarted);
    assert!(error.attempts().is_empty() && !error.may_have_been_applied());
    assert_eq!(reason(&error), Some("deadline_exceeded"));
    assert!(error.is_timeout());
    insta::assert_snapshot!(error, @"GET /me: nothing was sent: the deadline left no time for the request");
}

#[test]
fn nothing_is_sent_if_the_deadline_passes_while_the_gate_decides() {
    let mut call = begin(ApiRequest::get("/me").deadline(SECOND));
    admit(&mut call, Duration::ZERO);
    let error = done(&mut call, SECOND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStarted);
}

#[test]
fn a_deadline_that_passes_during_a_wait_reports_the_last_error() {
    let mut call = begin(ApiRequest::get("/me").deadline(10 * SECOND));
    attempt(&mut call, Duration::ZERO, response(500, ""));
    sleep(&mut call, Duration::ZERO);
    let error = done(&mut call, 11 * SECOND).unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(reason(&error), Some("deadline_exceeded"));
    assert_eq!(error.elapsed(), 11 * SECOND);
}

#[test]
fn a_refusal_by_the_gate_ends_the_call_and_says_when_to_try_again() {
    let mut call = begin(ApiRequest::get("/me"));
    let Step::Admit(_ask) = call.next(moment(Duration::ZERO)) else {
        panic!("expected Step::Admit")
    };
    let refusal = Refusal::new().with_retry_after(6 * SECOND);
    call.admitted(Admission::Refused(refusal), moment(SECOND));
    let error = done(&mut call, 2 * SECOND).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStarted);
    assert_eq!(reason(&error), Some("refused"));
    assert_eq!(error.retry_at(), UnixTime::from_secs(1_711_100_007));
    insta::assert_snapshot!(error, @"GET /me: nothing was sent: the gate refused the request; worth trying again in 6.0 s");
}

#[test]
fn a_refusal_by_the_gate_after_an_attempt_reports_the_error_of_the_attempt() {
    let mut call = begin(ApiRequest::get("/me"));
    attempt(&mut call, Duration::ZERO, response(502, ""));
    let slept = sleep(&mut call, Duration::ZERO);
    assert!(matches!(call.next(moment(slept)), Step::Admit(_)));
    call.admitted(Admission::Refused(Refusal::new()), moment(slept));
    let error = done(&mut call, slept).unwrap_err();
    assert_eq!(
        (error.status(), reason(&error)),
        (Some(StatusCode::BAD_GATEWAY), Some("refused"))
    );
}

#[test]
fn a_retry_asks_the_gate_with_its_number_and_the_start_of_the_call() {
    let mut call = begin(ApiRequest::get("/me").deadline(60 * SECOND));
    attempt(&mut call, SECOND, response(500, ""));
    let slept = sleep(&mut call, SECOND);
    let Step::Admit(ask) = call.next(moment(SECOND + slept)) else {
        panic!("expected Step::Admit")
    };
    assert_eq!(ask.attempt(), 2);
    assert_eq!(ask.began().since_origin(), Duration::ZERO);
    assert_eq!(ask.give_up_at().unwrap().since_origin(), 60 * SECOND);
}

#[test]
fn a_reply_contains_every_attempt_and_the_elapsed_time() {
    let mut call = begin(ApiRequest::get("/me"));
    attempt(
        &mut call,
        SECOND,
        refusal(500, "server_error", "Server Error"),
    );
    let slept = sleep(&mut call, SECOND);
    attempt(&mut call, SECOND * 2 + slept, response(200, "{}"));
    let reply = done(&mut call, SECOND * 2 + slept).unwrap();
    let lines: Vec<_> = reply
        .attempts()
        .iter()
        .map(|attempt| {
            (
                attempt.number(),
                attempt.status(),
                attempt.code(),
                attempt.request_id(),
                attempt.wait().map(|wait| (wait.duration(), wait.cause())),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (
                1,
                Some(500),
                Some("server_error"),
                Some("req-1"),
                Some((slept, WaitCause::Backoff))
            ),
            (2, Some(200), None, None, None)
        ]
    );
    assert_eq!(reply.elapsed(), SECOND * 2 + slept);
}

#[test]
fn an_outcome_has_the_time_at_which_it_was_reported() {
    let mut call = begin(ApiRequest::get("/me"));
    attempt(&mut call, SECOND, response(500, ""));
    let wait = Duration::from_millis(500);
    assert_eq!(sleep(&mut call, SECOND + wait / 5), wait - wait / 5);
    attempt(&mut call, 2 * SECOND, response(200, "{}"));
    let reply = done(&mut call, 9 * SECOND).unwrap();
    assert_eq!(reply.elapsed(), 2 * SECOND);
}

#[test]
fn every_attempt_sends_the_same_request() {
    let body =
        json!({ "query": { "field": "email", "operator": "=", "value": "ada@example.org" } });
    let request = ApiRequest::post("/contacts/search")
        .query("per_page", 5)
        .header("x-trace", "7")
        .json(&body);
    let mut call = begin(request);
    let mut sent = Vec::new();
    let mut at = Duration::ZERO;
    for _ in 0..4 {
        admit(&mut call, at);
        // A second `next` returns the same request.
        for _ in 0..2 {
            sent.push(outgoing(&mut call, at).into_request());
        }
        call.received(response(503, ""), moment(at));
        match call.next(moment(at)) {
            Step::Sleep(wait) => at += wait,
            Step::Done(result) => assert_eq!(result.unwrap_err().attempts().len(), 4),
            other => panic!("{other:?}"),
        }
    }
    let first = &sent[0];
    assert_eq!(first.headers()["x-trace"], "7");
    for again in &sent {
        assert_eq!(again.method(), first.method());
        assert_eq!(again.uri(), first.uri());
        assert_eq!(again.headers(), first.headers());
        assert_eq!(again.body(), first.body());
    }
}

#[test]
fn a_call_with_one_attempt_allocates_its_request_a_copy_and_the_request_id() {
    let connection = connection();
    let now = || moment(Duration::ZERO);
    let call = || {
        let request = ApiRequest::get("/me");
        let response = response_with(200, &[("x-request-id", "req-1")], "{}");
        allocation_counter::measure(|| {
            let mut call = Call::new(&connection, request, now());
            attempt(&mut call, Duration::ZERO, response);
            done(&mut call, Duration::ZERO).unwrap();
        })
    };
    // The first call also marks the parts of the connection as shared.
    call();
    let request = ApiRequest::get("/me");
    let twice = allocation_counter::measure(|| {
        let http = connection.http_request(&request).unwrap();
        drop((http.clone(), http));
    });
    assert_eq!(call().count_total, twice.count_total + 1);
}

#[test]
fn the_status_page_is_another_host_and_never_receives_the_token() {
    let page = connection().status_page();
    let request = ApiRequest::get("/api/v2/status.json");
    let sent = page.http_request(&request).unwrap();
    assert_eq!(sent.uri().host(), Some("www.intercomstatus.com"));
    assert!(!sent.headers().contains_key("authorization"));
    assert!(sent.headers().contains_key("user-agent"));
}

mod deleting {
    use super::{Duration, attempt, begin, done, sleep};
    use crate::scripted::{refusal, response, response_with};
    use intercom_protocol::{ApiRequest, Fault, FaultKind};

    fn not_found() -> crate::scripted::Exchange {
        response_with(
            404,
            &[
                ("x-request-id", "req-2"),
                ("date", "Fri, 22 Mar 2024 09:33:20 GMT"),
            ],
            r#"{"type":"error.list","errors":[{"code":"not_found","message":"User Not Found"}]}"#,
        )
    }

    #[test]
    fn a_404_after_an_ambiguous_delete_is_a_success_and_keeps_the_response() {
        let mut call = begin(ApiRequest::delete("/contacts/1"));
        attempt(&mut call, Duration::ZERO, response(500, ""));
        let at = sleep(&mut call, Duration::ZERO);
        attempt(&mut call, at, not_found());
        let reply = done(&mut call, at).unwrap();
        assert_eq!(reply.status(), 404);
        assert_eq!(reply.request_id(), Some("req-2"));
        assert_eq!(reply.attempts()[1].request_id(), Some("req-2"));
        assert!(reply.clock_offset_ms().is_some());
        assert!(reply.body().starts_with(b"{\"type\":\"error.list\""));
        reply.json::<()>().expect("the contact is deleted");
        assert_eq!(reply.json::<Option<String>>().unwrap(), None);
    }

    #[test]
    fn a_404_on_the_first_delete_is_an_error() {
        let mut call = begin(ApiRequest::delete("/contacts/1"));
        attempt(&mut call, Duration::ZERO, not_found());
        assert!(done(&mut call, Duration::ZERO).unwrap_err().is_not_found());
    }

    #[test]
    fn a_404_after_a_delete_that_was_refused_or_not_sent_is_an_error() {
        for first in [
            refusal(
                429,
                "rate_limit_exceeded",
                "Exceeded rate limit of 1 in 10_seconds",
            ),
            Err(Fault::not_sent(FaultKind::Connect)),
        ] {
            let mut call = begin(ApiRequest::delete("/contacts/1"));
            attempt(&mut call, Duration::ZERO, first);
            let at = sleep(&mut call, Duration::ZERO);
            attempt(&mut call, at, not_found());
            assert!(done(&mut call, at).unwrap_err().is_not_found());
        }
    }

    #[test]
    fn a_404_about_the_input_is_never_a_success() {
        let mut call = begin(ApiRequest::delete("/contacts/1"));
        attempt(&mut call, Duration::ZERO, response(500, ""));
        let at = sleep(&mut call, Duration::ZERO);
        attempt(
            &mut call,
            at,
            refusal(404, "parameter_invalid", "no such path"),
        );
        let error = done(&mut call, at).unwrap_err();
        assert!(error.is_validation() && error.may_have_been_applied());
    }
}

mod conflicts {
    use super::{Duration, admit, attempt, begin, done, outgoing, reason, sleep};
    use crate::scripted::{Exchange, moment, refusal, response};
    use http::StatusCode;
    use intercom_protocol::gate::{Admission, Refusal};
    use intercom_protocol::{ApiRequest, Error, ErrorKind, Fault, FaultKind, Step};

    fn exists() -> Exchange {
        refusal(
            409,
            "conflict",
            "A contact matching those details already exists with id=5f1",
        )
    }

    fn lost() -> Exchange {
        Err(Fault::outcome_unknown(FaultKind::Closed))
    }

    /// The error of a call with this request and these outcomes.
    fn error_after(
        request: ApiRequest,
        outcomes: impl IntoIterator<Item = Exchange>,
    ) -> (ErrorKind, Error) {
        let mut call = begin(request);
        let mut at = Duration::ZERO;
        for outcome in outcomes {
            if at > Duration::ZERO {
                at += sleep(&mut call, at);
            }
            attempt(&mut call, at, outcome);
            at += Duration::from_nanos(1);
        }
        let error = done(&mut call, at).unwrap_err();
        (error.kind(), error)
    }

    fn write() -> ApiRequest {
        ApiRequest::post("/contacts").replayable(true)
    }

    #[test]
    fn conflict_on_retry_of_ambiguous_write_is_maybe_applied() {
        let (kind, error) = error_after(write(), [lost(), exists()]);
        assert_eq!(kind, ErrorKind::MaybeApplied);
        assert!(error.is_conflict() && error.may_have_been_applied());
        assert_eq!(error.status(), Some(StatusCode::CONFLICT));
        let api = error.api().unwrap();
        assert_eq!(api.existing_contact().unwrap().id(), "5f1");
        assert_eq!(error.request_id(), Some("req-1"));
        assert_eq!(error.attempts().len(), 2);
        assert_eq!(reason(&error), Some("not_retryable"));
        insta::assert_snapshot!(error, @"POST /contacts: an earlier attempt may have been applied, and the retry failed with a conflict: 409 conflict: use the existing contact 5f1 (request req-1); sent 2 times");
    }

    #[test]
    fn any_conflict_after_any_ambiguous_failure_is_maybe_applied() {
        let cut = || {
            let conflict = exists().unwrap();
            let conflict = intercom_protocol::ApiError::from_response(&conflict);
            Err(Fault::cut(FaultKind::Closed, conflict))
        };
        let busy = || refusal(429, "rate_limit_exceeded", "Exceeded rate limit");
        for (name, outcomes) in [
            ("500", vec![response(500, ""), exists()]),
            ("cut success", vec![response(200, "<html>"), exists()]),
            ("rate limit between", vec![lost(), busy(), exists()]),
            (
                "resource_conflict",
                vec![lost(), refusal(409, "resource_conflict", "")],
            ),
            (
                "unique_user_constraint",
                vec![lost(), refusal(409, "unique_user_constraint", "")],
            ),
            ("bare 409", vec![lost(), response(409, "")]),
            ("cut 409", vec![lost(), cut()]),
        ] {
            let (kind, error) = error_after(write(), outcomes);
            assert_eq!(kind, ErrorKind::MaybeApplied, "{name}: {error}");
            assert!(error.is_conflict(), "{name}");
        }
    }

    #[test]
    fn conflict_that_no_earlier_attempt_can_have_caused_is_an_api_error() {
        let unsent = || Err(Fault::not_sent(FaultKind::Connect));
        for (name, request, outcomes) in [
            ("on the first attempt", write(), vec![exists()]),
            (
                "after a request never sent",
                write(),
                vec![unsent(), exists()],
            ),
            (
                "after a rate limit",
                write(),
                vec![refusal(429, "rate_limit_exceeded", ""), exists()],
            ),
            (
                "on a read",
                ApiRequest::post("/contacts/search"),
                vec![lost(), exists()],
            ),
        ] {
            let (kind, error) = error_after(request, outcomes);
            assert_eq!(kind, ErrorKind::Api, "{name}");
            assert!(
                error.is_conflict() && !error.may_have_been_applied(),
                "{name}"
            );
        }
    }

    #[test]
    fn refusal_of_the_retry_without_a_conflict_is_an_api_error() {
        let (kind, error) = error_after(
            write(),
            [lost(), refusal(422, "parameter_invalid", "no such role")],
        );
        assert_eq!(kind, ErrorKind::Api);
        assert!(error.may_have_been_applied());
    }

    #[test]
    fn conflict_that_may_pass_is_an_api_error() {
        let mut call = begin(ApiRequest::put("/teams/1"));
        attempt(&mut call, Duration::ZERO, response(500, ""));
        let at = sleep(&mut call, Duration::ZERO);
        admit(&mut call, at);
        outgoing(&mut call, at);
        let busy = refusal(
            409,
            "conflict",
            "The members of this team are being changed by another request. Try again.",
        );
        call.received(busy, moment(at));
        let at = at + sleep(&mut call, at);
        assert!(matches!(call.next(moment(at)), Step::Admit(_)));
        call.admitted(Admission::Refused(Refusal::new()), moment(at));
        let error = done(&mut call, at).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api);
        assert!(error.is_conflict() && error.may_have_been_applied());
    }
}

#[test]
fn a_decode_error_of_a_write_may_have_been_applied() {
    for (request, applied) in [
        (ApiRequest::post("/messages"), true),
        (ApiRequest::put("/contacts/1"), true),
        (ApiRequest::get("/contacts/1"), false),
        (ApiRequest::post("/contacts/search"), false),
    ] {
        let line = format!("{} {}", request.method(), request.path());
        let mut call = begin(request);
        attempt(&mut call, Duration::ZERO, response(200, r#"{"id":7}"#));
        let error = done(&mut call, Duration::ZERO)
            .unwrap()
            .json::<Vec<u8>>()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.may_have_been_applied(), applied, "{line}");
    }
}

#[test]
fn a_read_that_is_marked_replayable_is_still_a_read() {
    for request in [
        ApiRequest::get("/contacts"),
        ApiRequest::post("/contacts/search"),
    ] {
        let mut call = begin(request.replayable(true).policy(RetryPolicy::none()));
        attempt(&mut call, Duration::ZERO, response(500, ""));
        let error = done(&mut call, Duration::ZERO).unwrap_err();
        assert!(!error.may_have_been_applied());
        assert_eq!(reason(&error), Some("attempts_exhausted"));
    }
}

#[test]
fn the_clock_offset_of_the_last_response_is_kept_after_a_fault() {
    let dated =
        |status, body| response_with(status, &[("date", "Fri, 22 Mar 2024 09:43:20 GMT")], body);
    let mut call = begin(
        ApiRequest::get("/me").policy(RetryPolicy::builder().max_attempts(2).build().unwrap()),
    );
    attempt(&mut call, Duration::ZERO, dated(500, ""));
    let at = sleep(&mut call, Duration::ZERO);
    attempt(
        &mut call,
        at,
        Err(Fault::outcome_unknown(FaultKind::Closed)),
    );
    let error = done(&mut call, at).unwrap_err();
    assert_eq!(error.clock_offset_ms(), Some(600_500));
    assert_eq!(
        error.stop().unwrap().reason(),
        StopReason::AttemptsExhausted
    );
}

/// A response of 5 bytes that announced 34, from an HTTP library that does not check the length.
fn cut_off(status: u16) -> Exchange {
    response_with(status, &[("content-length", "34")], "{\"id\"")
}

#[test]
fn a_body_shorter_than_announced_is_cut_even_if_the_transport_returns_it() {
    let mut read = begin(ApiRequest::get("/contacts/5f1"));
    attempt(&mut read, Duration::ZERO, cut_off(200));
    let wait = sleep(&mut read, Duration::ZERO);
    attempt(&mut read, wait, response(200, "{}"));
    assert!(done(&mut read, wait).is_ok());

    let mut write = begin(ApiRequest::post("/messages"));
    attempt(&mut write, Duration::ZERO, cut_off(200));
    let error = done(&mut write, SECOND).unwrap_err();
    let fault = error.fault().unwrap();
    assert_eq!(
        (fault.phase(), fault.kind()),
        (Phase::Cut, FaultKind::Closed)
    );
    assert_eq!(fault.response().unwrap().body().bytes(), b"{\"id\"");
    assert!(error.may_have_been_applied());
}

#[test]
fn a_body_beyond_the_limit_is_refused_even_if_the_driver_read_it() {
    let mut call = begin_with(ApiRequest::get("/me"), config().body_limit(4));
    attempt(&mut call, Duration::ZERO, response(200, "{\"a\":1}"));
    let error = done(&mut call, Duration::ZERO).unwrap_err();
    assert_eq!(error.fault().unwrap().kind(), FaultKind::TooLarge);

    let mut call = begin_with(ApiRequest::get("/me"), config().body_limit(4));
    attempt(&mut call, Duration::ZERO, response(404, "{\"a\":1}"));
    let error = done(&mut call, Duration::ZERO).unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
}

#[test]
fn call_tells_what_its_latest_failure_means_but_shows_no_id() {
    let mut call = begin(ApiRequest::get("/contacts/5f1"));
    assert_eq!(call.failure_class(), None);
    attempt(&mut call, Duration::ZERO, response(503, ""));
    let class = call.failure_class().map(|class| class.category());
    assert_eq!(class, Some(Category::Server));
    assert_eq!(
        format!("{call:?}"),
        r#"Call { method: GET, route: "/contacts/{id}", attempt: 2, .. }"#
    );
}
