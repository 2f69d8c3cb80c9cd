//! Walks of every kind with troubles, drops, stalls and deletions at random.

use std::collections::BTreeSet;
use std::time::Duration;

use intercom_mock::MockServer;
use intercom_protocol::ApiRequest;
use intercom_protocol::walk::WalkErrorKind;
use proptest::prelude::*;
use serde_json::json;

use super::{Trouble, World, stored};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Companies,
    Contacts,
    Scroll,
    Search,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Delete(usize),
    Reopen,
    Stall(u64),
    Trouble(u64, Trouble),
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::Companies,
        Kind::Contacts,
        Kind::Scroll,
        Kind::Search,
    ])
}

fn event() -> impl Strategy<Value = Event> {
    let troubles = vec![
        Trouble::Fails,
        Trouble::Limited,
        Trouble::Lost,
        Trouble::NotSent,
    ];
    prop_oneof![
        1 => (0usize..400).prop_map(Event::Delete),
        1 => Just(Event::Reopen),
        1 => (0u64..200).prop_map(Event::Stall),
        4 => (0u64..4, prop::sample::select(troubles)).prop_map(|(n, it)| Event::Trouble(n, it)),
    ]
}

fn request(kind: Kind, per_page: u32) -> ApiRequest {
    match kind {
        Kind::Companies => ApiRequest::post("/companies/list").query("per_page", per_page),
        Kind::Contacts => ApiRequest::get("/contacts").query("per_page", per_page),
        Kind::Scroll => ApiRequest::get("/companies/scroll"),
        Kind::Search => {
            let query = json!({ "field": "role", "operator": "=", "value": "user" });
            let body = json!({ "query": query, "pagination": { "per_page": per_page } });
            ApiRequest::post("/contacts/search").json(&body)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").map_or(24, |cases| cases.parse().unwrap())
    ))]

    #[test]
    fn every_item_that_is_there_throughout_comes_once_whatever_happens(
        kind in kind(),
        count in 0usize..400,
        per_page in 1u32..=150,
        fails_above in prop::option::of(100usize..150),
        slow_behind in prop::option::of(20usize..400),
        events in prop::collection::vec((0usize..400, event()), 0..40),
    ) {
        let world = World::new(MockServer::builder());
        let add = |n: usize| match kind {
            Kind::Companies | Kind::Scroll => world.server.add_company(&n.to_string()),
            Kind::Contacts | Kind::Search => world.server.add_contact(json!({
                "email": format!("{n}@x.org"), "created_at": 1_750_000_000 + n * 9_000,
            })),
        };
        let ids: Vec<String> = (0..count).map(add).collect();
        world.server.set_fail_pages_above(fails_above);
        world.server.set_slow_pages_behind(slow_behind);
        let mut events = events;
        events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let mut deleted = BTreeSet::new();
        let mut came = BTreeSet::new();
        let open = || world.walk(request(kind, per_page)).max_restarts(1_000);
        let mut walk = open();
        let mut failures = 0;
        loop {
            let mut reopen = false;
            while let Some((_, event)) = events.pop_if(|(at, _)| *at <= came.len()) {
                match event {
                    Event::Delete(index) if index < count => {
                        let id = &ids[index];
                        deleted.insert(id.clone());
                        world.server.delete_company(id);
                        world.server.delete_contact(id);
                    }
                    Event::Delete(_) => {}
                    Event::Reopen => reopen = true,
                    Event::Stall(seconds) => world.advance(Duration::from_secs(seconds)),
                    Event::Trouble(after, trouble) => world.trouble(world.sent() + after, trouble),
                }
            }
            if reopen {
                let checkpoint = stored(&walk.checkpoint());
                walk = open().resume(&checkpoint).seen(walk.into_seen());
            }
            match walk.next() {
                None => break,
                Some(Ok(item)) => prop_assert!(came.insert(item.id.clone()), "{} came twice", item.id),
                Some(Err(error)) => {
                    prop_assert_eq!(error.kind(), WalkErrorKind::Call, "{:?}", error);
                    failures += 1;
                    prop_assert!(failures < 50, "{:?}", error);
                    let checkpoint = stored(error.checkpoint());
                    walk = open().resume(&checkpoint).seen(walk.into_seen());
                }
            }
        }
        for id in &ids {
            prop_assert!(came.contains(id) || deleted.contains(id), "{} is missing", id);
        }
        prop_assert_eq!(walk.report().items(), came.len() as u64);
    }
}
