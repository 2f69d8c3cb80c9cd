//! Finds the contact with this e-mail or external id, or creates it: concurrent callers get the same contact.

use intercom_errors::names;
use serde_json::{Value, json};

use super::find::{creation, read};
use super::{Outcome, Page, Resolved, create};
use crate::{ApiRequest, Caller, Contact, Error, MaybeSync, NewContact, Reply};

names! {
    /// What to do with a contact that exists, but is archived.
    #[derive(Default)]
    #[non_exhaustive]
    pub enum OnArchived {
        /// Fail. If the search found the contact, the error has the kind `mismatch`. Otherwise it is the conflict that the
        /// attempt to create the contact met.
        Refuse = "refuse",
        /// Return the contact as it is.
        Return = "return",
        /// Unarchive it first.
        #[default]
        Unarchive = "unarchive",
    }
}

/// Finds the contact or creates it, without the race conditions of "search first, create if not found".
///
/// The search index lags behind, so creating a contact can fail with a 409 although the search found nothing. The 409 names
/// the existing contact, which is then read and returned. Concurrent callers that want the same user all get the same contact.
/// Leads are not unique: two callers that want a new lead at the same time may create two.
///
/// It does **not** update an existing contact: name, phone, custom attributes and all other fields of `wanted` are used only
/// for a new one. [`upsert`](super::upsert()) updates it too.
/// Role, e-mail and external id never contradict `wanted`, but one of them may be missing: a contact that was found by its
/// e-mail may have no external id yet.
///
/// # Errors
///
/// - kind `invalid`, before anything is sent, if the contact exceeds a documented limit;
/// - kind `ambiguous` if several contacts match, and none has the requested external id;
/// - kind `mismatch` if the existing contact has a different e-mail, external id or role, or if the search found it archived
///   and `archived` is [`OnArchived::Refuse`];
/// - otherwise any [`Error`] of the calls.
pub async fn find_or_create<C: Caller>(
    caller: &C,
    wanted: &NewContact,
    archived: OnArchived,
) -> Result<Resolved, Error> {
    let check = |contact: &Contact| mismatch(contact, wanted);
    resolve(caller, wanted, archived, &check).await
}

/// Names the first field of a contact that contradicts the request, if there is one.
pub(super) trait Check: Fn(&Contact) -> Option<&'static str> + MaybeSync {}

impl<F: Fn(&Contact) -> Option<&'static str> + MaybeSync> Check for F {}

/// Finds the contact or creates it. A contact that exists has to pass the check.
pub(super) async fn resolve<C: Caller>(
    caller: &C,
    wanted: &NewContact,
    archived: OnArchived,
    check: &impl Check,
) -> Result<Resolved, Error> {
    wanted.check().map_err(|error| error.or_request(creation))?;
    if let Some((contact, reply)) = look_up(caller, wanted).await? {
        let found = Resolved::new(contact, Outcome::Found);
        return accept(caller, found, &reply, archived, check).await;
    }
    create_or_read(caller, wanted, archived, check).await
}

/// Creates the contact, or reads the one that a conflict names.
pub(super) async fn create_or_read<C: Caller>(
    caller: &C,
    wanted: &NewContact,
    archived: OnArchived,
    check: &impl Check,
) -> Result<Resolved, Error> {
    let conflict = match create(caller, wanted).await {
        Ok(contact) => return Ok(Resolved::new(contact, Outcome::Created)),
        Err(error) => error,
    };
    let Some(existing) = conflict.api().and_then(|api| api.existing_contact()) else {
        return Err(conflict);
    };
    let (id, is_archived) = (existing.id().to_owned(), existing.is_archived());
    match (is_archived, archived) {
        (true, OnArchived::Refuse) => Err(conflict),
        (true, OnArchived::Unarchive) => unarchive(caller, &id, check).await,
        _ => read_existing(caller, &id, conflict, check).await,
    }
}

/// Checks a contact that was found, and does with an archived one what the caller wants.
pub(super) async fn accept<C: Caller>(
    caller: &C,
    found: Resolved,
    reply: &Reply,
    archived: OnArchived,
    check: &impl Check,
) -> Result<Resolved, Error> {
    let found = checked(found, reply, check)?;
    let (id, is_archived) = (found.contact().id(), found.contact().is_archived());
    match archived {
        OnArchived::Unarchive if is_archived => unarchive(caller, id, check).await,
        OnArchived::Refuse if is_archived => Err(reply.complete(Error::archived(id))),
        _ => Ok(found),
    }
}

