//! What the settings of a client do, and what they show.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use intercom_protocol::client::{Blocking, RequestBuilder};
use intercom_protocol::observe::observer_fn;
use intercom_protocol::{
    ApiRequest, Caller, Config, Outgoing, PacerSettings, Priority, Region, RetryPolicy, Tick, ready,
};

use crate::scripted::{ScriptedCaller, TOKEN, config, connection, response, response_with};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn default_settings_are_those_that_are_documented() {
    let connection = connection();
    assert_eq!(connection.base_url(), "https://api.intercom.io");
    assert_eq!(connection.attempt_timeout(), 30 * SECOND);
    assert_eq!(connection.connect_timeout(), 10 * SECOND);
    assert_eq!(connection.total_timeout(), None);
    assert!(connection.has_token() && config().pacer().is_some());
    let outgoing = Outgoing::new(Request::new(Bytes::new()));
    assert_eq!(outgoing.body_limit(), 16 << 20);
}

#[test]
fn each_setting_changes_the_connection() {
    let config = Config::new(TOKEN)
        .region(Region::Au)
        .attempt_timeout(5 * SECOND)
        .connect_timeout(7 * SECOND)
        .total_timeout(9 * SECOND);
    let built = config.clone().build().unwrap();
    assert_eq!(built.base_url(), Region::Au.base_url());
    assert_eq!(built.attempt_timeout(), 5 * SECOND);
    assert_eq!(built.connect_timeout(), 5 * SECOND, "a part of the attempt");
    assert_eq!(built.total_timeout(), Some(9 * SECOND));
    let window = PacerSettings::new().with_window(SECOND);
    let paced = config.clone().pacing(window);
    assert_eq!(paced.pacer().map(PacerSettings::window), Some(SECOND));
    assert!(config.without_pacing().pacer().is_none());
}

#[test]
fn token_is_passed_on_unless_it_can_be_replaced() {
    let passed = |config: Config| config.build().unwrap().with_fixed_token(str::to_owned);
    assert_eq!(passed(config()).as_deref(), Some(TOKEN));
    assert_eq!(passed(Config::anonymous()), None);
    assert_eq!(passed(config().renewable_token()), None);
    let has_token = |config: Config| config.build().unwrap().has_token();
    assert!(has_token(config().renewable_token()));
    assert!(has_token(Config::anonymous().renewable_token()));
    assert!(!has_token(Config::anonymous()));
}

#[test]
fn debug_shows_what_is_set_and_no_secret() {
    let config = config()
        .observer(observer_fn(|_| ()))
        .attempt_headers(|_, _| ())
        .budget(None)
        .total_timeout(SECOND);
    let request = ApiRequest::post("/contacts/5f1").query("email", "planted-query");
    let request = request.json_bytes(r#"{"a":"planted-body"}"#);
    let caller = ScriptedCaller::new([response(200, "{}")]).with(config.clone());
    let reply = ready(caller.call(request.clone())).unwrap().unwrap();
    let sent = caller.requests().remove(0);
    let outgoing = Outgoing::new(sent).with_timeout(SECOND);
    let connection = config.clone().build().unwrap();
    let shown = format!("{config:#?}\n{connection:?}\n{request:?}\n{outgoing:?}\n{reply:?}");
    let (_, reception) = outgoing.into_parts();
    let shown = format!("{shown}\n{reception:?}");
    assert!(!shown.contains("planted"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn exchange_has_the_limits_that_it_was_given() {
    let outgoing = Outgoing::new(Request::new(Bytes::new()));
    let limits = |outgoing: &Outgoing| {
        [
            outgoing.timeout(),
            outgoing.head_timeout(),
            outgoing.idle_timeout(),
            outgoing.connect_timeout(),
        ]
    };
    assert_eq!(limits(&outgoing), [None; 4]);
    let outgoing = outgoing
        .with_timeout(SECOND)
        .with_head_timeout(2 * SECOND)
        .with_idle_timeout(3 * SECOND)
        .with_connect_timeout(4 * SECOND)
        .with_body_limit(5);
    assert_eq!(
        limits(&outgoing),
        [1, 2, 3, 4].map(|seconds| Some(seconds * SECOND))
    );
    assert_eq!(outgoing.body_limit(), 5);
}

#[test]
fn request_says_how_it_is_sent() {
    let request = ApiRequest::patch("/contacts").segment("5f1");
    assert_eq!(request.method(), Method::PATCH);
    assert_eq!((request.time_limit(), request.own_policy()), (None, None));
    assert_eq!(request.own_priority(), Priority::default());
    let request = request
        .deadline(SECOND)
        .policy(RetryPolicy::none())
        .priority(Priority::Low);
    assert_eq!(request.time_limit(), Some(SECOND));
    assert_eq!(request.own_policy(), Some(&RetryPolicy::none()));
    assert_eq!(request.own_priority(), Priority::Low);
}

/// Of a duration and a tick, the tick counts.
#[test]
fn deadline_can_be_a_tick() {
    let caller = ScriptedCaller::new([]).each_takes(3 * SECOND);
    let request = ApiRequest::get("/me").deadline_at(Tick::new(2 * SECOND));
    let error = ready(caller.call(request)).unwrap().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.elapsed(), 2 * SECOND);
}

#[test]
fn attempt_knows_the_number_of_its_call() {
    let numbers = Arc::new(Mutex::new(Vec::new()));
    let (seen, told) = (Arc::clone(&numbers), Arc::clone(&numbers));
    let plain =
        config().attempt_headers(move |attempt, _| seen.lock().unwrap().push(attempt.call()));
    let observed = plain.clone().observer(observer_fn(move |event| {
        told.lock().unwrap().push(Some(event.call()));
    }));
    for config in [plain, observed.clone(), observed] {
        let caller = ScriptedCaller::new([response(200, "{}")]).with(config);
        ready(caller.call(ApiRequest::get("/me"))).unwrap().unwrap();
    }
    let numbers = numbers.lock().unwrap();
    // Without an observer there is no number. With one, the attempt has that of the call's events.
    let (plain, observed) = numbers.split_first().unwrap();
    assert_eq!(*plain, None);
    let (one, other) = observed.split_at(observed.len() / 2);
    for call in [one, other] {
        assert!(call.iter().all(|number| *number == call[0]), "{numbers:?}");
    }
    assert!(one[0] < other[0] && other[0] > Some(1), "{numbers:?}");
}

#[test]
fn host_of_a_redirect_gets_no_headers_of_the_program() {
    let config = config().attempt_headers(|_, headers| {
        headers.insert("x-own", HeaderValue::from_static("1"));
    });
    let moved = response_with(302, &[("location", "https://files.example/x")], "");
    let caller = ScriptedCaller::new([moved, response(200, "file")]).with(config);
    let file = RequestBuilder::<_, Blocking>::new(&caller, ApiRequest::get("/download/x"));
    file.deadline(SECOND).download(Vec::new()).unwrap();
    let own = |request: &Request<Bytes>| request.headers().contains_key("x-own");
    let own: Vec<_> = caller.requests().iter().map(own).collect();
    assert_eq!(own, [true, false]);
}

#[test]
fn complete_request_expects_what_it_accepts() {
    let sent = |accept: &str| {
        let request = Request::get("https://api.intercom.io/me").header("accept", accept);
        let request = ApiRequest::from(request.body(Bytes::new()).unwrap());
        let caller = ScriptedCaller::new((0..4).map(|_| response(200, "text")));
        ready(caller.call(request)).unwrap().is_ok()
    };
    assert!(sent("text/plain") && !sent("application/json"));
}
