//! Adding to the workspace, and reading what it contains.

use http::Method;
use serde_json::{Map, Value};

use super::MockServer;
use crate::routes::{Draft, articles, companies, conversations};

impl MockServer {
    /// Adds a contact without checks and returns its id. Searches find it immediately.
    ///
    /// The JSON can have any field of a contact, including `id` and `archived`.
    ///
    /// ```
    /// use intercom_mock::MockServer;
    /// use serde_json::json;
    ///
    /// let server = MockServer::start()?;
    /// let id = server.add_contact(json!({ "email": "ada@example.com", "archived": true }));
    /// assert_eq!(id.len(), 24);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that `json!` can be written in place"
    )]
    pub fn add_contact(&self, contact: Value) -> String {
        let fields = contact.as_object().cloned().unwrap_or_default();
        self.with(|state| {
            let now = state.clock.now();
            let mut contact = Draft::trusting(&fields).into_contact(&mut state.store.ids, now);
            contact.born = std::time::Duration::ZERO;
            let time = |name: &str| fields.get(name).and_then(Value::as_u64);
            contact.created_at = time("created_at").unwrap_or(contact.created_at);
            contact.updated_at = time("updated_at").unwrap_or(contact.updated_at);
            contact.archived = fields
                .get("archived")
                .and_then(Value::as_bool)
                .unwrap_or_default();
            if let Some(id) = fields.get("id").and_then(Value::as_str) {
                id.clone_into(&mut contact.id);
            }
            let id = contact.id.clone();
            state.store.contacts.add(contact);
            id
        })
    }

    /// Archives a contact, as a user of the web interface would. Returns `false` if the contact does not exist.
    pub fn archive_contact(&self, id: &str) -> bool {
        self.with(|state| {
            let change = |contact: &mut crate::store::contact::Contact| contact.archived = true;
            state.store.contacts.edit(id, change).is_some()
        })
    }

    /// Makes every attempt to unarchive a contact fail with 400 `bad_request` and this message. Returns `false` if the
    /// contact does not exist.
    ///
    /// Intercom's recorded message is `User has been merged and is not restorable.`
    pub fn set_unrestorable(&self, id: &str, message: &str) -> bool {
        self.with(|state| {
            state
                .store
                .contacts
                .edit(id, |contact| {
                    contact.unrestorable = Some(message.to_owned())
                })
                .is_some()
        })
    }

    /// Merges one contact into another. Reading `from` then returns 410. Returns `false` if `from` does not exist.
    pub fn merge_contact(&self, from: &str, into: &str) -> bool {
        self.with(|state| {
            state
                .store
                .contacts
                .edit(from, |contact| contact.merged_into = Some(into.to_owned()))
                .is_some()
        })
    }

    /// Deletes a contact. Returns `false` if the contact does not exist.
    pub fn delete_contact(&self, id: &str) -> bool {
        self.with(|state| state.store.contacts.remove(id).is_some())
    }

    /// Returns all contacts in the API's format. Includes archived contacts, but not merged ones.
    #[must_use]
    pub fn contacts(&self) -> Vec<Value> {
        self.with(|state| state.store.contacts.json())
    }

    /// Returns how often requests have archived or unarchived a contact, without those that changed nothing.
    #[must_use]
    pub fn contact_state_changes(&self, id: &str) -> u64 {
        self.with(|state| {
            state
                .store
                .contacts
                .find(id)
                .map_or(0, |contact| contact.state_changes)
        })
    }

    /// Adds an article and returns its id.
    pub fn add_article(&self, title: &str) -> String {
        self.with(|state| {
            let article = articles::draft(&mut state.store.ids, state.clock.now(), title);
            let id = id_of(&article);
            state.store.articles.add(article);
            id
        })
    }

    /// Adds a conversation that a contact has started with this text, and returns its id.
    pub fn add_conversation(&self, contact: &str, body: &str) -> String {
        self.with(|state| {
            let conversation =
                conversations::start(&mut state.store.ids, state.clock.now(), contact, body);
            let id = id_of(&conversation);
            state.store.conversations.add(conversation);
            id
        })
    }

    /// Adds a company with this name and returns its id.
    pub fn add_company(&self, name: &str) -> String {
        self.with(|state| {
            let fields = Map::from_iter([("name".to_owned(), Value::from(name))]);
            let company = companies::draft(&mut state.store.ids, state.clock.now(), &fields);
            let id = id_of(&company);
            state.store.companies.add(company);
            id
        })
    }

    /// Deletes a company. Returns `false` if the company does not exist.
    pub fn delete_company(&self, id: &str) -> bool {
        self.with(|state| state.store.companies.remove(id).is_some())
    }

    /// Returns every conversation with its parts.
    #[must_use]
    pub fn conversations(&self) -> Vec<Value> {
        self.with(|state| state.store.conversations.all())
    }

    /// Returns every message that was sent. A message that was sent twice appears twice.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        self.with(|state| state.store.messages.all())
    }

    /// Returns every event that was submitted.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.with(|state| state.store.events.clone())
    }

    /// Returns how many exports of message data have been started.
    #[must_use]
    pub fn export_count(&self) -> usize {
        self.with(|state| state.store.exports.len())
    }

    /// Returns every tag.
    #[must_use]
    pub fn tags(&self) -> Vec<Value> {
        self.with(|state| state.store.tags.all())
    }

    /// Returns how many requests with this method and exactly this path have been recorded.
    #[must_use]
    pub fn count(&self, method: &Method, path: &str) -> usize {
        self.with(|state| {
            state
                .records
                .iter()
                .filter(|record| record.method == *method && record.path == path)
                .count()
        })
    }
}

fn id_of(object: &Value) -> String {
    object
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
