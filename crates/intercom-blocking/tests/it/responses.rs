//! Responses read as values, and errors that say what they mean.

use intercom_blocking::http::Method;
use intercom_blocking::{ApiRequest, Client, ErrorKind, NewContact, RetryPolicy};
use intercom_mock::{MockServer, Scripted};
use serde::Deserialize;
use serde_json::json;

fn client(mock: &MockServer) -> Client {
    Client::builder(mock.token())
        .base_url(mock.base_url())
        .policy(RetryPolicy::none())
        .build()
        .unwrap()
}

#[derive(Debug, Deserialize)]
struct Event {
    id: String,
}

#[test]
fn a_response_is_read_as_a_value() {
    let mock = MockServer::start().unwrap();
    let response = Scripted::status(200).json(json!({ "id": "7", "more": true }));
    mock.script(Method::GET, "/events/7", [response]);
    let reply = client(&mock).get("/events").segment("7").send().unwrap();
    let event: Event = reply.json().unwrap();
    assert_eq!(event.id, "7");
}

#[test]
fn an_empty_response_is_read_as_unit_or_none_and_not_as_a_value() {
    let mock = MockServer::start().unwrap();
    mock.script_always(Method::POST, "/events", Scripted::status(202));
    let client = client(&mock);
    let send = || client.post("/events").json(&json!({})).send().unwrap();
    send().json::<()>().unwrap();
    assert!(send().json::<Option<Event>>().unwrap().is_none());
    let error = send().json::<Event>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.may_have_been_applied(),
        "the server accepted the call"
    );
    assert_eq!(mock.request_count(), 3);
}

#[test]
fn a_response_of_another_type_is_kept_in_the_error_and_not_requested_again() {
    let mock = MockServer::start().unwrap();
    let response = Scripted::status(200)
        .json(json!({ "id": 7 }))
        .header("x-request-id", "req-7");
    mock.script(Method::GET, "/events/7", [response]);
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .build()
        .unwrap();
    let reply = client.get("/events/7").send().unwrap();
    let error = reply.json::<Event>().unwrap_err();
    assert_eq!(
        (error.status(), error.request_id()),
        (Some(http::StatusCode::OK), Some("req-7"))
    );
    assert_eq!(error.body(), Some(br#"{"id":7}"#.as_slice()));
    assert_eq!(mock.request_count(), 1);
    insta::assert_snapshot!(error, @"GET /events/{id}: the response (200) does not match the requested type at id; the request was carried out");
}

#[test]
fn an_error_prints_as_one_line_without_the_servers_message() {
    let mock = MockServer::start().unwrap();
    let message = "User ada@example.org Not Found";
    let response = Scripted::status(404)
        .json(json!({ "type": "error.list", "request_id": "req-7", "errors": [{ "code": "not_found", "message": message }] }));
    mock.script(Method::GET, "/contacts/7", [response]);
    let error = client(&mock).get("/contacts/7").send().unwrap_err();
    assert_eq!(error.message(), Some(message));
    assert!(!error.to_string().contains("ada@"), "{error}");
    assert!(!format!("{error:?}").contains("ada@"), "{error:?}");
    assert!(error.to_string().contains("404 not_found"), "{error}");
}

#[test]
fn pages_end_after_an_error() {
    let mock = MockServer::start().unwrap();
    mock.script(
        Method::GET,
        "/contacts",
        [Scripted::error(500, "server_error", "Server Error")],
    );
    let client = client(&mock);
    let mut pages = client.pages(ApiRequest::get("/contacts"));
    assert!(pages.next().unwrap().unwrap_err().is_server_error());
    assert!(pages.next().is_none());
}

#[test]
fn find_or_create_with_an_invalid_email_sends_nothing() {
    let mock = MockServer::start().unwrap();
    let error = client(&mock)
        .contacts()
        .find_or_create(&NewContact::user().email("no email"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(mock.request_count(), 0);
}
