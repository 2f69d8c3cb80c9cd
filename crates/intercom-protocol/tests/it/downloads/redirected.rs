//! Redirects that are followed, and redirects that are not.

use std::sync::mpsc;

use bytes::Bytes;
use http::{HeaderValue, Request};

use super::*;
use crate::scripted::config;

fn moved(status: u16, to: &str) -> Exchange {
    response_with(status, &[("location", to)], "")
}

/// Downloads `request` with these responses. Returns what was sent, and why the last redirect was not followed.
fn download(
    base_url: &str,
    request: ApiRequest,
    responses: impl IntoIterator<Item = Exchange>,
) -> (Vec<String>, Result<Vec<u8>, Error>) {
    let mut responses: VecDeque<_> = responses.into_iter().collect();
    let (sender, sent) = mpsc::channel();
    let mut caller = OnTransport::new(move |outgoing| {
        let request = outgoing.request();
        let line = format!("{} {}", request.method(), request.uri());
        sender.send(line).unwrap();
        responses.pop_front().unwrap()
    });
    caller.connection = config().base_url(base_url).build().unwrap();
    let request = RequestBuilder::<_, Blocking>::new(&caller, request);
    let result = request.download(Vec::new()).map(Downloaded::into_writer);
    (sent.try_iter().collect(), result)
}

const API: &str = "https://api.intercom.io";
const LOOPBACK: &str = "http://127.0.0.1:8080";

#[test]
fn a_response_that_is_neither_a_file_nor_a_readable_redirect_is_an_error() {
    let mut unreadable = moved(302, "/x").unwrap();
    let location = HeaderValue::from_bytes(b"https://files.example/caf\xc3\xa9.csv?sig=planted");
    unreadable
        .headers_mut()
        .insert("location", location.unwrap());
    for (outcome, kind) in [
        (Ok(unreadable), ErrorKind::Decode),
        (moved(304, "https://files.example/x"), ErrorKind::Decode),
        (moved(305, "https://files.example/x"), ErrorKind::Decode),
        (response(302, ""), ErrorKind::Api),
        (response(304, ""), ErrorKind::Api),
    ] {
        let (sent, result) = download(API, ApiRequest::get("/x"), [outcome]);
        let error = result.unwrap_err();
        assert_eq!((sent.len(), error.kind()), (1, kind), "{error:?}");
        assert!(!format!("{error:#} {error:?}").contains("planted"));
    }
}

#[test]
fn a_deleted_resource_is_not_an_empty_file() {
    let lost = Err(Fault::outcome_unknown(FaultKind::Closed));
    let gone = crate::scripted::refusal(404, "not_found", "no");
    let (_, result) = download(API, ApiRequest::delete("/x"), [lost, gone]);
    assert_eq!(result.unwrap_err().status().unwrap().as_u16(), 404);
}

#[test]
fn a_relative_redirect_of_a_complete_request_stays_at_its_host() {
    let complete = |url: &str| {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        ApiRequest::from(request)
    };
    let responses = || [moved(302, "/file?sig=1"), response(200, "file")];
    let own = complete("https://proxy.example:8443/export");
    let (sent, result) = download(API, own, responses());
    assert_eq!(result.unwrap(), b"file");
    assert_eq!(sent[1], "GET https://proxy.example:8443/file?sig=1");
    let (sent, _) = download(API, ApiRequest::get("/export"), responses());
    assert_eq!(sent[1], "GET https://api.intercom.io/file?sig=1");
    // The second redirect is relative to the first location.
    let chain = [
        moved(302, "https://files.example/a"),
        moved(302, "/b"),
        response(200, "file"),
    ];
    let (sent, _) = download(API, complete("https://proxy.example/export"), chain);
    assert_eq!(sent[2], "GET https://files.example/b");
}

#[test]
fn only_a_client_of_a_plain_loopback_host_is_redirected_to_one() {
    let inside = || {
        [
            moved(302, "http://localhost:9000/admin"),
            response(200, "file"),
        ]
    };
    let (sent, result) = download(API, ApiRequest::get("/x"), inside());
    let error = result.unwrap_err();
    assert_eq!((sent.len(), error.kind()), (1, ErrorKind::Decode));
    let (_, result) = download(LOOPBACK, ApiRequest::get("/x"), inside());
    assert_eq!(result.unwrap(), b"file");
}

#[test]
fn the_url_of_a_location_is_not_repeated() {
    for to in [
        "https://files.example&sig=planted",
        "https://files.example:sig=planted",
        "https://files.example;sig=planted/x",
        "https://[planted/x",
        "http://planted-host.example/x",
        "https://exa mple/planted",
        "ftp://planted/x",
        "planted",
    ] {
        let (_, result) = download(API, ApiRequest::get("/x"), [moved(302, to)]);
        let error = result.unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        let shown = format!("{error} {error:#} {error:?} {source}");
        assert!(!shown.contains("planted"), "{to}: {shown}");
        assert!(source.to_string().contains("the location"), "{source}");
    }
}

#[test]
fn a_request_that_has_become_a_get_is_redirected_again() {
    let responses = [
        moved(303, "https://a.example/x"),
        moved(302, "https://b.example/x"),
        response(200, "file"),
    ];
    let (sent, result) = download(API, ApiRequest::post("/export"), responses);
    assert_eq!(result.unwrap(), b"file");
    let expected = [
        "POST https://api.intercom.io/export",
        "GET https://a.example/x",
        "GET https://b.example/x",
    ];
    assert_eq!(sent, expected);
}
