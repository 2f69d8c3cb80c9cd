//! Contacts: as Intercom sends them, how they are created, and how they are searched for.

mod attribute;
mod limits;

use std::collections::BTreeMap;

use intercom_errors::names;
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

pub use self::attribute::AttributeValue;
use crate::Error;

names! {
    /// The role of a contact.
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Role {
        /// A contact who is not identified. Several leads may share an e-mail.
        Lead = "lead",
        /// A contact who is identified by an e-mail or an external id, both of which are unique.
        #[default]
        User = "user",
    }
}

/// A contact as Intercom sent it: accessors for the most common fields, and the whole JSON.
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
    id: String,
    fields: Fields,
    json: Box<str>,
}

/// The members that have accessors.
#[derive(Clone, Default)]
struct Fields {
    id: Option<String>,
    role: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    name: Option<String>,
    archived: Option<bool>,
}

impl Fields {
    fn set(&mut self, name: &str, json: &str) -> Result<(), serde_json::Error> {
        match name {
            "id" => self.id = Some(serde_json::from_str(json)?),
            "role" => self.role = serde_json::from_str(json)?,
            "email" => self.email = serde_json::from_str(json)?,
            "external_id" => self.external_id = serde_json::from_str(json)?,
            "name" => self.name = serde_json::from_str(json)?,
            "archived" => self.archived = serde_json::from_str(json)?,
            _ => {}
        }
        Ok(())
    }
}

impl Contact {
    /// Returns Intercom's id for the contact, usually 24 hexadecimal characters.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the role: `user` or `lead`.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.fields.role.as_deref()
    }

    /// Returns the e-mail address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.fields.email.as_deref()
    }

    /// Returns the external id, which your own system assigns.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.fields.external_id.as_deref()
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.fields.name.as_deref()
    }

    /// Returns whether the response says that the contact is archived. Most responses do not contain this.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived().unwrap_or(false)
    }

    /// Whether the contact is archived; `None` if the response does not say.
    pub(crate) const fn archived(&self) -> Option<bool> {
        self.fields.archived
    }

    /// Returns the whole object as JSON: every member as it was sent, without the white space between the members.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// Decodes the whole object into your type, as [`Reply::json`](crate::Reply::json) decodes a whole response.
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
    /// An [`Error`] of kind `decode` if the object does not match the type. It names the place.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let mut json = serde_json::Deserializer::from_str(&self.json);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Error::unfit(error.path().to_string(), error.into_inner()))
    }
}

/// Shows only the id, because contacts contain personal data.
impl core::fmt::Debug for Contact {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Contact")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Reads the object member by member. If the object was read as a whole, an error could not name the member.
impl<'de> Deserialize<'de> for Contact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Contact;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a contact")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Contact, A::Error> {
                let (mut fields, mut json) = (Fields::default(), String::from("{"));
                while let Some(name) = members.next_key::<String>()? {
                    if json.len() > 1 {
                        json.push(',');
                    }
                    json += &serde_json::to_string(&name).map_err(A::Error::custom)?;
                    json.push(':');
                    members.next_value_seed(Member {
                        name: &name,
                        fields: &mut fields,
                        json: &mut json,
                    })?;
                }
                json.push('}');
                let id = fields.id.take();
                Ok(Contact {
                    id: id.ok_or_else(|| A::Error::missing_field("id"))?,
                    fields,
                    json: json.into_boxed_str(),
                })
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The value of a member, which is added to the JSON and, if it has an accessor, to the fields.
struct Member<'m> {
    name: &'m str,
    fields: &'m mut Fields,
    json: &'m mut String,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let value: Box<RawValue> = Deserialize::deserialize(deserializer)?;
        self.json.push_str(value.get());
        self.fields
            .set(self.name, value.get())
            .map_err(D::Error::custom)
    }
}

/// A contact to create. It is checked before it is sent.
///
/// Deserializes from an object with the members `email`, `external_id`, `name`, `phone`, `role` and `custom_attributes`. A member or
/// custom attribute that is `null` counts as absent: it does not clear a value.
///
/// ```
/// use intercom_protocol::NewContact;
///
/// assert!(NewContact::user().email("ada@example.org").attribute("seats", 3).check().is_ok());
/// assert!(NewContact::user().email("ada").check().is_err());
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewContact {
    #[serde(serialize_with = "role_name", deserialize_with = "role_of_name")]
    pub(crate) role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "not_null"
    )]
    pub(crate) custom_attributes: BTreeMap<String, AttributeValue>,
}

impl core::fmt::Debug for NewContact {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewContact")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

fn role_name<S: Serializer>(role: &Role, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(role.as_str())
}

fn role_of_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    let Some(name) = Option::<String>::deserialize(deserializer)? else {
        return Ok(Role::default());
    };
    name.parse()
        .map_err(|_| D::Error::custom(format_args!("unknown role {name:?}; use user or lead")))
}

fn not_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, AttributeValue>, D::Error> {
    let attributes = Option::<BTreeMap<String, Option<AttributeValue>>>::deserialize(deserializer)?;
    let given = |(name, value): (String, Option<_>)| Some((name, value?));
    Ok(attributes.into_iter().flatten().filter_map(given).collect())
}

impl NewContact {
    /// Creates a user, who needs an e-mail or an external id.
    #[must_use]
    pub fn user() -> Self {
        Self::new(Role::User)
    }

    /// Creates a lead, for which all fields are optional.
    #[must_use]
    pub fn lead() -> Self {
        Self::new(Role::Lead)
    }

    /// Creates a contact with this role, for programs that read the role from their input.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self {
            role,
            ..Self::default()
        }
    }

    /// Sets the e-mail address, which is unique among users.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets the external id, which your own system assigns. It is unique.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the telephone number.
    #[must_use]
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// Sets a custom attribute. The workspace must already have an attribute of this name.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<AttributeValue>) -> Self {
        self.custom_attributes.insert(name.into(), value.into());
        self
    }

    /// Returns the role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
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

/// A search for contacts. A contact must meet all conditions.
#[derive(Clone, Default, PartialEq)]
pub struct ContactQuery {
    conditions: Vec<Value>,
    per_page: Option<u32>,
}

/// Shows no values, because they are usually personal data.
impl core::fmt::Debug for ContactQuery {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ContactQuery")
            .field("conditions", &self.conditions.len())
            .field("per_page", &self.per_page)
            .finish()
    }
}

impl ContactQuery {
    /// Creates a search without conditions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the condition that a field, like `email`, `external_id` or `custom_attributes.plan`, equals this value.
    #[must_use]
    pub fn equals(self, field: &str, value: &str) -> Self {
        self.condition(field, "=", value)
    }

    /// Adds a condition on a field, with one of the operators of Intercom's search: `=`, `!=`, `>`, `<`, `~`, `!~`, `^`, `$`.
    #[must_use]
    pub fn condition(mut self, field: &str, operator: &str, value: &str) -> Self {
        self.conditions
            .push(json!({ "field": field, "operator": operator, "value": value }));
        self
    }

    /// Sets the number of contacts on a page: 50 by default, 150 at most.
    #[must_use]
    pub const fn per_page(mut self, count: u32) -> Self {
        self.per_page = Some(count);
        self
    }

    /// The number of contacts on a page, if it was set.
    pub(crate) const fn per_page_set(&self) -> Option<u32> {
        self.per_page
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
