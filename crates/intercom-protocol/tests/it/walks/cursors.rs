//! Lists and searches with cursors.

use std::time::Duration;

use intercom_protocol::walk::WalkErrorKind;
use intercom_protocol::{ApiRequest, ErrorKind};
use serde_json::json;

use super::{Trouble, World, all, assert_each_once, first, ids, items, parameter, stored};

fn contacts() -> ApiRequest {
    ApiRequest::get("/contacts").query("per_page", 7)
}

fn search() -> ApiRequest {
    let query = json!({ "field": "role", "operator": "=", "value": "user" });
    let body = json!({ "query": query, "pagination": { "per_page": 7 } });
    ApiRequest::post("/contacts/search").json(&body)
}

#[test]
fn every_item_comes_once_and_the_total_is_compared() {
    let (world, wanted) = World::with_contacts(50);
    for request in [contacts(), search()] {
        let mut walk = world.walk(request);
        assert_eq!(all(&mut walk), wanted);
        let report = walk.report();
        assert_eq!((report.items(), report.pages()), (50, 8));
        assert_eq!(
            (report.total_count(), report.difference()),
            (Some(50), Some(0))
        );
        assert!(walk.checkpoint().is_end());
    }
    assert_eq!(world.sent(), 16);
}

#[test]
fn a_walk_goes_on_after_every_item_in_another_process() {
    let (world, wanted) = World::with_contacts(24);
    for request in [contacts(), search()] {
        for taken in 0..=24 {
            let mut walk = world.walk(request.clone());
            let mut got = first(&mut walk, taken);
            let checkpoint = stored(&walk.checkpoint());
            drop(walk);
            let mut walk = world.walk(request.clone()).resume(&checkpoint);
            got.extend(all(&mut walk));
            assert_eq!(got, wanted, "{taken}");
            assert_eq!(walk.report().items(), 24);
        }
    }
}

#[test]
fn a_request_that_may_change_something_is_not_walked_over() {
    let (world, wanted) = World::with_contacts(3);
    for request in [
        ApiRequest::post("/contacts").json(&json!({ "role": "lead" })),
        ApiRequest::delete("/contacts").segment(&wanted[0]),
        ApiRequest::put("/contacts").segment(&wanted[0]),
    ] {
        let mut walk = world.walk(request);
        let error = walk.next().unwrap().unwrap_err();
        assert_eq!(error.kind(), WalkErrorKind::Write);
        assert!(
            error
                .to_string()
                .contains("may change something; nothing was sent"),
            "{error}"
        );
        assert!(walk.next().is_none());
    }
    assert_eq!(world.sent(), 0);
}

#[test]
fn a_walk_that_has_ended_stays_ended() {
    let (world, _) = World::with_contacts(3);
    let mut walk = world.walk(contacts());
    all(&mut walk);
    let sent = world.sent();
    let mut walk = world.walk(contacts()).resume(&stored(&walk.checkpoint()));
    assert!(all(&mut walk).is_empty());
    assert_eq!(world.sent(), sent);
}

#[test]
fn items_that_come_and_go_in_a_page_that_is_read_again_do_not_hide_others() {
    let (world, mut wanted) = World::with_contacts(20);
    let mut walk = world.walk(contacts());
    let mut got = first(&mut walk, 4);
    let checkpoint = stored(&walk.checkpoint());
    // One that was returned and one that was not.
    world.server.delete_contact(&wanted[1]);
    world.server.delete_contact(&wanted[5]);
    wanted.remove(5);
    got.extend(all(&mut world.walk(contacts()).resume(&checkpoint)));
    assert_eq!(got, wanted);
}

#[test]
fn troubles_that_a_call_survives_cost_requests_but_no_items() {
    let (world, wanted) = World::with_contacts(50);
    world.trouble(1, Trouble::Limited);
    world.trouble(3, Trouble::Lost);
    world.trouble(5, Trouble::NotSent);
    world.trouble(7, Trouble::Fails);
    assert_eq!(all(&mut world.walk(contacts())), wanted);
    assert_eq!(world.sent(), 8 + 4);
}

#[test]
fn an_error_holds_the_checkpoint_and_the_cause() {
    let (world, wanted) = World::with_contacts(20);
    for request in 1..5 {
        world.trouble(request, Trouble::NotSent);
    }
    let mut walk = world.walk(contacts());
    let (mut got, error) = ids(&mut walk);
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Call);
    assert_eq!(error.error().unwrap().kind(), ErrorKind::Fault);
    assert_eq!(
        error.to_string(),
        "a call failed after 7 items; fix the cause, and resume from the checkpoint"
    );
    let mut walk = world.walk(contacts()).resume(&stored(error.checkpoint()));
    got.extend(all(&mut walk));
    assert_each_once(got, wanted);
}

#[test]
fn a_cursor_that_the_server_no_longer_accepts_is_explained() {
    let (world, _) = World::with_contacts(20);
    let mut walk = world.walk(contacts());
    assert_eq!(walk.by_ref().take(7).count(), 7);
    let stale = walk.checkpoint().to_string().replace("Wz+0", "stale");
    let mut walk = world.walk(contacts()).resume(&stale.parse().unwrap());
    let error = ids(&mut walk).1.unwrap();
    assert_eq!(
        error.to_string(),
        "the server does not accept the cursor after 7 items; start the walk again without the checkpoint"
    );
}

