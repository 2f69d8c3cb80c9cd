//! Contacts: as Intercom sends them, as they are created, as they are searched for.

mod limits;

use std::collections::BTreeMap;

use intercom_errors::names;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::Error;

names! {
    /// What a contact is.
    #[derive(Default, Serialize)]
    #[non_exhaustive]
    #[serde(rename_all = "snake_case")]
    pub enum Role {
        /// Not identified; several leads may share an e-mail.
        Lead = "lead",
        /// Identified by an e-mail or an external id, each of them unique.
        #[default]
        User = "user",
    }
}

/// A contact as Intercom sent it: the fields most programs ask for, and all of the JSON.
///
/// ```
/// use intercom_protocol::Contact;
///
/// let contact: Contact = serde_json::from_str(r#"{"type":"contact","id":"5f1","role":"user","email":"a@b.c","phone":"1"}"#)?;
/// assert_eq!((contact.id(), contact.email()), ("5f1", Some("a@b.c")));
/// assert!(contact.as_json().contains("phone"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Contact {
    fields: Fields,
    json: Box<str>,
}

#[derive(Clone, Deserialize)]
struct Fields {
    id: String,
    role: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    name: Option<String>,
    archived: Option<bool>,
}

impl Contact {
    /// The id Intercom gave: 24 hexadecimal characters as a rule.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.fields.id
    }

    /// `user` or `lead`.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.fields.role.as_deref()
    }

    /// The e-mail address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.fields.email.as_deref()
    }

    /// The id your system gave.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.fields.external_id.as_deref()
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.fields.name.as_deref()
    }

    /// Whether the answer says that the contact is archived; most answers do not say.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived().unwrap_or(false)
    }

    /// Whether the contact is archived, if the answer says so or says that it is not.
    pub(crate) const fn archived(&self) -> Option<bool> {
        self.fields.archived
    }

    /// The whole object as it came, as JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// The whole object as a value of yours, as [`Reply::json`](crate::Reply::json) gives a whole answer.
    ///
    /// ```
    /// # let contact: intercom_protocol::Contact = serde_json::from_str(r#"{"id":"5f1","phone":"1"}"#)?;
    /// #[derive(serde::Deserialize)]
    /// struct Phone {
    ///     phone: String,
    /// }
    ///
    /// let Phone { phone } = contact.json()?;
    /// assert_eq!(phone, "1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `decode` when it does not fit, with the place.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let mut json = serde_json::Deserializer::from_str(&self.json);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Error::unfit(error.path().to_string(), error.into_inner()))
    }
}

/// Contacts carry personal data, so only the id is shown.
impl core::fmt::Debug for Contact {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Contact")
            .field("id", &self.fields.id)
            .finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Contact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: Box<RawValue> = Deserialize::deserialize(deserializer)?;
        let fields = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
        Ok(Self {
            fields,
            json: raw.get().into(),
        })
    }
}

/// The value of a custom attribute: text, number or truth; Intercom rejects lists and objects, so there are none here.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// True or false.
    Bool(bool),
    /// A whole number; also a date, as Unix seconds.
    Integer(i64),
    /// Any number.
    Number(f64),
    /// Text of at most 255 characters.
    Text(String),
}

impl From<bool> for AttributeValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for AttributeValue {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i64> for AttributeValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for AttributeValue {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for AttributeValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for AttributeValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

/// A contact to be created, checked before it is sent.
///
/// ```
/// use intercom_protocol::NewContact;
///
/// assert!(NewContact::user().email("ada@example.org").attribute("seats", 3).check().is_ok());
/// assert!(NewContact::user().email("ada").check().is_err());
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct NewContact {
    pub(crate) role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) custom_attributes: BTreeMap<String, AttributeValue>,
}

impl core::fmt::Debug for NewContact {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewContact")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl NewContact {
    /// A user; needs an e-mail or an external id.
    #[must_use]
    pub fn user() -> Self {
        Self::new(Role::User)
    }

    /// A lead; needs nothing.
    #[must_use]
    pub fn lead() -> Self {
        Self::new(Role::Lead)
    }

    /// A contact with this role, for programs that read the role from somewhere.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self {
            role,
            ..Self::default()
        }
    }

    /// The e-mail address; unique among users.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Your system's id; unique.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// The name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The telephone number.
    #[must_use]
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// A custom attribute, which the workspace must know already.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<AttributeValue>) -> Self {
        self.custom_attributes.insert(name.into(), value.into());
        self
    }

    /// Checks the documented limits.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` with an item for each violation: code, field, message.
    pub fn check(&self) -> Result<(), Error> {
        let problems = limits::problems(self);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid(problems))
        }
    }
}

/// What to search contacts by; conditions add up.
#[derive(Clone, Default, PartialEq)]
pub struct ContactQuery {
    conditions: Vec<Value>,
    per_page: Option<u32>,
}

/// Shows no values: they are personal data as a rule.
impl core::fmt::Debug for ContactQuery {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ContactQuery")
            .field("conditions", &self.conditions.len())
            .field("per_page", &self.per_page)
            .finish()
    }
}

impl ContactQuery {
    /// A search without a condition yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Contacts whose field equals this value, such as `email`, `external_id` or `custom_attributes.plan`.
    #[must_use]
    pub fn equals(self, field: &str, value: &str) -> Self {
        self.condition(field, "=", value)
    }

    /// Contacts whose field compares so: `=`, `!=`, `>`, `<`, `~`, `!~`, `^`, `$`, as Intercom's search has them.
    #[must_use]
    pub fn condition(mut self, field: &str, operator: &str, value: &str) -> Self {
        self.conditions
            .push(json!({ "field": field, "operator": operator, "value": value }));
        self
    }

    /// How many contacts a page holds: 50 unless said otherwise, 150 at most.
    #[must_use]
    pub const fn per_page(mut self, count: u32) -> Self {
        self.per_page = Some(count);
        self
    }

    /// The body of `POST /contacts/search`.
    pub(crate) fn body(&self) -> Value {
        let query = match self.conditions.as_slice() {
            [one] => one.clone(),
            all => json!({ "operator": "AND", "value": all }),
        };
        match self.per_page {
            Some(count) => json!({ "query": query, "pagination": { "per_page": count } }),
            None => json!({ "query": query }),
        }
    }
}