/// Searches for the contact. Returns it with the response that contained it.
async fn look_up<C: Caller>(
    caller: &C,
    wanted: &NewContact,
) -> Result<Option<(Contact, Reply)>, Error> {
    let Some(query) = query(wanted) else {
        return Ok(None);
    };
    let reply: Reply = caller
        .call(ApiRequest::post("/contacts/search").json(&query))
        .await?;
    let page = Page::new(reply)?;
    let mut hits: Vec<Contact> = page.items()?;
    let exact = wanted
        .external_id
        .as_deref()
        .and_then(|id| hits.iter().position(|hit| hit.external_id() == Some(id)));
    let hit = match (exact, hits.len()) {
        (Some(position), _) => Some(hits.swap_remove(position)),
        (None, 0 | 1) => hits.pop(),
        (None, _) => {
            let ids = hits.iter().map(|hit| hit.id().to_owned()).collect();
            return Err(page.reply().complete(Error::ambiguous(ids)));
        }
    };
    Ok(hit.map(|contact| (contact, page.reply().clone())))
}

/// Returns the search for the contact; `None` if there is nothing to search by.
///
/// It includes the role, because leads can share an e-mail.
fn query(wanted: &NewContact) -> Option<Value> {
    let equals =
        |field: &str, value: &str| json!({ "field": field, "operator": "=", "value": value });
    let mut identity = Vec::new();
    identity.extend(
        wanted
            .external_id
            .as_deref()
            .map(|id| equals("external_id", id)),
    );
    identity.extend(wanted.email.as_deref().map(|email| equals("email", email)));
    let identity = match identity.len() {
        0 => return None,
        1 => identity.pop()?,
        _ => json!({ "operator": "OR", "value": identity }),
    };
    Some(
        json!({ "query": { "operator": "AND", "value": [equals("role", wanted.role.as_str()), identity] } }),
    )
}

/// Reads the contact that a conflict named.
async fn read_existing<C: Caller>(
    caller: &C,
    id: &str,
    conflict: Error,
    check: &impl Check,
) -> Result<Resolved, Error> {
    match read(caller, id).await? {
        Some((found, reply)) => checked(unless_merged(found, Outcome::Existing), &reply, check),
        // It was deleted in the meantime, so the conflict is the best explanation.
        None => Err(conflict),
    }
}

/// Unarchives the contact, then reads it. It is also read if unarchiving fails, because another caller may have been faster.
async fn unarchive<C: Caller>(caller: &C, id: &str, check: &impl Check) -> Result<Resolved, Error> {
    let request = ApiRequest::post("/contacts").segment(id);
    let (resolved, reply) = match caller.call(request.segment("unarchive")).await {
        Ok(reply) => {
            let unarchived: Result<Contact, Error> = reply.json();
            // Even if reading fails, the contact has been changed.
            let found = read(caller, id)
                .await
                .map_err(|error| error.maybe_applied(true))?;
            let (contact, reply) = match found {
                Some((found, read)) => (found.into_contact(), read),
                None => (unarchived?, reply),
            };
            (Resolved::new(contact, Outcome::Unarchived), reply)
        }
        Err(error) => match read(caller, id).await {
            Ok(Some((found, reply)))
                if found.outcome() == Outcome::Merged
                    || !stays_archived(&error, found.contact()) =>
            {
                (unless_merged(found, Outcome::Existing), reply)
            }
            _ => return Err(error),
        },
    };
    checked(resolved, &reply, check)
}

/// Replaces the outcome, unless the contact was merged.
fn unless_merged(found: Resolved, outcome: Outcome) -> Resolved {
    match found.outcome() {
        Outcome::Merged => found,
        _ => Resolved::new(found.into_contact(), outcome),
    }
}

/// Whether a contact is still archived after unarchiving it failed.
///
/// If the contact does not say whether it is archived, the message of the error decides. The contact is still archived if the
/// message is "User has been merged and is not restorable."
fn stays_archived(refused: &Error, contact: &Contact) -> bool {
    let is_permanent = || {
        refused
            .message()
            .is_some_and(|text| text.contains("not restorable"))
    };
    contact.archived().unwrap_or_else(is_permanent)
}

/// Checks that the resolved contact, which this response contained, does not contradict the request.
fn checked(resolved: Resolved, reply: &Reply, check: &impl Check) -> Result<Resolved, Error> {
    let contact = resolved.contact();
    let Some(field) = check(contact) else {
        return Ok(resolved);
    };
    let changed = resolved.outcome() == Outcome::Unarchived;
    let error = reply.complete(Error::mismatch(contact.id(), field));
    Err(error.maybe_applied(changed))
}

/// Whether two e-mails are the same to Intercom, which ignores case.
pub(super) fn same_email(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Returns the first field of the contact that contradicts the request. External ids are compared exactly.
pub(super) fn mismatch(contact: &Contact, wanted: &NewContact) -> Option<&'static str> {
    let differs = |has: Option<&str>, wants: Option<&str>, same: fn(&str, &str) -> bool| matches!((has, wants), (Some(has), Some(wants)) if !same(has, wants));
    let same = |one: &str, other: &str| one == other;
    if differs(contact.external_id(), wanted.external_id.as_deref(), same) {
        Some("external_id")
    } else if differs(contact.email(), wanted.email.as_deref(), same_email) {
        Some("email")
    } else if differs(contact.role(), Some(wanted.role.as_str()), same) {
        Some("role")
    } else {
        None
    }
}
