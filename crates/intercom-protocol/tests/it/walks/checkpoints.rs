//! Checkpoints: their text, and what they cannot be used for.

use std::error::Error as _;

use intercom_mock::MockServer;
use intercom_protocol::ApiRequest;
use intercom_protocol::walk::{Checkpoint, WalkErrorKind};
use serde_json::{Value, json};

use super::{World, all, ids, stored};

fn contacts() -> ApiRequest {
    ApiRequest::get("/contacts").query("per_page", 5)
}

/// A checkpoint after two of ten contacts.
fn checkpoint(world: &World) -> Checkpoint {
    let mut walk = world.walk(contacts());
    assert_eq!(walk.by_ref().take(2).count(), 2);
    walk.checkpoint()
}

#[test]
fn a_checkpoint_is_one_line_of_json_without_personal_data() {
    let (world, _) = World::with_contacts(10);
    let text = checkpoint(&world).to_string();
    insta::assert_snapshot!(text, @r#"{"v":1,"walk":"GET /contacts","host":"127.0.0.1:9","request":"b8e5381b81f2eeb696b22bc2eb6ba076","workspace":"tx2p130c","place":"start","returned":"0d7e26fe60783320 4b8a9d8563a13ecf","size":5,"last":"6762f0dd0000000000000002","counts":{"items":2,"pages":1,"total":10}}"#);
    assert!(!text.contains("x.org"), "{text}");
    assert!(!text.contains(&world.server.token()), "{text}");
}

#[test]
fn no_debug_or_display_shows_personal_data_or_the_token() {
    let (world, wanted) = World::with_contacts(10);
    world.server.add_unreadable(&wanted[7]);
    let mut walk = world.walk(contacts());
    walk.next().unwrap().unwrap();
    let started = format!("{walk:?} {:?} {}", walk.checkpoint(), walk.checkpoint());
    let error = ids(&mut walk).1.unwrap();
    let place = error.unreadable().unwrap();
    let ended = format!(
        "{error} {error:#} {error:?} {place:?} {walk:?} {}",
        error.checkpoint()
    );
    for secret in ["x.org", "mock-token"] {
        assert!(!started.contains(secret), "{started}");
        assert!(!ended.contains(secret), "{ended}");
    }
}

#[test]
fn a_checkpoint_of_another_walk_is_refused_before_anything_is_sent() {
    let (world, _) = World::with_contacts(10);
    let checkpoint = stored(&checkpoint(&world));
    let search = |value: &str| {
        let query = json!({ "field": "role", "operator": "=", "value": value });
        ApiRequest::post("/contacts/search").json(&json!({ "query": query }))
    };
    let searched = world.walk(search("user")).checkpoint();
    let sent = world.sent();
    for (checkpoint, request, text) in [
        (
            &checkpoint,
            ApiRequest::get("/conversations"),
            "the checkpoint is of GET /contacts, but this walk reads GET /conversations; resume with the same request and client, or start without the checkpoint",
        ),
        (
            &searched,
            search("lead"),
            "the checkpoint is of another query of POST /contacts/search; resume with the same request and client, or start without the checkpoint",
        ),
    ] {
        let mut walk = world.walk(request).resume(checkpoint);
        let (got, error) = ids(&mut walk);
        let error = error.unwrap();
        assert_eq!(error.kind(), WalkErrorKind::Checkpoint);
        assert_eq!(error.to_string(), text);
        assert!(error.source().is_none());
        assert_eq!(error.checkpoint(), checkpoint);
        assert!(got.is_empty());
    }
    assert_eq!(world.sent(), sent);
}

#[test]
fn a_checkpoint_of_another_workspace_is_refused_before_an_item_is_returned() {
    let (world, _) = World::with_contacts(10);
    let text = checkpoint(&world).to_string();
    let other: Checkpoint = text.replace("tx2p130c", "other").parse().unwrap();
    let (got, error) = ids(&mut world.walk(contacts()).resume(&other));
    assert!(got.is_empty());
    insta::assert_snapshot!(error.unwrap(), @"the checkpoint is of workspace other, but the access token reads workspace tx2p130c; resume with the same request and client, or start without the checkpoint");
}

#[test]
fn a_text_that_is_not_a_checkpoint_is_an_error_of_one_line() {
    let world = World::new(MockServer::builder());
    let text = world.walk(contacts()).checkpoint().to_string();
    let cut = &text[..text.len() - 5];
    for wrong in ["", "x", "{}", "[1]", "null", r#"{"v":1}"#, cut] {
        let error = wrong.parse::<Checkpoint>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "not a checkpoint of a walk; pass the whole text that the walk printed",
            "{wrong}"
        );
    }
    let newer = text.replace(r#""v":1"#, r#""v":2"#);
    insta::assert_snapshot!(newer.parse::<Checkpoint>().unwrap_err(), @"the checkpoint has version 2, but this program reads version 1; resume with the program that wrote it, or start without it");
    let value: Value = serde_json::from_str(&newer).unwrap();
    assert!(serde_json::from_value::<Checkpoint>(value).is_err());
}

#[test]
fn a_checkpoint_of_another_api_version_is_refused() {
    let (world, _) = World::with_contacts(10);
    let versioned = |version: &str| contacts().header("Intercom-Version", version);
    let mut walk = world.walk(versioned("2.11"));
    walk.next().unwrap().unwrap();
    let checkpoint = stored(&walk.checkpoint());
    let sent = world.sent();
    let (got, error) = ids(&mut world.walk(versioned("2.14")).resume(&checkpoint));
    assert!(got.is_empty());
    insta::assert_snapshot!(error.unwrap(), @"the checkpoint is of API version 2.11, but this client uses API version 2.14; resume with the same request and client, or start without the checkpoint");
    assert_eq!(world.sent(), sent);
    let rest = ids(&mut world.walk(versioned("2.11")).resume(&checkpoint));
    assert_eq!((rest.0.len(), rest.1.is_none()), (9, true));
}

#[test]
fn checkpoint_tells_where_the_walk_is() {
    let (world, wanted) = World::with_contacts(10);
    let mut walk = world.walk(contacts());
    let start = walk.checkpoint();
    assert_eq!((start.last_id(), start.is_end()), (None, false));
    assert!(!start.to_string().contains("returned"), "{start}");
    walk.next().unwrap().unwrap();
    let middle = walk.checkpoint();
    assert_eq!(
        (middle.last_id(), middle.is_end()),
        (Some(wanted[0].as_str()), false)
    );
    assert_eq!(
        format!("{middle:?}"),
        format!("Checkpoint {{ report: {:?}, .. }}", walk.report())
    );
    all(&mut walk);
    let end = walk.checkpoint();
    assert_eq!(
        (end.last_id(), end.is_end()),
        (Some(wanted[9].as_str()), true)
    );
}

#[test]
fn error_of_a_walk_tells_its_difference_and_its_source() {
    let (world, _) = World::with_contacts(10);
    let mut walk = world
        .walk(ApiRequest::get("/tags"))
        .resume(&checkpoint(&world));
    let error = ids(&mut walk).1.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Checkpoint);
    let difference = error.difference().unwrap().to_string();
    assert!(
        error.to_string().starts_with(&difference) && error.source().is_none(),
        "{error}"
    );

    let broken = World::of(|_| "{}".to_owned());
    let error = ids(&mut broken.walk(contacts())).1.unwrap();
    assert!(error.difference().is_none());
    let source = error.source().unwrap().to_string();
    assert_eq!(source, error.error().unwrap().to_string());
    assert!(
        format!("{error:?}").starts_with("WalkError { kind: Call, error: Some("),
        "{error:?}"
    );
}

