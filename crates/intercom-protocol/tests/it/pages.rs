//! Paginated lists, in every form that Intercom uses.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use intercom_protocol::client::{Async, Blocking, Contacts, Pages};
use intercom_protocol::flows::Page;
use intercom_protocol::{
    Action, ApiRequest, Caller, ContactQuery, Error, ErrorKind, Fault, FaultKind, Reply,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::scripted::{Exchange, ScriptedCaller, json_response, refusal};

fn page(items: &[u8], next: &Value) -> Exchange {
    json_response(
        200,
        &json!({ "type": "list", "data": items, "pages": { "type": "pages", "next": next } }),
    )
}

fn pages(caller: &ScriptedCaller, first: ApiRequest) -> Pages<'_, ScriptedCaller, Blocking> {
    Pages::new(caller, first, None)
}

/// The items of all pages, and the error that ended the walk, if there was one.
fn walk(caller: &ScriptedCaller, first: ApiRequest) -> (Vec<u8>, Option<Error>) {
    let mut items = pages(caller, first).items::<u8>();
    let mut read = Vec::new();
    for item in items.by_ref() {
        match item {
            Ok(item) => read.push(item),
            Err(error) => {
                assert!(items.next().is_none(), "an error ends the walk");
                return (read, Some(error));
            }
        }
    }
    (read, None)
}

fn first_page(caller: &ScriptedCaller, path: &str) -> Page {
    let page = pages(caller, ApiRequest::get(path)).next();
    page.unwrap().unwrap()
}

fn walked(responses: impl IntoIterator<Item = Exchange>, path: &str) -> (Vec<u8>, Vec<String>) {
    let caller = ScriptedCaller::new(responses);
    let (items, error) = walk(&caller, ApiRequest::get(path));
    assert!(error.is_none(), "{error:?}");
    (items, caller.sent())
}

