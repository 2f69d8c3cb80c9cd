//! Reading ahead of a slow consumer, on a virtual clock.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use intercom_async::Client;
use intercom_batch::{ErrorKind, ReadAhead, ReadAheadError, ReadAheadLimits};
use intercom_mock::{Method, MockServer, Scripted};
use intercom_protocol::ApiRequest;
use intercom_protocol::client::{Async, Walk};
use intercom_protocol::walk::{Checkpoint, WalkErrorKind};
use serde_json::value::RawValue;

use crate::folder::Folder;
use crate::world::{MockClock, offline};

const COUNT: u64 = 3_000;
/// A page of the scroll.
const PAGE: usize = 100;
/// About what an item takes.
const ITEM: u64 = 200;
const FIVE_MINUTES: Duration = Duration::from_secs(300);

type Items<'c> = Walk<'c, Client, Async, Box<RawValue>>;

fn world() -> (Arc<MockServer>, Client) {
    let builder = MockServer::builder()
        .generated_companies(COUNT)
        .generated_contacts(COUNT);
    let mock = Arc::new(builder.offline());
    let client = offline(&mock, MockClock::new(mock.clone()));
    (mock, client)
}

fn scroll(client: &Client) -> Items<'_> {
    // When the file is full, each page takes as long as the consumer.
    let walk = client.walk(ApiRequest::get("/companies/scroll"));
    walk.max_restarts(u64::MAX)
}

fn contacts(client: &Client) -> Items<'_> {
    client.walk(ApiRequest::get("/contacts").query("per_page", PAGE))
}

/// Memory for one page, and a file for some more.
fn limits(pages: u64) -> ReadAheadLimits {
    let page = PAGE as u64 * ITEM;
    ReadAheadLimits::default().memory(page).file(pages * page)
}

fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}

fn id(item: &RawValue) -> String {
    let item: serde_json::Value = serde_json::from_str(item.get()).unwrap();
    item["id"].as_str().unwrap().to_owned()
}

/// Reads everything, and takes five minutes for each page. Returns the ids in their order, and the last checkpoint.
async fn read_slowly(mock: &MockServer, mut ahead: ReadAhead) -> (Vec<String>, Checkpoint) {
    let mut ids = Vec::new();
    while let Some(item) = ahead.next().await {
        ids.push(id(&item.unwrap()));
        if ids.len() % PAGE == 0 {
            mock.advance_clock(FIVE_MINUTES);
            tokio::task::yield_now().await;
        }
    }
    assert!(ahead.next().await.is_none());
    (ids, ahead.checkpoint().unwrap().clone())
}

#[track_caller]
fn assert_each_once(ids: &[String]) {
    let different: BTreeSet<_> = ids.iter().collect();
    assert_eq!(
        (ids.len(), different.len()),
        (COUNT as usize, COUNT as usize)
    );
}

#[test]
fn scroll_of_a_slow_consumer_stays_alive_as_long_as_the_file_has_room() {
    on_runtime(async {
        for (pages, expires) in [(40, false), (5, true)] {
            let (mock, client) = world();
            let ahead = ReadAhead::start(client, scroll, limits(pages)).unwrap();
            let (ids, end) = read_slowly(&mock, ahead).await;
            assert_each_once(&ids);
            assert!(ids.is_sorted(), "the order of the server");
            let report = end.report();
            assert_eq!((report.restarts() > 0, report.items()), (expires, COUNT));
            assert!(end.is_end());
        }
    });
}

#[test]
fn scroll_without_reading_ahead_expires() {
    on_runtime(async {
        let (mock, client) = world();
        let mut walk = scroll(&client).max_restarts(3);
        let mut count = 0;
        let error = loop {
            match walk.next().await.unwrap() {
                Ok(_) => count += 1,
                Err(error) => break error,
            }
            if count % PAGE == 0 {
                mock.advance_clock(FIVE_MINUTES);
            }
        };
        assert_eq!(error.kind(), WalkErrorKind::Restarts);
    });
}

#[test]
fn no_more_is_read_than_there_is_room_for() {
    on_runtime(async {
        let (mock, client) = world();
        let mut ahead = ReadAhead::start(client, contacts, limits(4)).unwrap();
        ahead.next().await.unwrap().unwrap();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        let (waiting, requests) = (ahead.waiting(), mock.request_count());
        assert!((300..700).contains(&waiting), "{waiting}");
        assert!((4..8).contains(&requests), "{requests}");
        // Without a file, and with an item that does not fit into memory.
        let (_, client) = world();
        let none = ReadAheadLimits::default().memory(1).file(0);
        let mut ahead = ReadAhead::start(client, contacts, none).unwrap();
        let mut ids = Vec::new();
        while let Some(item) = ahead.next().await {
            assert!(ahead.waiting() <= 1);
            ids.push(id(&item.unwrap()));
        }
        assert_each_once(&ids);
    });
}

