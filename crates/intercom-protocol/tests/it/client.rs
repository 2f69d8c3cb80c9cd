//! The methods of a client, in both modes.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_core::Stream;
use intercom_mock::MockServer;
use intercom_protocol::client::{
    Async, Blocking, Companies, Contacts, Conversations, Items, Pages, RequestBuilder, Walk,
};
use intercom_protocol::flows::{Change, OnArchived, Outcome};
use intercom_protocol::{
    ApiRequest, Caller, Contact, ContactQuery, Error, NewContact, Reply, StopReason, ready,
};
use serde_json::{Value, json};

use crate::scripted::{Exchange, ScriptedCaller, config, json_response, refusal, response};
use crate::walks::{Item, World, items};

const SECOND: Duration = Duration::from_secs(1);

fn contact(id: &str) -> Exchange {
    json_response(200, &json!({ "type": "contact", "id": id }))
}

fn gone() -> Exchange {
    refusal(404, "not_found", "User Not Found")
}

fn list(contacts: &[&str]) -> Exchange {
    let item = |id: &&str| json!({ "type": "contact", "id": id, "email": "ada@example.org" });
    let data: Vec<Value> = contacts.iter().map(item).collect();
    json_response(200, &json!({ "type": "list", "data": data }))
}

fn ada() -> NewContact {
    NewContact::user().email("ada@example.org")
}

/// A future that is ready at once.
fn now<F: Future>(future: F) -> F::Output {
    ready(future).unwrap()
}

/// What a stream has ready.
fn polled<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    match Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(item) => item,
        Poll::Pending => panic!("it is not ready"),
    }
}

#[test]
fn request_is_sent_in_both_modes() {
    let caller = ScriptedCaller::new((0..3).map(|n| response(200, &n.to_string())));
    let request = || ApiRequest::get("/me");
    let blocking = RequestBuilder::<_, Blocking>::new(&caller, request());
    let sent = RequestBuilder::<_, Async>::new(&caller, request()).send();
    let awaited = async { RequestBuilder::<_, Async>::new(&caller, request()).await };
    let numbers = [blocking.clone().send(), now(sent), now(awaited)];
    let number = |reply: Result<Reply, Error>| reply.unwrap().json::<u8>().unwrap();
    assert_eq!(numbers.map(number), [0, 1, 2]);
}

#[test]
fn contacts_are_found_in_both_modes() {
    let script = || {
        let caller = ScriptedCaller::new([contact("a"), gone(), contact("b"), gone()]);
        Box::leak(Box::new(caller))
    };
    let blocking = Contacts::<_, Blocking>::new(&*script());
    let by_id = [blocking.find("a"), blocking.find("x")];
    let by_external_id = [
        blocking.find_by_external_id("b"),
        blocking.find_by_external_id("x"),
    ];
    let other = Contacts::<_, Async>::new(&*script());
    let by_id_later = [now(other.find("a")), now(other.find("x"))];
    let by_external_id_later = [
        now(other.find_by_external_id("b")),
        now(other.find_by_external_id("x")),
    ];
    for (found, id) in [
        (by_id, "a"),
        (by_id_later, "a"),
        (by_external_id, "b"),
        (by_external_id_later, "b"),
    ] {
        let [found, none] = found.map(|found| found.unwrap());
        assert_eq!(found.unwrap().contact().id(), id);
        assert!(none.is_none());
    }
}

