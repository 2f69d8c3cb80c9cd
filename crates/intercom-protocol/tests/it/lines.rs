//! The line of an error: what went wrong, what to do, how the call ended.

use std::time::Duration;

use http::Method;
use intercom_protocol::{
    Action, ApiError, ApiRequest, Caller, Config, Error, Fault, FaultKind, StopReason, ready,
};

use crate::scripted::{Exchange, ScriptedCaller, refusal, response, response_with};

/// The error of a call with these outcomes.
fn error(method: Method, responses: impl IntoIterator<Item = Exchange>) -> Error {
    error_at(method, "/messages", responses)
}

fn error_at(method: Method, path: &str, responses: impl IntoIterator<Item = Exchange>) -> Error {
    let caller = ScriptedCaller::new(responses);
    let request = ApiRequest::new(method, path).deadline(Duration::from_secs(30));
    ready(caller.call(request)).unwrap().unwrap_err()
}

fn timeout() -> Exchange {
    Err(Fault::outcome_unknown(FaultKind::Timeout))
}

#[test]
fn advice_on_a_write_with_an_unknown_outcome_is_to_check_first() {
    insta::assert_snapshot!(error(Method::POST, [response(500, "")]), @"POST /messages: 500: the request may have been applied, so check before sending it again");
    insta::assert_snapshot!(error(Method::POST, [timeout()]), @"POST /messages: timed out: the request may have been applied, so check before sending it again");
}

#[test]
fn advice_on_a_read_with_an_unknown_outcome_is_to_try_again() {
    let responses = [timeout(), timeout(), timeout(), timeout()];
    insta::assert_snapshot!(error(Method::GET, responses), @"GET /messages: timed out: try again, and check the status page if the error persists; sent 4 times; gave up: the last allowed attempt failed; worth trying again in 4.0 s");
}

#[test]
fn advice_on_a_scroll_whose_page_may_be_lost_is_to_start_it_again() {
    let cut = || {
        let part = ApiError::from_parts(200, [], b"{");
        Err(Fault::cut(FaultKind::Closed, part))
    };
    for lost in [timeout, cut, || response(500, "")] {
        let error = error_at(Method::GET, "/companies/scroll?scroll_param=s", [lost()]);
        assert_eq!(error.class().unwrap().action(), Action::RestartScroll);
        assert_eq!(error.advice(), Some(Action::RestartScroll.meaning()));
        assert_eq!(error.fixes().count(), 1, "{error}");
    }
    let unreachable = || Err(Fault::not_sent(FaultKind::Connect));
    let unsent = [unreachable(), unreachable(), unreachable(), unreachable()];
    let error = error_at(Method::GET, "/companies/scroll", unsent);
    assert_eq!(error.class().unwrap().action(), Action::CheckConnection);
}

#[test]
fn the_steps_of_a_known_case_replace_those_of_its_action() {
    let fixes = |error: Error| error.fixes().map(|step| step.fix()).collect::<Vec<_>>();
    let missing = error_at(Method::POST, "/events", [response(404, "")]);
    let known = missing.api().unwrap().known_case().unwrap();
    assert_eq!(known.name(), "event_without_contact");
    assert_eq!(fixes(missing), known.fixes());
    let other = error_at(Method::GET, "/contacts/5f1a", [response(404, "")]);
    assert_eq!(fixes(other), Action::VerifyId.fixes());
}

#[test]
fn a_request_that_was_never_sent_needs_no_check() {
    let unreachable = || Err(Fault::not_sent(FaultKind::Connect));
    let responses = [unreachable(), unreachable(), unreachable(), unreachable()];
    insta::assert_snapshot!(error(Method::POST, responses), @"POST /messages: no connection could be made; nothing was sent: check the host, the network and the certificates; tried 4 times; gave up: the last allowed attempt failed; worth trying again in 4.0 s");
}

#[test]
fn an_idempotent_write_needs_no_check() {
    let responses = [
        response(500, ""),
        response(500, ""),
        response(500, ""),
        response(500, ""),
    ];
    insta::assert_snapshot!(error(Method::PUT, responses), @"PUT /messages: 500: try again, and check the status page if the error persists; sent 4 times; gave up: the last allowed attempt failed; worth trying again in 4.0 s; an earlier attempt may have been applied");
}

#[test]
fn advice_on_a_deadline_that_cuts_an_attempt_short_is_more_time() {
    let caller = ScriptedCaller::new([]).each_takes(Duration::from_secs(40));
    let request = ApiRequest::get("/me").deadline(Duration::from_secs(1));
    let error = ready(caller.call(request)).unwrap().unwrap_err();
    insta::assert_snapshot!(error, @"GET /me: timed out: no response arrived before the deadline, so allow the call more time; worth trying again in 0.5 s");
}

