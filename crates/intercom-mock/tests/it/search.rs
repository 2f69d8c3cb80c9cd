//! Contact search: the query language, the index lag and pages.

use std::time::Duration;

use intercom_mock::MockServer;
use serde_json::{Value, json};

use crate::client::{get, post};

fn emails(server: &MockServer, query: &Value) -> Vec<String> {
    let found = post(server, "/contacts/search", &json!({ "query": query }));
    assert_eq!(found.status, 200, "{found:?}");
    found.json()["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["email"].as_str().unwrap_or("-").to_owned())
        .collect()
}

fn test(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "operator": operator, "value": value.into() })
}

#[test]
fn queries_compare_fields_and_combine() {
    let server = MockServer::start().unwrap();
    server.add_contact(
        json!({ "email": "ada@x.org", "name": "Ada", "custom_attributes": { "seats": 3 } }),
    );
    server.add_contact(json!({ "email": "bob@y.org", "role": "lead", "external_id": "b" }));
    server.add_contact(json!({ "email": "eve@x.org", "archived": true }));
    let cases: [(Value, &[&str]); 12] = [
        (test("email", "=", "ADA@x.org"), &["ada@x.org"]),
        (test("email", "=", "eve@x.org"), &[]),
        (test("email", "!=", "ada@x.org"), &["bob@y.org"]),
        (test("email", "~", "@x"), &["ada@x.org"]),
        (test("email", "^", "bob"), &["bob@y.org"]),
        (test("email", "$", ".org"), &["ada@x.org", "bob@y.org"]),
        (test("external_id", "IN", json!(["a", "b"])), &["bob@y.org"]),
        (test("external_id", "=", Value::Null), &["ada@x.org"]),
        (test("custom_attributes.seats", ">", 2), &["ada@x.org"]),
        (test("no_such_field", "=", "x"), &[]),
        (
            json!({ "operator": "AND", "value": [test("role", "=", "user"), test("email", "$", "org")] }),
            &["ada@x.org"],
        ),
        (
            json!({ "operator": "OR", "value": [test("name", "=", "Ada"), test("role", "=", "lead")] }),
            &["ada@x.org", "bob@y.org"],
        ),
    ];
    for (query, hits) in cases {
        assert_eq!(emails(&server, &query), hits, "{query}");
    }
}

#[test]
fn invalid_query_is_rejected() {
    let server = MockServer::start().unwrap();
    assert_eq!(
        post(&server, "/contacts/search", &json!({})).error(),
        "400 parameter_not_found query not specified"
    );
    for query in [
        json!("x"),
        test("email", "==", "x"),
        test("email", "IN", "x"),
        json!({ "operator": "AND", "value": {} }),
        json!({ "operator": "=", "value": 1 }),
    ] {
        assert_eq!(
            post(&server, "/contacts/search", &json!({ "query": query })).status,
            400,
            "{query}"
        );
    }
}

#[test]
fn new_contact_is_found_only_after_the_index_lag() {
    let server = MockServer::builder()
        .index_lag(Duration::from_secs(60))
        .start()
        .unwrap();
    let id = post(&server, "/contacts", &json!({ "email": "ada@x.org" })).id();
    let query = test("email", "=", "ada@x.org");
    assert!(emails(&server, &query).is_empty());
    assert_eq!(
        get(&server, &format!("/contacts/{id}")).status,
        200,
        "reading by id does not lag"
    );
    server.advance_clock(Duration::from_secs(61));
    assert_eq!(emails(&server, &query), ["ada@x.org"]);
}

#[test]
fn last_search_page_has_a_null_next() {
    let server = MockServer::start().unwrap();
    for n in 0..5 {
        server.add_contact(json!({ "email": format!("{n}@x") }));
    }
    let mut pagination = json!({ "per_page": 2 });
    let mut seen = Vec::new();
    loop {
        let body = json!({ "query": test("role", "=", "user"), "pagination": pagination });
        let page = post(&server, "/contacts/search", &body).json();
        assert_eq!(
            (&page["total_count"], &page["pages"]["total_pages"]),
            (&json!(5), &json!(3))
        );
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|hit| hit["email"].as_str().unwrap().to_owned()),
        );
        match page["pages"]["next"].get("starting_after") {
            Some(after) => pagination = json!({ "per_page": 2, "starting_after": after }),
            None => {
                assert_eq!(page["pages"].get("next"), Some(&Value::Null));
                break;
            }
        }
    }
    assert_eq!(seen, ["0@x", "1@x", "2@x", "3@x", "4@x"]);
}

#[test]
fn last_list_page_has_no_next_and_cursors_must_be_encoded() {
    let server = MockServer::start().unwrap();
    for n in 0..3 {
        server.add_contact(json!({ "email": format!("{n}@x") }));
    }
    let first = get(&server, "/contacts?per_page=2").json();
    let cursor = first["pages"]["next"]["starting_after"].as_str().unwrap();
    let encoded = cursor
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let second = get(
        &server,
        &format!("/contacts?per_page=2&starting_after={encoded}"),
    )
    .json();
    assert_eq!(
        (&second["data"][0]["email"], second["pages"].get("next")),
        (&json!("2@x"), None)
    );
    let raw = get(
        &server,
        &format!("/contacts?per_page=2&starting_after={cursor}"),
    );
    assert!(
        raw.error()
            .starts_with("400 client_error Invalid starting_after param."),
        "{raw:?}"
    );
    assert_eq!(get(&server, "/contacts?per_page=none").status, 400);
}

#[test]
fn articles_are_paged_by_number() {
    let server = MockServer::start().unwrap();
    let ids: Vec<String> = (0..5)
        .map(|n| server.add_article(&format!("Article {n}")))
        .collect();
    let page = get(&server, "/articles?page=2&per_page=2").json();
    assert_eq!(
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        [&ids[2], &ids[3]]
    );
    assert_eq!(
        (&page["pages"]["page"], &page["pages"]["total_pages"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(
        page["pages"]["next"],
        "http://mock/articles?page=3&per_page=2"
    );
    assert!(get(&server, "/articles?page=3&per_page=2").json()["pages"]["next"].is_null());
    assert_eq!(
        get(&server, "/articles?page=999999&per_page=2").json()["data"],
        json!([])
    );
    assert_eq!(
        get(&server, &format!("/articles/{}", ids[0])).json()["title"],
        "Article 0"
    );
    assert_eq!(get(&server, "/articles/0").status, 404);
}