#[test]
fn contacts_are_written_in_both_modes() {
    let script = || {
        [
            contact("a"),
            list(&[]),
            contact("b"),
            list(&["c"]),
            contact("c"),
            contact("c"),
        ]
    };
    let caller = ScriptedCaller::new(script().into_iter().chain(script()));
    let blocking = Contacts::<_, Blocking>::new(&caller);
    let other = Contacts::<_, Async>::new(&caller);
    let sent = |lines: Vec<String>| lines.join(", ");

    assert_eq!(blocking.create(&ada()).unwrap().id(), "a");
    let resolved = blocking.find_or_create(&ada()).unwrap();
    assert_eq!(
        (resolved.outcome(), resolved.contact().id()),
        (Outcome::Created, "b")
    );
    let upserted = blocking.upsert(&ada().name("Ada")).unwrap();
    assert_eq!(
        (upserted.change(), upserted.contact().id()),
        (Change::Updated, "c")
    );
    let first = sent(caller.sent());

    assert_eq!(now(other.create(&ada())).unwrap().id(), "a");
    let resolved = now(other.find_or_create(&ada())).unwrap();
    assert_eq!(
        (resolved.outcome(), resolved.contact().id()),
        (Outcome::Created, "b")
    );
    let upserted = now(other.upsert(&ada().name("Ada"))).unwrap();
    assert_eq!(
        (upserted.change(), upserted.contact().id()),
        (Change::Updated, "c")
    );
    assert_eq!(sent(caller.sent()), format!("{first}, {first}"));
}

#[test]
fn archived_contact_is_treated_as_asked() {
    let archived = || {
        let body =
            json!({ "type": "contact", "id": "a", "email": "ada@example.org", "archived": true });
        json_response(200, &json!({ "type": "list", "data": [body] }))
    };
    let caller = ScriptedCaller::new([archived()]);
    let contacts = Contacts::<_, Blocking>::new(&caller).on_archived(OnArchived::Return);
    let resolved = contacts.find_or_create(&ada()).unwrap();
    assert_eq!(resolved.contact().id(), "a");
    assert_eq!(caller.sent(), ["POST /contacts/search"]);
}

#[test]
fn contact_that_is_not_archived_is_left_as_it_is() {
    for archived in [
        OnArchived::Refuse,
        OnArchived::Return,
        OnArchived::Unarchive,
    ] {
        let caller = ScriptedCaller::new([list(&["c"])]);
        let contacts = Contacts::<_, Blocking>::new(&caller).on_archived(archived);
        let resolved = contacts.find_or_create(&ada()).unwrap();
        assert_eq!(resolved.outcome(), Outcome::Found);
    }
}

#[test]
fn deadline_of_contacts_is_one_for_all_their_calls() {
    // A call takes 50 ms. One fits the deadline, two do not.
    let world = World::new(MockServer::builder());
    let contacts = Contacts::<_, Blocking>::new(&world).deadline(SECOND * 7 / 100);
    assert!(contacts.find("x").unwrap().is_none());
    let stop = contacts.find_or_create(&ada()).unwrap_err().stop();
    assert_eq!(
        stop.map(|stop| stop.reason()),
        Some(StopReason::DeadlineExceeded)
    );
}

#[test]
fn contacts_are_listed_and_searched_for_item_by_item() {
    let caller = ScriptedCaller::new([list(&["a", "b"]), list(&["c"])]);
    let contacts = Contacts::<_, Blocking>::new(&caller);
    let ids = |items: Items<'_, _, Blocking, Contact>| {
        let ids = items.map(|item| item.unwrap().id().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(contacts.list()), ["a", "b"]);
    assert_eq!(
        ids(contacts.search(&ContactQuery::new().equals("role", "user"))),
        ["c"]
    );
    assert_eq!(caller.sent(), ["GET /contacts", "POST /contacts/search"]);
}

#[test]
fn pages_and_items_are_streams_and_have_a_next() {
    let caller = ScriptedCaller::new((0..4).map(|_| list(&["a"])));
    let pages = || Pages::<_, Async>::new(&caller, ApiRequest::get("/contacts"), None);
    let mut stream = pages();
    assert_eq!(polled(&mut stream).unwrap().unwrap().len(), 1);
    assert!(polled(&mut stream).is_none());
    let mut one_by_one = pages();
    assert_eq!(now(one_by_one.next()).unwrap().unwrap().len(), 1);
    assert!(now(one_by_one.next()).is_none());
    let mut stream = pages().items::<Value>();
    assert_eq!(polled(&mut stream).unwrap().unwrap()["id"], "a");
    assert!(polled(&mut stream).is_none());
    let mut one_by_one = pages().items::<Value>();
    assert_eq!(now(one_by_one.next()).unwrap().unwrap()["id"], "a");
    assert!(now(one_by_one.next()).is_none());
}

