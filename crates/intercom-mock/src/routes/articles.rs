//! Articles, whose list is paged by number.

use serde_json::{Map, Value, json};

use super::Exchange;
use super::pages::{Numbered, numbered};
use crate::clock::Now;
use crate::id::Ids;
use crate::response::{Outcome, Refusal, Response};
use crate::store::{ADMIN, WORKSPACE, overlay};

const PAGE: usize = 10;

pub(super) fn list(exchange: &mut Exchange<'_>) -> Outcome {
    let all = exchange.store.articles.all();
    let articles = Numbered {
        total: all.len(),
        default: PAGE,
        item: &|index| all.get(index).map(Response::text),
    };
    numbered(exchange.request, &articles, &exchange.settings.page_faults)
}

/// Creates an article. Not idempotent: every call creates another one.
pub(super) fn create(exchange: &mut Exchange<'_>) -> Outcome {
    let title = exchange.required("title")?.to_owned();
    let mut article = draft(&mut exchange.store.ids, exchange.now, &title);
    overlay(&mut article, &writable(&exchange.body));
    exchange.store.articles.add(article.clone());
    Ok(Response::ok(&article))
}

pub(super) fn show(exchange: &mut Exchange<'_>) -> Outcome {
    exchange
        .store
        .articles
        .find("id", exchange.id())
        .map(Response::ok)
        .ok_or_else(not_found)
}

pub(super) fn update(exchange: &mut Exchange<'_>) -> Outcome {
    let mut fields = writable(&exchange.body);
    fields.insert("updated_at".to_owned(), json!(exchange.now.seconds()));
    let id = exchange.id().to_owned();
    let article = exchange
        .store
        .articles
        .find_mut("id", &id)
        .ok_or_else(not_found)?;
    overlay(article, &fields);
    Ok(Response::ok(article))
}

pub(super) fn delete(exchange: &mut Exchange<'_>) -> Outcome {
    let id = exchange.id().to_owned();
    exchange.store.articles.remove(&id).ok_or_else(not_found)?;
    Ok(Response::ok(
        &json!({ "id": id, "object": "article", "deleted": true }),
    ))
}

/// Returns an article that has only a title.
pub(crate) fn draft(ids: &mut Ids, now: Now, title: &str) -> Value {
    let id = ids.number();
    json!({
        "type": "article",
        "id": id,
        "workspace_id": WORKSPACE,
        "title": title,
        "description": null,
        "body": "",
        "author_id": ADMIN.parse::<u64>().unwrap_or_default(),
        "state": "draft",
        "created_at": now.seconds(),
        "updated_at": now.seconds(),
        "url": format!("https://help.example.com/articles/{id}"),
        "parent_id": null,
        "parent_type": null,
        "default_locale": "en",
    })
}

fn writable(body: &Map<String, Value>) -> Map<String, Value> {
    let known = [
        "title",
        "description",
        "body",
        "author_id",
        "state",
        "parent_id",
        "parent_type",
    ];
    body.iter()
        .filter(|(name, _)| known.contains(&name.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

fn not_found() -> Refusal {
    Refusal::not_found("Resource Not Found")
}
