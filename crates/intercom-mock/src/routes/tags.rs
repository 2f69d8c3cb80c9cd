//! Tags: made by name, and found again by it.

use serde_json::json;

use super::Exchange;
use crate::answer::{Answer, Outcome};

pub(super) fn list(exchange: &mut Exchange<'_>) -> Outcome {
    Ok(Answer::ok(
        &json!({ "type": "list", "data": exchange.store.tags.all() }),
    ))
}

/// Makes a tag, or answers with the one that has this name already.
pub(super) fn upsert(exchange: &mut Exchange<'_>) -> Outcome {
    let name = exchange.required("name")?.to_owned();
    if let Some(tag) = exchange.store.tags.find("name", &name) {
        return Ok(Answer::ok(tag));
    }
    let tag = json!({
        "type": "tag",
        "id": exchange.store.ids.number(),
        "name": name,
        "applied_at": exchange.now.seconds(),
        "applied_by": null,
    });
    exchange.store.tags.add(tag.clone());
    Ok(Answer::ok(&tag))
}
