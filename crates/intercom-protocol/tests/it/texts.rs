//! All texts of errors, in one snapshot for each kind.

use core::time::Duration;
use std::fmt::Write as _;

use http::Method;
use intercom_errors::CATALOG;
use intercom_protocol::flows::{OnArchived, create, find_or_create};
use intercom_protocol::gate::{Admission, Refusal};
use intercom_protocol::{
    ApiError, ApiRequest, Call, Caller, Config, Error, ErrorKind, Fault, FaultKind, NewContact,
    Region, RetryPolicy, Step, StopReason, ready,
};
use serde_json::json;

use crate::scripted::{
    Exchange, ScriptedCaller, TOKEN, connection, json_response, moment, refusal, response,
    response_with,
};

/// One line for each error, with its kind.
fn lines(errors: impl IntoIterator<Item = Error>) -> String {
    let mut text = String::new();
    for error in errors {
        let _ = writeln!(text, "{}: {error}", error.kind());
    }
    text
}

fn error_of(request: ApiRequest, exchanges: impl IntoIterator<Item = Exchange>) -> Error {
    let caller = ScriptedCaller::new(exchanges);
    ready(caller.call(request)).unwrap().unwrap_err()
}

fn build_error(config: Config) -> Error {
    config.build().unwrap_err()
}

#[test]
fn settings() {
    let config = || Config::new(TOKEN);
    let base = |url: &str| build_error(Config::new(TOKEN).base_url(url));
    let policy = RetryPolicy::builder();
    let vars = |[token, base_url, region]: [Option<&str>; 3]| {
        let config = Config::from_vars(|name| match name {
            "INTERCOM_ACCESS_TOKEN" => token.map(Into::into),
            "INTERCOM_BASE_URL" => base_url.map(Into::into),
            _ => region.map(Into::into),
        });
        config.unwrap_err()
    };
    let errors = [
        build_error(Config::new("")),
        build_error(Config::new("a b")),
        base("api.intercom.io"),
        base("ftp://api.intercom.io"),
        base("http://api.intercom.io"),
        base("https://ada:secret@api.intercom.io"),
        base("https://api.intercom.io:70000"),
        base("https://api.intercom.io#a"),
        base("https://api.intercom.io?a=b"),
        base("https://"),
        base("https:// "),
        build_error(config().base_url("https://x").region(Region::Eu)),
        build_error(config().status_url("x")),
        build_error(config().user_agent(" ")),
        build_error(config().user_agent("a\nb")),
        build_error(config().api_version("")),
        build_error(config().attempt_timeout(Duration::ZERO)),
        build_error(config().connect_timeout(Duration::ZERO)),
        build_error(config().total_timeout(Duration::ZERO)),
        vars([None; 3]),
        vars([Some(""), None, None]),
        vars([Some(TOKEN), Some(""), None]),
        vars([Some(TOKEN), Some("x"), None]),
        vars([Some(TOKEN), None, Some("mars")]),
        vars([Some(TOKEN), Some("https://x"), Some("eu")]),
        policy.clone().max_attempts(0).build().unwrap_err().into(),
        policy.clone().jitter(2.0).build().unwrap_err().into(),
        policy.multiplier(0.5).build().unwrap_err().into(),
    ];
    assert!(
        errors
            .iter()
            .all(|error| error.kind() == ErrorKind::Configuration && error.code().is_none())
    );
    insta::assert_snapshot!(lines(errors));
}

#[test]
fn requests() {
    struct Unserialisable;
    impl serde::Serialize for Unserialisable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    let get = ApiRequest::get;
    let requests = [
        get("contacts"),
        get("https://api.intercom.io/me"),
        get("/a b"),
        get("/contacts/../me"),
        get("/contacts/a%2Fb"),
        get("/contacts").segment(".."),
        get("/contacts").segment(&"x".repeat(70_000)),
        get("/contacts?a b"),
        get("/contacts?a#b"),
        get("/me").header("host", "x"),
        get("/me").header("a b", "x"),
        get("/me").json(&Unserialisable),
        ApiRequest::new(Method::TRACE, "/me"),
    ];
    let mut errors: Vec<_> = requests.map(|request| error_of(request, [])).into();
    let contacts = [
        NewContact::user(),
        NewContact::user().email(""),
        NewContact::user().email("ada"),
        NewContact::user().external_id(" "),
        NewContact::lead().attribute("", 1),
        NewContact::lead().attribute("a.b", 1),
        NewContact::lead().attribute("x".repeat(191), 1),
        NewContact::lead().attribute("a", "x".repeat(256)),
        NewContact::lead().attribute("a", f64::NAN),
    ];
    errors.extend(contacts.map(|contact| {
        ready(create(&ScriptedCaller::new([]), &contact))
            .unwrap()
            .unwrap_err()
    }));
    assert!(
        errors
            .iter()
            .all(|error| error.kind() == ErrorKind::Invalid)
    );
    insta::assert_snapshot!(lines(errors));
}

#[test]
fn responses() {
    let mut errors = Vec::new();
    for entry in CATALOG {
        let list = json!({ "type": "error.list", "errors": [{ "code": entry.code().as_str() }] });
        for status in entry.statuses() {
            errors.push(Error::from(ApiError::from_parts(
                *status,
                [],
                list.to_string().as_bytes(),
            )));
        }
    }
    let statuses = [
        302, 304, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 418, 422, 429, 500, 502, 503,
        504,
    ];
    errors.extend(statuses.map(|status| Error::from(ApiError::from_parts(status, [], b""))));
    errors.push(ApiError::from_parts(200, [], b"<html>").into());
    insta::assert_snapshot!(lines(errors));
}

