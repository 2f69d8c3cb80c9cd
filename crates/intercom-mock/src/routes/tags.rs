//! Tags, which are identified by name.

use serde_json::json;

use super::Exchange;
use crate::response::{Outcome, Response};

pub(super) fn list(exchange: &mut Exchange<'_>) -> Outcome {
    Ok(Response::ok(
        &json!({ "type": "list", "data": exchange.store.tags.all() }),
    ))
}

/// Creates a tag, or returns the one that already has this name.
pub(super) fn upsert(exchange: &mut Exchange<'_>) -> Outcome {
    let name = exchange.required("name")?.to_owned();
    if let Some(tag) = exchange.store.tags.find("name", &name) {
        return Ok(Response::ok(tag));
    }
    let tag = json!({
        "type": "tag",
        "id": exchange.store.ids.number(),
        "name": name,
        "applied_at": exchange.now.seconds(),
        "applied_by": null,
    });
    exchange.store.tags.add(tag.clone());
    Ok(Response::ok(&tag))
}
