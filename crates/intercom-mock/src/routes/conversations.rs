//! Conversations: started by a contact, with a part for each reply.

use serde_json::{Value, json};

use super::contacts::user_not_found;
use super::pages::{End, Form, PageRequest, Rows};
use super::search::{Order, Query};
use super::{Exchange, text};
use crate::clock::Now;
use crate::id::Ids;
use crate::response::{Outcome, Refusal, Response};
use crate::store::{ADMIN, overlay};

const PAGE: usize = 20;

pub(super) fn list(exchange: &mut Exchange<'_>) -> Outcome {
    let page_request = PageRequest::from_query(exchange.request, PAGE)?;
    let rows = Rows::new(0, exchange.store.conversations.numbered());
    page(exchange, &page_request, &rows)
}

/// Searches. Times are compared exactly, unlike in a search for contacts.
pub(super) fn search(exchange: &mut Exchange<'_>) -> Outcome {
    let query = exchange
        .body
        .get("query")
        .ok_or_else(|| Refusal::missing("query not specified"))?;
    let query = Query::parse(query)?;
    let order = Order::parse(&exchange.body)?;
    let page_request = PageRequest::from_body(&exchange.body, PAGE)?;
    let hits = exchange.store.conversations.numbered();
    let hits = hits.filter(|(_, object)| query.matches(&|field| object.get(field).cloned(), None));
    let mut rows = Rows::new(0, hits);
    if let Some(order) = order {
        let value = |object: &&Value| object.get(&order.field).and_then(Value::as_u64);
        rows = rows.sorted_by(|object| value(object).unwrap_or_default(), order.descending);
    }
    page(exchange, &page_request, &rows)
}

fn page(exchange: &Exchange<'_>, page_request: &PageRequest, rows: &Rows<&Value>) -> Outcome {
    let form = Form {
        kind: "conversation.list",
        list: "conversations",
        end: End::Null,
        is_search: exchange.body.contains_key("query"),
    };
    let faults = &exchange.settings.page_faults;
    page_request.respond(
        rows,
        &form,
        faults,
        |_| String::new(),
        |object| (*object).clone(),
    )
}

/// Starts a conversation and returns its first message.
pub(super) fn create(exchange: &mut Exchange<'_>) -> Outcome {
    let body = exchange.required("body")?.to_owned();
    let from = exchange
        .body
        .get("from")
        .and_then(Value::as_object)
        .ok_or_else(|| Refusal::missing("from not specified"))?;
    let contact = text(from, "id").ok_or_else(|| Refusal::missing("from.id not specified"))?;
    let contact = exchange
        .store
        .contacts
        .find(contact)
        .ok_or_else(user_not_found)?
        .id
        .clone();
    let conversation = start(&mut exchange.store.ids, exchange.now, &contact, &body);
    let message = json!({
        "type": "user_message",
        "id": exchange.store.ids.number(),
        "created_at": exchange.now.seconds(),
        "body": body,
        "message_type": "inapp",
        "conversation_id": conversation.get("id"),
    });
    exchange.store.conversations.add(conversation);
    Ok(Response::ok(&message))
}

pub(super) fn show(exchange: &mut Exchange<'_>) -> Outcome {
    exchange
        .store
        .conversations
        .find("id", exchange.id())
        .map(Response::ok)
        .ok_or_else(not_found)
}

pub(super) fn update(exchange: &mut Exchange<'_>) -> Outcome {
    let mut fields = exchange.body.clone();
    fields.retain(|name, _| matches!(name.as_str(), "read" | "title" | "custom_attributes"));
    fields.insert("updated_at".to_owned(), json!(exchange.now.seconds()));
    let id = exchange.id().to_owned();
    let conversation = exchange
        .store
        .conversations
        .find_mut("id", &id)
        .ok_or_else(not_found)?;
    overlay(conversation, &fields);
    Ok(Response::ok(conversation))
}

/// Adds a part. Not idempotent: every call adds another one.
pub(super) fn reply(exchange: &mut Exchange<'_>) -> Outcome {
    let kind = exchange.required("message_type")?.to_owned();
    let part = json!({
        "type": "conversation_part",
        "id": exchange.store.ids.number(),
        "part_type": kind,
        "body": exchange.text("body"),
        "created_at": exchange.now.seconds(),
        "updated_at": exchange.now.seconds(),
        "notified_at": exchange.now.seconds(),
        "author": { "type": "admin", "id": exchange.text("admin_id").unwrap_or(ADMIN) },
        "attachments": [],
        "redacted": false,
    });
    let id = exchange.id().to_owned();
    let conversation = exchange
        .store
        .conversations
        .find_mut("id", &id)
        .ok_or_else(not_found)?;
    if let Some(parts) = conversation.get_mut("conversation_parts") {
        add_part(parts, part);
    }
    Ok(Response::ok(conversation))
}

/// Returns a conversation that this contact has started.
pub(crate) fn start(ids: &mut Ids, now: Now, contact: &str, body: &str) -> Value {
    let time = now.seconds();
    json!({
        "type": "conversation",
        "id": ids.number(),
        "title": null,
        "created_at": time,
        "updated_at": time,
        "waiting_since": time,
        "snoozed_until": null,
        "source": {
            "type": "conversation", "id": ids.number(), "delivered_as": "customer_initiated", "subject": "", "body": body,
            "author": { "type": "user", "id": contact, "name": null, "email": null }, "attachments": [], "url": null,
            "redacted": false,
        },
        "contacts": { "type": "contact.list", "contacts": [{ "type": "contact", "id": contact }] },
        "teammates": { "type": "admin.list", "admins": [] },
        "tags": { "type": "tag.list", "tags": [] },
        "conversation_parts": { "type": "conversation_part.list", "conversation_parts": [], "total_count": 0 },
        "admin_assignee_id": null,
        "team_assignee_id": null,
        "custom_attributes": {},
        "open": true,
        "state": "open",
        "read": false,
        "priority": "not_priority",
    })
}

fn add_part(parts: &mut Value, part: Value) {
    let mut count = 0;
    if let Some(list) = parts
        .get_mut("conversation_parts")
        .and_then(Value::as_array_mut)
    {
        list.push(part);
        count = list.len();
    }
    if let Some(total) = parts.get_mut("total_count") {
        *total = json!(count);
    }
}

fn not_found() -> Refusal {
    Refusal::not_found("Resource Not Found")
}
