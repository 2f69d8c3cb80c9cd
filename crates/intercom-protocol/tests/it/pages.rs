//! Lists, page by page, in all the ways Intercom pages them.

use intercom_protocol::flows::{Page, Pages, search};
use intercom_protocol::{ApiRequest, ContactQuery, Error, ErrorKind, ready};
use serde_json::{Value, json};

use crate::scripted::{Exchange, ScriptedCaller, json_answer, refusal};

fn page(items: &[u8], next: &Value) -> Exchange {
    json_answer(
        200,
        &json!({ "type": "list", "data": items, "pages": { "type": "pages", "next": next } }),
    )
}

/// The items of all pages, and how the walk ended if it was not at the last page.
fn walk(caller: &ScriptedCaller, mut pages: Pages) -> (Vec<u8>, Option<Error>) {
    let mut items = Vec::new();
    while let Some(page) = ready(pages.next(caller)).unwrap() {
        match page.and_then(|page: Page| page.items::<u8>()) {
            Ok(found) => items.extend(found),
            Err(error) => {
                assert!(
                    ready(pages.next(caller)).unwrap().is_none(),
                    "an error ends the walk"
                );
                return (items, Some(error));
            }
        }
    }
    (items, None)
}

fn walked(answers: impl IntoIterator<Item = Exchange>, path: &str) -> (Vec<u8>, Vec<String>) {
    let caller = ScriptedCaller::new(answers);
    let (items, error) = walk(&caller, Pages::new(ApiRequest::get(path)));
    assert!(error.is_none(), "{error:?}");
    (items, caller.sent())
}

#[test]
fn a_cursor_leads_on_until_next_is_null_or_absent() {
    let ends = [
        json!({ "type": "list", "data": [3], "pages": { "next": null } }),
        json!({ "type": "list", "data": [3], "pages": { "page": 2 } }),
        json!({ "type": "list", "data": [3], "pages": null }),
        json!({ "type": "list", "data": [3] }),
    ];
    for end in ends {
        let first = page(&[1, 2], &json!({ "per_page": 2, "starting_after": "WzE=" }));
        let (items, sent) = walked([first, json_answer(200, &end)], "/contacts?per_page=2");
        assert_eq!(items, [1, 2, 3]);
        assert_eq!(
            sent,
            [
                "GET /contacts?per_page=2",
                "GET /contacts?per_page=2&starting_after=WzE%3D"
            ]
        );
    }
}

#[test]
fn a_walk_that_an_error_ended_goes_on_where_it_was() {
    let caller = ScriptedCaller::new([
        page(&[1], &json!({ "starting_after": "b" })),
        refusal(403, "forbidden", "m"),
        page(&[2], &Value::Null),
    ]);
    let mut pages = Pages::new(ApiRequest::get("/contacts"));
    ready(pages.next(&caller)).unwrap().unwrap().unwrap();
    let rest = pages.request().unwrap().clone();
    assert!(ready(pages.next(&caller)).unwrap().unwrap().is_err());
    assert!(pages.request().is_none());
    assert_eq!(walk(&caller, Pages::new(rest)).0, [2]);
}

#[test]
fn a_page_number_leads_on() {
    let (items, sent) = walked(
        [
            page(&[1], &json!({ "page": 2 })),
            page(&[2], &json!({ "page": 3 })),
            page(&[3], &Value::Null),
        ],
        "/companies?page=1&order=asc",
    );
    assert_eq!(items, [1, 2, 3]);
    assert_eq!(sent[1], "GET /companies?order=asc&page=2");
    assert_eq!(sent[2], "GET /companies?order=asc&page=3");
}

#[test]
fn a_link_lends_its_query_and_never_its_host() {
    let foreign = json!("https://evil.example/steal?page=2&per_page=1");
    let caller = ScriptedCaller::new([page(&[1], &foreign), page(&[2], &Value::Null)]);
    let (items, error) = walk(&caller, Pages::new(ApiRequest::get("/events")));
    assert!(error.is_none());
    assert_eq!(items, [1, 2]);
    let second = &caller.requests()[1];
    assert_eq!(
        second.uri(),
        "https://api.intercom.io/events?page=2&per_page=1"
    );
}

#[test]
fn a_link_without_a_query_is_an_error_and_no_silent_end() {
    let caller = ScriptedCaller::new([page(&[1], &json!("https://api.intercom.io/events/2"))]);
    let (_, error) = walk(&caller, Pages::new(ApiRequest::get("/events")));
    assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
}

