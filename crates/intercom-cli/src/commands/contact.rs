//! `intercom contact`: finds, creates or updates a contact.

use std::collections::BTreeSet;

use intercom_protocol::flows::{self, Change, Outcome, Resolved, Upserted};
use intercom_protocol::{Contact, Error, NewContact};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::args;
use crate::args::contacts::{Upsert, Wanted};
use crate::client::Client;
use crate::error::{Exit, Failure, describe, exit_of};
use crate::explanation::Explanation;
use crate::json;
use crate::output::Output;
use crate::render::Page;

/// What `find-or-create` does not do with an existing contact.
const NOT_UPDATED: &str = "its data was not updated";

#[derive(Default, Serialize)]
struct Report {
    contact: Option<Box<RawValue>>,
    outcome: Option<&'static str>,
    /// What `upsert` has updated.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<Vec<String>>,
    /// What failed.
    kind: Option<&'static str>,
    /// Whether any of the calls may have changed something.
    may_have_been_applied: bool,
    error: Option<Explanation>,
}

pub(crate) fn run(
    command: &args::Contact,
    client: &Client,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match command {
        args::Contact::Find { id } => match client.drive(flows::find(client, id)) {
            Ok(Some(found)) => show(&found, Some(id), output),
            Ok(None) => none(id, output),
            Err(error) => refused(&error, output),
        },
        args::Contact::FindOrCreate(args) => {
            let contact = contact(&args.wanted, args.name.as_ref());
            let resolved = flows::find_or_create(client, &contact, args.wanted.on_archived);
            match client.drive(resolved) {
                Ok(resolved) => show(&resolved, None, output),
                Err(error) => refused(&error, output),
            }
        }
        args::Contact::Upsert(args) => {
            let contact = full_contact(args)?;
            match client.drive(flows::upsert(client, &contact, args.wanted.on_archived)) {
                Ok(upserted) => show_upserted(&upserted, output),
                Err(error) => refused(&error, output),
            }
        }
    }
}

fn contact(wanted: &Wanted, name: Option<&String>) -> NewContact {
    let mut contact = NewContact::new(wanted.role);
    if let Some(email) = &wanted.email {
        contact = contact.email(email);
    }
    if let Some(id) = &wanted.external_id {
        contact = contact.external_id(id);
    }
    if let Some(name) = name {
        contact = contact.name(name);
    }
    contact
}

fn full_contact(args: &Upsert) -> Result<NewContact, Failure> {
    let mut contact = contact(&args.wanted, args.name.as_ref());
    if let Some(phone) = &args.phone {
        contact = contact.phone(phone);
    }
    let mut names = BTreeSet::new();
    for (name, value) in &args.attribute {
        if !names.insert(name) {
            let line = format!("--attribute sets {name:?} twice; remove one");
            return Err(Failure::usage(line));
        }
        contact = contact.attribute(name, value.clone());
    }
    Ok(contact)
}

fn show_upserted(upserted: &Upserted, output: &mut Output) -> Result<Exit, Failure> {
    let (contact, change) = (upserted.contact(), upserted.change());
    if output.is_json() {
        output.document(&Report {
            contact: json::value(contact.as_json().as_bytes()),
            outcome: Some(change.as_str()),
            updated: Some(upserted.fields().to_vec()),
            ..Report::default()
        })?;
    } else {
        let fields = upserted.fields().join(", ");
        let how = match change {
            Change::Unchanged => "it was already as given".to_owned(),
            _ if fields.is_empty() => change.to_string(),
            _ => format!("{change}: {fields}"),
        };
        output.page(&card(contact, &how))?;
    }
    Ok(Exit::Done)
}

fn show(resolved: &Resolved, asked: Option<&str>, output: &mut Output) -> Result<Exit, Failure> {
    let (contact, outcome) = (resolved.contact(), resolved.outcome().as_str());
    if output.is_json() {
        output.document(&Report {
            contact: json::value(contact.as_json().as_bytes()),
            outcome: Some(outcome),
            ..Report::default()
        })?;
    } else {
        let how = match (resolved.outcome(), asked) {
            (Outcome::Merged, Some(id)) => format!("{id} was merged into it"),
            (Outcome::Merged, None) => {
                format!("the search found a contact that was merged into this one; {NOT_UPDATED}")
            }
            (Outcome::Created, _) | (_, Some(_)) => outcome.to_owned(),
            (_, None) => format!("{outcome}; {NOT_UPDATED}"),
        };
        output.page(&card(contact, &how))?;
    }
    Ok(Exit::Done)
}

fn card(contact: &Contact, how: &str) -> Page {
    let mut page = Page::new();
    page.title(&format!("{} ({how})", contact.id()));
    let rows = [
        ("role", contact.role()),
        ("e-mail", contact.email()),
        ("external id", contact.external_id()),
        ("name", contact.name()),
        ("archived", contact.is_archived().then_some("yes")),
    ];
    for (label, text) in rows {
        if let Some(text) = text {
            page.row(label, text);
        }
    }
    page
}

fn none(id: &str, output: &mut Output) -> Result<Exit, Failure> {
    if output.is_json() {
        output.document(&Report::default())?;
    }
    output.flush()?;
    let next = if id.contains('@') {
        "this command takes Intercom's id for a contact; to search by e-mail, use POST /contacts/search"
    } else {
        "if it is your own id for the contact, use GET /contacts/find_by_external_id/ID"
    };
    output.note(&format!("no contact has the id {id:?}; {next}"));
    Ok(Exit::NotFound)
}

fn refused(error: &Error, output: &mut Output) -> Result<Exit, Failure> {
    if output.is_json() {
        output.document(&Report {
            kind: Some(error.kind().as_str()),
            may_have_been_applied: error.may_have_been_applied(),
            error: Some(Explanation::of_error(error, None)),
            ..Report::default()
        })?;
        output.flush()?;
    }
    output.note(&describe(error));
    Ok(exit_of(error))
}
