//! Walks over a mock without sockets, on a virtual clock.

mod checkpoints;
mod cursors;
mod days;
mod ends;
mod loops;
mod million;
mod numbered;
mod random;
mod scrolls;
mod sizes;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use intercom_mock::{MockBuilder, MockServer};
use intercom_protocol::client::{Blocking, Walk};
use intercom_protocol::observe::{Event, observer_fn};
use intercom_protocol::walk::{Checkpoint, WalkError};
use intercom_protocol::{
    ApiRequest, Call, Caller, Config, Connection, Error, Fault, FaultKind, Moment, Outgoing, Reply,
    Step, Tick, UnixTime,
};
use serde::Deserialize;

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// The server responds with 500 and does nothing.
    Fails,
    /// No connection.
    NotSent,
    /// The server carries out the request, and the response is lost.
    Lost,
    /// The server responds with 429 and does nothing.
    Limited,
}

/// A client on a mock without sockets.
pub(crate) struct World {
    pub(crate) server: MockServer,
    connection: Connection,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Duration,
    sent: u64,
    troubles: BTreeMap<u64, Trouble>,
    responder: Option<Responder>,
}

/// The body of the response to a request.
type Responder = Box<dyn FnMut(&Request<Bytes>) -> String + Send>;

/// An item, of which only the id counts.
#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) id: String,
}

pub(crate) type Items<'c> = Walk<'c, World, Blocking, Item>;

impl World {
    pub(crate) fn new(builder: MockBuilder) -> Self {
        Self::observed(builder, |_| ())
    }

    /// With an observer.
    pub(crate) fn observed(
        builder: MockBuilder,
        observer: impl Fn(&Event<'_>) + Send + Sync + 'static,
    ) -> Self {
        let server = builder.keep_requests(false).offline();
        let config = Config::new(server.token()).base_url(server.base_url());
        Self {
            connection: config.observer(observer_fn(observer)).build().unwrap(),
            server,
            state: Mutex::default(),
        }
    }

    /// With contacts that are stored, so that they can be searched for. Returns their ids in the order of creation.
    pub(crate) fn with_contacts(count: u64) -> (Self, Vec<String>) {
        let world = Self::new(MockServer::builder());
        let add = |n: u64| {
            let at = 1_750_000_000 + n * 7_000;
            let contact = serde_json::json!({ "email": format!("{n}@x.org"), "created_at": at });
            world.server.add_contact(contact)
        };
        let ids = (0..count).map(add).collect();
        (world, ids)
    }

    pub(crate) fn walk(&self, first: ApiRequest) -> Items<'_> {
        Walk::new(self, first, None)
    }

    /// A server of a test's own, which responds to each request with the status 200 and this body.
    pub(crate) fn of(respond: impl FnMut(&Request<Bytes>) -> String + Send + 'static) -> Self {
        let world = Self::new(MockServer::builder());
        world.state.lock().unwrap().responder = Some(Box::new(respond));
        world
    }

    /// How many requests were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.state.lock().unwrap().sent
    }

    /// Lets this happen to the request with this number, counted from 0.
    pub(crate) fn trouble(&self, request: u64, trouble: Trouble) {
        self.state.lock().unwrap().troubles.insert(request, trouble);
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.state.lock().unwrap().now += by;
        self.server.advance_clock(by);
    }

    fn moment(&self) -> Moment {
        let wall = UnixTime::from_secs(1_767_225_600).unwrap();
        let now = self.state.lock().unwrap().now;
        Moment::new(Tick::new(now)).with_wall(wall.checked_add(now).unwrap())
    }

    fn exchange(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let limit = outgoing.timeout().unwrap();
        let request: Request<Bytes> = outgoing.into_request();
        let trouble = {
            let mut state = self.state.lock().unwrap();
            let number = state.sent;
            state.sent += 1;
            state.troubles.remove(&number)
        };
        let refused = |status: u16| {
            Ok(Response::builder()
                .status(status)
                .body(Bytes::new())
                .unwrap())
        };
        match trouble {
            Some(Trouble::Fails) => return refused(500),
            Some(Trouble::Limited) => return refused(429),
            Some(Trouble::NotSent) => return Err(Fault::not_sent(FaultKind::Connect)),
            Some(Trouble::Lost) | None => {}
        }
        if let Some(respond) = &mut self.state.lock().unwrap().responder {
            return Ok(Response::new(respond(&request).into()));
        }
        let exchanged = self.server.exchange(request);
        let delay = exchanged.delay + Duration::from_millis(50);
        self.advance(delay.min(limit));
        if delay > limit {
            return Err(Fault::outcome_unknown(FaultKind::Timeout));
        }
        let response = exchanged.response.filter(|_| trouble.is_none());
        response.ok_or_else(|| Fault::outcome_unknown(FaultKind::Closed))
    }
}

