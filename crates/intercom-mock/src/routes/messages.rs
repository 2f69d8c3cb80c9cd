//! Messages to contacts, and events.

use http::StatusCode;
use serde_json::{Value, json};

use super::contacts::{is_indexed, user_not_found};
use super::{Exchange, text};
use crate::response::{Outcome, Refusal, Response};

/// Sends a message. Not idempotent: every call sends another one. Does not find contacts that are not indexed yet.
pub(super) fn create(exchange: &mut Exchange<'_>) -> Outcome {
    let kind = exchange.required("message_type")?.to_owned();
    let body = exchange.required("body")?.to_owned();
    if let Some(to) = exchange
        .body
        .get("to")
        .and_then(Value::as_object)
        .and_then(|to| text(to, "id"))
    {
        let contact = exchange
            .store
            .contacts
            .find(to)
            .filter(|contact| is_indexed(exchange, contact));
        contact.ok_or_else(user_not_found)?;
    }
    let mut message = json!({
        "type": "admin_message",
        "id": exchange.store.ids.number(),
        "created_at": exchange.now.seconds(),
        "subject": exchange.text("subject"),
        "body": body,
        "message_type": kind,
        "conversation_id": null,
    });
    let response = Response::ok(&message);
    for name in ["from", "to"] {
        if let Some((fields, party)) = message.as_object_mut().zip(exchange.body.get(name)) {
            fields.insert(name.to_owned(), party.clone());
        }
    }
    exchange.store.messages.add(message);
    Ok(response)
}

/// Accepts an event and responds with an empty body.
pub(super) fn event(exchange: &mut Exchange<'_>) -> Outcome {
    exchange.required("event_name")?;
    if ["user_id", "id", "email"]
        .iter()
        .all(|name| exchange.text(name).is_none())
    {
        return Err(Refusal::missing("user_id, id or email must be specified"));
    }
    exchange
        .store
        .events
        .push(Value::Object(exchange.body.clone()));
    Ok(Response::empty(StatusCode::ACCEPTED))
}
