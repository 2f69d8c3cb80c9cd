//! Whatever the responses are, a recording leads to the same decisions.

use intercom_debug::replay;
use intercom_protocol::bytes::Bytes;
use intercom_protocol::http::{Method, Response};
use intercom_protocol::{ApiError, ApiRequest, Config, Fault, FaultKind};
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use crate::client::{Exchange, Gate, Script, TOKEN, memory, recording, run};

const STATUSES: &[u16] = &[
    200, 201, 202, 204, 206, 301, 302, 304, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410,
    415, 418, 422, 429, 499, 500, 501, 502, 503, 504, 599, 600,
];

const CODES: &[&str] = &[
    "rate_limit_exceeded",
    "too_many_requests",
    "retry_after",
    "service_unavailable",
    "server_error",
    "not_found",
    "admin_not_found",
    "tag_not_found",
    "ada_not_found",
    "conflict",
    "resource_conflict",
    "unauthorized",
    "token_unauthorized",
    "forbidden",
    "parameter_invalid",
    "field_not_found",
    "scroll_exists",
    "client_error",
    "request_timeout",
    "sync_in_progress",
    "contact_merged",
    "Ada",
    "error.list",
    "",
    "NOT_FOUND",
];

const MESSAGES: &[&str] = &[
    "A contact matching those details already exists with id=5f1",
    "An archived contact matching those details already exists with id=5f1",
    "Exceeded rate limit of 5 pending reporting dataset export jobs",
    "Exceeded rate limit of 167 in 10_seconds",
    "The members of this team are being changed by another request. Try again.",
    "It kept being changed by other requests, so this one is partly applied. Read it.",
    "Please restart the scroll operation.",
    "scroll already exists for this workspace",
    "Tag is already assigned",
    "Not authorized to access resource",
    "Ada is not restorable.",
    "Custom attribute 'Ada' does not exist",
    "Multiple existing users match this",
    "Ada",
    "",
    "You do not have the required scope (read_ada) to access this resource",
];

const HEADERS: &[(&str, &str)] = &[
    ("date", "Fri, 22 Mar 2024 09:33:20 GMT"),
    ("date", "Fri, 22 Mar 2024 10:33:20 GMT"),
    ("date", "soon"),
    ("retry-after", "0"),
    ("retry-after", "7"),
    ("retry-after", "1.5"),
    ("retry-after", "99999999999999999999999"),
    ("retry-after", "Fri, 22 Mar 2024 09:33:40 GMT"),
    ("retry-after", "3, 9"),
    ("retry-after", "soon"),
    ("x-ratelimit-reset", "1711100010"),
    ("x-ratelimit-reset", "1711100003.2"),
    ("x-ratelimit-reset", "1711100010000"),
    ("x-ratelimit-reset", "1711100002, 1711100020"),
    ("x-ratelimit-reset", "1711000000"),
    ("x-ratelimit-limit", "167"),
    ("x-ratelimit-remaining", "-1"),
    ("x-ratelimit-remaining", "99999999999"),
    ("x-amzn-waf-action", "captcha"),
    ("x-amzn-waf-action", "Challenge"),
    ("x-amzn-waf-action", "block"),
    ("x-amzn-waf-action", "ada"),
    ("x-request-id", "b2i3mhcboc6pcbe33q80"),
    ("x-request-id", "ada"),
    ("content-type", "text/html; charset=UTF-8"),
    ("content-type", "application/json"),
    ("content-type", "application/xhtml+xml"),
    ("content-encoding", "br"),
    ("content-encoding", "identity"),
    ("content-encoding", "gzip"),
    ("content-encoding", "ada"),
    ("location", "https://x.example/ada"),
    ("link", "</contacts/5f1>; rel=\"canonical\""),
    ("link", "</contacts/5f1>; rel=\"next\""),
    ("content-length", "999"),
];

