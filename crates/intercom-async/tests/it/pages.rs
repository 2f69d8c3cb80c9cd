//! Lists as streams: read to the end, and with a `next()` that is dropped.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use intercom_async::protocol::http::Method;
use intercom_async::protocol::{Fault, FaultKind, Outgoing, bytes::Bytes, http};
use intercom_async::transport::{HyperTransport, TokioTimer, Transport, transport_fn};
use intercom_async::{ApiRequest, Client, Contact, ContactQuery, Error, Items, NewContact, Pages};
use intercom_mock::{MockServer, Scripted};
use serde_json::json;
use tokio::sync::Semaphore;

/// Makes a client whose requests reach the server, and whose responses are held back until each gets a permit.
pub(crate) fn held_back(mock: &MockServer) -> (Client, Arc<Semaphore>, Arc<Semaphore>) {
    let (sent, released) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (arrived, release) = (sent.clone(), released.clone());
    let hyper = HyperTransport::new();
    let transport = transport_fn(move |outgoing: Outgoing| {
        let (arrived, release, hyper) = (arrived.clone(), release.clone(), hyper.clone());
        async move {
            let response: http::Response<Bytes> = hyper.send(outgoing).await?;
            arrived.add_permits(1);
            release.acquire().await.unwrap().forget();
            Ok(response)
        }
    });
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .build_with(transport, TokioTimer::default())
        .unwrap();
    (client, sent, released)
}

#[tokio::test]
async fn a_dropped_next_loses_no_page_and_sends_no_second_request() {
    for path in ["/contacts", "/companies/scroll"] {
        let mock = MockServer::start().unwrap();
        let page = Scripted::status(200).json(json!({ "data": [1, 2], "pages": null }));
        mock.script(Method::GET, path, [page]);
        let (client, sent, released) = held_back(&mock);
        let mut pages = client.pages(ApiRequest::get(path));
        tokio::select! {
            page = pages.next() => panic!("the response was held back: {page:?}"),
            permit = sent.acquire() => permit.unwrap().forget(),
        }
        assert_eq!(
            pages.request().unwrap().path(),
            path,
            "the page in flight is still the next one"
        );
        released.add_permits(1);
        let page = pages.next().await.unwrap().unwrap();
        assert_eq!(page.items::<u8>().unwrap(), [1, 2]);
        assert!(pages.next().await.is_none());
        assert_eq!(mock.request_count(), 1);
    }
}

/// Starts a server with seven contacts.
pub(crate) fn seven() -> MockServer {
    let mock = MockServer::start().unwrap();
    let client = blocking_client(&mock);
    for n in 0..7 {
        let contact = NewContact::user().email(format!("user{n}@example.org"));
        client.contacts().create(&contact).unwrap();
    }
    mock.clear_requests();
    mock
}

pub(crate) fn blocking_client(mock: &MockServer) -> intercom_blocking::Client {
    let builder = intercom_blocking::Client::builder(mock.token());
    builder.base_url(mock.base_url()).build().unwrap()
}

pub(crate) fn async_client(mock: &MockServer) -> Client {
    let builder = Client::builder(mock.token());
    builder.base_url(mock.base_url()).build().unwrap()
}

fn emails(contacts: &[Contact]) -> Vec<&str> {
    let mut emails: Vec<_> = contacts.iter().filter_map(Contact::email).collect();
    emails.sort_unstable();
    emails
}

#[test]
fn the_blocking_client_collects_all_contacts() {
    let mock = seven();
    let client = blocking_client(&mock);
    let all: Vec<Contact> = client.contacts().list().collect::<Result<_, _>>().unwrap();
    assert_eq!(emails(&all).len(), 7);
    let first = ApiRequest::get("/contacts").query("per_page", 3);
    let paged: Result<Vec<Contact>, Error> = client.pages(first).items().collect();
    assert_eq!(emails(&paged.unwrap()), emails(&all));
    assert_eq!(mock.request_count(), 4);
}

#[tokio::test]
async fn the_async_client_collects_all_contacts() {
    let mock = seven();
    let client = async_client(&mock);
    let all: Vec<Contact> = client.contacts().list().try_collect().await.unwrap();
    assert_eq!(emails(&all).len(), 7);
    let first = ApiRequest::get("/contacts").query("per_page", 3);
    let paged: Result<Vec<Contact>, Error> = client.pages(first).items().try_collect().await;
    assert_eq!(emails(&paged.unwrap()), emails(&all));
    assert_eq!(mock.request_count(), 4);
}

#[tokio::test]
async fn a_search_is_a_stream_too() {
    let mock = seven();
    let client = async_client(&mock);
    let query = ContactQuery::new().equals("role", "user").per_page(2);
    let mut found = client.contacts().search(&query).boxed();
    let mut emails = Vec::new();
    while let Some(contact) = found.next().await {
        emails.push(contact.unwrap().email().map(str::to_owned));
    }
    assert_eq!(emails.len(), 7);
    assert_eq!(mock.request_count(), 4);
}

#[tokio::test]
async fn pages_can_be_read_with_next_of_their_own_and_of_the_stream() {
    let mock = seven();
    let client = async_client(&mock);
    let first = || ApiRequest::get("/contacts").query("per_page", 3);
    let mut pages = client.pages(first());
    assert_eq!(pages.next().await.unwrap().unwrap().len(), 3);
    assert_eq!(StreamExt::next(&mut pages).await.unwrap().unwrap().len(), 3);
    let rest: Vec<usize> = pages.map_ok(|page| page.len()).try_collect().await.unwrap();
    assert_eq!(rest, [1]);
    let lengths = client.pages(first()).map(|page| page.unwrap().len());
    assert_eq!(lengths.collect::<Vec<_>>().await, [3, 3, 1]);
}

#[tokio::test]
async fn a_stream_can_move_to_another_task_with_its_client() {
    let mock = seven();
    let client = async_client(&mock);
    let task = tokio::spawn(async move { client.contacts().list().count().await });
    assert_eq!(task.await.unwrap(), 7);
}

#[test]
fn streams_are_send_and_unpin() {
    fn check<T: Send + Unpin>() {}
    check::<Pages<'_>>();
    check::<Items<'_, Contact>>();
}

#[tokio::test(start_paused = true)]
async fn a_deadline_limits_the_whole_list() {
    let page = |outgoing: Outgoing| async move {
        let (takes, limit) = (Duration::from_secs(4), outgoing.timeout().unwrap());
        tokio::time::sleep(takes.min(limit)).await;
        if limit < takes {
            return Err(Fault::outcome_unknown(FaultKind::Timeout));
        }
        let cursor = outgoing.request().uri().query().map_or(0, str::len);
        let body = json!({
            "data": [{ "type": "contact", "id": format!("a{cursor}"), "role": "user" }],
            "pages": { "next": { "starting_after": "c".repeat(cursor + 1) } },
        });
        Ok(http::Response::new(Bytes::from(body.to_string())))
    };
    let client = Client::builder("token")
        .without_pacing()
        .build_with(transport_fn(page), TokioTimer::default())
        .unwrap();
    let contacts = client.contacts().deadline(Duration::from_secs(10));
    let mut contacts = contacts.list();
    let mut read = 0;
    let error = loop {
        match contacts.next().await.unwrap() {
            Ok(_) => read += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(read, 2);
    assert!(error.is_timeout(), "{error}");
    assert!(contacts.next().await.is_none());
}
