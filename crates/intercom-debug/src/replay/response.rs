//! Rebuilds a response that means the same as the recorded one.

use intercom_protocol::bytes::Bytes;
use intercom_protocol::http::Response as HttpResponse;
use intercom_protocol::http::header::{HeaderName, HeaderValue};
use intercom_protocol::{ApiError, BodyKind, Fault, FaultKind, Phase};
use serde_json::{Value, json};

use crate::recording::{Exchange, Item, Response, Then};

/// The result of an exchange, as a transport reports it.
pub(super) type Exchanged = Result<HttpResponse<Bytes>, Fault>;

/// Returns the result of the exchange, or what is missing for it.
pub(super) fn result(exchange: &Exchange) -> Result<Exchanged, &'static str> {
    let response = exchange.response.as_ref();
    let succeeded = exchange.outcome.then == Then::Done;
    let http = |response: &Response| http(response, succeeded);
    let Some(broken) = exchange.fault else {
        let response = response.ok_or("the line has neither a response nor a fault")?;
        return Ok(Ok(http(response)?));
    };
    Ok(Err(match (broken.phase, response) {
        (Phase::NotSent, _) => Fault::not_sent(broken.kind),
        (Phase::OutcomeUnknown, _) => Fault::outcome_unknown(broken.kind),
        (Phase::Cut, Some(response)) => cut(broken.kind, &http(response)?),
        (Phase::Cut, None) => return Err("the line lacks the response that was cut off"),
    }))
}

fn cut(kind: FaultKind, response: &HttpResponse<Bytes>) -> Fault {
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
    Fault::cut(
        kind,
        ApiError::from_parts(response.status().as_u16(), headers, response.body()),
    )
}

fn http(response: &Response, succeeded: bool) -> Result<HttpResponse<Bytes>, &'static str> {
    let mut built = HttpResponse::builder().status(response.status);
    for (name, value) in headers(response) {
        let name = HeaderName::try_from(name);
        let value = HeaderValue::try_from(value);
        if let (Ok(name), Ok(value)) = (name, value) {
            built = built.header(name, value);
        }
    }
    built
        .body(Bytes::from(body(response, succeeded)))
        .map_err(|_| "the status is invalid")
}

/// Returns the headers that fit the rebuilt body, with the request id.
pub(super) fn headers(response: &Response) -> impl Iterator<Item = (&str, &str)> {
    let is_encoded = response.body.kind == BodyKind::Encoded;
    let fits = move |name: &str| match name {
        "content-encoding" => is_encoded,
        "content-length" => false,
        _ => true,
    };
    let id = response.request_id.as_deref();
    let id = id.map(|id| ("x-request-id", id));
    let kept = response
        .headers
        .iter()
        .filter_map(|line| line.split_once(": "));
    kept.filter(move |(name, _)| fits(name)).chain(id)
}

/// Returns a body of the same kind, with the same items.
pub(super) fn body(response: &Response, succeeded: bool) -> Vec<u8> {
    if succeeded && response.status < 400 {
        // An error list would be a failure. A redirect can have any other body.
        return match response.body.kind {
            BodyKind::Empty => Vec::new(),
            BodyKind::Raw | BodyKind::Encoded => b"raw".to_vec(),
            _ => b"{}".to_vec(),
        };
    }
    let items = || response.errors.iter().map(item).collect::<Vec<_>>();
    let list = || json!({ "type": "error.list", "errors": items() });
    let text = match response.body.kind {
        BodyKind::ErrorList => list().to_string(),
        BodyKind::Known if response.error_list => json!({ "error": list() }).to_string(),
        BodyKind::Known => json!({ "type": "error", "error": items() }).to_string(),
        // An error list without items in it makes a 2xx a failure, whatever the caller accepts.
        BodyKind::Json => json!({ "error": { "type": "error.list", "errors": [] } }).to_string(),
        BodyKind::Raw if response.body.html => "<html>".to_owned(),
        BodyKind::Raw => "raw".to_owned(),
        BodyKind::Encoded => "\u{0}".to_owned(),
        _ => String::new(),
    };
    text.into_bytes()
}

fn item(item: &Item) -> Value {
    let members = [
        ("code", &item.code),
        ("message", &item.message),
        ("field", &item.field),
    ];
    let members = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value.as_deref()?))));
    Value::Object(members.collect())
}
