//! Errors are stored as JSON and read again.

use std::time::Duration;

use http::Method;
use intercom_protocol::flows::{OnArchived, find_or_create};
use intercom_protocol::{
    Action, ApiError, ApiRequest, Caller, Error, ErrorItem, ErrorKind, Fault, FaultKind,
    NewContact, Reply, ready,
};
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use serde_json::{Value, json};

use crate::scripted::{Exchange, ScriptedCaller, json_response, refusal, response, response_with};

/// Stores an error, reads it again, and checks that both say the same.
fn assert_survives(error: &Error) -> Error {
    let json = serde_json::to_string(error).unwrap();
    let read: Error = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    assert_eq!(told(&read), told(error), "{json}");
    let (stored, class) = (read.stored_class(), error.class());
    assert_eq!(
        stored.zip(class).map(|(stored, class)| *stored == class),
        class.map(|_| true)
    );
    assert!(
        read.stored_class()
            .is_none_or(|stored| Some(*stored == error.class().unwrap()) == Some(true))
    );
    assert!(std::error::Error::source(&read).is_none());
    assert!(!json.contains("planted-secret"), "{json}");
    read
}

/// Everything that an error says.
fn told(error: &Error) -> impl PartialEq + std::fmt::Debug + use<'_> {
    let texts = [
        format!("{error}"),
        format!("{error:#}"),
        format!("{error:?}"),
    ];
    let verdict = (
        error.kind(),
        error.class(),
        error.category(),
        error.advice(),
    );
    let request = (error.method(), error.path(), error.status(), error.body());
    let ending = (
        error.stop(),
        error.retry_after(),
        error.elapsed(),
        error.may_have_been_applied(),
        error.clock_offset_ms(),
    );
    let attempts = format!("{:?}", error.attempts());
    let cause = (error.errors(), error.candidates(), error.request_id());
    (texts, verdict, request, ending, attempts, cause)
}

fn called(
    method: Method,
    path: &str,
    responses: impl IntoIterator<Item = Exchange>,
) -> Result<Reply, Error> {
    let caller = ScriptedCaller::new(responses);
    let request = ApiRequest::new(method, path).deadline(Duration::from_secs(30));
    ready(caller.call(request)).unwrap()
}

fn failed(method: Method, path: &str, responses: impl IntoIterator<Item = Exchange>) -> Error {
    called(method, path, responses).unwrap_err()
}

fn lost() -> Exchange {
    Err(Fault::outcome_unknown(FaultKind::Timeout).with_source("s3cr3t.example timed out"))
}

#[test]
fn the_error_of_a_call_has_the_documented_form() {
    let limited = response_with(429, &[("retry-after", "600")], "");
    let error = failed(
        Method::GET,
        "/contacts/5f1?email=ada@example.org",
        [limited],
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&error).unwrap());
    assert_survives(&error);
}

#[test]
fn errors_of_calls_are_read_as_they_were_stored() {
    let unreachable = || Err(Fault::not_sent(FaultKind::Connect));
    let cut = Err(Fault::cut(
        FaultKind::Closed,
        ApiError::from_parts(200, [], b"{"),
    ));
    let conflict = refusal(
        409,
        "conflict",
        "A contact matching those details already exists with id=5f1a",
    );
    for error in [
        failed(
            Method::GET,
            "/me",
            [refusal(401, "token_revoked", "Revoked")],
        ),
        failed(Method::POST, "/messages", [lost()]),
        failed(Method::POST, "/contacts", [conflict]),
        failed(Method::GET, "/me", [(); 4].map(|()| unreachable())),
        failed(Method::GET, "/companies/scroll?scroll_param=s", [lost()]),
        failed(
            Method::GET,
            "/companies/scroll?scroll_param=s",
            [response(404, "")],
        ),
        failed(Method::GET, "/companies/scroll?scroll_param=s", [cut]),
        failed(
            Method::PUT,
            "/contacts/ada@example.org",
            [lost(), response(500, "<html>"), response(422, "")],
        ),
    ] {
        assert_survives(&error);
    }
    let scroll = failed(Method::GET, "/companies/scroll", [lost()]);
    assert_eq!(
        assert_survives(&scroll).class().unwrap().action(),
        Action::RestartScroll
    );
}

#[test]
fn a_conflict_with_an_earlier_attempt_is_read_as_it_was_stored() {
    let conflict = refusal(409, "conflict", "exists");
    let error = failed(Method::PUT, "/contacts/5f1", [lost(), conflict]);
    assert_eq!(assert_survives(&error).kind(), ErrorKind::MaybeApplied);
}

