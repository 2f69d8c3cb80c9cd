//! Companies: created or updated by `company_id`, and listed by a scroll.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::Exchange;
use super::pages::{self, Numbered};
use crate::clock::Now;
use crate::id::Ids;
use crate::response::{Outcome, Refusal, Response};
use crate::store::{Store, WORKSPACE, generated, overlay};

/// How many companies a page of a scroll holds.
const PAGE: usize = 100;

/// How many companies a page of the list holds by default, and how many the list can reach.
const LIST_PAGE: usize = 20;
const LIST_LIMIT: usize = 10_000;

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
    let store = &*exchange.store;
    let generated = store.generated.companies;
    let made = (place.position..generated).map(|number| (number, generated::company(number)));
    // A company that is deleted meanwhile does not move the others.
    let stored = store.companies.numbered();
    let stored = stored.map(|(key, company)| (key + generated, Response::text(company)));
    let stored = stored.skip_while(|(key, _)| *key < place.position);
    let (keys, data): (Vec<u64>, Vec<String>) = made.chain(stored).take(PAGE).unzip();
    let next = keys.last().map(|key| key + 1);
    exchange.store.scroll.advance(next, now);
    let envelope = json!({
        "type": "list",
        "pages": null,
        "total_count": null,
        "scroll_param": place.id,
    });
    pages::list(&envelope, "data", &data, &exchange.settings.page_faults)
}

/// Lists companies by page number, the newest first. Only a scroll can read more than 10,000.
pub(super) fn list(exchange: &mut Exchange<'_>) -> Outcome {
    let (page, per_page) = pages::place(exchange.request, LIST_PAGE)?;
    if page.saturating_mul(per_page) > LIST_LIMIT {
        return Err(Refusal::bad_request(
            "client_error",
            "page limit reached, please use scroll API",
        ));
    }
    let store = &*exchange.store;
    let total = count(store);
    let companies = Numbered {
        total,
        default: LIST_PAGE,
        item: &|index| item(store, total - 1 - index.min(total - 1)),
    };
    pages::numbered(exchange.request, &companies, &exchange.settings.page_faults)
}

fn count(store: &Store) -> usize {
    usize::try_from(store.generated.companies)
        .unwrap_or(usize::MAX)
        .saturating_add(store.companies.len())
}

/// Returns the company with this number, in the order of creation.
fn item(store: &Store, index: usize) -> Option<String> {
    let stored = store.companies.len();
    let generated = count(store) - stored;
    if index < generated {
        return Some(generated::company(index as u64));
    }
    let company = store.companies.numbered().nth(index - generated);
    company.map(|(_, company)| Response::text(company))
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
