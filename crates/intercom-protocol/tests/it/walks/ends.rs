//! What ends a walk, and what only looks like an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use intercom_protocol::walk::WalkErrorKind;
use intercom_protocol::{ApiRequest, ErrorKind};
use serde_json::json;

use super::{World, all, ids, items, parameter, stored};

/// A list of 40 items on pages of 10, with cursors or page numbers, or a scroll over it. The page after 20 items has another body
/// while there is one.
fn world(kind: &'static str, odd: &'static str, is_odd: &Arc<AtomicBool>) -> World {
    let (mut scrolled, is_odd) = (0, Arc::clone(is_odd));
    World::of(move |request| {
        let number = |name: &str| parameter(request, name).and_then(|value| value.parse().ok());
        let start = match kind {
            "cursor" => number("starting_after").unwrap_or(0),
            "numbers" => (number("page").unwrap_or(1) - 1) * 10,
            _ if parameter(request, "scroll_param").is_none() => 0,
            _ => scrolled,
        };
        if start == 20 && is_odd.load(Ordering::Relaxed) {
            return odd.to_owned();
        }
        let next = (start + 10 < 40).then(|| match kind {
            "cursor" => json!({ "starting_after": (start + 10).to_string() }),
            _ => json!({ "page": start / 10 + 2 }),
        });
        scrolled = start + 10;
        let data = items(start..(start + 10).min(40));
        match kind {
            "scroll" => json!({ "type": "list", "data": data, "pages": null, "scroll_param": "s" }),
            _ => json!({ "type": "list", "data": data, "pages": { "next": next }, "total_count": 40 }),
        }
        .to_string()
    })
}

fn request(kind: &str) -> ApiRequest {
    match kind {
        "scroll" => ApiRequest::get("/companies/scroll"),
        _ => ApiRequest::get("/tags").query("per_page", 10),
    }
}

fn wanted() -> Vec<String> {
    (0..40).map(|number: u64| number.to_string()).collect()
}

#[test]
fn foreign_body_is_an_error_with_a_checkpoint_and_not_the_end() {
    let odd = Arc::new(AtomicBool::new(true));
    let not_scrolls = [
        r#"{"data":[]}"#,
        r#"{"data":[{"id":"7"}]}"#,
        r#"{"type":"list"}"#,
        r#"{"type":"list","data":null,"pages":null}"#,
    ];
    let bodies = [
        "",
        "{}",
        "null",
        r#"{"errors":[]}"#,
        r#"{"pages":{},"messages":[]}"#,
    ];
    for kind in ["cursor", "numbers", "scroll"] {
        let more: &[&str] = if kind == "scroll" { &[] } else { &not_scrolls };
        for body in bodies.iter().chain(more) {
            odd.store(true, Ordering::Relaxed);
            let world = world(kind, body, &odd);
            let mut walk = world.walk(request(kind));
            let (mut got, error) = ids(&mut walk);
            assert_eq!(got.len(), 20, "{kind} {body}");
            let error = error.unwrap_or_else(|| panic!("{kind} ends at {body:?}"));
            assert_eq!(error.kind(), WalkErrorKind::Call, "{kind} {body}");
            assert!(
                error.error().unwrap().kind() == ErrorKind::Decode,
                "{kind} {body}: {error:?}"
            );
            odd.store(false, Ordering::Relaxed);
            let checkpoint = stored(error.checkpoint());
            let walk = world
                .walk(request(kind))
                .resume(&checkpoint)
                .seen(walk.into_seen());
            got.extend(all(&mut { walk }));
            assert_eq!(got, wanted(), "{kind} {body}");
        }
    }
}

#[test]
fn foreign_body_is_not_an_empty_list() {
    for body in ["", "null", r#"{"errors":[]}"#, r#"{"status":"ok"}"#] {
        for kind in ["cursor", "scroll"] {
            let world = World::of(|_| body.to_owned());
            let (got, error) = ids(&mut world.walk(request(kind)));
            assert!(got.is_empty() && error.is_some(), "{kind} {body}");
        }
    }
    for body in [
        r#"{"type":"list","data":[]}"#,
        r#"{"type":"list","data":[],"pages":null,"total_count":0}"#,
        r#"{"type":"conversation.list","conversations":[],"pages":{"next":null}}"#,
        r#"{"type":"list","data":null,"total_count":0}"#,
        r#"{"data":[]}"#,
    ] {
        let world = World::of(|_| body.to_owned());
        assert!(all(&mut world.walk(request("cursor"))).is_empty(), "{body}");
    }
}

