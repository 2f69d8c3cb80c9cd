//! The scroll over companies.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use intercom_mock::MockServer;
use intercom_protocol::walk::{IdKey, Seen, SeenIds, WalkErrorKind};
use intercom_protocol::{ApiRequest, Caller};

use super::{Trouble, World, all, assert_each_once, first, ids, stored};

fn scroll() -> ApiRequest {
    ApiRequest::get("/companies/scroll")
}

fn with_companies(count: u64) -> (World, Vec<String>) {
    let world = World::new(MockServer::builder().generated_companies(count));
    let ids = (0..count).map(|n| format!("6762f0dc{n:016x}")).collect();
    (world, ids)
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_scroll_ends_at_an_empty_page() {
    let (world, wanted) = with_companies(250);
    let mut walk = world.walk(scroll());
    assert_eq!(all(&mut walk), wanted);
    assert_eq!(world.sent(), 4);
    assert_eq!(walk.report().restarts(), 0);
    assert!(walk.checkpoint().is_end());
}

#[test]
fn a_lost_page_restarts_the_scroll_and_drops_what_was_returned() {
    let (world, wanted) = with_companies(450);
    world.trouble(2, Trouble::Lost);
    world.trouble(7, Trouble::Fails);
    let before = world.now().unwrap();
    let mut walk = world.walk(scroll());
    assert_eq!(all(&mut walk), wanted);
    let report = walk.report();
    assert_eq!((report.restarts(), report.expired()), (2, 0));
    assert_eq!((report.duplicates(), report.pages_read_again()), (500, 5));
    // The lost scroll is still open, until a minute has passed.
    assert!(world.now().unwrap().since(before) >= 2 * MINUTE);
}

#[test]
fn an_idle_scroll_expires_and_the_report_says_so() {
    let (world, wanted) = with_companies(250);
    let mut walk = world.walk(scroll());
    let mut got = Vec::new();
    for item in walk.by_ref() {
        got.push(item.unwrap().id);
        if got.len() == 150 {
            world.advance(2 * MINUTE);
        }
    }
    assert_eq!(got, wanted);
    assert_eq!((walk.report().restarts(), walk.report().expired()), (1, 1));
}

#[test]
fn a_consumer_that_is_always_too_slow_gets_an_error_that_says_so() {
    let (world, _) = with_companies(5_000);
    let mut walk = world.walk(scroll()).max_restarts(3);
    let mut got = 0;
    let error = loop {
        match walk.next().unwrap() {
            Ok(_) => got += 1,
            Err(error) => break error,
        }
        if got % 100 == 0 {
            world.advance(2 * MINUTE);
        }
    };
    assert_eq!((error.kind(), got), (WalkErrorKind::Restarts, 400));
    insta::assert_snapshot!(error, @"the scroll was restarted 3 times, 3 times because it was idle for a minute; take the items faster, or store them first and work on them later");
}

#[test]
fn a_company_that_the_scroll_cannot_return_is_named() {
    let (world, wanted) = with_companies(450);
    world.server.add_unreadable(&wanted[230]);
    let mut walk = world.walk(scroll());
    let (got, error) = ids(&mut walk);
    assert_eq!(got, wanted[..200]);
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Unreadable);
    let place = error.unreadable().unwrap();
    assert_eq!(
        (place.index(), place.id_before()),
        (200, Some(wanted[199].as_str()))
    );
    assert!(!place.can_be_skipped());
    assert_eq!(error.checkpoint().report().restarts(), 5);
    world.server.clear_unreadable();
    let mut walk = world
        .walk(scroll())
        .resume(&stored(error.checkpoint()))
        .seen(walk.into_seen());
    assert_eq!(all(&mut walk), wanted[200..]);
}

#[test]
fn a_walk_that_was_restarted_too_often_can_be_resumed() {
    let (world, wanted) = with_companies(450);
    for request in [2, 8] {
        world.trouble(request, Trouble::Lost);
    }
    let mut walk = world.walk(scroll()).max_restarts(1);
    let (mut got, error) = ids(&mut walk);
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Restarts, "{error:?}");
    insta::assert_snapshot!(error, @"the scroll was restarted once; resume from the checkpoint when the server is stable");
    world.trouble(world.sent() + 3, Trouble::Lost);
    let walk = world.walk(scroll()).max_restarts(1).seen(walk.into_seen());
    got.extend(all(&mut walk.resume(&stored(error.checkpoint()))));
    assert_each_once(got, wanted);
}

#[test]
fn another_scroll_is_waited_for() {
    let (world, wanted) = with_companies(250);
    // Another process reads two pages and stops.
    let mut first = world.server.exchange(request(&world, "/companies/scroll"));
    let body: serde_json::Value =
        serde_json::from_slice(first.response.take().unwrap().body()).unwrap();
    let path = format!(
        "/companies/scroll?scroll_param={}",
        body["scroll_param"].as_str().unwrap()
    );
    let mut walk = world.walk(scroll()).deadline(30 * MINUTE);
    let _ = world.server.exchange(request(&world, &path));
    let before = world.now().unwrap();
    assert_eq!(all(&mut walk), wanted);
    let waited = world.now().unwrap().since(before);
    assert!((MINUTE..3 * MINUTE).contains(&waited), "{waited:?}");
}