#[test]
fn faults() {
    let cut = || ApiError::from_parts(200, [], b"{");
    let connecting = |kind: &FaultKind| {
        matches!(
            kind,
            FaultKind::BadCertificate
                | FaultKind::BadUri
                | FaultKind::Connect
                | FaultKind::Dns
                | FaultKind::Tls
        )
    };
    let faults = FaultKind::ALL.iter().flat_map(|kind| match kind {
        kind if connecting(kind) => vec![Fault::not_sent(*kind)],
        FaultKind::TooLarge => vec![Fault::cut(*kind, cut())],
        FaultKind::Protocol => vec![Fault::outcome_unknown(*kind), Fault::cut(*kind, cut())],
        _ => vec![
            Fault::not_sent(*kind),
            Fault::outcome_unknown(*kind),
            Fault::cut(*kind, cut()),
        ],
    });
    insta::assert_snapshot!(lines(faults.map(Error::from)));
}

#[test]
fn ends() {
    let get = || ApiRequest::get("/contacts").segment("5f1");
    let post = || ApiRequest::post("/messages");
    let put = || ApiRequest::put("/contacts").segment("5f1");
    let busy = || response(500, "");
    let gone = || Err(Fault::outcome_unknown(FaultKind::Closed));
    let unsent = || Err(Fault::not_sent(FaultKind::Connect));
    let limited = |seconds: &str| response_with(429, &[("retry-after", seconds)], "");
    let soon = Duration::from_secs(30);
    let conflict = refusal(
        409,
        "conflict",
        "A contact matching those details already exists with id=5f2",
    );
    let errors = vec![
        error_of(get(), [busy(), busy(), busy(), busy()]),
        error_of(get(), [gone(), gone(), gone(), gone()]),
        error_of(post(), [unsent(), unsent(), unsent(), unsent()]),
        error_of(post(), [busy()]),
        error_of(post(), [gone()]),
        error_of(put(), [busy(), busy(), busy(), busy()]),
        error_of(put(), [busy(), response(404, "")]),
        error_of(
            ApiRequest::post("/contacts").replayable(true),
            [gone(), conflict],
        ),
        error_of(get(), [limited("3600")]),
        error_of(get().deadline(soon), [limited("45")]),
        error_of(get().deadline(Duration::ZERO), []),
        error_of(get().policy(RetryPolicy::none()), [busy()]),
        without_token([Err("the vault is sealed")], []),
        without_token([Ok(TOKEN)], [unauthorized()]),
        refused(Refusal::new()),
        refused(Refusal::new().with_retry_after(Duration::from_secs(6))),
    ];
    let reasons = |reason: &StopReason| {
        errors
            .iter()
            .any(|error| error.stop().is_some_and(|stop| stop.reason() == *reason))
    };
    let missing: Vec<_> = StopReason::ALL
        .iter()
        .filter(|reason| !reasons(reason))
        .collect();
    // The tests of budgets and of downloads have these.
    let elsewhere = [&StopReason::NotResumable, &StopReason::BudgetExhausted];
    assert_eq!(missing, elsewhere);
    insta::assert_snapshot!(lines(errors));
}

/// The error of a call whose token provider returns nothing useful.
fn without_token(
    tokens: [Result<&'static str, &'static str>; 1],
    responses: impl IntoIterator<Item = Exchange>,
) -> Error {
    let responses: Vec<_> = responses.into_iter().collect();
    let config = match responses.is_empty() {
        true => Config::anonymous(),
        false => Config::new(TOKEN),
    };
    let caller = ScriptedCaller::new(responses).providing(config, tokens);
    ready(caller.call(ApiRequest::get("/me")))
        .unwrap()
        .unwrap_err()
}

fn unauthorized() -> Exchange {
    refusal(401, "token_expired", "Access Token Expired")
}

fn refused(refusal: Refusal) -> Error {
    let mut call = Call::new(
        &connection(),
        ApiRequest::get("/me"),
        moment(Duration::ZERO),
    );
    assert!(matches!(call.next(moment(Duration::ZERO)), Step::Admit(_)));
    call.admitted(Admission::Refused(refusal), moment(Duration::ZERO));
    match call.next(moment(Duration::ZERO)) {
        Step::Done(result) => result.unwrap_err(),
        step => panic!("{step:?}"),
    }
}

#[test]
fn contacts_and_values() {
    let contact = |id: &str, email: &str| json!({ "type": "contact", "id": id, "role": "user", "email": email });
    let list = |contacts: &[serde_json::Value]| {
        json_response(200, &json!({ "type": "list", "data": contacts }))
    };
    let wanted = NewContact::user().email("ada@example.org").external_id("7");
    let flow = |exchanges: Vec<Exchange>, archived| {
        ready(find_or_create(
            &ScriptedCaller::new(exchanges),
            &wanted,
            archived,
        ))
        .unwrap()
        .unwrap_err()
    };
    let ada = contact("5f1", "ada@example.org");
    let archived = json!({ "type": "contact", "id": "5f1", "role": "user", "archived": true });
    let decoded = |body: &str| {
        let caller = ScriptedCaller::new([response(200, body)]);
        let reply = ready(caller.call(ApiRequest::get("/me"))).unwrap().unwrap();
        reply.json::<Vec<u8>>().unwrap_err()
    };
    insta::assert_snapshot!(lines([
        flow(vec![list(&[ada.clone(), ada])], OnArchived::Unarchive),
        flow(
            vec![list(&[contact("5f1", "bob@example.org")])],
            OnArchived::Unarchive
        ),
        flow(vec![list(&[archived])], OnArchived::Refuse),
        flow(vec![response(403, "")], OnArchived::Unarchive),
        decoded("{}"),
        decoded("[1,null]"),
        ready(std::future::pending::<()>()).unwrap_err(),
    ]));
}
