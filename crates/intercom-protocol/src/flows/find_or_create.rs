//! The contact with this e-mail or external id, created if there is none: one contact however many ask at once.

use intercom_errors::names;
use serde_json::{Value, json};

use super::find::creation;
use super::{Outcome, Page, Resolved, create, find};
use crate::{ApiRequest, Caller, Contact, Error, NewContact, Reply};

names! {
    /// What to do about a contact that exists, but is archived.
    #[derive(Default)]
    #[non_exhaustive]
    pub enum OnArchived {
        /// Fail: with the conflict, or with kind `mismatch` where the search had found it.
        Refuse = "refuse",
        /// Give the contact as it is.
        Return = "return",
        /// Unarchive it first.
        #[default]
        Unarchive = "unarchive",
    }
}

/// Finds the contact, or creates it; holds under the races that "search first, create if not found" loses.
///
/// The search lags behind, so creating may answer 409 although nothing was found; that answer names the contact, which
/// is then read and returned. Any number of callers at once that ask for a user end with one contact and the same id.
/// Leads are not unique: two callers that ask for a new lead at the same time may end with two.
///
/// It does **not** update a contact that exists: name, phone, custom attributes and every other field of `wanted` are used
/// only for a new one. Unless the outcome is [`Created`](Outcome::Created), send a `PUT /contacts/{id}` to change the
/// contact. Role, e-mail and external id never contradict `wanted`, but one of them may be missing: a contact that was found
/// by its e-mail may have no external id yet.
///
/// # Errors
///
/// - kind `invalid`, before anything is sent, when the contact breaks a documented limit;
/// - kind `ambiguous` when several contacts match and none has the external id asked for;
/// - kind `mismatch` when the contact in the way has another e-mail, external id or role than was asked for, or was found
///   to be archived and [`OnArchived::Refuse`] was asked for;
/// - else any [`Error`] of the calls.
pub async fn find_or_create<C: Caller>(
    caller: &C,
    wanted: &NewContact,
    archived: OnArchived,
) -> Result<Resolved, Error> {
    let resolved = resolve(caller, wanted, archived).await;
    resolved.map_err(|error| error.or_request(creation))
}

async fn resolve<C: Caller>(
    caller: &C,
    wanted: &NewContact,
    archived: OnArchived,
) -> Result<Resolved, Error> {
    wanted.check()?;
    if let Some(contact) = look_up(caller, wanted).await? {
        let contact = matching(contact, wanted)?;
        return match archived {
            OnArchived::Unarchive if contact.is_archived() => {
                checked(unarchive(caller, contact.id()).await?, wanted)
            }
            OnArchived::Refuse if contact.is_archived() => Err(Error::archived(contact.id())),
            _ => Ok(Resolved::new(contact, Outcome::Found)),
        };
    }
    let conflict = match create(caller, wanted).await {
        Ok(contact) => return Ok(Resolved::new(contact, Outcome::Created)),
        Err(error) => error,
    };
    let Some(existing) = conflict.api().and_then(|api| api.existing_contact()) else {
        return Err(conflict);
    };
    let (id, is_archived) = (existing.id().to_owned(), existing.is_archived());
    let resolved = match (is_archived, archived) {
        (true, OnArchived::Refuse) => return Err(conflict),
        (true, OnArchived::Unarchive) => unarchive(caller, &id).await?,
        _ => read(caller, &id, conflict).await?,
    };
    checked(resolved, wanted)
}

/// The contact the index knows already.
async fn look_up<C: Caller>(caller: &C, wanted: &NewContact) -> Result<Option<Contact>, Error> {
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
    match (exact, hits.len()) {
        (_, 0) => Ok(None),
        (Some(position), _) => Ok(Some(hits.swap_remove(position))),
        (None, 1) => Ok(hits.pop()),
        (None, _) => {
            let ids = hits.iter().map(|hit| hit.id().to_owned()).collect();
            Err(Error::ambiguous(ids).with_target(page.reply().target.clone()))
        }
    }
}

/// Asks for the role as well, because leads share e-mails; `None` where there is nothing to look for.
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

/// The contact a conflict named.
async fn read<C: Caller>(caller: &C, id: &str, conflict: Error) -> Result<Resolved, Error> {
    match find(caller, id).await? {
        Some(found) if found.outcome() == Outcome::Merged => Ok(found),
        Some(found) => Ok(Resolved::new(found.into_contact(), Outcome::Existing)),
        // Deleted meanwhile: what stood in the way says the most.
        None => Err(conflict),
    }
}

/// Unarchives and reads; one more read when unarchiving fails, for another caller may have been faster.
async fn unarchive<C: Caller>(caller: &C, id: &str) -> Result<Resolved, Error> {
    match caller
        .call(
            ApiRequest::post("/contacts")
                .segment(id)
                .segment("unarchive"),
        )
        .await
    {
        Ok(reply) => {
            let answered: Result<Contact, Error> = reply.json();
            // Whatever becomes of the reading, something was changed.
            let found = find(caller, id)
                .await
                .map_err(|error| error.maybe_applied(true))?;
            match found {
                Some(found) => Ok(Resolved::new(found.into_contact(), Outcome::Unarchived)),
                None => Ok(Resolved::new(answered?, Outcome::Unarchived)),
            }
        }
        Err(error) => match find(caller, id).await {
            Ok(Some(found)) if found.outcome() == Outcome::Merged => Ok(found),
            Ok(Some(found)) if !stays_archived(&error, found.contact()) => {
                Ok(Resolved::new(found.into_contact(), Outcome::Existing))
            }
            _ => Err(error),
        },
    }
}

/// Whether a contact that was not unarchived is archived still.
///
/// A contact need not say so; then the refusal does, if it says that there is no way back, such as "User has been merged
/// and is not restorable."
fn stays_archived(refused: &Error, contact: &Contact) -> bool {
    let lasting = || {
        refused
            .message()
            .is_some_and(|text| text.contains("not restorable"))
    };
    contact.archived().unwrap_or_else(lasting)
}

/// Checks that the resolved contact matches the request.
fn checked(resolved: Resolved, wanted: &NewContact) -> Result<Resolved, Error> {
    let outcome = resolved.outcome();
    let changed = outcome == Outcome::Unarchived;
    let contact =
        matching(resolved.into_contact(), wanted).map_err(|error| error.maybe_applied(changed))?;
    Ok(Resolved::new(contact, outcome))
}

/// Checks that the contact contradicts nothing that the request asks for.
///
/// E-mails are compared without regard to case, as Intercom does; external ids are exact.
fn matching(contact: Contact, wanted: &NewContact) -> Result<Contact, Error> {
    let differs = |has: Option<&str>, wants: Option<&str>, same: fn(&str, &str) -> bool| matches!((has, wants), (Some(has), Some(wants)) if !same(has, wants));
    let same_email = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    if differs(
        contact.external_id(),
        wanted.external_id.as_deref(),
        |one, other| one == other,
    ) {
        Err(Error::mismatch(contact.id(), "external_id"))
    } else if differs(contact.email(), wanted.email.as_deref(), same_email) {
        Err(Error::mismatch(contact.id(), "email"))
    } else if differs(contact.role(), Some(wanted.role.as_str()), |one, other| {
        one == other
    }) {
        Err(Error::mismatch(contact.id(), "role"))
    } else {
        Ok(contact)
    }
}
