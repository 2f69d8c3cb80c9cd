//! What an error says about itself.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::io;

use http::StatusCode;
use intercom_protocol::{
    ApiError, ApiRequest, Caller, Category, Error, ErrorItem, ErrorKind, Failure, Fault, FaultKind,
    OptionalExt, ready, route_of,
};
use serde_json::Value;

use crate::scripted::{ScriptedCaller, response, response_with};

fn refused(status: u16, body: &str) -> Error {
    ApiError::from_parts(status, [], body.as_bytes()).into()
}

fn list(code: &str) -> String {
    format!(r#"{{"type":"error.list","errors":[{{"code":"{code}","message":"Why"}}]}}"#)
}

#[test]
fn request_of_an_error_has_a_method_a_route_and_a_path() {
    let error = refused(404, "");
    assert_eq!(
        (error.method(), error.route(), error.path()),
        (None, None, None)
    );
    let error = error.with_request(&ApiRequest::post("/contacts").segment("5f1"));
    let method = error.method().map(http::Method::as_str);
    assert_eq!(
        (method, error.path()),
        (Some("POST"), Some("/contacts/5f1"))
    );
    assert_eq!(error.route().as_deref(), Some("/contacts/{id}"));
}

#[test]
fn error_gives_its_response_or_fault_away() {
    let failure = refused(404, "").into_failure();
    assert!(matches!(failure, Some(Failure::Api(response)) if response.status() == 404));
    assert!(Error::invalid(Vec::new()).into_failure().is_none());
}

#[test]
fn line_is_of_the_response_alone() {
    let error = refused(404, &list("not_found")).with_request(&ApiRequest::get("/contacts/5f1"));
    let line = error.line().map(|line| line.to_string());
    assert_eq!(line.as_deref(), Some("404 not_found: check the id"));
    assert!(
        Error::from(Fault::not_sent(FaultKind::Dns))
            .line()
            .is_none()
    );
}

#[test]
fn message_of_the_server_is_shown_only_on_demand() {
    let error = refused(404, &list("not_found"));
    assert_eq!(error.to_string(), "404 not_found: check the id");
    assert_eq!(format!("{error:#}"), r#"404 not_found "Why": check the id"#);
}

#[test]
fn quota_of_an_error_is_that_of_its_response() {
    let limit = [("X-RateLimit-Limit", b"83".as_slice())];
    let error = Error::from(ApiError::from_parts(429, limit, b""));
    assert_eq!(error.rate_limit().and_then(|quota| quota.limit()), Some(83));
    assert_eq!(refused(429, "").rate_limit(), None);
}

#[test]
fn invalid_request_has_a_category() {
    let error = Error::invalid(vec![ErrorItem::from_message("no")]);
    assert_eq!(
        (error.kind(), error.category()),
        (ErrorKind::Invalid, Some(Category::Validation))
    );
    assert_eq!(Error::configuration("proxy", "no").category(), None);
}

#[test]
fn response_of_another_type_has_its_id_and_its_source() {
    let date = "Fri, 22 Mar 2024 09:33:20 GMT";
    let headers = [("X-Request-Id", "req-7"), ("Date", date)];
    let response = response_with(200, &headers, r#"{"id":7}"#);
    let reply = ready(ScriptedCaller::new([response]).call(ApiRequest::get("/me")))
        .unwrap()
        .unwrap();
    let error = reply.json::<Vec<Value>>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(
        (error.status(), error.request_id()),
        (Some(StatusCode::OK), Some("req-7"))
    );
    assert!(error.source().is_some());
    assert_eq!(error.clock_offset_ms(), reply.clock_offset_ms());
    assert!(error.clock_offset_ms().is_some());
    assert_eq!(reply.into_body(), r#"{"id":7}"#);
}

/// The key of a map can be personal data.
#[test]
fn place_in_a_response_is_shown_in_full_only_on_demand() {
    let response = response(200, r#"{"ada@example.org":"x"}"#);
    let reply = ready(ScriptedCaller::new([response]).call(ApiRequest::get("/me")))
        .unwrap()
        .unwrap();
    let error = reply.json::<BTreeMap<String, u8>>().unwrap_err();
    assert!(error.to_string().contains("type at {key}"), "{error}");
    assert!(
        format!("{error:#}").contains("type at ada@example.org"),
        "{error:#}"
    );
}

#[test]
fn source_is_that_of_the_fault_or_of_the_response_that_was_cut_off() {
    let fault = || Fault::not_sent(FaultKind::Dns).with_source(io::Error::other("no such host"));
    let error = Error::from(fault());
    assert_eq!(
        error.source().map(ToString::to_string).as_deref(),
        Some("no such host")
    );
    assert!(refused(404, "").source().is_none());
}

/// The predicates that are true of an error.
fn predicates(error: &Error) -> String {
    let all = [
        (error.is_unauthorized(), "unauthorized"),
        (error.is_forbidden(), "forbidden"),
        (error.is_blocked(), "blocked"),
        (error.is_not_found(), "not found"),
        (error.is_conflict(), "conflict"),
        (error.is_merged(), "merged"),
        (error.is_plan_restricted(), "plan restricted"),
        (error.is_validation(), "validation"),
        (error.is_rate_limited(), "rate limited"),
        (error.is_concurrency_limited(), "concurrency limited"),
        (error.is_overloaded(), "overloaded"),
        (error.is_server_error(), "server error"),
        (error.is_timeout(), "timeout"),
    ];
    let names = all.iter().filter(|(is, _)| *is).map(|(_, name)| *name);
    names.collect::<Vec<_>>().join(", ")
}

#[test]
fn each_category_has_a_predicate() {
    for (error, expected) in [
        (refused(401, &list("token_revoked")), "unauthorized"),
        (
            refused(403, &list("api_plan_restricted")),
            "plan restricted",
        ),
        (refused(403, &list("token_unauthorized")), "forbidden"),
        (refused(404, &list("not_found")), "not found"),
        (refused(409, &list("conflict")), "conflict"),
        (refused(410, &list("contact_merged")), "merged"),
        (refused(422, &list("parameter_invalid")), "validation"),
        (refused(429, &list("rate_limit_exceeded")), "rate limited"),
        (refused(400, &list("scroll_exists")), "concurrency limited"),
        (refused(503, &list("service_unavailable")), "overloaded"),
        (refused(500, &list("server_error")), "server error"),
        (refused(504, &list("gateway_timeout")), "timeout"),
        (refused(403, "<html>Blocked</html>"), "blocked"),
        (Fault::not_sent(FaultKind::Timeout).into(), "timeout"),
        (Error::invalid(Vec::new()), "validation"),
        (Error::configuration("proxy", "no"), ""),
    ] {
        assert_eq!(predicates(&error), expected, "{error}");
    }
}

#[test]
fn optional_is_none_for_what_does_not_exist_only() {
    let optional = |error: Error| Err::<u8, _>(error).optional().map_err(|error| error.kind());
    assert_eq!(optional(refused(404, "")), Ok(None));
    assert_eq!(optional(refused(401, "")), Err(ErrorKind::Api));
}

/// `search` is a word of the route `/contacts/search`.
#[test]
fn id_that_is_a_word_of_other_routes_is_not_shown() {
    assert_eq!(route_of("/tags/search"), "/tags/{id}");
    assert_eq!(route_of("/contacts/search"), "/contacts/search");
}
