//! Whole flows through both clients, against a real server.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use intercom_async::protocol::http::Method;
use intercom_async::protocol::{Moment, StatusIndicator};
use intercom_async::transport::{HyperTransport, Timer};
use intercom_async::{ApiRequest, Error, NewContact, Outcome, async_trait};
use intercom_blocking::transport::Clock;
use intercom_mock::{MockServer, Scripted};
use serde_json::json;
use tokio::runtime::Builder;

use crate::scenarios::clock::VirtualClock;

const CALLERS: usize = 24;

fn blocking_client(mock: &MockServer) -> intercom_blocking::Client {
    intercom_blocking::Client::builder(mock.token())
        .base_url(mock.base_url())
        .status_url(mock.status_url())
        .build()
        .unwrap()
}

fn async_client(mock: &MockServer) -> intercom_async::Client {
    intercom_async::Client::builder(mock.token())
        .base_url(mock.base_url())
        .status_url(mock.status_url())
        .build()
        .unwrap()
}

pub(crate) fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

type Found = (String, Outcome);

/// Runs `find_or_create` on [`CALLERS`] threads and as many tasks, all at once.
fn all_at_once(mock: &MockServer, wanted: &NewContact) -> Vec<Found> {
    let found = |resolved: intercom_async::Resolved| {
        (resolved.contact().id().to_owned(), resolved.outcome())
    };
    let start = Barrier::new(CALLERS + 1);
    let blocking = blocking_client(mock);
    let client = async_client(mock);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    blocking.contacts().find_or_create(wanted).map(found)
                })
            })
            .collect();
        start.wait();
        let mut all: Vec<_> = on_runtime(async {
            let tasks: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let (client, wanted) = (client.clone(), wanted.clone());
                    tokio::spawn(async move { client.contacts().find_or_create(&wanted).await })
                })
                .collect();
            let mut results = Vec::new();
            for task in tasks {
                results.push(task.await.unwrap().map(found));
            }
            results
        });
        all.extend(threads.into_iter().map(|thread| thread.join().unwrap()));
        all.into_iter().collect::<Result<_, Error>>().unwrap()
    })
}

fn ids(found: &[Found]) -> BTreeSet<&str> {
    found.iter().map(|(id, _)| id.as_str()).collect()
}

#[test]
fn concurrent_find_or_create_makes_one_contact() {
    let mock = MockServer::builder()
        .index_lag(Duration::from_secs(3_600))
        .start()
        .unwrap();
    let wanted = NewContact::user()
        .email("ada@example.org")
        .external_id("42");
    let found = all_at_once(&mock, &wanted);
    assert_eq!(found.len(), 2 * CALLERS);
    assert_eq!(ids(&found).len(), 1);
    let created = |(_, outcome): &&Found| *outcome == Outcome::Created;
    assert_eq!(found.iter().filter(created).count(), 1);
    let listed = blocking_client(&mock)
        .pages(ApiRequest::get("/contacts"))
        .map(|page| page.unwrap().len())
        .sum::<usize>();
    assert_eq!(listed, 1);
}

#[test]
fn concurrent_find_or_create_unarchives_the_contact_for_all() {
    let mock = MockServer::start().unwrap();
    let client = blocking_client(&mock);
    let wanted = NewContact::user().email("ada@example.org");
    let id = client.contacts().create(&wanted).unwrap().id().to_owned();
    client
        .post("/contacts")
        .segment(&id)
        .segment("archive")
        .send()
        .unwrap();
    let found = all_at_once(&mock, &wanted);
    assert_eq!(ids(&found), BTreeSet::from([id.as_str()]));
    let contact = client.contacts().find(&id).unwrap().unwrap();
    assert!(!contact.contact().is_archived());
}

/// A clock that also moves the server's clock when it sleeps.
#[derive(Clone, Debug)]
pub(crate) struct SharedTime(pub(crate) Arc<MockServer>, pub(crate) VirtualClock);

impl SharedTime {
    fn pass(&self, duration: Duration) {
        self.0.advance_clock(duration);
        Clock::sleep(&self.1, duration);
    }
}

impl Clock for SharedTime {
    fn now(&self) -> Moment {
        Clock::now(&self.1)
    }

    fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }
}

#[async_trait]
impl Timer for SharedTime {
    fn now(&self) -> Moment {
        Timer::now(&self.1)
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }
}

