//! Reading ahead with a blocking client, on a thread.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use intercom_batch::{ReadAhead, ReadAheadError, ReadAheadLimits};
use intercom_blocking::Client;
use intercom_mock::{Method, MockServer, Scripted};
use intercom_protocol::client::{Blocking, Walk};
use intercom_protocol::walk::Checkpoint;
use intercom_protocol::{ApiRequest, RetryPolicy};
use serde_json::value::RawValue;

const COUNT: u64 = 1_000;
const PAGE: usize = 100;

type Items<'c> = Walk<'c, Client, Blocking, Box<RawValue>>;

fn world() -> (MockServer, Client) {
    let builder = MockServer::builder().rate_limit(1_000_000, Duration::from_secs(10));
    let builder = builder.generated_companies(COUNT).generated_contacts(COUNT);
    let mock = builder.start().unwrap();
    let client = Client::builder(mock.token()).base_url(mock.base_url());
    let client = client.policy(RetryPolicy::none()).build().unwrap();
    (mock, client)
}

fn contacts(client: &Client) -> Items<'_> {
    client.walk(ApiRequest::get("/contacts").query("per_page", PAGE))
}

fn id(item: &RawValue) -> String {
    let item: serde_json::Value = serde_json::from_str(item.get()).unwrap();
    item["id"].as_str().unwrap().to_owned()
}

#[track_caller]
fn assert_each_once(ids: &[String]) {
    let different: BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len() as u64, different.len() as u64), (COUNT, COUNT));
}

#[test]
fn thread_keeps_the_scroll_of_a_slow_consumer_alive() {
    let (mock, client) = world();
    let limits = ReadAheadLimits::default().memory(20_000);
    let (client, ended) = Held::new(client);
    let mut companies = ReadAhead::start_thread(
        client,
        |held| Walk::new(held, ApiRequest::get("/companies/scroll"), None),
        limits,
    )
    .unwrap();
    let mut ids = Vec::new();
    // The thread has read everything, although the consumer has taken nothing.
    assert_eq!(ended.recv(), Err(mpsc::RecvError));
    assert_eq!(companies.waiting(), COUNT);
    for item in companies.by_ref() {
        if ids.len() % PAGE == 0 {
            mock.advance_clock(Duration::from_secs(300));
        }
        ids.push(id(&item.unwrap()));
    }
    assert_each_once(&ids);
    assert!(companies.next().is_none());
    let report = companies.checkpoint().unwrap().report();
    assert_eq!((report.items(), report.restarts()), (COUNT, 0));
}

#[test]
fn thread_waits_for_room_and_a_crash_repeats_at_most_a_page() {
    let (_mock, client) = world();
    let limits = || ReadAheadLimits::default().memory(20_000).file(0);
    let mut ahead = ReadAhead::start_thread(client.clone(), contacts, limits()).unwrap();
    let first = ahead.by_ref().take(330).map(|item| id(&item.unwrap()));
    let mut ids: Vec<String> = first.collect();
    assert!(ahead.waiting() <= 200, "{}", ahead.waiting());
    let checkpoint: Checkpoint = ahead.checkpoint().unwrap().clone();
    drop(ahead);
    let rest = ReadAhead::start_thread(
        client,
        move |client| contacts(client).resume(&checkpoint),
        limits(),
    )
    .unwrap();
    let rest: Vec<String> = rest.map(|item| id(&item.unwrap())).collect();
    assert_eq!(rest.len() as u64, COUNT - 301);
    ids.truncate(301);
    ids.extend(rest);
    assert_each_once(&ids);
}

#[test]
fn error_comes_after_the_items_before_it() {
    let (mock, client) = world();
    let refused = Scripted::status(403);
    mock.script(Method::GET, "/contacts", [Scripted::normal(), refused]);
    let ahead = ReadAhead::start_thread(client, contacts, ReadAheadLimits::default());
    let mut ahead = ahead.unwrap();
    let read = ahead.by_ref().take_while(Result::is_ok).count();
    assert_eq!(read, PAGE);
    assert!(ahead.next().is_none());
    assert_eq!(ahead.checkpoint().unwrap().report().items(), PAGE as u64);
}

#[test]
fn dropping_it_ends_a_thread_that_waits_for_room() {
    let (_mock, client) = world();
    let limits = ReadAheadLimits::default().memory(1).file(0);
    let (client, ended) = Held::new(client);
    let mut ahead = ReadAhead::start_thread(
        client,
        |held| Walk::new(held, ApiRequest::get("/contacts"), None),
        limits,
    )
    .unwrap();
    ahead.next().unwrap().unwrap();
    drop(ahead);
    assert_eq!(ended.recv(), Err(mpsc::RecvError));
}

/// A client with the only sender of a channel, which the thread drops when it ends.
struct Held {
    client: Client,
    _sender: mpsc::Sender<()>,
}

impl Held {
    fn new(client: Client) -> (Self, mpsc::Receiver<()>) {
        let (_sender, receiver) = mpsc::channel();
        (Self { client, _sender }, receiver)
    }
}

impl intercom_protocol::Caller for Held {
    async fn call(
        &self,
        request: ApiRequest,
    ) -> Result<intercom_protocol::Reply, intercom_protocol::Error> {
        self.client.execute(request)
    }
}

#[test]
fn panic_of_the_thread_is_an_error() {
    let (_mock, client) = world();
    let limits = ReadAheadLimits::default();
    let ahead = ReadAhead::start_thread(client, |_| panic!("a panic of a test"), limits);
    let mut ahead = ahead.unwrap();
    assert!(matches!(ahead.next(), Some(Err(ReadAheadError::Stopped))));
    assert!(ahead.next().is_none());
}