#[test]
fn crash_repeats_at_most_a_page_and_misses_nothing() {
    on_runtime(async {
        let (_, client) = world();
        let (mut ids, mut checkpoint) = (Vec::new(), None::<Checkpoint>);
        for (run, step) in [1, 99, 100, 101, 250, 730, 5_000].into_iter().enumerate() {
            let from = checkpoint.clone();
            let mut ahead = start(client.clone(), move |client| resumed(client, from.as_ref()));
            for _ in 0..step {
                match ahead.next().await {
                    Some(item) => ids.push(id(&item.unwrap())),
                    None => break,
                }
            }
            let repeated = ids.len() - ids.iter().collect::<BTreeSet<_>>().len();
            assert!(repeated <= run * (PAGE - 1), "{run}: {repeated}");
            checkpoint = ahead.checkpoint().cloned();
        }
        assert!(checkpoint.unwrap().is_end());
        let different: BTreeSet<_> = ids.iter().collect();
        assert_eq!(different.len() as u64, COUNT);
    });
}

fn resumed<'c>(client: &'c Client, checkpoint: Option<&Checkpoint>) -> Items<'c> {
    match checkpoint {
        Some(checkpoint) => contacts(client).resume(checkpoint),
        None => contacts(client),
    }
}

fn start<F>(client: Client, walk: F) -> ReadAhead
where
    F: for<'c> FnOnce(&'c Client) -> Items<'c> + Send + 'static,
{
    ReadAhead::start(client, walk, limits(3)).unwrap()
}

#[test]
fn error_comes_after_the_items_before_it() {
    on_runtime(async {
        let (mock, client) = world();
        let refused = Scripted::status(403);
        let (first, second) = (Scripted::normal(), Scripted::normal());
        mock.script(Method::GET, "/contacts", [first, second, refused]);
        let mut ahead = ReadAhead::start(client.clone(), contacts, limits(3)).unwrap();
        let mut ids = Vec::new();
        let error = loop {
            match ahead.next().await.unwrap() {
                Ok(item) => ids.push(id(&item)),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, ReadAheadError::Walk(_)), "{error}");
        assert_eq!(ids.len(), 2 * PAGE);
        assert!(ahead.next().await.is_none());
        // The checkpoint of the error is exact.
        let mut rest = contacts(&client).resume(ahead.checkpoint().unwrap());
        while let Some(item) = rest.next().await {
            ids.push(id(&item.unwrap()));
        }
        assert_each_once(&ids);
    });
}

#[test]
fn folder_that_cannot_be_used_ends_the_reading_with_an_error() {
    on_runtime(async {
        let (_, client) = world();
        let folder = Folder::new("ahead-folder", &[""]);
        let limits = limits(3).folder(folder.path("none"));
        let mut ahead = ReadAhead::start(client, contacts, limits).unwrap();
        let mut count = 0;
        let error = loop {
            match ahead.next().await.unwrap() {
                Ok(_) => count += 1,
                Err(error) => break error,
            }
        };
        match error {
            ReadAheadError::File(error) => assert_eq!(error.kind(), ErrorKind::Io),
            other => panic!("{other:?}"),
        }
        // What was read before is returned all the same.
        assert!(count >= PAGE / 2 && ahead.checkpoint().is_some(), "{count}");
        assert!(ahead.next().await.is_none());
    });
}

#[test]
fn dropping_it_ends_the_task() {
    on_runtime(async {
        let (mock, client) = world();
        let mut ahead = ReadAhead::start(client, scroll, limits(1)).unwrap();
        ahead.next().await.unwrap().unwrap();
        drop(ahead);
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        // The task held the only other handles of the mock, in its client.
        assert_eq!(Arc::strong_count(&mock), 1);
    });
}

#[test]
fn panic_of_the_task_is_an_error() {
    on_runtime(async {
        let (_, client) = world();
        let mut ahead = start(client, |_| panic!("a panic of a test"));
        let ended = ahead.next().await.unwrap();
        assert!(matches!(ended, Err(ReadAheadError::Stopped)));
        assert!(ahead.next().await.is_none());
    });
}

#[test]
fn without_a_runtime_nothing_is_started() {
    let (mock, client) = world();
    let ended = ReadAhead::start(client, contacts, limits(1));
    assert!(matches!(ended, Err(ReadAheadError::Stopped)));
    assert_eq!(mock.request_count(), 0);
}
