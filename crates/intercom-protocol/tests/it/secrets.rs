//! The token is in requests and nowhere else.

use std::error::Error as _;
use std::fmt::Debug;

use intercom_protocol::flows::{OnArchived, create, diagnose, find_or_create};
use intercom_protocol::{
    ApiError, ApiRequest, Call, Caller, Config, ContactQuery, Error, Fault, FaultKind, NewContact,
    Outgoing, RetryPolicy, Step, ready,
};

use serde_json::json;

use crate::scripted::{Exchange, ScriptedCaller, TOKEN, connection, moment, response};

const NOW: std::time::Duration = std::time::Duration::ZERO;

fn assert_no_token(what: &str, shown: &str) {
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
fn a_request_contains_the_token() {
    let http = connection().http_request(&ApiRequest::get("/me")).unwrap();
    assert_eq!(http.headers()["authorization"], format!("Bearer {TOKEN}"));
}

#[test]
fn no_debug_of_a_call_shows_the_token() {
    assert_no_token("builder", &debug(&Config::new(TOKEN)));
    assert_no_token("connection", &debug(&connection()));

    let request = ApiRequest::post("/messages").json(&"hello");
    assert_no_token(
        "http request",
        &debug(&connection().http_request(&request).unwrap()),
    );
    let mut call = Call::new(&connection(), request, moment(NOW));
    assert_no_token("call", &debug(&call));
    let step = call.next(moment(NOW));
    assert_no_token("step", &debug(&step));
    let Step::Admit(ask) = step else {
        panic!("expected Step::Admit")
    };
    call.admitted(ask.free(), moment(NOW));
    let step = call.next(moment(NOW));
    assert_no_token("step", &debug(&step));
    let Step::Send(outgoing) = step else {
        panic!("expected Step::Send")
    };
    assert_no_token("outgoing", &debug(&outgoing));
    call.received(response(500, "no"), moment(NOW));
    assert_no_token("call", &debug(&call));
    let Step::Done(result) = call.next(moment(NOW)) else {
        panic!("expected Step::Done")
    };
    assert_no_token("error", &chain(&result.unwrap_err()));
}

#[test]
fn neither_responses_nor_searches_show_personal_data() {
    let head = http::Response::builder().header("set-cookie", "ada@example.org");
    let request = http::Request::new(bytes::Bytes::new());
    let (_, reception) = Outgoing::new(request).into_parts();
    let mut incoming = reception.head(head.body(()).unwrap());
    let _ = incoming.push(b"ada@example.org");
    let query = ContactQuery::new().equals("email", "ada@example.org");
    let shown = format!("{} {}", debug(&incoming), debug(&query));
    assert!(!shown.contains("ada") && shown.contains("15"), "{shown}");
}

#[test]
fn neither_replies_nor_errors_show_the_token() {
    let ask = |exchange| {
        let caller = ScriptedCaller::new([exchange]);
        ready(caller.call(ApiRequest::post("/messages"))).unwrap()
    };
    assert_no_token("reply", &debug(&ask(response(200, "{}")).unwrap()));
    let undecodable = ask(response(200, "{}")).unwrap().json::<u8>().unwrap_err();
    assert_no_token("decode", &chain(&undecodable));
    let fault = Fault::outcome_unknown(FaultKind::Closed).with_source("broken pipe");
    assert_no_token("fault", &chain(&ask(Err(fault)).unwrap_err()));
    let caller = ScriptedCaller::new([response(401, ""), response(200, "<html>")]);
    assert_no_token("diagnosis", &debug(&ready(diagnose(&caller)).unwrap()));
}

#[test]
fn the_error_of_a_setting_does_not_show_the_token() {
    for builder in [
        Config::new(format!("{TOKEN} ")),
        Config::new(TOKEN).base_url("nonsense"),
        Config::new(TOKEN).user_agent("\n"),
    ] {
        assert_no_token("setting", &chain(&builder.build().unwrap_err()));
    }
}

/// A response. Each part of it and of the request contains a word of its own.
const REFUSED: &str = r#"{"type":"error.list","request_id":"req-1","errors":[
    {"code":"parameter_invalid","message":"planted-message","field":"email"}],"echo":"planted-body"}"#;

