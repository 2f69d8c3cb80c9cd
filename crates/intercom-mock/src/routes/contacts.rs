//! Contacts: creating, reading, updating, archiving, merging and searching.

use http::StatusCode;
use serde_json::Value;

use super::pages::{End, Form, PageRequest, Rows};
use super::search::{Order, Query};
use super::{Draft, Exchange};
use crate::response::{Outcome, Refusal, Response};
use crate::store::contact::{Contact, Role};
use crate::store::{embedded, generated};

const PAGE: usize = 50;

pub(super) fn create(exchange: &mut Exchange<'_>) -> Outcome {
    let draft = Draft::parse(&exchange.body)?;
    if draft.is_anonymous() {
        return Err(Refusal::missing(
            "email, external_id or role must be specified",
        ));
    }
    if draft.role.unwrap_or(Role::User) == Role::User {
        if !draft.has_identity() {
            return Err(Refusal::bad_request(
                "parameter_invalid",
                "email or external_id must be specified for a user",
            ));
        }
        refuse_duplicate(exchange, &draft, None)?;
    }
    let contact = draft.into_contact(&mut exchange.store.ids, exchange.now);
    let response = Response::ok(&contact.json());
    exchange.store.contacts.add(contact);
    Ok(response)
}

pub(super) fn show(exchange: &mut Exchange<'_>) -> Outcome {
    let found = exchange.store.contacts.find(exchange.id());
    readable(exchange, found)
}

pub(super) fn find_by_external_id(exchange: &mut Exchange<'_>) -> Outcome {
    let found = exchange
        .store
        .contacts
        .with_external_id(exchange.segment(2));
    readable(exchange, found)
}

pub(super) fn update(exchange: &mut Exchange<'_>) -> Outcome {
    let draft = Draft::parse(&exchange.body)?;
    let contact = existing(exchange)?;
    if draft.role.unwrap_or(contact.role) == Role::User {
        refuse_duplicate(exchange, &draft, Some(&contact.id))?;
    }
    let now = exchange.now;
    edit(exchange, |contact| {
        draft.apply(contact, now);
        contact.json()
    })
}

pub(super) fn delete(exchange: &mut Exchange<'_>) -> Outcome {
    existing(exchange)?;
    let id = exchange.id().to_owned();
    let contact = exchange
        .store
        .contacts
        .remove(&id)
        .ok_or_else(user_not_found)?;
    Ok(Response::ok(&contact.stub("deleted", true)))
}

pub(super) fn archive(exchange: &mut Exchange<'_>) -> Outcome {
    existing(exchange)?;
    edit(exchange, |contact| {
        set_archived(contact, true);
        contact.stub("archived", true)
    })
}

pub(super) fn unarchive(exchange: &mut Exchange<'_>) -> Outcome {
    let contact = existing(exchange)?;
    if let Some(reason) = contact.unrestorable.clone().filter(|_| contact.archived) {
        return Err(Refusal::bad_request("bad_request", reason));
    }
    edit(exchange, |contact| {
        set_archived(contact, false);
        contact.stub("archived", false)
    })
}

pub(super) fn merge(exchange: &mut Exchange<'_>) -> Outcome {
    let (from, into) = (
        exchange.required("from")?.to_owned(),
        exchange.required("into")?.to_owned(),
    );
    if from == into {
        return Err(Refusal::bad_request(
            "invalid_merge",
            "A contact cannot be merged into itself",
        ));
    }
    for id in [&from, &into] {
        exchange
            .store
            .contacts
            .find(id)
            .filter(|contact| contact.merged_into.is_none())
            .ok_or_else(user_not_found)?;
    }
    let target = into.clone();
    exchange
        .store
        .contacts
        .edit(&from, |contact| contact.merged_into = Some(target));
    let contact = exchange
        .store
        .contacts
        .find(&into)
        .ok_or_else(user_not_found)?;
    Ok(Response::ok(&contact.json()))
}

pub(super) fn list(exchange: &mut Exchange<'_>) -> Outcome {
    let page_request = PageRequest::from_query(exchange.request, PAGE)?;
    let store = &*exchange.store;
    let rows = Rows::new(store.generated.contacts, store.contacts.active());
    page(exchange, &page_request, &rows, End::Absent)
}