fn item() -> impl Strategy<Value = Value> {
    let code = prop_oneof![Just(None), select(CODES).prop_map(Some)];
    let message = prop_oneof![Just(None), select(MESSAGES).prop_map(Some)];
    let object = (
        code,
        message,
        proptest::option::of(select(&["email", "ada"][..])),
    );
    prop_oneof![
        9 => object.prop_map(|(code, message, field)| {
            let members = [("code", code), ("message", message), ("field", field)];
            members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))).collect()
        }),
        1 => select(CODES).prop_map(|code| json!(code)),
        1 => select(CODES).prop_map(|code| json!({ "type": code })),
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let items = || proptest::collection::vec(item(), 0..4);
    let text = |value: Value| value.to_string().into_bytes();
    prop_oneof![
        6 => items().prop_map(move |items| text(json!({ "type": "error.list", "errors": items }))),
        1 => items().prop_map(move |items| text(json!({ "errors": items, "request_id": "ada" }))),
        1 => items().prop_map(move |items| text(json!({ "error": { "type": "error.list", "errors": items } }))),
        1 => items().prop_map(move |items| text(json!({ "ada": { "type": "error.list", "errors": items }, "message": "x" }))),
        1 => items().prop_map(move |items| text(json!(items))),
        1 => items().prop_map(move |items| text(json!({ "type": "error", "error": items }))),
        1 => item().prop_map(text),
        1 => item().prop_map(move |item| text(json!({ "error": item }))),
        1 => select(MESSAGES).prop_map(move |message| text(json!({ "errors": { "base": message } }))),
        1 => (items(), 1..40_usize).prop_map(|(items, cut)| {
            let mut text = json!({ "type": "error.list", "errors": items }).to_string();
            text.truncate(text.len().saturating_sub(cut));
            text.into_bytes()
        }),
        2 => select(&["", "{}", "[]", "null", "7", "\"x\"", "{\"type\":\"contact\"}", "{\"a\":", "[1,", " ",
            "<html>Ada</html>", "<!DOCTYPE html>", "Ada", "-", "\u{feff}{}"][..]).prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
    ]
}

fn response() -> impl Strategy<Value = Response<Bytes>> {
    let headers = proptest::collection::vec(select(HEADERS), 0..4);
    (select(STATUSES), headers, body()).prop_map(|(status, headers, body)| {
        let built = headers.iter().fold(
            Response::builder().status(status),
            |built, (name, value)| built.header(*name, *value),
        );
        built.body(Bytes::from(body)).unwrap()
    })
}

/// What a transport reports: a response, or one of the three kinds of faults.
fn exchange() -> impl Strategy<Value = (u8, FaultKind, Response<Bytes>)> {
    (0..8_u8, select(FaultKind::ALL), response())
}

fn reported((how, kind, response): (u8, FaultKind, Response<Bytes>)) -> Exchange {
    match how {
        0 => Err(Fault::not_sent(kind)),
        1 => Err(Fault::outcome_unknown(kind)),
        2 => Err(Fault::cut(kind, ApiError::from_response(&response))),
        _ => Ok(response),
    }
}

fn request() -> impl Strategy<Value = ApiRequest> {
    let methods = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
    ];
    let paths = [
        "/me",
        "/contacts/5f1",
        "/contacts",
        "/messages",
        "/events",
        "/companies/scroll",
        "/news/items/1",
        "/fin_voice/register",
        "/data_connectors/1",
        "/contacts/search",
        "/ada/lovelace",
        "/a/b/c/d/e/f/g/h/i/j",
    ];
    let more = (
        proptest::prelude::any::<[bool; 4]>(),
        proptest::option::of(0..20_000_u64),
    );
    (select(methods.to_vec()), select(paths.to_vec()), more).prop_map(
        |(method, path, (flags, limit))| {
            let [scrolls, any, marked, replayable] = flags;
            let mut request = ApiRequest::new(method, path);
            if scrolls {
                request = request.query("scroll_param", "ada");
            }
            if any {
                request = request.expect_any();
            }
            if marked {
                request = request.replayable(replayable);
            }
            match limit {
                Some(limit) => request.deadline(std::time::Duration::from_millis(limit)),
                None => request,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_call_replays_to_the_same_decisions(
        request in request(), exchanges in proptest::collection::vec(exchange(), 8), renews: bool, spread: bool,
    ) {
        let recorder = memory();
        let config = Config::new(TOKEN).without_pacing();
        let config = if renews { config.renewable_token() } else { config };
        let script = Script {
            gate: if spread { vec![Gate::Go, Gate::Spread] } else { vec![] },
            exchanges: exchanges.into_iter().map(reported).collect(),
            tokens: vec!["other"],
        };
        let _ = run(config, &recorder, request, script);
        let replayed = replay(&recording(&recorder));
        prop_assert!(replayed.differences() == 0, "{replayed}\n{}", recorder.text());
        prop_assert!(replayed.calls().iter().all(|call| call.reason().is_none()), "{replayed}");
    }
}
