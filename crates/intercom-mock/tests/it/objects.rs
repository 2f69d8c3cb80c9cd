//! Conversations, messages, events, articles, companies and their scroll.

use std::time::Duration;

use intercom_mock::MockServer;
use serde_json::json;

use crate::client::{get, post, request};

#[test]
fn contact_starts_a_conversation_and_each_reply_adds_a_part() {
    let server = MockServer::start().unwrap();
    let contact = server.add_contact(json!({ "email": "a@b" }));
    let start = json!({ "from": { "type": "user", "id": contact }, "body": "Hi" });
    let message = post(&server, "/conversations", &start).json();
    let id = message["conversation_id"].as_str().unwrap();
    let reply =
        json!({ "message_type": "comment", "type": "admin", "admin_id": "1", "body": "Hello" });
    for count in 1..=2 {
        let replied = post(&server, &format!("/conversations/{id}/reply"), &reply).json();
        assert_eq!(
            replied["conversation_parts"]["total_count"], count,
            "every reply adds a part"
        );
    }
    let updated = request(&server, "PUT", &format!("/conversations/{id}"))
        .json(&json!({ "read": true, "id": "x" }))
        .send()
        .json();
    assert_eq!(
        (&updated["read"], &updated["id"]),
        (&json!(true), &json!(id))
    );
    assert_eq!(
        get(&server, &format!("/conversations/{id}")).json()["source"]["body"],
        "Hi"
    );
    let list = get(&server, "/conversations").json();
    assert_eq!(
        (
            &list["type"],
            list["conversations"].as_array().unwrap().len()
        ),
        (&json!("conversation.list"), 1)
    );

    let stranger = json!({ "from": { "type": "user", "id": "none" }, "body": "Hi" });
    assert_eq!(post(&server, "/conversations", &stranger).status, 404);
    assert_eq!(
        post(&server, "/conversations", &json!({ "body": "Hi" })).error(),
        "400 parameter_not_found from not specified"
    );
    assert_eq!(post(&server, "/conversations/0/reply", &reply).status, 404);
    assert_eq!(server.conversations().len(), 1);
}

#[test]
fn message_to_a_contact_that_is_not_indexed_yet_is_a_404() {
    let server = MockServer::builder()
        .index_lag(Duration::from_secs(60))
        .start()
        .unwrap();
    let contact = post(&server, "/contacts", &json!({ "email": "a@b" })).id();
    let message = json!({ "message_type": "inapp", "body": "Hi", "from": { "type": "admin", "id": "1" }, "to": { "type": "user", "id": contact } });
    assert_eq!(
        post(&server, "/messages", &message).error(),
        "404 not_found User Not Found"
    );
    server.advance_clock(Duration::from_secs(61));
    assert_eq!(
        post(&server, "/messages", &message).json()["type"],
        "admin_message"
    );
    assert_eq!(server.messages().len(), 1);
    assert_eq!(server.messages()[0]["to"]["id"], contact);
    assert_eq!(post(&server, "/messages", &json!({})).status, 400);
}

#[test]
fn event_is_accepted_with_an_empty_body() {
    let server = MockServer::start().unwrap();
    let accepted = post(
        &server,
        "/events",
        &json!({ "event_name": "ordered", "user_id": "1", "created_at": 1 }),
    );
    assert_eq!((accepted.status, accepted.body.len()), (202, 0));
    assert_eq!(
        post(&server, "/events", &json!({ "event_name": "ordered" })).status,
        400
    );
    assert_eq!(server.events().len(), 1);
}

#[test]
fn article_can_be_created_updated_and_deleted() {
    let server = MockServer::start().unwrap();
    let create = json!({ "title": "How", "author_id": 1 });
    let id = post(&server, "/articles", &create).id();
    assert_ne!(
        post(&server, "/articles", &create).id(),
        id,
        "every call creates another one"
    );
    let path = format!("/articles/{id}");
    assert_eq!(
        request(&server, "PUT", &path)
            .json(&json!({ "state": "published" }))
            .send()
            .json()["state"],
        "published"
    );
    assert_eq!(
        request(&server, "DELETE", &path).send().json(),
        json!({ "id": id, "object": "article", "deleted": true })
    );
    assert_eq!(get(&server, &path).status, 404);
    assert_eq!(
        post(&server, "/articles", &json!({})).error(),
        "400 parameter_not_found title not specified"
    );
}

#[test]
fn company_is_upserted_by_company_id() {
    let server = MockServer::start().unwrap();
    let id = post(
        &server,
        "/companies",
        &json!({ "company_id": "c", "name": "One" }),
    )
    .id();
    let again = post(
        &server,
        "/companies",
        &json!({ "company_id": "c", "name": "Two" }),
    );
    assert_eq!(
        (again.id(), &again.json()["name"]),
        (id.clone(), &json!("Two"))
    );
    assert_eq!(
        get(&server, &format!("/companies/{id}")).json()["name"],
        "Two"
    );
}

#[test]
fn only_one_scroll_can_be_open_and_an_empty_page_ends_it() {
    let server = MockServer::start().unwrap();
    for n in 0..150 {
        server.add_company(&format!("Company {n}"));
    }
    let first = get(&server, "/companies/scroll").json();
    assert_eq!(
        (
            first["data"].as_array().unwrap().len(),
            first["pages"].is_null()
        ),
        (100, true)
    );
    assert_eq!(
        get(&server, "/companies/scroll").error(),
        "400 scroll_exists scroll already exists for this workspace"
    );
    let next = format!(
        "/companies/scroll?scroll_param={}",
        first["scroll_param"].as_str().unwrap()
    );
    let lengths: Vec<usize> = (0..2)
        .map(|_| get(&server, &next).json()["data"].as_array().unwrap().len())
        .collect();
    assert_eq!(lengths, [50, 0]);
    assert_eq!(
        get(&server, &next).error(),
        "404 not_found scroll parameter not found"
    );
    assert_eq!(
        get(&server, "/companies/scroll").status,
        200,
        "the first scroll has ended"
    );
}

#[test]
fn idle_scroll_expires() {
    let server = MockServer::start().unwrap();
    server.add_company("One");
    let scroll = get(&server, "/companies/scroll").json();
    server.advance_clock(Duration::from_secs(61));
    let next = format!(
        "/companies/scroll?scroll_param={}",
        scroll["scroll_param"].as_str().unwrap()
    );
    assert_eq!(get(&server, &next).status, 404);
    assert_eq!(get(&server, "/companies/scroll").status, 200);
}