pub(super) fn search(exchange: &mut Exchange<'_>) -> Outcome {
    let query = exchange
        .body
        .get("query")
        .ok_or_else(|| Refusal::missing("query not specified"))?;
    let query = Query::parse(query)?;
    query.check_dates()?;
    let order = Order::parse(&exchange.body)?;
    let page_request = PageRequest::from_body(&exchange.body, PAGE)?;
    let indexed = exchange
        .store
        .contacts
        .active()
        .filter(|(_, contact)| is_indexed(exchange, contact));
    let zone = Some(exchange.settings.time_zone);
    let hits =
        indexed.filter(|(_, contact)| query.matches(&|field| contact.searchable(field), zone));
    let mut rows = Rows::new(0, hits);
    let faults = &exchange.settings.page_faults;
    if let Some(order) = order.filter(|_| !faults.ignores_order) {
        let value = |contact: &&Contact| {
            contact
                .searchable(&order.field)
                .as_ref()
                .and_then(Value::as_u64)
        };
        rows = rows.sorted_by(
            |contact| value(contact).unwrap_or_default(),
            order.descending,
        );
    }
    page(exchange, &page_request, &rows, End::Null)
}

pub(super) fn tags(exchange: &mut Exchange<'_>) -> Outcome {
    let contact = existing(exchange)?;
    Ok(Response::ok(&embedded(
        &format!("/contacts/{}/tags", contact.id),
        &contact.tags,
    )))
}

/// Attaches an existing tag. Attaching it again changes nothing.
pub(super) fn tag(exchange: &mut Exchange<'_>) -> Outcome {
    let id = exchange.required("id")?;
    let tag = exchange.store.tags.find("id", id).cloned();
    let tag =
        tag.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "tag_not_found", "Tag not found"))?;
    existing(exchange)?;
    edit(exchange, |contact| {
        if !contact.tags.contains(&tag) {
            contact.tags.push(tag.clone());
        }
        tag
    })
}

/// Whether the search index already contains the contact.
pub(super) fn is_indexed(exchange: &Exchange<'_>, contact: &Contact) -> bool {
    exchange.now.unix >= contact.born.saturating_add(exchange.settings.index_lag)
}

pub(super) fn user_not_found() -> Refusal {
    Refusal::not_found("User Not Found")
}

fn page(
    exchange: &Exchange<'_>,
    page_request: &PageRequest,
    rows: &Rows<&Contact>,
    end: End,
) -> Outcome {
    let form = Form {
        kind: "list",
        list: "data",
        end,
        is_search: end == End::Null,
    };
    let faults = &exchange.settings.page_faults;
    page_request.respond(rows, &form, faults, generated::contact, |contact| {
        contact.json()
    })
}

/// Returns a contact, or for a merged one the 410 that links to the contact it was merged into.
fn readable(exchange: &Exchange<'_>, found: Option<&Contact>) -> Outcome {
    let contact = found.ok_or_else(user_not_found)?;
    if contact.merged_into.is_none() {
        return Ok(Response::ok(&contact.json()));
    }
    let canonical = exchange.store.contacts.canonical(contact);
    let message = "This contact has been merged. See the 'Link' header for the canonical contact.";
    let gone = Refusal::new(StatusCode::GONE, "contact_merged", message);
    Err(gone.with_link(format!("</contacts/{}>; rel=\"canonical\"", canonical.id)))
}

/// Returns the contact of the path, unless it does not exist or is merged.
fn existing<'a>(exchange: &'a Exchange<'_>) -> Result<&'a Contact, Refusal> {
    let found = exchange.store.contacts.find(exchange.id());
    found
        .filter(|contact| contact.merged_into.is_none())
        .ok_or_else(user_not_found)
}

fn edit(exchange: &mut Exchange<'_>, change: impl FnOnce(&mut Contact) -> Value) -> Outcome {
    let id = exchange.id().to_owned();
    exchange
        .store
        .contacts
        .edit(&id, change)
        .map(|json| Response::ok(&json))
        .ok_or_else(user_not_found)
}

fn set_archived(contact: &mut Contact, archived: bool) {
    if contact.archived != archived {
        contact.archived = archived;
        contact.state_changes += 1;
    }
}

fn refuse_duplicate(
    exchange: &Exchange<'_>,
    draft: &Draft,
    except: Option<&str>,
) -> Result<(), Refusal> {
    let Some(holder) = exchange.store.contacts.holder(
        draft.email.as_deref(),
        draft.external_id.as_deref(),
        except,
    ) else {
        return Ok(());
    };
    let kind = if holder.archived {
        "An archived contact"
    } else {
        "A contact"
    };
    let message = format!(
        "{kind} matching those details already exists with id={}",
        holder.id
    );
    Err(Refusal::new(StatusCode::CONFLICT, "conflict", message))
}
