//! One contact and its JSON.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{WORKSPACE, embedded, overlay};

/// One contact.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) role: Role,
    pub(crate) email: Option<String>,
    pub(crate) external_id: Option<String>,
    /// All other fields that requests have set, by their JSON names.
    pub(crate) fields: Map<String, Value>,
    pub(crate) tags: Vec<Value>,
    pub(crate) created_at: u64,
    pub(crate) updated_at: u64,
    /// When it was created, with sub-second precision. The index lag counts from this time.
    pub(crate) born: Duration,
    pub(crate) archived: bool,
    /// Why it cannot be unarchived, if so.
    pub(crate) unrestorable: Option<String>,
    /// How often requests have archived or unarchived it, without those that changed nothing.
    pub(crate) state_changes: u64,
    pub(crate) merged_into: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Lead,
    User,
}

impl Role {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            // Older versions call a lead a contact.
            "lead" | "contact" => Some(Self::Lead),
            "user" => Some(Self::User),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::User => "user",
        }
    }
}

impl Contact {
    /// Returns the whole contact, with every field that the official clients require.
    pub(crate) fn json(&self) -> Value {
        let mut json = json!({
            "type": "contact",
            "id": self.id,
            "workspace_id": WORKSPACE,
            "external_id": self.external_id,
            "role": self.role.as_str(),
            "email": self.email,
            "email_domain": self.email.as_deref().and_then(|email| email.split_once('@')).map(|(_, domain)| domain),
            "phone": null,
            "name": null,
            "avatar": null,
            "owner_id": null,
            "has_hard_bounced": false,
            "marked_email_as_spam": false,
            "unsubscribed_from_emails": false,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "signed_up_at": null,
            "last_seen_at": null,
            "last_replied_at": null,
            "last_contacted_at": null,
            "last_email_opened_at": null,
            "last_email_clicked_at": null,
            "language_override": null,
            "browser": null,
            "browser_version": null,
            "browser_language": null,
            "os": null,
            "referrer": null,
            "location": { "type": "location", "country": null, "region": null, "city": null },
            "custom_attributes": {},
        });
        overlay(&mut json, &self.lists());
        overlay(&mut json, &self.fields);
        if self.archived {
            overlay(
                &mut json,
                &Map::from_iter([("archived".to_owned(), json!(true))]),
            );
        }
        json
    }

    fn lists(&self) -> Map<String, Value> {
        let list = |name: &str, members: &[Value]| {
            embedded(&format!("/contacts/{}/{name}", self.id), members)
        };
        Map::from_iter([
            ("tags".to_owned(), list("tags", &self.tags)),
            ("notes".to_owned(), list("notes", &[])),
            ("companies".to_owned(), list("companies", &[])),
            (
                "opted_out_subscription_types".to_owned(),
                list("subscriptions", &[]),
            ),
            (
                "opted_in_subscription_types".to_owned(),
                list("subscriptions", &[]),
            ),
            (
                "social_profiles".to_owned(),
                json!({ "type": "list", "data": [] }),
            ),
        ])
    }

    /// Returns the short form that archiving, unarchiving and deleting respond with.
    pub(crate) fn stub(&self, state: &str, value: bool) -> Value {
        let mut json = json!({ "type": "contact", "id": self.id, "external_id": self.external_id });
        overlay(
            &mut json,
            &Map::from_iter([(state.to_owned(), json!(value))]),
        );
        json
    }

    /// Returns the value of a field, or `None` if searches do not support the field.
    pub(crate) fn searchable(&self, field: &str) -> Option<Value> {
        if let Some(name) = field.strip_prefix("custom_attributes.") {
            let attributes = self.fields.get("custom_attributes");
            return Some(
                attributes
                    .and_then(|all| all.get(name))
                    .cloned()
                    .unwrap_or_default(),
            );
        }
        Some(match field {
            "id" => json!(self.id),
            "role" => json!(self.role.as_str()),
            "email" => json!(self.email),
            "external_id" => json!(self.external_id),
            "created_at" => json!(self.created_at),
            "updated_at" => json!(self.updated_at),
            "name"
            | "phone"
            | "owner_id"
            | "signed_up_at"
            | "last_seen_at"
            | "language_override"
            | "unsubscribed_from_emails" => self.fields.get(field).cloned().unwrap_or_default(),
            _ => return None,
        })
    }
}