#[test]
fn errors_without_a_failure_are_read_as_they_were_stored() {
    let item = ErrorItem::new("parameter_invalid", "the email is empty").with_field("email");
    let decode = called(
        Method::GET,
        "/me",
        [json_response(200, &json!({"id": [1]}))],
    );
    let decode = decode.unwrap().json::<String>().unwrap_err();
    let late = ApiRequest::get("/me").deadline(Duration::ZERO);
    let late = ready(ScriptedCaller::new([]).call(late)).unwrap();
    for error in [
        late.unwrap_err(),
        Error::invalid(vec![item]),
        Error::configuration("proxy", "proxy is not a URL"),
        decode,
    ] {
        assert_survives(&error);
    }
}

#[test]
fn errors_of_flows_are_read_as_they_were_stored() {
    let contact = |id: &str, archived: bool| json!({"type": "contact", "id": id, "role": "user", "email": "ada@example.org", "archived": archived});
    let found =
        |contacts: Vec<Value>| json_response(200, &json!({"type": "list", "data": contacts}));
    let several = vec![contact("a", false), contact("b", false)];
    for (responses, kind) in [
        (vec![found(several)], ErrorKind::Ambiguous),
        (vec![found(vec![contact("a", true)])], ErrorKind::Mismatch),
    ] {
        let caller = ScriptedCaller::new(responses);
        let wanted = NewContact::user().email("ada@example.org");
        let flow = find_or_create(&caller, &wanted, OnArchived::Refuse);
        let error = ready(flow).unwrap().unwrap_err();
        assert_eq!(assert_survives(&error).kind(), kind);
    }
}

#[test]
fn a_body_that_does_not_match_is_cut_at_64_kib() {
    let long = json!("x".repeat(100_000));
    let reply = called(Method::GET, "/me", [json_response(200, &long)]).unwrap();
    let error = reply.json::<u8>().unwrap_err();
    let json = serde_json::to_string(&error).unwrap();
    let read: Error = serde_json::from_str(&json).unwrap();
    assert_eq!(read.body().map(<[u8]>::len), Some(64 * 1024));
    assert_eq!(read.to_string(), error.to_string());
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
}

#[test]
fn an_error_of_another_version_is_refused_and_unknown_members_are_ignored() {
    let error = failed(Method::POST, "/messages", [lost()]);
    let mut record = serde_json::to_value(&error).unwrap();
    record["brand_new"] = json!(1);
    record["request"]["brand_new"] = json!([1]);
    let read: Error = serde_json::from_value(record).unwrap();
    assert_eq!(told(&read), told(&error));
    let other = serde_json::from_str::<Error>(r#"{"v":2}"#)
        .unwrap_err()
        .to_string();
    assert!(other.starts_with("the record has version 2; "), "{other}");
}

#[test]
fn a_class_that_changed_is_kept_beside_the_new_one() {
    let error = Error::from(ApiError::from_parts(429, [], b""));
    let mut record = serde_json::to_value(&error).unwrap();
    record["class"]["category"] = json!("brand_new");
    let read: Error = serde_json::from_value(record.clone()).unwrap();
    assert!(read.is_rate_limited());
    assert_eq!(read.stored_class().unwrap().category(), "brand_new");
    assert_eq!(serde_json::to_value(&read).unwrap(), record);
}

#[test]
fn a_record_cannot_control_the_terminal() {
    let hostile = "\u{1b}[2J\n\u{202e}";
    let error = Error::from(ApiError::from_parts(429, [], b""));
    let mut record = serde_json::to_value(&error).unwrap();
    for cause in [
        json!({"mismatch": {"id": hostile, "field": hostile}}),
        json!({"archived": {"id": hostile}}),
        json!({"not_started": hostile}),
        json!({"invalid": [{"message": hostile, "field": hostile}]}),
        json!({"decode": {"status": 200, "body": {"text": ""}, "path": hostile}}),
    ] {
        record["cause"] = cause;
        let read: Error = serde_json::from_value(record.clone()).unwrap();
        let shown = format!("{read} {read:#} {read:?}");
        let controls = |char: char| char.is_control() || char == '\u{202e}';
        assert!(!shown.contains(controls), "{shown:?}");
    }
}

fn exchange() -> impl Strategy<Value = Result<(u16, String), FaultKind>> {
    let body = prop_oneof![
        any::<String>(),
        Just(r#"{"type":"error.list","errors":[{"code":"conflict","message":"é"}]}"#.to_owned()),
    ];
    let kind = proptest::sample::select(FaultKind::ALL);
    prop_oneof![(400..600_u16, body).prop_map(Ok), kind.prop_map(Err),]
}

proptest! {
    #[test]
    fn the_error_of_any_call_is_read_as_it_was_stored(
        exchanges in proptest::collection::vec(exchange(), 4),
        is_write in any::<bool>(),
    ) {
        let responses = exchanges.into_iter().map(|exchange| match exchange {
            Ok((status, body)) => response(status, &body),
            Err(kind) => Err(Fault::outcome_unknown(kind)),
        });
        let method = if is_write { Method::POST } else { Method::GET };
        assert_survives(&failed(method, "/contacts/5f1", responses));
    }
}