#[test]
fn a_cursor_is_followed_until_next_is_null_or_absent() {
    let ends = [
        json!({ "type": "list", "data": [3], "pages": { "next": null } }),
        json!({ "type": "list", "data": [3], "pages": { "page": 2 } }),
        json!({ "type": "list", "data": [3], "pages": null }),
        json!({ "type": "list", "data": [3] }),
    ];
    for end in ends {
        let first = page(&[1, 2], &json!({ "per_page": 2, "starting_after": "WzE=" }));
        let (items, sent) = walked([first, json_response(200, &end)], "/contacts?per_page=2");
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
fn a_walk_can_be_continued_after_an_error() {
    let caller = ScriptedCaller::new([
        page(&[1], &json!({ "starting_after": "b" })),
        refusal(403, "forbidden", "m"),
        page(&[2], &Value::Null),
    ]);
    let mut pages = pages(&caller, ApiRequest::get("/contacts"));
    pages.next().unwrap().unwrap();
    let rest = pages.request().unwrap().clone();
    assert!(pages.next().unwrap().is_err());
    assert!(pages.request().is_none());
    assert_eq!(walk(&caller, rest).0, [2]);
}

#[test]
fn a_page_number_is_followed() {
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
fn only_the_query_of_a_link_is_used() {
    let foreign = json!("https://evil.example/steal?page=2&per_page=1");
    let caller = ScriptedCaller::new([page(&[1], &foreign), page(&[2], &Value::Null)]);
    let (items, error) = walk(&caller, ApiRequest::get("/events"));
    assert!(error.is_none());
    assert_eq!(items, [1, 2]);
    let second = &caller.requests()[1];
    assert_eq!(
        second.uri(),
        "https://api.intercom.io/events?page=2&per_page=1"
    );
}

#[test]
fn a_link_without_a_query_is_an_error() {
    let caller = ScriptedCaller::new([page(&[1], &json!("https://api.intercom.io/events/2"))]);
    let (_, error) = walk(&caller, ApiRequest::get("/events"));
    assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
}

#[test]
fn a_search_sends_its_cursor_in_the_body() {
    let query = ContactQuery::new().equals("role", "user").per_page(1);
    let found = |id: &str, next: Value| {
        let contact = json!({ "type": "contact", "id": id, "role": "user" });
        json_response(
            200,
            &json!({ "data": [contact], "pages": { "next": next } }),
        )
    };
    let caller = ScriptedCaller::new([
        found("a", json!({ "starting_after": "c1" })),
        found("b", Value::Null),
    ]);
    let contacts = Contacts::<_, Blocking>::new(&caller).search(&query);
    let ids: Vec<String> = contacts
        .map(|contact| contact.unwrap().id().to_owned())
        .collect();
    assert_eq!(ids, ["a", "b"]);
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
fn a_repeated_cursor_is_an_error() {
    let same = || page(&[1], &json!({ "starting_after": "c1" }));
    let caller = ScriptedCaller::new([same(), same()]);
    let (_, error) = walk(&caller, ApiRequest::get("/contacts"));
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.body().is_some(), "the error contains the page");
}

#[test]
fn a_cycle_of_cursors_is_an_error() {
    let to = |cursor: &str| page(&[1], &json!({ "starting_after": cursor }));
    let round = ["a", "b", "c"]
        .iter()
        .cycle()
        .take(40)
        .map(|cursor| to(cursor));
    let caller = ScriptedCaller::new(round);
    let (_, error) = walk(&caller, ApiRequest::get("/contacts"));
    assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
    assert!(caller.sent().len() <= 12, "{}", caller.sent().len());
}

#[test]
fn a_scroll_is_followed_until_a_page_is_empty() {
    let scrolled = |items: &[u8]| {
        json_response(
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
fn a_time_out_repeats_the_page_of_a_list_and_ends_a_scroll() {
    let exchanges = |first: &Value| {
        let late = Err(Fault::outcome_unknown(FaultKind::Timeout));
        [json_response(200, first), late, page(&[2], &Value::Null)]
    };
    let list = json!({ "data": [1], "pages": { "next": { "page": 2 } } });
    let (items, sent) = walked(exchanges(&list), "/companies");
    assert_eq!(items, [1, 2]);
    assert_eq!(sent[1], sent[2]);

    let scroll = json!({ "data": [1], "scroll_param": "s-1" });
    let caller = ScriptedCaller::new(exchanges(&scroll));
    let (items, error) = walk(&caller, ApiRequest::get("/companies/scroll"));
    assert_eq!((items.len(), caller.sent().len()), (1, 2));
    let advice = error.unwrap().advice();
    assert_eq!(advice, Some(Action::RestartScroll.meaning()));
}

#[test]
fn a_list_can_have_another_name() {
    let caller = ScriptedCaller::new([json_response(
        200,
        &json!({ "type": "conversation.list", "conversations": [1, 2], "total_count": 9, "pages": {} }),
    )]);
    let page = first_page(&caller, "/conversations");
    assert_eq!(page.items::<u8>().unwrap(), [1, 2]);
    assert_eq!((page.len(), page.total_count()), (2, Some(9)));
}

#[test]
fn a_response_that_is_not_a_list_is_an_error() {
    let others = [
        json!({}),
        json!({ "type": "admin", "id": "1", "team_ids": [] }),
        json!({ "type": "contact", "id": "5f1", "tags": { "type": "list", "data": [] } }),
        json!({ "data": { "type": "contact", "id": "5f1", "list": [1] } }),
        json!({ "type": "list", "data": 7 }),
    ];
    for body in others {
        let caller = ScriptedCaller::new([json_response(200, &body)]);
        let (items, error) = walk(&caller, ApiRequest::get("/me"));
        let error = error.unwrap_or_else(|| panic!("{body} is a page of {items:?}"));
        assert_eq!(
            error.to_string(),
            "GET /me: the response (200) does not match the requested type at the top level; the request was carried out",
            "{body}"
        );
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "the response has no list");
    }
}

#[test]
fn a_page_of_a_list_may_come_without_its_list() {
    let ends = [
        json!({ "data": null }),
        json!({ "type": "list", "pages": null }),
        json!({ "type": "conversation.list", "conversations": null }),
        json!({ "pages": null, "scroll_param": "s-1" }),
        json!({ "total_count": 0 }),
    ];
    for end in ends {
        let (items, sent) = walked([json_response(200, &end)], "/companies/scroll");
        assert_eq!((items.len(), sent.len()), (0, 1), "{end}");
    }
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

#[test]
fn an_item_that_cannot_be_decoded_ends_the_walk_and_the_error_names_the_place() {
    let list = json!({
        "data": [{ "name": "ada" }, { "name": 7 }, { "name": "bob" }],
        "pages": { "next": { "starting_after": "c1" } },
    });
    let caller = ScriptedCaller::new([json_response(200, &list)]);
    let mut items = pages(&caller, ApiRequest::get("/contacts")).items::<Named>();
    assert_eq!(items.next().unwrap().unwrap().name, "ada");
    let error = items.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("at [1].name"), "{error}");
    assert!(items.next().is_none());
    assert!(items.into_pages().next().is_none());
    assert_eq!(caller.sent().len(), 1);
}

#[test]
fn an_error_in_the_items_of_a_page_names_the_place() {
    for (item, place) in [(json!("a"), "at [1];"), (json!([1, "a"]), "at [1][1];")] {
        let list = json!({ "data": [[1], item], "pages": null });
        let caller = ScriptedCaller::new([json_response(200, &list)]);
        let page = first_page(&caller, "/contacts");
        let error = page.items::<Vec<u8>>().unwrap_err();
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[test]
fn items_of_any_type_and_with_any_white_space_are_read() {
    let body = "{\"data\": [\n 1 , 2.5,\t\"a,]\", {\"b\": [3, 4]} ,null,[ ]\r\n] }";
    let caller = ScriptedCaller::new([crate::scripted::response(200, body)]);
    let items = first_page(&caller, "/contacts").items::<Value>().unwrap();
    let wanted = json!([1, 2.5, "a,]", { "b": [3, 4] }, null, []]);
    assert_eq!(Value::from(items), wanted);
    for body in [r#"{"data":[]}"#, r#"{"data":[ ]}"#, "null", ""] {
        let caller = ScriptedCaller::new([crate::scripted::response(200, body)]);
        assert!(
            first_page(&caller, "/contacts")
                .items::<Value>()
                .unwrap()
                .is_empty()
        );
    }
}

#[test]
fn a_list_of_contacts_continues_after_an_empty_page() {
    let list = |ids: &[&str], next: Value| {
        let contact = |id: &&str| json!({ "type": "contact", "id": id, "role": "user" });
        let data: Vec<Value> = ids.iter().map(contact).collect();
        json_response(200, &json!({ "data": data, "pages": { "next": next } }))
    };
    let caller = ScriptedCaller::new([
        list(&["a", "b"], json!({ "starting_after": "c1" })),
        list(&[], json!({ "starting_after": "c2" })),
        list(&["c"], Value::Null),
    ]);
    let contacts = Contacts::<_, Blocking>::new(&caller).list();
    let contacts: Vec<_> = contacts.collect::<Result<_, Error>>().unwrap();
    let ids: Vec<&str> = contacts.iter().map(|contact| contact.id()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(caller.sent()[1], "GET /contacts?starting_after=c1");
}

#[test]
fn into_pages_starts_with_the_next_page() {
    let caller = ScriptedCaller::new([
        page(&[1, 2], &json!({ "starting_after": "c1" })),
        page(&[3], &Value::Null),
    ]);
    let mut items = pages(&caller, ApiRequest::get("/contacts")).items::<u8>();
    assert_eq!(items.next().unwrap().unwrap(), 1);
    let rest: Vec<Page> = items.into_pages().map(Result::unwrap).collect();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].items::<u8>().unwrap(), [3]);
}

/// A caller whose calls are pending at the first poll.
struct Slow<'a> {
    caller: &'a ScriptedCaller,
    begun: Mutex<u32>,
}

impl<'a> Slow<'a> {
    fn new(caller: &'a ScriptedCaller) -> Self {
        Self {
            caller,
            begun: Mutex::new(0),
        }
    }
}

impl Caller for Slow<'_> {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        *self.begun.lock().unwrap() += 1;
        let mut waited = false;
        std::future::poll_fn(|_| match std::mem::replace(&mut waited, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
        self.caller.call(request).await
    }
}

#[test]
fn a_call_continues_after_its_future_is_dropped() {
    for path in ["/contacts", "/companies/scroll"] {
        let caller = ScriptedCaller::new([page(&[1, 2], &json!(null))]);
        let slow = Slow::new(&caller);
        let mut items = Pages::<_, Async>::new(&slow, ApiRequest::get(path), None).items::<u8>();
        let context = &mut Context::from_waker(Waker::noop());
        assert!(pin!(items.next()).poll(context).is_pending());
        for item in [1, 2] {
            match pin!(items.next()).poll(context) {
                Poll::Ready(Some(Ok(read))) => assert_eq!(read, item),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(
            pin!(items.next()).poll(context),
            Poll::Ready(None)
        ));
        assert_eq!(*slow.begun.lock().unwrap(), 1);
    }
}

/// A caller that panics in its second call.
struct Panics<'a> {
    caller: &'a ScriptedCaller,
    begun: Mutex<u32>,
}

impl Caller for Panics<'_> {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        let begun = {
            let mut begun = self.begun.lock().unwrap();
            *begun += 1;
            *begun
        };
        assert_ne!(begun, 2, "planted");
        self.caller.call(request).await
    }
}

#[test]
fn after_a_panic_a_list_continues_and_a_scroll_ends_with_an_error() {
    let panicking = |first: Exchange, path: &str| {
        let caller = ScriptedCaller::new([first, page(&[2], &Value::Null)]);
        let panics = Panics {
            caller: &caller,
            begun: Mutex::new(0),
        };
        let mut pages = Pages::<_, Blocking>::new(&panics, ApiRequest::get(path), None);
        assert_eq!(pages.next().unwrap().unwrap().len(), 1);
        catch_unwind(AssertUnwindSafe(|| pages.next())).unwrap_err();
        let rest: Vec<_> = pages.map(|page| page.map(|page| page.len())).collect();
        (rest, caller.sent())
    };

    let first = page(&[1], &json!({ "starting_after": "c1" }));
    let (rest, sent) = panicking(first, "/contacts");
    assert!(matches!(rest.as_slice(), [Ok(1)]), "{rest:?}");
    assert_eq!(sent[1], "GET /contacts?starting_after=c1");

    let first = json!({ "data": [1], "scroll_param": "s-1" });
    let (mut rest, sent) = panicking(json_response(200, &first), "/companies/scroll");
    assert_eq!((rest.len(), sent.len()), (1, 1), "{rest:?}");
    let error = rest.remove(0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_eq!(error.advice(), Some(Action::RestartScroll.meaning()));
}

#[test]
fn a_blocking_walk_over_an_async_caller_ends_with_an_error() {
    let caller = ScriptedCaller::new([]);
    let slow = Slow::new(&caller);
    let pages = || Pages::<_, Blocking>::new(&slow, ApiRequest::get("/contacts"), None);
    let errors: Vec<_> = pages().map(Result::unwrap_err).collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].kind(), ErrorKind::NotStarted);
    assert_eq!(pages().items::<u8>().count(), 1);
}

#[test]
fn pages_and_replies_show_neither_body_nor_headers() {
    let caller = ScriptedCaller::new([crate::scripted::response_with(
        200,
        &[("x-echo", "planted")],
        r#"{"data":[{"email":"planted"}]}"#,
    )]);
    let mut pages = pages(
        &caller,
        ApiRequest::get("/contacts").query("email", "planted"),
    );
    let page = pages.next().unwrap().unwrap();
    let shown = format!("{page:?} {:?} {pages:?}", page.reply());
    assert!(!shown.contains("planted"), "{shown}");
}

/// The pages have different items, and the cursors lead in a circle.
#[test]
fn circle_of_pages_is_an_error_within_three_rounds() {
    let circle =
        (0..12_u8).map(|n| page(&[n], &json!({ "starting_after": format!("c{}", n % 3) })));
    let (items, error) = walk(&ScriptedCaller::new(circle), ApiRequest::get("/tags"));
    assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
    assert!(items.len() < 9, "{items:?}");
}

#[test]
fn list_without_items_differs_from_an_object() {
    let read = |body: &Value| {
        let caller = ScriptedCaller::new([json_response(200, body)]);
        let page = pages(&caller, ApiRequest::get("/tags")).next().unwrap();
        page.map(|page| format!("{page:?}"))
            .map_err(|error| error.kind())
    };
    for kind in ["list", "tag.list"] {
        let shown = read(&json!({ "type": kind })).unwrap();
        assert!(
            shown.starts_with("Page { len: 0, reply: Reply {"),
            "{shown}"
        );
    }
    assert_eq!(read(&json!({ "type": "tag" })), Err(ErrorKind::Decode));
}