#[test]
fn a_wait_for_the_window_uses_the_servers_clock_however_wrong_ours_is() {
    for skew in [-600, 600] {
        for blocking in [true, false] {
            let mock = Arc::new(MockServer::builder().clock_offset(skew).start().unwrap());
            mock.set_rate_limit(1, Duration::from_secs(10));
            mock.spend_quota(1);
            let time = SharedTime(mock.clone(), VirtualClock::default());
            let request = ApiRequest::get("/me");
            let result = if blocking {
                let builder = intercom_blocking::Client::builder(mock.token());
                let builder = builder.clock(time.clone()).without_pacing();
                let client = builder.base_url(mock.base_url());
                client.build().unwrap().execute(request)
            } else {
                let builder = intercom_async::Client::builder(mock.token());
                let builder = builder.without_pacing().base_url(mock.base_url());
                let client = builder.build_with(HyperTransport::new(), time.clone());
                on_runtime(client.unwrap().execute(request))
            };
            let reply = result.unwrap();
            let statuses: Vec<_> = mock
                .requests()
                .iter()
                .map(|request| request.status())
                .collect();
            assert_eq!(statuses, [Some(429), Some(200)], "{skew} {blocking}");
            let waits = time.1.slept();
            assert_eq!(waits.len(), 1);
            assert!(waits[0] <= Duration::from_secs(11), "{waits:?}");
            assert_eq!(reply.elapsed(), waits[0]);
        }
    }
}

#[test]
fn an_awaited_request_is_sent() {
    let mock = MockServer::start().unwrap();
    let client = async_client(&mock);
    on_runtime(async {
        let reply = client.get("/me").await.unwrap();
        assert_eq!(reply.status(), 200);
        let error = client.get("/contacts/none").await.unwrap_err();
        assert!(error.is_not_found());
    });
    assert_eq!(mock.request_count(), 2);
}

#[test]
fn both_clients_read_the_same_pages() {
    let mock = MockServer::start().unwrap();
    let client = blocking_client(&mock);
    for n in 0..7 {
        let contact = NewContact::user().email(format!("user{n}@example.org"));
        client.contacts().create(&contact).unwrap();
    }
    mock.clear_requests();
    let first = || ApiRequest::get("/contacts").query("per_page", 3);
    let one: Vec<usize> = client
        .pages(first())
        .map(|page| page.unwrap().len())
        .collect();
    let requests_of_one = requests(&mock);
    mock.clear_requests();
    let other: Vec<usize> = on_runtime(async {
        let client = async_client(&mock);
        let mut pages = client.pages(first());
        let mut lengths = Vec::new();
        while let Some(page) = pages.next().await {
            lengths.push(page.unwrap().len());
        }
        lengths
    });
    assert_eq!(one, [3, 3, 1]);
    assert_eq!(other, one);
    assert_eq!(requests(&mock), requests_of_one);
}

fn requests(mock: &MockServer) -> Vec<String> {
    let line = |request: &intercom_mock::Recorded| {
        format!(
            "{} {} {:?}",
            request.method(),
            request.path(),
            request.query()
        )
    };
    mock.requests().iter().map(line).collect()
}

#[test]
fn the_total_time_out_limits_all_pages_and_a_flow_as_a_whole() {
    for blocking in [true, false] {
        let mock = Arc::new(MockServer::start().unwrap());
        let page = |cursor: &str| {
            Scripted::status(200).json(
                json!({ "data": [cursor], "pages": { "next": { "starting_after": cursor } } }),
            )
        };
        let busy = || Scripted::status(503).header("retry-after", "4");
        // Each page costs a wait of 4.5 s, which leaves too little time for the third.
        mock.script(
            Method::GET,
            "/contacts",
            [busy(), page("a"), busy(), page("b"), busy()],
        );
        let time = SharedTime(mock.clone(), VirtualClock::default());
        let limit = Duration::from_secs(10);
        let first = ApiRequest::get("/contacts");
        let (read, error) = if blocking {
            let builder = intercom_blocking::Client::builder(mock.token()).clock(time.clone());
            let client = builder.base_url(mock.base_url()).total_timeout(limit);
            let client = client.build().unwrap();
            let mut pages = client.pages(first);
            let read = pages.by_ref().take_while(Result::is_ok).count();
            let diagnosis = client.diagnose();
            assert!(diagnosis.auth().is_ok());
            (read, None)
        } else {
            let builder = intercom_async::Client::builder(mock.token());
            let builder = builder.base_url(mock.base_url()).total_timeout(limit);
            let client = builder.build_with(HyperTransport::new(), time.clone());
            let client = client.unwrap();
            on_runtime(async {
                let mut pages = client.pages(first);
                let mut read = 0;
                loop {
                    match pages.next().await {
                        Some(Ok(_)) => read += 1,
                        Some(Err(error)) => return (read, Some(error)),
                        None => return (read, None),
                    }
                }
            })
        };
        assert_eq!(read, 2);
        assert!(error.is_none_or(|error| error.is_timeout()));
        assert_eq!(
            time.1.slept().len(),
            2,
            "no wait beyond the limit is started"
        );
        assert_eq!(mock.scripted_left(), 0);
    }
}

