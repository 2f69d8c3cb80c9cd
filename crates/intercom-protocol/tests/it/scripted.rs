//! A caller that carries out whole calls with scripted responses and a virtual clock.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use intercom_protocol::observe::Observer;
use intercom_protocol::{
    ApiRequest, Call, Caller, Config, Connection, Error, Fault, FaultKind, Moment, Outgoing, Reply,
    Step, Tick, UnixTime,
};
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "tok:planted-secret";

pub(crate) type Exchange = Result<Response<Bytes>, Fault>;

pub(crate) fn config() -> Config {
    Config::new(TOKEN)
}

pub(crate) fn connection() -> Connection {
    config().build().unwrap()
}

/// A response without headers.
pub(crate) fn response(status: u16, body: &str) -> Exchange {
    response_with(status, &[], body)
}

pub(crate) fn response_with(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(Bytes::from(body.to_owned())).unwrap())
}

pub(crate) fn json_response(status: u16, body: &Value) -> Exchange {
    response(status, &body.to_string())
}

/// A response with an error list of one item.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Exchange {
    let list = json!({ "type": "error.list", "request_id": "req-1", "errors": [{ "code": code, "message": message }] });
    json_response(status, &list)
}

pub(crate) fn moment(at: Duration) -> Moment {
    let wall = UnixTime::from_secs(1_711_100_000).unwrap();
    Moment::new(Tick::new(at)).with_wall(wall.checked_add(at).unwrap())
}

/// The caller. Every exchange takes the same time, and sleeping only moves the clock.
pub(crate) struct ScriptedCaller {
    connection: Connection,
    each: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Duration,
    responses: VecDeque<Exchange>,
    /// What the token provider returns. The test fails if it is asked more often.
    tokens: VecDeque<Result<String, &'static str>>,
    sent: Vec<Request<Bytes>>,
}

impl ScriptedCaller {
    pub(crate) fn new(responses: impl IntoIterator<Item = Exchange>) -> Self {
        Self {
            connection: connection(),
            each: Duration::ZERO,
            state: Mutex::new(State {
                responses: responses.into_iter().collect(),
                ..State::default()
            }),
        }
    }

    pub(crate) fn each_takes(mut self, each: Duration) -> Self {
        self.each = each;
        self
    }

    pub(crate) fn observed(self, observer: impl Observer + 'static) -> Self {
        self.with(config().observer(observer))
    }

    pub(crate) fn with(mut self, config: Config) -> Self {
        self.connection = config.build().unwrap();
        self
    }

    /// Lets calls replace the access token by these, one after the other.
    pub(crate) fn providing(
        self,
        config: Config,
        tokens: impl IntoIterator<Item = Result<&'static str, &'static str>>,
    ) -> Self {
        let tokens = tokens.into_iter().map(|token| token.map(str::to_owned));
        self.state.lock().unwrap().tokens.extend(tokens);
        self.with(config.renewable_token())
    }

    /// The tokens that the provider has not returned.
    pub(crate) fn unused_tokens(&self) -> usize {
        self.state.lock().unwrap().tokens.len()
    }

    fn token(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let token = self.state.lock().unwrap().tokens.pop_front();
        token
            .unwrap_or_else(|| panic!("no token is scripted"))
            .map_err(Into::into)
    }

    pub(crate) fn now(&self) -> Moment {
        moment(self.state.lock().unwrap().now)
    }

    /// The method, path and query of every request that was sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let line = |request: &Request<Bytes>| {
            format!(
                "{} {}",
                request.method(),
                request.uri().path_and_query().unwrap()
            )
        };
        state.sent.iter().map(line).collect()
    }

    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.state.lock().unwrap().sent.clone()
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, by: Duration) {
        self.state.lock().unwrap().now += by;
    }

    pub(crate) fn unused(&self) -> usize {
        self.state.lock().unwrap().responses.len()
    }

    fn exchange(&self, outgoing: Outgoing) -> Exchange {
        let mut state = self.state.lock().unwrap();
        let left = outgoing.timeout().unwrap();
        state.sent.push(outgoing.into_request());
        if self.each > left {
            state.now += left;
            return Err(Fault::outcome_unknown(FaultKind::Timeout));
        }
        state.now += self.each;
        let State {
            responses, sent, ..
        } = &mut *state;
        responses
            .pop_front()
            .unwrap_or_else(|| panic!("no response is scripted for {:?}", sent.last()))
    }
}

impl Caller for ScriptedCaller {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        self.call_elsewhere(&self.connection, request).await
    }

    fn connection(&self) -> Option<&Connection> {
        Some(&self.connection)
    }

    async fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> Result<Reply, Error> {
        let mut call = Call::new(connection, request, self.now());
        loop {
            match call.next(self.now()) {
                Step::Authorize(_) => call.authorized(self.token(), self.now()),
                Step::Admit(ask) => call.admitted(ask.free(), self.now()),
                Step::Send(outgoing) => call.received(self.exchange(outgoing), self.now()),
                Step::Sleep(duration) => self.state.lock().unwrap().now += duration,
                Step::Done(result) => return result,
            }
        }
    }
}
