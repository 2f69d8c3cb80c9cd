//! Requests that carry their own credentials.

use bytes::Bytes;
use http::{Method, Request, Version};
use intercom_protocol::{ApiRequest, Caller, Config, ErrorKind, Replay, ready};

use crate::scripted::{ScriptedCaller, response, response_with};

/// A caller whose connection has no token and another host than the requests.
fn anonymous(responses: impl IntoIterator<Item = crate::scripted::Exchange>) -> ScriptedCaller {
    ScriptedCaller::new(responses).with(Config::anonymous().api_version("2.14"))
}

#[test]
fn a_complete_request_is_sent_as_it_is_in_every_attempt() {
    #[derive(Clone, Debug, PartialEq)]
    struct Mark(u8);
    let complete = Request::put("https://proxy.example:8443/a//b/%7Eme/./x?q=%20&q=b+c")
        .version(Version::HTTP_2)
        .header("authorization", "Basic abc")
        .header("host", "api.intercom.io")
        .header("x-twice", "1")
        .header("x-twice", "2")
        .extension(Mark(7))
        .body(Bytes::from_static(b"not json"))
        .unwrap();
    let caller = anonymous([response(500, ""), response(200, "<html>")]);
    let reply = ready(caller.call(ApiRequest::from(complete.clone()))).unwrap();
    assert_eq!(reply.unwrap().body(), "<html>");

    let sent = caller.requests();
    assert_eq!(sent.len(), 2);
    for mut sent in sent {
        // `Outgoing` adds the length, which some servers require.
        assert_eq!(sent.headers_mut().remove("content-length").unwrap(), "8");
        assert_eq!(sent.extensions().get::<Mark>(), Some(&Mark(7)));
        assert_eq!(sent.version(), complete.version());
        assert_eq!(sent.uri(), complete.uri());
        assert_eq!(sent.method(), complete.method());
        assert_eq!(sent.headers(), complete.headers());
        assert_eq!(sent.body(), complete.body());
    }
}

#[test]
fn a_complete_write_is_not_sent_twice_after_an_unknown_outcome() {
    let request = |method: Method, uri: &str| {
        let request = Request::builder().method(method).uri(uri);
        ApiRequest::from(request.body(Bytes::from_static(b"{}")).unwrap())
    };
    for (request, replay) in [
        (request(Method::POST, "/messages"), Replay::No),
        (
            request(Method::POST, "https://x.example/contacts/search"),
            Replay::Read,
        ),
        (request(Method::GET, "/companies/%73croll"), Replay::No),
        (
            request(Method::POST, "/contacts/x%2F..%2Fsearch"),
            Replay::No,
        ),
        (request(Method::PUT, "/contacts/5f1"), Replay::Idempotent),
    ] {
        assert_eq!(request.replay(), replay, "{request:?}");
    }
    let caller = anonymous([response(500, "")]);
    let error = ready(caller.call(request(Method::POST, "/messages"))).unwrap();
    assert!(error.unwrap_err().may_have_been_applied());
    assert_eq!(caller.sent(), ["POST /messages"]);
}

#[test]
fn setters_change_a_complete_request() {
    let complete = Request::get("https://api.intercom.io/contacts").body(Bytes::new());
    let request = ApiRequest::from(complete.unwrap())
        .segment("5f1")
        .query("a", "b c");
    let caller = anonymous([response(200, "{}")]);
    ready(caller.call(request.header("x-more", "1")))
        .unwrap()
        .unwrap();
    let sent = caller.requests().remove(0);
    assert_eq!(sent.uri(), "https://api.intercom.io/contacts/5f1?a=b%20c");
    assert_eq!(sent.headers()["x-more"], "1");
    assert_eq!(sent.headers().len(), 1);
}

#[test]
fn a_complete_request_never_gets_the_token_of_the_connection() {
    for config in [
        Config::new("secret"),
        Config::new("secret").renewable_token(),
    ] {
        let caller = ScriptedCaller::new([response(401, "")]).with(config);
        let complete = Request::get("https://other.example/me").body(Bytes::new());
        ready(caller.call(complete.unwrap().into()))
            .unwrap()
            .unwrap_err();
        assert!(caller.requests().remove(0).headers().is_empty());
    }
}

#[test]
fn a_complete_request_with_an_unusual_method_is_refused() {
    let complete = Request::builder()
        .method("PURGE")
        .uri("/me")
        .body(Bytes::new());
    let error = ready(anonymous([]).call(complete.unwrap().into())).unwrap();
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn a_reply_becomes_the_response_again() {
    let headers = [("x-request-id", "req-7"), ("x-ratelimit-remaining", "3")];
    let caller = anonymous([response_with(201, &headers, "text")]);
    let complete = Request::get("/me").body(Bytes::new()).unwrap();
    let reply = ready(caller.call(complete.into())).unwrap().unwrap();
    let response = reply.into_response();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-request-id"], "req-7");
    assert_eq!(response.body(), "text");
}

#[test]
fn the_credentials_of_a_complete_request_are_not_shown() {
    let complete = Request::get("/me")
        .header("authorization", "Bearer planted-secret")
        .body(Bytes::new());
    let caller = anonymous([response(200, "{}")]);
    ready(caller.call(complete.unwrap().into()))
        .unwrap()
        .unwrap();
    let sent = caller.requests().remove(0);
    assert_eq!(sent.headers()["authorization"], "Bearer planted-secret");
    assert!(!format!("{sent:?}").contains("planted"));
}

#[test]
fn a_wrong_length_of_a_complete_request_is_corrected() {
    for (method, length) in [("DELETE", None), ("POST", Some("0"))] {
        let complete = Request::builder()
            .method(method)
            .uri("/contacts/5f1")
            .header("content-length", "5")
            .body(Bytes::new());
        let caller = anonymous([response(200, "{}")]);
        ready(caller.call(complete.unwrap().into()))
            .unwrap()
            .unwrap();
        let sent = caller.requests().remove(0);
        let sent = sent.headers().get("content-length");
        assert_eq!(sent.map(|length| length.to_str().unwrap()), length);
    }
}