#[test]
fn empty_page_that_names_a_next_page_is_not_the_end() {
    let odd = Arc::new(AtomicBool::new(true));
    for (kind, body) in [
        (
            "cursor",
            r#"{"data":[],"pages":{"next":{"starting_after":"30"}}}"#,
        ),
        (
            "numbers",
            r#"{"data":[],"pages":{"next":{"page":4}},"total_count":40}"#,
        ),
    ] {
        let world = world(kind, body, &odd);
        let mut walk = world.walk(request(kind));
        let wanted: Vec<String> = wanted()
            .into_iter()
            .filter(|id| !id.starts_with('2') || id == "2")
            .collect();
        assert_eq!(all(&mut walk), wanted, "{kind}");
        assert_eq!(
            walk.report().difference(),
            match kind {
                "numbers" => Some(-10),
                _ => walk.report().difference(),
            }
        );
    }
}

#[test]
fn scroll_without_its_parameter_is_an_error() {
    let world = World::of(|_| json!({ "type": "list", "data": items(0..10) }).to_string());
    let (got, error) = ids(&mut world.walk(request("scroll")));
    assert_eq!(got.len(), 0);
    assert_eq!(error.unwrap().error().unwrap().kind(), ErrorKind::Decode);
}

#[test]
fn rest_of_a_list_has_no_total_to_compare() {
    let odd = Arc::new(AtomicBool::new(false));
    for (kind, name, value) in [("cursor", "starting_after", 20), ("numbers", "page", 3)] {
        let world = world(kind, "", &odd);
        let mut walk = world.walk(request(kind).query(name, value));
        assert_eq!(all(&mut walk), wanted()[20..], "{kind}");
        assert_eq!(walk.report().difference(), None, "{kind}");
    }
}

#[test]
fn report_says_whether_a_list_ended_early() {
    for (count, total, is_short) in [
        (1_000, 1_000, false),
        (1_000, 900, false),
        (1_000, 1_020, false),
        (1_000, 1_030, true),
        (20, 30, false),
        (20, 40, true),
        (0, 40, true),
    ] {
        let world = World::of(move |_| {
            json!({ "type": "list", "data": items(0..count), "total_count": total }).to_string()
        });
        let mut walk = world.walk(request("cursor"));
        assert_eq!(all(&mut walk).len() as u64, count);
        let report = walk.report();
        assert_eq!(report.is_short(), is_short, "{count} of {total}");
    }
}

#[test]
fn scroll_that_ends_before_the_items_of_an_earlier_one_came_again_is_an_error() {
    let mut requests = 0;
    let world = World::of(move |_| {
        requests += 1;
        // The first scroll has 20 items before the walk is resumed, and the second one none.
        let data = items(0..if requests == 1 { 20 } else { 0 });
        json!({ "type": "list", "data": data, "scroll_param": "s" }).to_string()
    });
    let mut walk = world.walk(request("scroll"));
    assert_eq!(walk.by_ref().take(10).count(), 10);
    let checkpoint = stored(&walk.checkpoint());
    let mut walk = world
        .walk(request("scroll"))
        .resume(&checkpoint)
        .seen(walk.into_seen());
    let (got, error) = ids(&mut walk);
    assert!(got.is_empty());
    assert_eq!(error.unwrap().kind(), WalkErrorKind::Call);
}

#[test]
fn scroll_may_end_at_a_page_without_a_list() {
    let mut pages = 0;
    let world = World::of(move |_| {
        pages += 1;
        match pages {
            1 => json!({ "type": "list", "data": items(0..10), "scroll_param": "s" }),
            _ => json!({ "type": "list", "data": null, "scroll_param": "s" }),
        }
        .to_string()
    });
    assert_eq!(all(&mut world.walk(request("scroll"))).len(), 10);
}