#[test]
fn a_deadline_ends_the_walk_with_a_checkpoint() {
    let (world, wanted) = World::with_contacts(50);
    let mut walk = world.walk(contacts()).deadline(Duration::from_millis(220));
    let (mut got, error) = ids(&mut walk);
    let error = error.unwrap();
    assert!(error.error().unwrap().is_timeout(), "{error:?}");
    assert_eq!(error.checkpoint().report().pages_shrunk(), 0);
    got.extend(all(&mut world.walk(contacts()).resume(error.checkpoint())));
    assert_eq!(got, wanted);
}

#[test]
fn a_cursor_that_comes_again_ends_the_walk_before_an_item_comes_twice() {
    use intercom_mock::{Method, Scripted};
    let (world, _) = World::with_contacts(0);
    let page = |id: &str, next: &str| {
        let pages = json!({ "next": { "starting_after": next } });
        Scripted::status(200).json(json!({ "data": [{ "id": id }], "pages": pages }))
    };
    let pages = [
        page("1", "b"),
        page("2", "c"),
        page("3", "d"),
        page("4", "b"),
    ];
    world.server.script(Method::GET, "/contacts", pages);
    let (got, error) = ids(&mut world.walk(contacts()));
    assert_eq!(got, ["1", "2", "3"]);
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Loop);
    assert_eq!(
        error.to_string(),
        "the server returned pages again that had been read, after 3 items; start the walk again"
    );
}

#[test]
fn a_link_without_a_page_number_is_followed_and_resumed() {
    use intercom_mock::{Method, Scripted};
    let (world, _) = World::with_contacts(0);
    let page = |id: &str, next: serde_json::Value| {
        let body = json!({ "data": [{ "id": id }], "pages": { "next": next } });
        Scripted::status(200).json(body)
    };
    let link = json!("https://api.intercom.io/events?type=user&before=7");
    let first = ApiRequest::get("/events").query("type", "user");
    world
        .server
        .script(Method::GET, "/events", [page("1", link)]);
    let mut walk = world.walk(first.clone());
    assert_eq!(walk.next().unwrap().unwrap().id, "1");
    let checkpoint = stored(&walk.checkpoint());
    world
        .server
        .script(Method::GET, "/events", [page("2", json!(null))]);
    let mut walk = world.walk(first).resume(&checkpoint);
    assert_eq!(all(&mut walk), ["2"]);
}

#[test]
fn items_can_be_read_as_raw_json() {
    use intercom_protocol::client::{Blocking, Walk};
    use serde_json::value::RawValue;
    let (world, wanted) = World::with_contacts(10);
    let walk: Walk<'_, World, Blocking, Box<RawValue>> = Walk::new(&world, contacts(), None);
    for (item, id) in walk.zip(wanted) {
        let json = item.unwrap();
        assert!(json.get().starts_with(r#"{"type":"contact""#), "{json}");
        assert!(json.get().contains(&id));
    }
}

#[test]
fn an_item_of_another_type_is_read_again_with_the_right_type() {
    use intercom_protocol::client::{Blocking, Walk};
    let (world, wanted) = World::with_contacts(10);
    let mut walk: Walk<'_, World, Blocking, u8> = Walk::new(&world, contacts(), None);
    let error = walk.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), WalkErrorKind::Item);
    assert!(walk.next().is_none());
    let mut walk = world.walk(contacts()).resume(error.checkpoint());
    assert_eq!(all(&mut walk), wanted);
}

/// Three pages with an item that comes on each of them, and one without an id that is twice on each.
fn with_repeats() -> World {
    World::of(|request| {
        let page: u64 =
            parameter(request, "starting_after").map_or(0, |after| after.parse().unwrap());
        let next = (page < 2).then(|| json!({ "starting_after": (page + 1).to_string() }));
        let mut data = items([page * 10, 99, page * 10 + 1]);
        data.extend([json!({ "name": "x" }), json!({ "name": "x" })]);
        json!({ "data": data, "pages": { "next": next } }).to_string()
    })
}

#[test]
fn item_on_two_pages_is_dropped_if_the_walk_has_a_store() {
    use intercom_protocol::client::{Blocking, Walk};
    use intercom_protocol::walk::SeenIds;
    let world = with_repeats();
    let walk = || Walk::<_, Blocking, serde_json::Value>::new(&world, contacts(), None);
    let ids = |items: &[serde_json::Value]| -> Vec<String> {
        let id = |item: &serde_json::Value| item["id"].as_str().unwrap_or("none").to_owned();
        items.iter().map(id).collect()
    };
    assert_eq!(walk().count(), 15);
    let wanted = [
        "0", "99", "1", "none", "none", "10", "11", "none", "none", "20", "21", "none", "none",
    ];
    for taken in 0..=13 {
        let mut first = walk().seen(SeenIds::new());
        let mut got: Vec<_> = first.by_ref().take(taken).map(Result::unwrap).collect();
        let checkpoint = stored(&first.checkpoint());
        let mut rest = walk().resume(&checkpoint).seen(first.into_seen());
        got.extend(rest.by_ref().map(Result::unwrap));
        assert_eq!(ids(&got), wanted, "{taken}");
        assert_eq!(rest.report().duplicates(), 2, "{taken}");
    }
}