#[test]
fn a_deadline_does_not_hide_a_failed_connection() {
    let caller = ScriptedCaller::new([Err(Fault::not_sent(FaultKind::Timeout))]);
    let request = ApiRequest::get("/me").deadline(Duration::from_millis(100));
    let error = ready(caller.call(request)).unwrap().unwrap_err();
    assert_eq!(error.stop().unwrap().reason(), StopReason::DeadlineExceeded);
    let own = error.fault().unwrap().class().action().meaning();
    assert_eq!(error.advice(), Some(own));
}

#[test]
fn a_refusal_after_an_ambiguous_attempt_keeps_its_advice() {
    let responses = [response(500, ""), refusal(422, "parameter_invalid", "m")];
    insta::assert_snapshot!(error(Method::PUT, responses), @"PUT /messages: 422 parameter_invalid: correct the input (request req-1); sent 2 times; an earlier attempt may have been applied");
}

#[test]
fn a_wait_beyond_the_deadline_says_when_to_try_again() {
    let busy = response_with(429, &[("retry-after", "45")], "");
    insta::assert_snapshot!(error(Method::POST, [busy]), @"POST /messages: 429: wait, then send it again; gave up: the deadline leaves no time for another attempt; worth trying again in 45.0 s");
}

#[test]
fn the_meaning_of_an_error_depends_on_its_request() {
    let error = error_at(Method::POST, "/messages", [refusal(404, "not_found", "m")]);
    insta::assert_snapshot!(error, @"POST /messages: 404 not_found: wait a few seconds if the contact is new, otherwise check its id (request req-1)");
    assert!(error.is_not_found());
    assert_eq!(error.class().unwrap().action(), Action::WaitForIndex);
    assert_eq!(error.api().unwrap().class(), error.class().unwrap());
}

#[test]
fn the_error_of_an_html_page_says_that_the_body_is_not_json() {
    let page = || response(200, "<html>");
    insta::assert_snapshot!(error(Method::GET, [page(), page(), page(), page()]), @"GET /messages: 200: check the base URL, then contact Intercom's support; the body is not JSON; sent 4 times; gave up: the last allowed attempt failed; worth trying again in 4.0 s");
}

#[test]
fn a_missing_permission_is_named() {
    let message = "You do not have the required scope (read_macros) to access this resource";
    insta::assert_snapshot!(error(Method::GET, [refusal(403, "forbidden", message)]), @"GET /messages: 403 forbidden: add the missing permission read_macros (request req-1)");
}

#[test]
fn debug_shows_only_parts_without_personal_data() {
    let error = error(Method::GET, [refusal(404, "not_found", "m")]);
    insta::assert_snapshot!(format!("{error:?}"), @r#"Error { kind: Api, request: GET /messages, api: ApiError { status: 404, request_id: Some("req-1"), errors: [ErrorItem { code: Some(NotFound), field: None, message_len: Some(1), .. }], class: Class { category: NotFound, resend: Never, action: VerifyId }, answered_by: Api, rate_limit: RateLimit { limit: None, remaining: None, reset: None, date: None }, body: Body { kind: ErrorList, len: 88, .. }, .. }, attempts: 1, stop: Some(Stop { reason: NotRetryable, retry_after: None, retry_at: None }), .. }"#);
}

#[test]
fn a_decode_error_of_the_whole_body_names_the_top_level() {
    let caller = ScriptedCaller::new([response(200, "{}")]);
    let reply = ready(caller.call(ApiRequest::get("/me"))).unwrap().unwrap();
    insta::assert_snapshot!(reply.json::<u32>().unwrap_err(), @"GET /me: the response (200) does not match the requested type at the top level; the request was carried out");
}

#[test]
fn debug_shows_the_problem_of_a_setting() {
    let error = Config::new("").build().unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @r#"Error { kind: Configuration, problem: Some("the access token is empty; copy it from the Developer Hub"), attempts: 0, stop: None, .. }"#);
}

#[test]
fn an_error_made_from_a_response_says_when_to_try_again() {
    let limited = ApiError::from_parts(429, [("retry-after", b"7".as_slice())], b"");
    let error = Error::from(limited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.retry_at(), None);
}

#[test]
fn a_fault_made_for_a_read_warns_of_no_write() {
    let fault = || Error::from(Fault::outcome_unknown(FaultKind::Closed));
    let read = fault().with_request(&ApiRequest::get("/me"));
    assert!(!read.may_have_been_applied());
    insta::assert_snapshot!(read, @"GET /me: the connection was closed: try again, and check the status page if the error persists");
    let write = fault().with_request(&ApiRequest::post("/messages"));
    assert!(write.may_have_been_applied());
    insta::assert_snapshot!(write, @"POST /messages: the connection was closed: the request may have been applied, so check before sending it again");
}
