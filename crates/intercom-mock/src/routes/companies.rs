//! Companies: created or updated by `company_id`, and listed by a scroll.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::Exchange;
use crate::clock::Now;
use crate::id::Ids;
use crate::response::{Outcome, Refusal, Response};
use crate::store::{WORKSPACE, overlay};

/// How many companies a page of a scroll holds.
const PAGE: usize = 100;

pub(super) fn show(exchange: &mut Exchange<'_>) -> Outcome {
    exchange
        .store
        .companies
        .find("id", exchange.id())
        .map(Response::ok)
        .ok_or_else(not_found)
}

/// Creates a company, or updates the one that has this `company_id`.
pub(super) fn upsert(exchange: &mut Exchange<'_>) -> Outcome {
    let key = exchange.required("company_id")?.to_owned();
    let fields = writable(&exchange.body);
    if let Some(company) = exchange.store.companies.find_mut("company_id", &key) {
        overlay(company, &fields);
        return Ok(Response::ok(company));
    }
    let company = draft(&mut exchange.store.ids, exchange.now, &exchange.body);
    exchange.store.companies.add(company.clone());
    Ok(Response::ok(&company))
}

/// Reads the next page of a scroll, or opens one.
pub(super) fn scroll(exchange: &mut Exchange<'_>) -> Outcome {
    let now = exchange.now;
    let place = match exchange.request.parameter("scroll_param") {
        Some(id) => exchange
            .store
            .scroll
            .resume(&id, now)
            .ok_or_else(|| Refusal::not_found("scroll parameter not found"))?,
        None => exchange.store.scroll.begin(now).ok_or_else(|| {
            Refusal::bad_request("scroll_exists", "scroll already exists for this workspace")
        })?,
    };
    let data: Vec<Value> = exchange
        .store
        .companies
        .all()
        .into_iter()
        .skip(place.position)
        .take(PAGE)
        .collect();
    exchange.store.scroll.advance(data.len(), now);
    Ok(Response::ok(&json!({
        "type": "list",
        "data": data,
        "pages": null,
        "total_count": null,
        "scroll_param": place.id,
    })))
}

/// Returns a company with the fields of a request.
pub(crate) fn draft(ids: &mut Ids, now: Now, body: &Map<String, Value>) -> Value {
    let id = ids.object();
    let mut company = json!({
        "type": "company",
        "id": id,
        "company_id": id,
        "app_id": WORKSPACE,
        "name": null,
        "remote_created_at": null,
        "created_at": now.seconds(),
        "updated_at": now.seconds(),
        "last_request_at": null,
        "monthly_spend": 0,
        "session_count": 0,
        "user_count": 1,
        "custom_attributes": {},
        "tags": { "type": "tag.list", "tags": [] },
        "segments": { "type": "segment.list", "segments": [] },
        "plan": {},
    });
    overlay(&mut company, &writable(body));
    company
}

fn writable(body: &Map<String, Value>) -> Map<String, Value> {
    let known = [
        "company_id",
        "name",
        "monthly_spend",
        "custom_attributes",
        "remote_created_at",
        "size",
        "website",
        "industry",
    ];
    body.iter()
        .filter(|(name, _)| known.contains(&name.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

fn not_found() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "company_not_found",
        "Company Not Found",
    )
}
