//! Headers that differ from attempt to attempt.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use http::HeaderValue;
use intercom_protocol::observe::observer_fn;
use intercom_protocol::{ApiRequest, Caller, ready};

use crate::scripted::{ScriptedCaller, config, response};

#[test]
fn every_attempt_has_its_own_headers_and_the_rest_stays_the_same() {
    let config = config().attempt_headers(|attempt, headers| {
        headers.insert("traceparent", HeaderValue::from(attempt.number()));
        let place = format!("{} {}", attempt.method(), attempt.route());
        headers.insert("x-place", place.parse().unwrap());
    });
    let caller = ScriptedCaller::new([response(500, ""), response(200, "{}")]).with(config);
    let request = ApiRequest::put("/contacts/5f1").json_bytes("{}");
    ready(caller.call(request)).unwrap().unwrap();

    let [one, other] = <[_; 2]>::try_from(caller.requests()).unwrap();
    assert_eq!(one.headers()["traceparent"], "1");
    assert_eq!(other.headers()["traceparent"], "2");
    let rest = |mut request: http::Request<bytes::Bytes>| {
        request.headers_mut().remove("traceparent");
        (request.headers().clone(), request.into_body())
    };
    assert_eq!(rest(one.clone()), rest(other));
    assert_eq!(one.headers()["x-place"], "PUT /contacts/{id}");
}

#[test]
fn headers_of_the_connection_cannot_be_replaced() {
    let config = config().attempt_headers(|_, headers| {
        for name in [
            "authorization",
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
        ] {
            headers.insert(name, HeaderValue::from_static("1"));
        }
    });
    let plain = ScriptedCaller::new([response(200, "{}")]);
    let caller = ScriptedCaller::new([response(200, "{}")]).with(config);
    for caller in [&plain, &caller] {
        let request = ApiRequest::post("/events").json_bytes("{}");
        ready(caller.call(request)).unwrap().unwrap();
    }
    let headers = |caller: &ScriptedCaller| caller.requests().remove(0).headers().clone();
    assert_eq!(headers(&plain), headers(&caller));
}

#[test]
fn a_header_with_several_values_keeps_them_all() {
    let config = config().attempt_headers(|_, headers| {
        headers.append("baggage", HeaderValue::from_static("a=1"));
        headers.append("baggage", HeaderValue::from_static("b=2"));
    });
    let caller = ScriptedCaller::new([response(200, "{}")]).with(config);
    ready(caller.call(ApiRequest::get("/me"))).unwrap().unwrap();
    let sent = caller.requests().remove(0);
    let values: Vec<_> = sent.headers().get_all("baggage").iter().collect();
    assert_eq!(values, ["a=1", "b=2"]);
}

#[test]
fn a_function_that_panics_leaves_a_dropped_call() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let observer = observer_fn(move |event| {
        let line = (event.kind().as_str(), event.is_in_flight());
        seen.lock().unwrap().push(line);
    });
    let config = config()
        .observer(observer)
        .attempt_headers(|_, _| panic!("a fault of the program"));
    let caller = ScriptedCaller::new([]).with(config);
    let call = || ready(caller.call(ApiRequest::get("/me")));
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    assert_eq!(*events.lock().unwrap(), [("dropped", false)]);
}