#[test]
fn walk_is_a_stream_and_has_a_next() {
    let world = World::of(|_| json!({ "type": "list", "data": items(1..=1) }).to_string());
    let walk = || Walk::<_, Async, Item>::new(&world, ApiRequest::get("/tags"), None);
    let mut stream = walk();
    assert_eq!(polled(&mut stream).unwrap().unwrap().id, "1");
    assert!(polled(&mut stream).is_none());
    let mut one_by_one = walk();
    assert_eq!(now(one_by_one.next()).unwrap().unwrap().id, "1");
    assert!(now(one_by_one.next()).is_none());
    assert!(std::ptr::eq(walk().caller(), &world));
}

#[test]
fn walk_ends_at_its_deadline() {
    let (world, _) = World::with_contacts(400);
    let walk = Contacts::<_, Blocking>::new(&world).walk();
    let ended = walk.deadline(SECOND / 10).find_map(Result::err);
    let stop = ended.unwrap().error().and_then(Error::stop);
    assert_eq!(
        stop.map(|stop| stop.reason()),
        Some(StopReason::DeadlineExceeded)
    );
}

#[test]
fn checkpoint_names_the_version_of_the_api() {
    let caller = ScriptedCaller::new([]).with(config().api_version("2.14"));
    let walk = Contacts::<_, Blocking>::new(&caller).walk();
    let checkpoint = walk.checkpoint().to_string();
    assert!(checkpoint.contains(r#""2.14""#), "{checkpoint}");
}

#[test]
fn companies_and_conversations_are_walked() {
    let world = World::of(|request| {
        let id = format!(
            "{} {}",
            request.uri(),
            String::from_utf8_lossy(request.body())
        );
        json!({ "type": "list", "data": [{ "id": id }] }).to_string()
    });
    let base = world.server.base_url();
    let mut companies = Companies::<_, Blocking>::new(&world).walk::<Item>();
    let first = companies.next().unwrap().unwrap().id;
    assert_eq!(
        first,
        format!("{base}/companies/list?order=desc&per_page=50 ")
    );
    let query = json!({ "field": "state", "operator": "=", "value": "open" });
    let mut conversations = Conversations::<_, Blocking>::new(&world).walk::<Item>(&query);
    let first = conversations.next().unwrap().unwrap().id;
    let (uri, body) = first.split_once(' ').unwrap();
    let search = json!({ "query": query, "pagination": { "per_page": 150 } });
    assert_eq!(uri, format!("{base}/conversations/search"));
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), search);
}

#[test]
fn debug_shows_what_is_set_and_no_caller() {
    let caller = ScriptedCaller::new([]);
    let contacts = Contacts::<_, Blocking>::new(&caller).deadline(SECOND);
    let companies = Companies::<_, Blocking>::new(&caller).deadline(SECOND);
    let conversations = Conversations::<_, Blocking>::new(&caller).deadline(SECOND);
    let request = RequestBuilder::<_, Blocking>::new(&caller, ApiRequest::get("/contacts/5f1"));
    let pages = Pages::<_, Blocking>::new(&caller, ApiRequest::get("/contacts"), None);
    let walk = contacts.walk();
    insta::assert_snapshot!(format!(
        "{contacts:?}\n{companies:?}\n{conversations:?}\n{request:?}\n{pages:?}"
    ));
    insta::assert_snapshot!(format!("{:?}\n{walk:?}", contacts.list()));
}

/// A caller whose calls do not end.
struct Slow;

impl Caller for Slow {
    async fn call(&self, _: ApiRequest) -> Result<Reply, Error> {
        std::future::pending().await
    }
}

#[test]
fn debug_shows_that_a_call_is_in_flight() {
    let mut pages = Pages::<_, Async>::new(&Slow, ApiRequest::get("/tags"), None);
    assert!(format!("{pages:?}").contains("in_flight: false"));
    assert!(ready(pages.next()).is_err());
    assert!(format!("{pages:?}").contains("in_flight: true"));
}
