//! One item of an error list.

use alloc::boxed::Box;
use core::fmt;

use crate::ErrorCode;

/// One item of an error list. Every part is optional, because Intercom can leave out any part.
///
/// Validation errors that a client finds before it sends a request have the same shape.
///
/// ```
/// use intercom_errors::ErrorItem;
///
/// let item = ErrorItem::new("parameter_invalid", "the email is empty").with_field("email");
/// assert_eq!(item.field(), Some("email"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ErrorItem {
    pub(crate) code: Option<ErrorCode>,
    pub(crate) message: Option<Box<str>>,
    pub(crate) field: Option<Box<str>>,
    pub(crate) data: Option<Box<str>>,
}

impl ErrorItem {
    /// Creates an item with a code and a message.
    #[must_use]
    pub fn new(code: &str, message: impl Into<Box<str>>) -> Self {
        Self {
            code: Some(code.into()),
            message: Some(message.into()),
            ..Self::default()
        }
    }

    /// Creates an item with only a message, for problems that Intercom did not report.
    #[must_use]
    pub fn from_message(message: impl Into<Box<str>>) -> Self {
        Self {
            message: Some(message.into()),
            ..Self::default()
        }
    }

    /// Sets the invalid field.
    #[must_use]
    pub fn with_field(mut self, field: &str) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Returns the code.
    #[must_use]
    pub const fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// Returns the server's message. It may contain e-mail addresses and ids.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns the invalid field or query parameter.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// Returns further details as raw JSON, like the `required_permissions` of an `action_forbidden`.
    #[must_use]
    pub fn data(&self) -> Option<&str> {
        self.data.as_deref()
    }
}

/// Shows the length of the message instead of its text, because messages contain personal data.
impl fmt::Debug for ErrorItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorItem")
            .field("code", &self.code)
            .field("field", &self.field().filter(|field| is_name(field)))
            .field("message_len", &self.message().map(str::len))
            .finish_non_exhaustive()
    }
}

/// Whether this has the form of the field names in the API's documentation. A response can have an e-mail address instead.
fn is_name(field: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.[]".contains(&byte);
    field.len() <= 64 && field.bytes().all(is_part)
}
