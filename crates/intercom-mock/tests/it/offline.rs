//! Requests without a socket, generated objects, and pages that fail.

use std::time::Duration;

use intercom_mock::bytes::Bytes;
use intercom_mock::{Method, MockServer, Scripted, http};
use serde_json::{Value, json};

use crate::client::{get, post};

/// The status and the body of the response, and how long it takes.
fn send(server: &MockServer, method: Method, path: &str, body: &Value) -> (u16, Value, Duration) {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", server.token()))
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let exchanged = server.exchange(request);
    let response = exchanged.response.unwrap();
    let body = serde_json::from_slice(response.body()).unwrap();
    (response.status().as_u16(), body, exchanged.delay)
}

fn read(server: &MockServer, path: &str) -> (u16, Value, Duration) {
    send(server, Method::GET, path, &json!({}))
}

fn list(server: &MockServer, path: &str) -> (u16, Value) {
    let (status, body, _) = send(server, Method::POST, path, &json!({}));
    (status, body)
}

fn ids(body: &Value, list: &str) -> Vec<String> {
    let items = body[list].as_array().unwrap();
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    items.iter().map(id).collect()
}

#[test]
fn the_clock_stands_still_until_it_is_advanced() {
    let server = MockServer::builder().generated_companies(1).offline();
    let before = server.server_time();
    read(&server, "/companies/scroll");
    assert_eq!(server.server_time(), before);
    assert_eq!(
        read(&server, "/companies/scroll").0,
        400,
        "a scroll is open"
    );
    server.advance_clock(Duration::from_secs(61));
    assert_eq!(server.server_time(), before + Duration::from_secs(61));
    assert_eq!(read(&server, "/companies/scroll").0, 200);
}

#[test]
fn scripts_and_delays_work_without_a_socket() {
    let server = MockServer::builder().offline();
    let slow = Scripted::status(503).delay(Duration::from_secs(40));
    server.script(
        Method::GET,
        "/me",
        [slow, Scripted::close_after_work(), Scripted::close_during()],
    );
    let request = || {
        let request = http::Request::get("/me").header("authorization", "Bearer mock-token");
        server.exchange(request.body(Bytes::new()).unwrap())
    };
    let exchanged = request();
    assert_eq!(exchanged.delay, Duration::from_secs(40));
    assert_eq!(exchanged.response.unwrap().status(), 503);
    assert!(request().response.is_none());
    assert!(request().response.is_none());
    assert_eq!(request().response.unwrap().status(), 200);
}

#[test]
fn generated_objects_come_before_those_that_are_stored() {
    let server = MockServer::builder()
        .generated_contacts(1_000_000)
        .generated_companies(250)
        .offline();
    let stored = server.add_contact(json!({ "email": "ada@x.org" }));
    let (_, first, _) = read(&server, "/contacts?per_page=2");
    assert_eq!(first["total_count"], 1_000_001);
    let cursor = "/contacts?per_page=2&starting_after=Wz%2B0%2Ff423e%2F%3D%3D";
    let (_, last, _) = read(&server, cursor);
    assert_eq!(
        ids(&last, "data"),
        ["6762f0db00000000000f423f", stored.as_str()]
    );
    assert!(last["pages"].get("next").is_none());

    server.add_company("stored");
    let (_, list) = list(&server, "/companies/list?per_page=2");
    assert_eq!(list["total_count"], 251);
    assert_eq!(list["data"][0]["name"], "stored", "the newest comes first");
    assert_eq!(list["data"][1]["name"], "Company 249");
}

#[test]
fn a_list_of_companies_ends_at_ten_thousand() {
    let server = MockServer::builder()
        .generated_companies(20_000)
        .start()
        .unwrap();
    assert_eq!(
        post(&server, "/companies/list?page=200&per_page=50", &json!({})).status,
        200
    );
    assert_eq!(
        post(&server, "/companies/list?page=201&per_page=50", &json!({})).error(),
        "400 client_error page limit reached, please use scroll API"
    );
    assert_eq!(get(&server, "/companies?page=201&per_page=50").status, 400);
}

#[test]
fn pages_fail_by_size_and_by_what_they_hold() {
    let server = MockServer::builder().generated_contacts(100).offline();
    server.set_fail_pages_above(Some(37));
    server.set_item_delay(Duration::from_secs(1));
    assert_eq!(read(&server, "/contacts?per_page=38").0, 500);
    let (status, page, delay) = read(&server, "/contacts?per_page=37");
    assert_eq!((status, delay), (200, Duration::from_secs(37)));
    server.add_unreadable(ids(&page, "data")[1].clone());
    assert_eq!(read(&server, "/contacts?per_page=2").0, 500);
    assert_eq!(read(&server, "/contacts?per_page=1").0, 200);
    server.clear_unreadable();
    assert_eq!(read(&server, "/contacts?per_page=2").0, 200);
}

#[test]
fn searches_for_contacts_compare_days_in_the_time_zone_and_sort_by_the_second() {
    // Midnight on 2025-06-15 in a zone three hours east of UTC.
    const MIDNIGHT: u64 = 1_749_945_600 - 3 * 3_600;
    let server = MockServer::builder().time_zone(180).offline();
    for at in [MIDNIGHT + 1, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 86_400] {
        server.add_contact(json!({ "email": format!("{at}@x"), "created_at": at }));
    }
    let search = |operator: &str, at: u64, order: &str| {
        let body = json!({
            "query": { "field": "created_at", "operator": operator, "value": at.to_string() },
            "sort": { "field": "created_at", "order": order },
        });
        send(&server, Method::POST, "/contacts/search", &body)
    };
    let times = |operator: &str, at: u64, order: &str| -> Vec<u64> {
        let (_, body, _) = search(operator, at, order);
        let found = body["data"].as_array().unwrap().iter();
        found
            .map(|contact| contact["created_at"].as_u64().unwrap())
            .collect()
    };
    let noon = MIDNIGHT + 12 * 3_600;
    assert_eq!(times("=", noon, "ascending"), [MIDNIGHT, MIDNIGHT + 1]);
    assert_eq!(times("=", noon, "descending"), [MIDNIGHT + 1, MIDNIGHT]);
    assert_eq!(times("<", noon, "ascending"), [MIDNIGHT - 1]);
    assert_eq!(times(">", noon, "ascending"), [MIDNIGHT + 86_400]);
    assert_eq!(search("!=", noon, "ascending").0, 400);
    assert_eq!(search("=", noon, "sideways").0, 400);
}

#[test]
fn searches_for_conversations_compare_seconds() {
    let server = MockServer::builder().offline();
    let contact = server.add_contact(json!({ "email": "ada@x.org" }));
    let first = server.add_conversation(&contact, "one");
    server.advance_clock(Duration::from_secs(1));
    let second = server.add_conversation(&contact, "two");
    let time = server.server_time().as_secs();
    let search = |operator: &str| {
        let query = json!({ "field": "created_at", "operator": operator, "value": time });
        let (_, body, _) = send(
            &server,
            Method::POST,
            "/conversations/search",
            &json!({ "query": query }),
        );
        ids(&body, "conversations")
    };
    assert_eq!(search("="), [second.as_str()]);
    assert_eq!(search("<"), [first.as_str()]);
}
