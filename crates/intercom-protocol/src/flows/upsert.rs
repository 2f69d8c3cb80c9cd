//! Creates a contact, or changes the existing one to what was asked for.

use intercom_errors::names;
use serde_json::{Map, Value};

use super::find::read;
use super::find_or_create::{accept, create_or_read, mismatch, resolve, same_email};
use super::{OnArchived, Outcome, Resolved};
use crate::{ApiRequest, Caller, Contact, Error, NewContact};

/// A contact after [`upsert`], and what was done to it.
#[derive(Clone, Debug)]
pub struct Upserted {
    contact: Contact,
    change: Change,
    fields: Vec<String>,
}

names! {
    /// What [`upsert`] did.
    #[non_exhaustive]
    pub enum Change {
        /// The contact did not exist, and was created.
        Created = "created",
        /// The contact was archived, and was unarchived. [`Upserted::fields`] lists what was updated as well.
        Unarchived = "unarchived",
        /// The contact was already as asked, and nothing was sent that changes it. If the response to creating it was lost, this
        /// call may have created it.
        Unchanged = "unchanged",
        /// The contact existed, and [some of its fields](Upserted::fields) were updated.
        Updated = "updated",
    }
}

impl Upserted {
    /// Returns the contact as it is now.
    #[must_use]
    pub const fn contact(&self) -> &Contact {
        &self.contact
    }

    /// Returns the contact, and consumes the rest.
    #[must_use]
    pub fn into_contact(self) -> Contact {
        self.contact
    }

    /// Returns what was done.
    #[must_use]
    pub const fn change(&self) -> Change {
        self.change
    }

    /// Returns the fields that were updated, like `name` or `custom_attributes.plan`. Empty for a contact that was created.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }
}

/// Creates the contact, or updates the existing one, so that it ends as asked.
///
/// The contact is found as in [`find_or_create`](super::find_or_create()), without its race conditions. The external id comes
/// first: a contact that has it gets the requested e-mail. A contact that was found by its e-mail gets the requested external id,
/// unless it has another one. Fields that `wanted` does not set are left alone. Only fields that differ are sent, so a second
/// upsert with the same fields changes nothing. A value that Intercom rewrites, like a telephone number with spaces, differs each
/// time.
///
/// If several callers upsert different values at the same time, the last one wins, field by field.
///
/// # Errors
///
/// - kind `invalid`, before anything is sent, if the contact exceeds a documented limit;
/// - kind `ambiguous` if several contacts match, and none has the requested external id;
/// - kind `mismatch` if the contact with this e-mail has another external id or role, or if it is archived and `archived` is
///   [`OnArchived::Refuse`];
/// - a conflict if another contact has the requested e-mail or external id;
/// - otherwise any [`Error`] of the calls.
pub async fn upsert<C: Caller>(
    caller: &C,
    wanted: &NewContact,
    archived: OnArchived,
) -> Result<Upserted, Error> {
    let vanished = |error: &Error| {
        let is_merged = error.api().is_some_and(|api| api.merged_into().is_some());
        is_merged || error.is_not_found()
    };
    match upsert_once(caller, wanted, archived).await {
        // It was deleted or merged meanwhile.
        Err(error) if vanished(&error) => upsert_once(caller, wanted, archived).await,
        result => result,
    }
}

async fn upsert_once<C: Caller>(
    caller: &C,
    wanted: &NewContact,
    archived: OnArchived,
) -> Result<Upserted, Error> {
    let check = |contact: &Contact| contradiction(contact, wanted);
    let mut resolved = resolve(caller, wanted, archived, &check).await?;
    if resolved.outcome() == Outcome::Found {
        // The search index can be outdated.
        resolved = match read(caller, resolved.contact().id()).await? {
            Some((current, reply)) => accept(caller, current, &reply, archived, &check).await?,
            None => create_or_read(caller, wanted, archived, &check).await?,
        };
    }
    match resolved.outcome() {
        Outcome::Created => Ok(created(resolved.into_contact())),
        _ => update(caller, resolved, wanted).await,
    }
}

const fn created(contact: Contact) -> Upserted {
    Upserted {
        contact,
        change: Change::Created,
        fields: Vec::new(),
    }
}

/// Sends the fields that differ.
async fn update<C: Caller>(
    caller: &C,
    resolved: Resolved,
    wanted: &NewContact,
) -> Result<Upserted, Error> {
    let was_archived = resolved.outcome() == Outcome::Unarchived;
    let contact = resolved.into_contact();
    let (body, fields) = differences(&contact, wanted)?;
    let change = match (was_archived, fields.is_empty()) {
        (true, _) => Change::Unarchived,
        (false, true) => Change::Unchanged,
        (false, false) => Change::Updated,
    };
    let contact = if fields.is_empty() {
        contact
    } else {
        let request = ApiRequest::put("/contacts")
            .segment(contact.id())
            .json(&body);
        let reply = caller.call(request).await;
        let reply = reply.map_err(|error| error.maybe_applied(was_archived))?;
        reply.json()?
    };
    Ok(Upserted {
        contact,
        change,
        fields,
    })
}

/// Returns the members of the request that the contact does not have, and their names.
fn differences(
    contact: &Contact,
    wanted: &NewContact,
) -> Result<(Map<String, Value>, Vec<String>), Error> {
    const ATTRIBUTES: &str = "custom_attributes";
    let current: Map<String, Value> = contact.json()?;
    let wanted = match serde_json::to_value(wanted) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let (mut body, mut names) = (Map::new(), Vec::new());
    for (name, value) in wanted {
        let has = current.get(&name);
        match value {
            // No other member is an object.
            Value::Object(attributes) => {
                let has = |attribute: &String| has?.get(attribute);
                let differ = |(attribute, value): &(String, Value)| !same(has(attribute), value);
                let differing: Map<_, _> = attributes.into_iter().filter(differ).collect();
                names.extend(differing.keys().map(|key| format!("{ATTRIBUTES}.{key}")));
                if !differing.is_empty() {
                    body.insert(name, differing.into());
                }
            }
            // The contact was found by its role.
            _ if name == "role" => {}
            value => {
                let is_same = match (name.as_str(), has, &value) {
                    ("email", Some(Value::String(has)), Value::String(wants)) => {
                        same_email(has, wants)
                    }
                    _ => same(has, &value),
                };
                if !is_same {
                    names.push(name.clone());
                    body.insert(name, value);
                }
            }
        }
    }
    Ok((body, names))
}

/// Compares numbers by value: Intercom may send 3 as 3.0.
fn same(has: Option<&Value>, wants: &Value) -> bool {
    match has {
        Some(has) if has.is_f64() || wants.is_f64() => {
            has.is_number() && has.as_f64() == wants.as_f64()
        }
        has => has == Some(wants),
    }
}

/// Returns the first field of the contact that an update cannot change. The e-mail of a contact with the requested external id
/// can be changed.
fn contradiction(contact: &Contact, wanted: &NewContact) -> Option<&'static str> {
    let is_named =
        contact.external_id().is_some() && contact.external_id() == wanted.external_id.as_deref();
    mismatch(contact, wanted).filter(|field| !(is_named && *field == "email"))
}
