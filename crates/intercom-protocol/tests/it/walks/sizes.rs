//! Pages that are too large for the server, and items that it cannot return.

use std::time::Duration;

use intercom_protocol::ApiRequest;
use intercom_protocol::walk::WalkErrorKind;
use serde_json::json;

use super::{Trouble, World, all, first, ids};

fn contacts() -> ApiRequest {
    ApiRequest::get("/contacts").query("per_page", 150)
}

fn search() -> ApiRequest {
    let query = json!({ "field": "role", "operator": "=", "value": "user" });
    let body = json!({ "query": query, "pagination": { "per_page": 150 } });
    ApiRequest::post("/contacts/search").json(&body)
}

#[test]
fn pages_that_fail_above_37_items_are_read_in_smaller_ones() {
    let (world, wanted) = World::with_contacts(500);
    world.server.set_fail_pages_above(Some(37));
    for request in [contacts(), search()] {
        let before = world.sent();
        let mut walk = world.walk(request);
        assert_eq!(all(&mut walk), wanted);
        let report = walk.report();
        assert!(report.pages_shrunk() >= 2, "{report:?}");
        assert!(
            world.sent() - before <= 45,
            "{} requests",
            world.sent() - before
        );
    }
}

#[test]
fn pages_that_are_too_slow_are_read_in_smaller_ones() {
    let (world, wanted) = World::with_contacts(300);
    // 37 items take longer than an attempt may.
    world.server.set_item_delay(Duration::from_secs(1));
    let mut walk = world.walk(contacts());
    assert_eq!(all(&mut walk), wanted);
    assert!(walk.report().pages_shrunk() >= 2, "{:?}", walk.report());
}

#[test]
fn search_with_one_page_that_is_too_slow_is_not_split() {
    let (world, wanted) = World::with_contacts(100);
    // Half of this page is fast enough.
    world.server.set_item_delay(Duration::from_millis(300));
    let mut walk = world.walk(search());
    assert_eq!(all(&mut walk), wanted);
    let report = walk.report();
    assert_eq!((report.splits(), report.pages_shrunk()), (0, 1));
}

#[test]
fn a_size_that_was_reached_is_kept_by_a_checkpoint() {
    let (world, wanted) = World::with_contacts(400);
    world.server.set_fail_pages_above(Some(37));
    let mut walk = world.walk(contacts());
    let mut got = first(&mut walk, 37);
    let before = world.sent();
    let mut resumed = world.walk(contacts()).resume(&walk.checkpoint());
    got.push(resumed.next().unwrap().unwrap().id);
    assert_eq!(world.sent() - before, 1);
    got.extend(all(&mut resumed));
    assert_eq!(got, wanted);
}

#[test]
fn a_page_that_shrinks_after_the_walk_is_resumed_returns_no_item_twice() {
    let (world, wanted) = World::with_contacts(200);
    let mut walk = world.walk(contacts());
    let mut got = first(&mut walk, 120);
    world.server.set_fail_pages_above(Some(37));
    got.extend(all(&mut world.walk(contacts()).resume(&walk.checkpoint())));
    assert_eq!(got, wanted);
}

#[test]
fn a_single_unreadable_item_is_named_with_its_place_and_the_item_before_it() {
    let (world, wanted) = World::with_contacts(400);
    world.server.add_unreadable(&wanted[201]);
    let mut walk = world.walk(contacts()).skip_unreadable();
    let (got, error) = ids(&mut walk);
    assert_eq!(got, wanted[..201]);
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Unreadable);
    let place = error.unreadable().unwrap();
    assert_eq!(
        (place.index(), place.id_before()),
        (201, Some(wanted[200].as_str()))
    );
    let checkpoint = error.checkpoint().to_string();
    assert!(
        place
            .cursor()
            .is_some_and(|cursor| !cursor.is_empty() && checkpoint.contains(cursor))
    );
    assert_eq!(
        format!("{place:?}"),
        format!("Unreadable {{ index: {}, .. }}", place.index())
    );
    assert_eq!(
        error.to_string(),
        "the server cannot return the item after 201 others, nor those behind it; find it by its neighbours and report it, or narrow the search"
    );
    assert!(error.error().unwrap().is_server_error());
    // Once the server is repaired, the walk goes on.
    world.server.clear_unreadable();
    let mut walk = world.walk(contacts()).resume(error.checkpoint());
    assert_eq!(all(&mut walk), wanted[201..]);
}

#[test]
fn an_outage_is_not_taken_for_an_unreadable_item() {
    let (world, wanted) = World::with_contacts(400);
    let mut walk = world.walk(contacts());
    let got: Vec<String> = first(&mut walk, 150);
    world.server.set_api_down(true);
    let (none, error) = ids(&mut walk);
    assert!(none.is_empty());
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Call, "{error:?}");
    // The size is the first one again.
    assert!(error.checkpoint().to_string().contains(r#""size":150"#));
    world.server.set_api_down(false);
    let rest = all(&mut world.walk(contacts()).resume(error.checkpoint()));
    assert_eq!([got, rest].concat(), wanted);
}

#[test]
fn one_failure_does_not_shrink_a_page() {
    let (world, wanted) = World::with_contacts(400);
    world.trouble(1, Trouble::Fails);
    world.trouble(3, Trouble::Lost);
    let mut walk = world.walk(contacts());
    assert_eq!(all(&mut walk), wanted);
    assert_eq!((walk.report().pages_shrunk(), world.sent()), (0, 5));
}