#[test]
fn the_deadline_ends_the_wait_for_another_scroll() {
    use intercom_mock::{Method, Scripted};
    let (world, _) = with_companies(250);
    let exists = Scripted::error(
        400,
        "scroll_exists",
        "scroll already exists for this workspace",
    );
    world
        .server
        .script_always(Method::GET, "/companies/scroll", exists);
    let before = world.now().unwrap();
    let mut walk = world.walk(scroll()).deadline(10 * MINUTE);
    let error = walk.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), WalkErrorKind::Call);
    assert!(error.error().unwrap().is_concurrency_limited(), "{error:?}");
    let waited = world.now().unwrap().since(before);
    assert!((8 * MINUTE..=10 * MINUTE).contains(&waited), "{waited:?}");
    assert!(world.sent() <= 12, "{}", world.sent());
}

#[test]
fn one_client_reads_one_scroll_at_a_time() {
    let (world, wanted) = with_companies(250);
    let mut first = world.walk(scroll());
    first.next().unwrap().unwrap();
    let (got, error) = ids(&mut world.walk(scroll()));
    assert!(got.is_empty());
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::ScrollInUse);
    insta::assert_snapshot!(error, @"another walk of this client reads a scroll, and a workspace can have only one; finish or drop that walk first");
    assert_eq!(all(&mut first).len(), 249);
    // The first walk has ended, although it still exists.
    assert_eq!(all(&mut world.walk(scroll())), wanted);
}

#[test]
fn a_scroll_is_resumed_with_the_ids_that_were_returned() {
    let (world, wanted) = with_companies(250);
    let mut walk = world.walk(scroll());
    let mut got = first(&mut walk, 130);
    let checkpoint = stored(&walk.checkpoint());
    let seen = walk.into_seen();
    assert_eq!(seen.len(), 130);
    let mut walk = world.walk(scroll()).resume(&checkpoint).seen(seen);
    got.extend(all(&mut walk));
    assert_each_once(got, wanted.clone());
    assert!(!walk.report().may_repeat());
    assert_eq!(walk.report().items(), 250);

    let mut walk = world.walk(scroll()).resume(&checkpoint);
    assert_eq!(all(&mut walk), wanted, "without the ids, items come again");
    assert!(walk.report().may_repeat());
}

#[test]
fn a_scroll_is_not_resumed_with_the_ids_of_another_walk() {
    let (world, wanted) = with_companies(250);
    let mut walk = world.walk(scroll());
    assert_eq!(walk.by_ref().take(130).count(), 130);
    let checkpoint = walk.checkpoint();
    drop(walk);
    let mut other = SeenIds::new();
    other.insert(IdKey::new(&wanted[0])).unwrap();
    let sent = world.sent();
    let mut walk = world.walk(scroll()).resume(&checkpoint).seen(other);
    let error = walk.next().unwrap().unwrap_err();
    assert_eq!(world.sent(), sent);
    assert_eq!(error.kind(), WalkErrorKind::Checkpoint);
    insta::assert_snapshot!(error, @"the store of ids is of another walk: it lacks the item that was returned last; pass the store of the walk that the checkpoint is of, or start without both");
    assert!(walk.next().is_none());
    assert_eq!(error.checkpoint().report().items(), 130);
}

#[test]
fn a_store_that_fails_ends_the_walk_before_the_item_is_returned() {
    struct Full(SeenIds);
    type Failed = Box<dyn std::error::Error + Send + Sync>;
    impl Seen for Full {
        fn contains(&self, key: IdKey) -> Result<bool, Failed> {
            self.0.contains(key)
        }
        fn insert(&mut self, key: IdKey) -> Result<(), Failed> {
            if self.len() == 7 {
                return Err("the disk is full".into());
            }
            self.0.insert(key)
        }
        fn len(&self) -> u64 {
            self.0.len()
        }
    }
    let (world, wanted) = with_companies(250);
    let (got, error) = ids(&mut world.walk(scroll()).seen(Full(SeenIds::new())));
    assert_eq!(got, wanted[..7]);
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Store);
    assert_eq!(error.checkpoint().report().items(), 7);
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the disk is full");
}

#[test]
fn a_scroll_that_repeats_ends_with_an_error() {
    use intercom_mock::{Method, Scripted};
    let (world, _) = with_companies(0);
    let items: Vec<_> = (0..100)
        .map(|n| serde_json::json!({ "id": n.to_string() }))
        .collect();
    let page = serde_json::json!({ "data": items, "scroll_param": "x" });
    let page = Scripted::status(200).json(page);
    world
        .server
        .script_always(Method::GET, "/companies/scroll", page);
    let (got, error) = ids(&mut world.walk(scroll()));
    assert_eq!(got.len(), 100);
    assert_eq!(error.unwrap().kind(), WalkErrorKind::Loop);
}

