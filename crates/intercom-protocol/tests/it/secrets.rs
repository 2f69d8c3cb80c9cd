//! The token is seen in requests and nowhere else.

use std::error::Error as _;
use std::fmt::Debug;

use intercom_protocol::flows::diagnose;
use intercom_protocol::{
    ApiRequest, Call, Caller, Config, ContactQuery, Error, Fault, FaultKind, Incoming, Step, ready,
};

use crate::scripted::{ScriptedCaller, TOKEN, answer, connection, moment};

const NOW: std::time::Duration = std::time::Duration::ZERO;

fn keeps_the_secret(what: &str, shown: &str) {
    assert!(!shown.contains("planted-secret"), "{what}: {shown}");
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

fn chain(error: &Error) -> String {
    let mut text = format!("{error} {}", debug(error));
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(" {error} {error:?}");
        source = error.source();
    }
    text
}

#[test]
fn the_request_carries_the_token_so_that_this_test_can_fail() {
    let http = connection().http_request(&ApiRequest::get("/me")).unwrap();
    assert_eq!(http.headers()["authorization"], format!("Bearer {TOKEN}"));
}

#[test]
fn nothing_that_can_be_printed_shows_the_token() {
    keeps_the_secret("builder", &debug(&Config::new(TOKEN)));
    keeps_the_secret("connection", &debug(&connection()));

    let request = ApiRequest::post("/messages").json(&"hello");
    keeps_the_secret(
        "http request",
        &debug(&connection().http_request(&request).unwrap()),
    );
    let mut call = Call::new(&connection(), request, moment(NOW));
    keeps_the_secret("call", &debug(&call));
    let step = call.next(moment(NOW));
    keeps_the_secret("step", &debug(&step));
    let Step::Admit(ask) = step else {
        panic!("expected to be asked for admission")
    };
    call.admitted(ask.free(), moment(NOW));
    let step = call.next(moment(NOW));
    keeps_the_secret("step", &debug(&step));
    let Step::Send(outgoing) = step else {
        panic!("expected something to send")
    };
    keeps_the_secret("outgoing", &debug(&outgoing));
    call.received(answer(500, "no"), moment(NOW));
    keeps_the_secret("call", &debug(&call));
    let Step::Done(result) = call.next(moment(NOW)) else {
        panic!("expected the end")
    };
    keeps_the_secret("error", &chain(&result.unwrap_err()));
}

#[test]
fn neither_what_comes_in_nor_what_is_searched_shows_personal_data() {
    let head = http::Response::builder().header("set-cookie", "ada@example.org");
    let mut incoming = Incoming::new(&http::Method::GET, head.body(()).unwrap(), 1024);
    let _ = incoming.push(b"ada@example.org");
    let query = ContactQuery::new().equals("email", "ada@example.org");
    let shown = format!("{} {}", debug(&incoming), debug(&query));
    assert!(!shown.contains("ada") && shown.contains("15"), "{shown}");
}

#[test]
fn neither_answers_nor_errors_show_the_token() {
    let ask = |answered| {
        let caller = ScriptedCaller::new([answered]);
        ready(caller.call(ApiRequest::post("/messages"))).unwrap()
    };
    keeps_the_secret("reply", &debug(&ask(answer(200, "{}")).unwrap()));
    let undecodable = ask(answer(200, "{}")).unwrap().json::<u8>().unwrap_err();
    keeps_the_secret("decode", &chain(&undecodable));
    let fault = Fault::fate_unknown(FaultKind::Closed).with_source("broken pipe");
    keeps_the_secret("fault", &chain(&ask(Err(fault)).unwrap_err()));
    let caller = ScriptedCaller::new([answer(401, ""), answer(200, "<html>")]);
    keeps_the_secret("diagnosis", &debug(&ready(diagnose(&caller)).unwrap()));
}

#[test]
fn a_setting_that_is_refused_does_not_show_the_token() {
    for builder in [
        Config::new(format!("{TOKEN} ")),
        Config::new(TOKEN).base_url("nonsense"),
        Config::new(TOKEN).user_agent("\n"),
    ] {
        keeps_the_secret("setting", &chain(&builder.build().unwrap_err()));
    }
}