#[test]
fn checkpoint_of_another_workspace_is_refused() {
    let (world, wanted) = World::with_contacts(10);
    let checkpoint = checkpoint(&world);
    for (workspace, is_refused) in [("tx2p130c", false), ("other", true)] {
        let before = world.sent();
        let mut walk = world.walk(contacts()).resume(&checkpoint);
        walk.set_workspace(workspace);
        let (got, error) = ids(&mut walk);
        assert_eq!(
            error.map(|error| error.kind()),
            is_refused.then_some(WalkErrorKind::Checkpoint)
        );
        assert_eq!(got, if is_refused { &[] } else { &wanted[2..] });
        assert_eq!(world.sent() == before, is_refused);
    }
    // A walk that has no workspace yet takes the first one.
    let mut walk = world.walk(ApiRequest::get("/tags"));
    walk.set_workspace("one");
    assert!(
        walk.checkpoint()
            .to_string()
            .contains(r#""workspace":"one""#)
    );
}

/// Without an item, it is not known whether the server could ever read one.
#[test]
fn walk_that_is_resumed_before_its_first_item_finds_no_item_unreadable() {
    let (world, _) = World::with_contacts(10);
    let start = world.walk(contacts()).checkpoint();
    for request in 0..100 {
        world.trouble(request, super::Trouble::Fails);
    }
    let error = ids(&mut world.walk(contacts()).resume(&start)).1.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Call);
    // Pages of 5, 2 and 1 items, twice each.
    assert_eq!(world.sent(), 6);
}

#[test]
fn page_size_of_zero_is_none() {
    let (world, _) = World::with_contacts(0);
    let first = ApiRequest::get("/contacts").query("per_page", 0);
    let text = world.walk(first).checkpoint().to_string();
    assert!(!text.contains(r#""size""#), "{text}");
}

#[test]
fn search_that_begins_behind_its_first_item_has_no_total_to_compare() {
    let (world, _) = World::with_contacts(3);
    let difference = |cursor: Value| {
        let query = json!({ "field": "created_at", "operator": ">", "value": "0" });
        let pagination = json!({ "per_page": 5, "starting_after": cursor });
        let body = json!({ "query": query, "pagination": pagination });
        let mut walk = world.walk(ApiRequest::post("/contacts/search").json(&body));
        let _ = ids(&mut walk);
        walk.report().difference()
    };
    assert_eq!(difference(Value::Null), Some(0));
    assert_eq!(difference(json!("x")), None);
}