#[test]
fn a_search_carries_its_cursor_in_the_body() {
    let query = ContactQuery::new().equals("role", "user").per_page(1);
    let caller = ScriptedCaller::new([
        page(&[1], &json!({ "starting_after": "c1" })),
        page(&[2], &Value::Null),
    ]);
    let (items, error) = walk(&caller, search(&query));
    assert!(error.is_none());
    assert_eq!(items, [1, 2]);
    assert_eq!(
        caller.sent(),
        ["POST /contacts/search", "POST /contacts/search"]
    );
    let second: Value = serde_json::from_slice(caller.requests()[1].body()).unwrap();
    assert_eq!(
        second["pagination"],
        json!({ "per_page": 1, "starting_after": "c1" })
    );
    assert_eq!(second["query"]["field"], "role");
}

#[test]
fn a_cursor_that_does_not_move_on_is_an_error() {
    let same = || page(&[1], &json!({ "starting_after": "c1" }));
    let caller = ScriptedCaller::new([same(), same()]);
    let (_, error) = walk(&caller, Pages::new(ApiRequest::get("/contacts")));
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.body().is_some(), "the page is not lost");
}

#[test]
fn cursors_that_go_round_in_circles_are_an_error() {
    let to = |cursor: &str| page(&[1], &json!({ "starting_after": cursor }));
    let round = ["a", "b", "c"]
        .iter()
        .cycle()
        .take(40)
        .map(|cursor| to(cursor));
    let caller = ScriptedCaller::new(round);
    let (_, error) = walk(&caller, Pages::new(ApiRequest::get("/contacts")));
    assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
    assert!(caller.sent().len() <= 12, "{}", caller.sent().len());
}

#[test]
fn a_scroll_goes_on_until_a_page_is_empty() {
    let scrolled = |items: &[u8]| {
        json_answer(
            200,
            &json!({ "type": "list", "data": items, "pages": null, "scroll_param": "s-1" }),
        )
    };
    let (items, sent) = walked(
        [
            scrolled(&[1]),
            scrolled(&[2]),
            scrolled(&[3]),
            scrolled(&[]),
        ],
        "/companies/scroll",
    );
    assert_eq!(items, [1, 2, 3]);
    assert_eq!(sent[0], "GET /companies/scroll");
    assert_eq!(sent[3], "GET /companies/scroll?scroll_param=s-1");
}

#[test]
fn lists_go_by_other_names_too() {
    let caller = ScriptedCaller::new([json_answer(
        200,
        &json!({ "type": "conversation.list", "conversations": [1, 2], "total_count": 9, "pages": {} }),
    )]);
    let mut pages = Pages::new(ApiRequest::get("/conversations"));
    let page = ready(pages.next(&caller)).unwrap().unwrap().unwrap();
    assert_eq!(page.items::<u8>().unwrap(), [1, 2]);
    assert_eq!((page.len(), page.total_count()), (2, Some(9)));
}

#[test]
fn an_item_that_does_not_fit_names_the_place() {
    let caller = ScriptedCaller::new([page(&[1], &Value::Null)]);
    let mut pages = Pages::new(ApiRequest::get("/contacts"));
    let page = ready(pages.next(&caller)).unwrap().unwrap().unwrap();
    let error = page.items::<String>().unwrap_err();
    assert!(error.to_string().contains("[0]"), "{error}");
}

/// A caller whose calls never end.
struct Silent;

impl intercom_protocol::Caller for Silent {
    async fn call(&self, _: ApiRequest) -> Result<intercom_protocol::Reply, Error> {
        std::future::pending().await
    }
}

#[test]
fn a_page_whose_future_was_dropped_is_asked_for_again() {
    let caller = ScriptedCaller::new([page(&[1], &json!(null))]);
    let mut pages = Pages::new(ApiRequest::get("/contacts"));
    assert!(ready(pages.next(&Silent)).is_err(), "dropped half-way");
    assert_eq!(walk(&caller, pages).0, [1]);
}

#[test]
fn a_scroll_that_was_dropped_half_way_ends_with_an_error_and_asks_nothing() {
    let caller = ScriptedCaller::new([page(&[1], &json!(null))]);
    let mut pages = Pages::new(ApiRequest::get("/companies/scroll"));
    assert!(ready(pages.next(&Silent)).is_err(), "dropped half-way");
    let (items, error) = walk(&caller, pages);
    assert_eq!(error.unwrap().kind(), ErrorKind::NotStarted);
    assert!(items.is_empty() && caller.sent().is_empty());
}

#[test]
fn pages_and_replies_show_neither_body_nor_headers() {
    let caller = ScriptedCaller::new([crate::scripted::answer_with(
        200,
        &[("x-echo", "planted")],
        r#"{"data":[{"email":"planted"}]}"#,
    )]);
    let mut pages = Pages::new(ApiRequest::get("/contacts").query("email", "planted"));
    let page = ready(pages.next(&caller)).unwrap().unwrap().unwrap();
    let shown = format!("{page:?} {:?} {pages:?}", page.reply());
    assert!(!shown.contains("planted"), "{shown}");
}
