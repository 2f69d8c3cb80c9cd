//! Walks through both clients.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use intercom_async::protocol::http::Method;
use intercom_async::transport::HyperTransport;
use intercom_async::walk::{Checkpoint, WalkErrorKind};
use intercom_async::{ApiRequest, Contact, RetryPolicy};
use intercom_mock::{MockServer, Scripted};
use serde_json::{Value, json};

use crate::flows::{SharedTime, on_runtime};
use crate::pages::{async_client, blocking_client, held_back, seven};
use crate::scenarios::clock::VirtualClock;

fn three() -> ApiRequest {
    ApiRequest::get("/contacts").query("per_page", 3)
}

#[test]
fn a_walk_of_one_client_goes_on_in_the_other() {
    let mock = seven();
    let (blocking, asynchronous) = (blocking_client(&mock), async_client(&mock));
    for taken in 0..=7 {
        let mut walk = blocking.walk::<Contact>(three());
        let mut got: Vec<Contact> = walk.by_ref().take(taken).map(Result::unwrap).collect();
        let checkpoint: Checkpoint = walk.checkpoint().to_string().parse().unwrap();
        on_runtime(async {
            let mut walk = asynchronous.walk::<Contact>(three()).resume(&checkpoint);
            while let Some(contact) = walk.next().await {
                got.push(contact.unwrap());
            }
            assert_eq!(walk.report().items(), 7);
        });
        let mut ids: Vec<&str> = got.iter().map(Contact::id).collect();
        ids.dedup();
        assert_eq!(ids.len(), 7, "{taken}");
    }
}

#[test]
fn every_way_to_start_a_walk_reads_to_the_end() {
    let mock = seven();
    let contact = mock.contacts()[0]["id"].as_str().unwrap().to_owned();
    for n in 0..25 {
        mock.add_company(&n.to_string());
        mock.add_conversation(&contact, &n.to_string());
    }
    let client = blocking_client(&mock);
    assert_eq!(client.contacts().walk().filter_map(Result::ok).count(), 7);
    let open = json!({ "field": "state", "operator": "=", "value": "open" });
    let walk = client.conversations().walk::<Value>(&open);
    assert_eq!(walk.filter_map(Result::ok).count(), 25);
    on_runtime(async {
        let client = async_client(&mock);
        let query = intercom_async::ContactQuery::new().equals("role", "user");
        let walk = client.contacts().walk_search(&query);
        assert_eq!(walk.try_collect::<Vec<_>>().await.unwrap().len(), 7);
        let walk = client.companies().walk::<Value>();
        assert_eq!(walk.try_collect::<Vec<_>>().await.unwrap().len(), 25);
    });
}

#[tokio::test]
async fn a_dropped_next_loses_no_item_and_sends_no_second_request() {
    let mock = MockServer::start().unwrap();
    let page = Scripted::status(200).json(json!({ "data": [{ "id": "1" }], "pages": null }));
    mock.script(Method::GET, "/contacts", [page]);
    let (client, sent, released) = held_back(&mock);
    let mut walk = client.walk::<Value>(ApiRequest::get("/contacts"));
    tokio::select! {
        item = walk.next() => panic!("the response was held back: {item:?}"),
        permit = sent.acquire() => permit.unwrap().forget(),
    }
    released.add_permits(1);
    assert_eq!(walk.next().await.unwrap().unwrap()["id"], "1");
    assert!(walk.next().await.is_none());
    assert_eq!(mock.request_count(), 1);
}

/// The policy of the client does not retry, so the walk itself waits.
#[test]
fn both_clients_wait_for_another_scroll_until_the_deadline() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    for blocking in [true, false] {
        for (deadline, ends_well) in [(minutes(5), true), (minutes(2), false)] {
            let mock = Arc::new(MockServer::start().unwrap());
            mock.add_company("one");
            let open = Scripted::error(
                400,
                "scroll_exists",
                "scroll already exists for this workspace",
            );
            mock.script(Method::GET, "/companies/scroll", vec![open; 3]);
            let time = SharedTime(mock.clone(), VirtualClock::default());
            let first = ApiRequest::get("/companies/scroll");
            let result = if blocking {
                let builder = intercom_blocking::Client::builder(mock.token());
                let builder = builder.clock(time.clone()).policy(RetryPolicy::none());
                let client = builder.base_url(mock.base_url()).build().unwrap();
                let walk = client.walk::<Value>(first).deadline(deadline);
                walk.collect::<Result<Vec<_>, _>>()
            } else {
                let builder = intercom_async::Client::builder(mock.token());
                let builder = builder
                    .policy(RetryPolicy::none())
                    .base_url(mock.base_url());
                let client = builder
                    .build_with(HyperTransport::new(), time.clone())
                    .unwrap();
                on_runtime(client.walk::<Value>(first).deadline(deadline).try_collect())
            };
            let waits = time.1.slept();
            if ends_well {
                assert_eq!((result.unwrap().len(), waits), (1, vec![minutes(1); 3]));
            } else {
                assert_eq!(result.unwrap_err().kind(), WalkErrorKind::Call);
                assert_eq!(waits, [minutes(1)]);
            }
        }
    }
}