#[test]
fn both_clients_diagnose_alike_and_never_send_the_token_to_the_status_page() {
    let mock = MockServer::builder()
        .service_status("major", "Messages are delayed")
        .start()
        .unwrap();
    let diagnoses = [
        blocking_client(&mock).diagnose(),
        on_runtime(async { async_client(&mock).diagnose().await }),
    ];
    for diagnosis in diagnoses {
        assert!(!diagnosis.is_ok());
        assert!(diagnosis.auth().is_ok());
        let status = diagnosis.service().status().unwrap();
        assert_eq!(status.indicator(), &StatusIndicator::Major);
        assert!(diagnosis.clock_offset_ms().unwrap().abs() < 5_000);
    }
    for request in mock.requests() {
        let of_the_api = request.path() == "/me";
        assert_eq!(request.header("authorization").is_some(), of_the_api);
    }
}

#[test]
fn both_clients_build_requests_with_the_same_methods() {
    let mock = MockServer::start().unwrap();
    let (one, other) = (blocking_client(&mock), async_client(&mock));
    macro_rules! built {
        ($client:expr) => {
            $client
                .request(Method::PATCH, "/things?a=b")
                .segment("x/y")
                .query("q", "ä b")
                .header("x-own", "1")
                .json(&json!({ "k": [1] }))
                .policy(intercom_async::RetryPolicy::none())
                .deadline(Duration::from_secs(3))
                .replayable(true)
                .expect_any()
                .into_request()
        };
    }
    let (one, other): (ApiRequest, ApiRequest) = (built!(one), built!(other));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    assert_eq!(one.path_and_query(), "/things/x%2Fy?a=b&q=%C3%A4%20b");
}

#[test]
fn http_methods_have_the_same_names_everywhere() {
    let mock = MockServer::start().unwrap();
    let (one, other) = (blocking_client(&mock), async_client(&mock));
    macro_rules! verbs {
        ($($verb:ident),*) => {
            [$((
                stringify!($verb).to_uppercase(),
                [ApiRequest::$verb("/x"), one.$verb("/x").into_request(), other.$verb("/x").into_request()],
            )),*]
        };
    }
    for (verb, requests) in verbs!(get, post, put, patch, delete) {
        assert!(
            requests
                .iter()
                .all(|request| request.method() == verb.as_str()),
            "{verb}: {requests:?}"
        );
    }
}

#[test]
fn debug_of_both_clients_shows_the_base_url_and_the_settings() {
    let mock = MockServer::start().unwrap();
    let (one, other) = (blocking_client(&mock), async_client(&mock));
    let (one, other) = (format!("{one:?}"), format!("{other:?}"));
    assert!(one.contains(mock.base_url()), "{one}");
    assert!(one.contains("attempt_timeout: 30s"), "{one}");
    assert_eq!(one, other);
}

/// Lets every call go, and counts the calls.
#[derive(Clone, Default)]
struct Open(std::sync::Arc<std::sync::atomic::AtomicUsize>);

#[intercom_async::async_trait]
impl intercom_async::gate::Gate for Open {
    async fn admit(&self, ask: intercom_async::gate::Ask) -> intercom_async::gate::Admission {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        ask.free()
    }
}

#[tokio::test]
async fn the_status_page_is_read_without_asking_the_gate() {
    let mock = MockServer::start().unwrap();
    let gate = Open::default();
    let client = intercom_async::Client::builder(mock.token())
        .base_url(mock.base_url())
        .status_url(mock.status_url())
        .gate(gate.clone())
        .build()
        .unwrap();
    assert!(client.diagnose().await.service().status().is_some());
    assert_eq!(gate.0.load(std::sync::atomic::Ordering::SeqCst), 1);
}
