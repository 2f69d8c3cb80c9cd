//! The contact fields of a request, checked before they are stored.

use http::StatusCode;
use serde_json::{Map, Value};

use crate::clock::Now;
use crate::id::Ids;
use crate::response::Refusal;
use crate::store::contact::{Contact, Role};

const NAME_LIMIT: usize = 190;
const VALUE_LIMIT: usize = 255;

/// The fields that a request can set, other than those that identify the contact.
const WRITABLE: [&str; 8] = [
    "name",
    "phone",
    "avatar",
    "signed_up_at",
    "last_seen_at",
    "owner_id",
    "unsubscribed_from_emails",
    "language_override",
];

/// The contact fields of a request. `None` means that the request does not set the field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) role: Option<Role>,
    pub(crate) email: Option<String>,
    pub(crate) external_id: Option<String>,
    fields: Map<String, Value>,
    attributes: Map<String, Value>,
}

impl Draft {
    pub(crate) fn parse(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let role = match string(body, "role")? {
            Some(name) => Some(
                Role::parse(&name)
                    .ok_or_else(|| Refusal::invalid("role must be either user or lead"))?,
            ),
            None => None,
        };
        let email = string(body, "email")?;
        if email
            .as_deref()
            .is_some_and(|address| !looks_like_email(address))
        {
            return Err(Refusal::invalid("email is not a valid email address"));
        }
        for field in ["name", "phone"] {
            string(body, field)?;
        }
        let fields = WRITABLE
            .iter()
            .filter_map(|&name| Some((name.to_owned(), body.get(name)?.clone())))
            .collect();
        Ok(Self {
            role,
            email,
            external_id: string(body, "external_id")?,
            fields,
            attributes: attributes(body)?,
        })
    }

    /// Accepts all fields without checks, for contacts that a test adds itself.
    pub(crate) fn trusting(body: &Map<String, Value>) -> Self {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let known = [
            "id",
            "role",
            "email",
            "external_id",
            "archived",
            "custom_attributes",
            "created_at",
            "updated_at",
            "type",
        ];
        Self {
            role: text("role").as_deref().and_then(Role::parse),
            email: text("email"),
            external_id: text("external_id"),
            fields: body
                .iter()
                .filter(|(name, _)| !known.contains(&name.as_str()))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            attributes: body
                .get("custom_attributes")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        }
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        self.role.is_none() && !self.has_identity()
    }

    /// Whether it has an email address or an external id.
    pub(crate) fn has_identity(&self) -> bool {
        self.email.is_some() || self.external_id.is_some()
    }

    pub(crate) fn into_contact(self, ids: &mut Ids, now: Now) -> Contact {
        let mut contact = Contact {
            id: ids.object(),
            role: self.role.unwrap_or(Role::User),
            email: None,
            external_id: None,
            fields: Map::new(),
            tags: Vec::new(),
            created_at: now.seconds(),
            updated_at: now.seconds(),
            born: now.unix,
            archived: false,
            unrestorable: None,
            state_changes: 0,
            merged_into: None,
        };
        self.apply(&mut contact, now);
        contact
    }

    /// Sets the fields of the request. Custom attributes are added to the existing ones.
    pub(crate) fn apply(self, contact: &mut Contact, now: Now) {
        contact.role = self.role.unwrap_or(contact.role);
        contact.email = self.email.or(contact.email.take());
        contact.external_id = self.external_id.or(contact.external_id.take());
        contact.fields.extend(self.fields);
        if !self.attributes.is_empty() {
            let all = contact
                .fields
                .entry("custom_attributes")
                .or_insert_with(|| Value::Object(Map::new()));
            if let Some(all) = all.as_object_mut() {
                all.extend(self.attributes);
            }
        }
        contact.updated_at = now.seconds();
    }
}

fn string(body: &Map<String, Value>, field: &str) -> Result<Option<String>, Refusal> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::invalid(format!("{field} must be a string"))),
    }
}

/// Checks only for the form `x@y`.
fn looks_like_email(address: &str) -> bool {
    address.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && !address.contains(char::is_whitespace)
    })
}

fn attributes(body: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let attributes = match body.get("custom_attributes") {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::Object(attributes)) => attributes.clone(),
        Some(_) => return Err(Refusal::invalid("custom_attributes must be an object")),
    };
    for (name, value) in &attributes {
        if name.chars().count() > NAME_LIMIT {
            return Err(Refusal::invalid(format!(
                "Custom attribute name exceeds {NAME_LIMIT} characters"
            )));
        }
        if name.contains(['.', '$']) {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "parameter_invalid",
                format!("Custom attribute '{name}' contains a character that is not allowed"),
            ));
        }
        match value {
            Value::String(text) if text.chars().count() > VALUE_LIMIT => {
                return Err(Refusal::invalid(format!(
                    "Custom attribute '{name}' exceeds {VALUE_LIMIT} characters"
                )));
            }
            Value::Array(_) | Value::Object(_) => {
                return Err(Refusal::invalid(format!(
                    "Custom attribute '{name}' must be a string, a number or a boolean"
                )));
            }
            _ => {}
        }
    }
    Ok(attributes)
}