fn request(world: &World, path: &str) -> http::Request<bytes::Bytes> {
    let token = format!("Bearer {}", world.server.token());
    let request = http::Request::get(path).header("authorization", token);
    request.body(bytes::Bytes::new()).unwrap()
}

#[test]
fn wait_for_another_scroll_is_an_event_and_costs_no_attempts() {
    use std::sync::{Arc, Mutex};

    use intercom_mock::{Method, Scripted};
    use intercom_protocol::observe::EventKind;

    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    let builder = MockServer::builder().generated_companies(50);
    let world = World::observed(builder, move |event| {
        let line = event.to_string();
        let (_, line) = line.split_once(' ').unwrap();
        let line = line.split(" (request").next().unwrap();
        if !matches!(event.kind(), EventKind::Sent) {
            seen.lock()
                .unwrap()
                .push(format!("{} {line}", event.host()));
        }
    });
    let exists = Scripted::error(
        400,
        "scroll_exists",
        "scroll already exists for this workspace",
    );
    world
        .server
        .script(Method::GET, "/companies/scroll", [exists.clone(), exists]);
    let mut walk = world.walk(scroll());
    assert!(!walk.is_waiting_for_scroll());
    assert_eq!(all(&mut walk).len(), 50);
    let lines = lines.lock().unwrap().join("\n");
    insta::assert_snapshot!(lines, @r"
    127.0.0.1 GET /companies/scroll: attempt 1 got 400 scroll_exists in 50ms
    127.0.0.1 GET /companies/scroll: stopped: wait_too_long, worth trying again in 60s
    127.0.0.1 GET /companies/scroll: failed: api 400 after 1 attempt in 50ms
    127.0.0.1 GET /companies/scroll: waits 60s for another scroll
    127.0.0.1 GET /companies/scroll: attempt 1 got 400 scroll_exists in 50ms
    127.0.0.1 GET /companies/scroll: stopped: wait_too_long, worth trying again in 60s
    127.0.0.1 GET /companies/scroll: failed: api 400 after 1 attempt in 50ms
    127.0.0.1 GET /companies/scroll: waits 60s for another scroll
    127.0.0.1 GET /companies/scroll: attempt 1 got 200 in 50ms
    127.0.0.1 GET /companies/scroll: done: 200 after 1 attempt in 50ms
    127.0.0.1 GET /companies/scroll: attempt 1 got 200 in 50ms
    127.0.0.1 GET /companies/scroll: done: 200 after 1 attempt in 50ms
    ");
}

#[test]
fn walk_says_that_it_waits_for_another_scroll() {
    use intercom_mock::{Method, Scripted};
    use intercom_protocol::client::{Async, Walk};
    let (world, _) = with_companies(50);
    let exists = Scripted::error(
        400,
        "scroll_exists",
        "scroll already exists for this workspace",
    );
    world
        .server
        .script(Method::GET, "/companies/scroll", [exists]);
    let world = Sleepless(world);
    let mut walk = Walk::<_, Async, super::Item>::new(&world, scroll(), None);
    let mut context = Context::from_waker(Waker::noop());
    assert!(pin!(walk.next()).poll(&mut context).is_pending());
    assert!(walk.is_waiting_for_scroll());
}

/// A caller whose sleeps never end.
struct Sleepless(World);

impl Caller for Sleepless {
    async fn call(
        &self,
        request: ApiRequest,
    ) -> Result<intercom_protocol::Reply, intercom_protocol::Error> {
        self.0.call(request).await
    }

    fn now(&self) -> Option<intercom_protocol::Tick> {
        self.0.now()
    }

    async fn sleep_until(&self, _: intercom_protocol::Tick) {
        std::future::pending::<()>().await;
    }
}

/// It waits twice as long each time.
#[test]
fn scroll_that_cannot_be_opened_is_tried_six_times() {
    let (world, _) = with_companies(250);
    for request in 0..100 {
        world.trouble(request, Trouble::Lost);
    }
    let before = world.now().unwrap();
    let (got, error) = ids(&mut world.walk(scroll()));
    assert_eq!((got.len(), error.unwrap().kind()), (0, WalkErrorKind::Call));
    assert_eq!(world.sent(), 6);
    let waited = world.now().unwrap().since(before).as_secs();
    assert_eq!(waited, 2 + 4 + 8 + 16 + 32);
}

/// A new item shows that the scroll goes on, so the failures before it do not count.
#[test]
fn scroll_that_fails_after_each_page_goes_on() {
    let (world, wanted) = with_companies(1_000);
    let mut page = 2;
    for pages in 3..12 {
        world.trouble(page, Trouble::Lost);
        // The pages before come again.
        page += pages;
    }
    let mut walk = world.walk(scroll());
    assert_eq!(all(&mut walk), wanted);
    assert_eq!(walk.report().restarts(), 9);
}
