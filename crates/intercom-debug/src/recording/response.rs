//! A response, as far as it is safe to write.

use std::borrow::Cow;

use intercom_protocol::{ApiError, BodyKind, ErrorItem, Fault, FaultKind, Phase};
use serde::{Deserialize, Serialize};

use super::is_default;
use super::shape::{is_shape, shape};
use crate::safe::{self, HIDDEN, Secrets};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Response {
    pub(crate) status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<Cow<'static, str>>,
    /// Each like `retry-after: 7`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) headers: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) errors: Vec<Item>,
    /// Whether the body is, or encloses, an error list.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) error_list: bool,
    pub(crate) body: Body,
}

/// An item of an error list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Item {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<Cow<'static, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Cow<'static, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<Cow<'static, str>>,
}

/// What is known of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) kind: BodyKind,
    pub(crate) len: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) html: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shape: Option<String>,
    /// The body without secrets and e-mail addresses, if bodies are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Broken {
    pub(crate) phase: Phase,
    pub(crate) kind: FaultKind,
}

/// The most items that are written.
const MANY: usize = 20;

impl Response {
    pub(crate) fn of(error: &ApiError, secrets: &Secrets) -> Self {
        let status = error.status();
        let items = error.errors().iter().take(MANY);
        Self {
            status,
            request_id: error.request_id().map(|id| request_id(id, secrets)),
            headers: error
                .known_headers()
                .iter()
                .filter_map(|(name, value)| header(name, value.as_bytes(), secrets))
                .collect(),
            errors: items.map(|item| Item::of(status, item)).collect(),
            error_list: error.has_error_list(),
            body: Body {
                kind: error.body().kind(),
                len: error.body().len(),
                html: error.is_html(),
                shape: match error.body().kind() {
                    BodyKind::Json | BodyKind::Known => shape(error.body().bytes()),
                    _ => None,
                },
                text: None,
            },
        }
    }

    /// Returns the response with only values that a recorder writes.
    pub(super) fn checked(mut self) -> Self {
        self.hide(&Secrets::default());
        let status = self.status;
        self.errors.truncate(MANY);
        for item in &mut self.errors {
            let has_message = item.message.is_some();
            *item = Item::of(status, &item.item());
            item.message = item.message.take().filter(|_| has_message);
        }
        self.body.shape = self.body.shape.filter(|shape| is_shape(shape));
        self
    }

    /// Hides the request id and the headers that a recorder would not write, or that have a part of a secret.
    pub(super) fn hide(&mut self, secrets: &Secrets) {
        self.request_id = self.request_id.take().map(|id| request_id(&id, secrets));
        let lines = core::mem::take(&mut self.headers);
        let parts = lines.iter().filter_map(|line| line.split_once(": "));
        self.headers = parts
            .filter_map(|(name, value)| header(name, value.as_bytes(), secrets))
            .collect();
    }
}

fn request_id(id: &str, secrets: &Secrets) -> Cow<'static, str> {
    let known = safe::request_id(id, secrets);
    known.map_or(Cow::Borrowed(HIDDEN), |id| Cow::Owned(id.to_owned()))
}

/// Returns a header as one text, if it is known.
pub(crate) fn header(name: &str, value: &[u8], secrets: &Secrets) -> Option<String> {
    let (name, value) = safe::header(name, value, secrets)?;
    // The request id has a member of its own.
    (name != "x-request-id").then(|| [name, ": ", &value].concat())
}

impl Item {
    fn of(status: u16, item: &ErrorItem) -> Self {
        Self {
            code: item.code().map(|code| safe::code(code.as_str())),
            message: safe::message(status, item),
            field: item.field().map(safe::field),
        }
    }

    /// Returns the item as the library reads it.
    pub(crate) fn item(&self) -> ErrorItem {
        let message = self.message.as_deref().map(str::to_owned);
        let item = match (&self.code, message) {
            (Some(code), message) => ErrorItem::new(code, message.unwrap_or_default()),
            (None, Some(message)) => ErrorItem::from_message(message),
            (None, None) => ErrorItem::default(),
        };
        match &self.field {
            Some(field) => item.with_field(field),
            None => item,
        }
    }
}

impl Broken {
    pub(crate) fn of(fault: &Fault) -> Self {
        Self {
            phase: fault.phase(),
            kind: fault.kind(),
        }
    }
}
