//! All contacts, and which of them holds which email address and external id.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::contact::{Contact, Role};

/// How many merges a lookup follows, as documented by Intercom.
const MERGE_HOPS: usize = 3;

/// All contacts, in order of creation.
#[derive(Debug, Default)]
pub(crate) struct Contacts {
    next: u64,
    all: BTreeMap<u64, Contact>,
    by_id: HashMap<String, u64>,
    held: HashMap<Identity, u64>,
}

/// A value that two users cannot share. Leads can.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Identity {
    Email(String),
    ExternalId(String),
}

impl Contacts {
    pub(crate) fn add(&mut self, contact: Contact) {
        let key = self.next;
        self.next += 1;
        if let Some(old) = self.by_id.insert(contact.id.clone(), key) {
            self.forget(old);
        }
        self.hold(key, &contact);
        self.all.insert(key, contact);
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Contact> {
        self.all.get(self.by_id.get(id)?)
    }

    /// Changes a contact and updates the identities it holds.
    pub(crate) fn edit<T>(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut Contact) -> T,
    ) -> Option<T> {
        let key = *self.by_id.get(id)?;
        let mut contact = self.forget(key)?;
        let result = change(&mut contact);
        self.hold(key, &contact);
        self.all.insert(key, contact);
        Some(result)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Contact> {
        let key = self.by_id.remove(id)?;
        self.forget(key)
    }

    /// Returns the user, other than `except`, that already holds the email address or the external id. It may be archived.
    pub(crate) fn holder(
        &self,
        email: Option<&str>,
        external_id: Option<&str>,
        except: Option<&str>,
    ) -> Option<&Contact> {
        let external = external_id.map(|id| Identity::ExternalId(id.to_owned()));
        let email = email.map(Identity::email);
        external
            .iter()
            .chain(&email)
            .filter_map(|identity| self.all.get(self.held.get(identity)?))
            .find(|contact| except != Some(contact.id.as_str()))
    }

    /// Returns the contact with this external id, even if it is merged, because reading a merged contact returns 410.
    pub(crate) fn with_external_id(&self, external_id: &str) -> Option<&Contact> {
        let holder = self
            .held
            .get(&Identity::ExternalId(external_id.to_owned()))
            .and_then(|key| self.all.get(key));
        holder.or_else(|| {
            self.all
                .values()
                .find(|contact| contact.external_id.as_deref() == Some(external_id))
        })
    }

    /// Returns the contact that a merged contact was merged into, following at most three merges.
    pub(crate) fn canonical<'a>(&'a self, contact: &'a Contact) -> &'a Contact {
        let mut canonical = contact;
        for _ in 0..MERGE_HOPS {
            match canonical
                .merged_into
                .as_deref()
                .and_then(|id| self.find(id))
            {
                Some(next) => canonical = next,
                None => break,
            }
        }
        canonical
    }

    /// Returns the contacts that are neither archived nor merged, with their keys.
    pub(crate) fn active(&self) -> impl Iterator<Item = (u64, &Contact)> {
        self.all
            .iter()
            .filter(|(_, contact)| !contact.archived && contact.merged_into.is_none())
            .map(|(&key, contact)| (key, contact))
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        self.all
            .values()
            .filter(|contact| contact.merged_into.is_none())
            .map(Contact::json)
            .collect()
    }

    fn hold(&mut self, key: u64, contact: &Contact) {
        for identity in identities(contact) {
            self.held.entry(identity).or_insert(key);
        }
    }

    fn forget(&mut self, key: u64) -> Option<Contact> {
        let contact = self.all.remove(&key)?;
        for identity in identities(&contact) {
            if self.held.get(&identity) == Some(&key) {
                self.held.remove(&identity);
            }
        }
        Some(contact)
    }
}

impl Identity {
    fn email(address: &str) -> Self {
        Self::Email(address.to_lowercase())
    }
}

fn identities(contact: &Contact) -> impl Iterator<Item = Identity> + use<> {
    let holds = contact.role == Role::User && contact.merged_into.is_none();
    let email = contact.email.as_deref().map(Identity::email);
    let external_id = contact.external_id.clone().map(Identity::ExternalId);
    email.into_iter().chain(external_id).filter(move |_| holds)
}