impl Caller for World {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        let mut call = Call::new(&self.connection, request, self.moment());
        loop {
            match call.next(self.moment()) {
                Step::Authorize(_) => unreachable!(),
                Step::Admit(ask) => call.admitted(ask.free(), self.moment()),
                Step::Send(outgoing) => call.received(self.exchange(outgoing), self.moment()),
                Step::Sleep(duration) => self.advance(duration),
                Step::Done(result) => return result,
            }
        }
    }

    fn connection(&self) -> Option<&Connection> {
        Some(&self.connection)
    }

    fn now(&self) -> Option<Tick> {
        Some(self.moment().tick())
    }

    async fn sleep_until(&self, tick: Tick) {
        self.advance(tick.since(self.moment().tick()));
    }
}

/// The ids of all items, and the error that ended the walk, if there was one.
pub(crate) fn ids(walk: &mut Items<'_>) -> (Vec<String>, Option<WalkError>) {
    let mut ids = Vec::new();
    for item in walk.by_ref() {
        match item {
            Ok(item) => ids.push(item.id),
            Err(error) => {
                assert!(walk.next().is_none(), "an error ends the walk");
                return (ids, Some(error));
            }
        }
    }
    (ids, None)
}

/// The ids of the next items, at most so many.
pub(crate) fn first(walk: &mut Items<'_>, count: usize) -> Vec<String> {
    walk.by_ref()
        .take(count)
        .map(|item| item.unwrap().id)
        .collect()
}

/// The ids of all items of a walk that reaches the end.
pub(crate) fn all(walk: &mut Items<'_>) -> Vec<String> {
    let (ids, error) = ids(walk);
    assert!(error.is_none(), "{error:?}");
    ids
}

/// A parameter in the query of a request.
pub(crate) fn parameter(request: &Request<Bytes>, name: &str) -> Option<String> {
    let pairs = request.uri().query()?.split('&');
    let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(found, value)| (found == name).then(|| value.to_owned()))
}

/// Items with these numbers as ids.
pub(crate) fn items(numbers: impl IntoIterator<Item = u64>) -> Vec<serde_json::Value> {
    let item = |number: u64| serde_json::json!({ "id": number.to_string() });
    numbers.into_iter().map(item).collect()
}

/// The checkpoint as another process reads it.
pub(crate) fn stored(checkpoint: &Checkpoint) -> Checkpoint {
    let text = checkpoint.to_string();
    assert!(!text.contains('\n'), "{text}");
    let read: Checkpoint = text.parse().unwrap();
    assert_eq!(&read, checkpoint);
    let json = serde_json::to_string(checkpoint).unwrap();
    assert_eq!(serde_json::from_str::<Checkpoint>(&json).unwrap(), read);
    read
}

/// Fails unless each id came exactly once.
pub(crate) fn assert_each_once(mut got: Vec<String>, mut wanted: Vec<String>) {
    got.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(got.len(), wanted.len());
    assert!(got == wanted, "some ids are missing and others came twice");
}