fn planted() -> ApiRequest {
    ApiRequest::put("/contacts")
        .segment("planted-path")
        .query("email", "planted-query@example.org")
        .header("x-note", "planted-header")
        .json(&"planted-sent")
}

fn planted_error(exchange: Exchange) -> Error {
    let caller = ScriptedCaller::new([exchange]);
    let request = planted().policy(RetryPolicy::none());
    let error = ready(caller.call(request)).unwrap();
    error.map_or_else(|error| error, |reply| reply.json::<u8>().unwrap_err())
}

fn planted_errors() -> Vec<(&'static str, Error)> {
    let source = "error sending to https://api.intercom.io/planted-path";
    let cut = ApiError::from_parts(200, [], REFUSED.as_bytes());
    let unsendable = planted().query("a", 1).header("host", "planted-header");
    let unsendable = ready(ScriptedCaller::new([]).call(unsendable)).unwrap();
    let contact = NewContact::user().email("planted-path planted-message");
    let late = planted().deadline(std::time::Duration::ZERO);
    vec![
        ("refused", planted_error(response(422, REFUSED))),
        ("server", planted_error(response(500, REFUSED))),
        ("page", planted_error(response(200, "<html>planted-body"))),
        (
            "decode",
            planted_error(response(200, r#"{"a":"planted-body"}"#)),
        ),
        (
            "fault",
            planted_error(Err(
                Fault::outcome_unknown(FaultKind::Closed).with_source(source)
            )),
        ),
        (
            "cut",
            planted_error(Err(Fault::cut(FaultKind::Closed, cut).with_source(source))),
        ),
        ("unsendable", unsendable.unwrap_err()),
        (
            "contact",
            ready(create(&ScriptedCaller::new([]), &contact))
                .unwrap()
                .unwrap_err(),
        ),
        (
            "late",
            ready(ScriptedCaller::new([]).call(late))
                .unwrap()
                .unwrap_err(),
        ),
        (
            "setting",
            Config::new(TOKEN)
                .base_url("https://planted-path:x@h")
                .build()
                .unwrap_err(),
        ),
        (
            "bare",
            Error::from(ApiError::from_parts(422, [], REFUSED.as_bytes())),
        ),
    ]
}

#[test]
fn debug_and_display_show_no_personal_data() {
    for (what, error) in planted_errors() {
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("planted"), "{what}: {shown}");
        for part in [
            debug(&error.api()),
            debug(&error.fault()),
            debug(&error.attempts()),
        ] {
            assert!(!part.contains("planted"), "{what}: {part}");
        }
    }
}

#[test]
fn the_alternate_line_adds_the_path_the_message_and_the_field() {
    for (what, error) in planted_errors() {
        let shown = format!("{error:#}");
        let rest = shown
            .replace("planted-path", "")
            .replace("planted-message", "");
        assert!(!rest.contains("planted"), "{what}: {shown}");
    }
    let shown = planted_errors()
        .into_iter()
        .map(|(_, error)| format!("{error:#}\n"));
    insta::assert_snapshot!(shown.collect::<String>(), @r#"
    PUT /contacts/planted-path: 422 parameter_invalid "planted-message" (field email): correct the input (request req-1)
    PUT /contacts/planted-path: 500 parameter_invalid "planted-message" (field email): try again, and check the status page if the error persists (request req-1); worth trying again in 0.5 s; the request may have been applied
    PUT /contacts/planted-path: 200: check the base URL, then contact Intercom's support; the body is not JSON; worth trying again in 0.5 s; the request may have been applied
    PUT /contacts/planted-path: the response (200) does not match the requested type at the top level; the request was carried out
    PUT /contacts/planted-path: the connection was closed: try again, and check the status page if the error persists; worth trying again in 0.5 s; the request may have been applied
    PUT /contacts/planted-path: the connection was closed; a response with status 200 was cut off: try again, and check the status page if the error persists; the request may have been applied
    PUT /contacts/planted-path: invalid request: the client sets the header host itself; remove it from the request (field host)
    POST /contacts: invalid request: the email is not of the form name@host (field email)
    PUT /contacts/planted-path: nothing was sent: the deadline left no time for the request
    invalid configuration: base_url contains a user name or password; remove them, because the token is sent in a header (field base_url)
    422 parameter_invalid "planted-message" (field email): correct the input (request req-1)
    "#);
}

/// Text of others in every place from which an error takes some.
fn errors_with_foreign_text() -> Vec<Error> {
    let foreign = "planted@example.org\n\u{1b}[31m";
    let get = || ApiRequest::get("/contacts/5f1");
    let decoded = |body: &serde_json::Value| {
        let caller = ScriptedCaller::new([response(200, &body.to_string())]);
        let reply = ready(caller.call(get())).unwrap().unwrap();
        reply
            .json::<std::collections::BTreeMap<String, u32>>()
            .unwrap_err()
    };
    let contact = |id: &str, archived: bool| json!({ "type": "contact", "id": id, "role": "user", "email": "b@c", "archived": archived });
    let found = |contact: serde_json::Value, archived| {
        let list = json!({ "type": "list", "data": [contact] }).to_string();
        let caller = ScriptedCaller::new([response(200, &list)]);
        ready(find_or_create(
            &caller,
            &NewContact::user().email("a@c"),
            archived,
        ))
        .unwrap()
        .unwrap_err()
    };
    struct Talkative(&'static str);
    impl serde::Serialize for Talkative {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom(self.0))
        }
    }
    let refused = json!({ "errors": { foreign: ["is taken"] } }).to_string();
    let attribute = NewContact::lead().attribute(format!("a.{foreign}"), 1);
    let unsendable = |request| {
        ready(ScriptedCaller::new([]).call(request))
            .unwrap()
            .unwrap_err()
    };
    let vars = |wrong: &'static str| {
        let error =
            Config::from_vars(|name| Some(if name == wrong { foreign } else { "t" }.into()));
        error.unwrap_err()
    };
    vec![
        decoded(&json!({ foreign: "x" })),
        decoded(&json!({ "a.b": "x" })),
        found(contact("5f1\u{1b}[31m\n", false), OnArchived::Unarchive),
        attribute.check().unwrap_err(),
        unsendable(get().json(&Talkative(foreign))),
        Error::from(ApiError::from_parts(422, [], refused.as_bytes())),
        vars("INTERCOM_ACCESS_TOKEN"),
        vars("INTERCOM_REGION"),
        vars("INTERCOM_BASE_URL"),
    ]
}

#[test]
fn foreign_text_never_ends_the_line_or_shows_an_address() {
    for error in errors_with_foreign_text() {
        let line = error.to_string();
        let alternate = format!("{error:#}");
        assert!(!line.contains("planted"), "{line}");
        assert!(!debug(&error).contains("planted"), "{error:?}");
        for shown in [line, alternate] {
            assert!(!shown.contains(char::is_control), "{shown:?}");
        }
    }
}

#[test]
fn routes_and_values_are_short_and_anonymous() {
    let path = "/contacts/tags/notes/me".repeat(10_000);
    assert!(ApiRequest::get(&path).route().len() < 100);
    let value = intercom_protocol::AttributeValue::from("planted");
    assert!(!debug(&value).contains("planted"));
    let me = response(200, r#"{"type":"admin","email":"planted@example.org"}"#);
    let diagnosis = ready(diagnose(&ScriptedCaller::new([me, response(503, "")]))).unwrap();
    assert_eq!(diagnosis.auth().admin(), Some("planted@example.org"));
    assert!(!debug(&diagnosis).contains("planted"));
}
