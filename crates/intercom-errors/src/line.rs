//! An error on one line.

use core::fmt;

use crate::{ApiError, BodyKind, Category, OneLine};

/// An [`ApiError`] on one line, made by [`ApiError::line`]: status, code, what to do, request id.
#[derive(Clone, Copy, Debug)]
pub struct Line<'e> {
    error: &'e ApiError,
    advice: Option<&'e str>,
    message: bool,
}

impl<'e> Line<'e> {
    pub(crate) const fn of(error: &'e ApiError) -> Self {
        Self {
            error,
            advice: None,
            message: false,
        }
    }

    /// Shows the server's message and the field at fault too; a message can hold personal data.
    #[must_use]
    pub const fn with_message(mut self) -> Self {
        self.message = true;
        self
    }

    /// Says to do this, and not what the error alone would advise.
    #[must_use]
    pub const fn with_advice(mut self, advice: &'e str) -> Self {
        self.advice = Some(advice);
        self
    }
}

impl ApiError {
    /// The error on one line: status, code, what to do, request id.
    ///
    /// `{}` shows this line as it is, and `{:#}` adds the server's message and the field at fault, for logs that may hold
    /// personal data. The methods of [`Line`] do that too, or replace the advice, for callers that know more of the request.
    ///
    /// ```
    /// use intercom_errors::ApiError;
    ///
    /// let body = br#"{"type":"error.list","errors":[{"code":"not_found","message":"User Not Found"}]}"#;
    /// let error = ApiError::from_parts(404, [], body);
    /// assert_eq!(error.line().to_string(), "404 not_found: check the id");
    /// let line = error.line().with_message().with_advice("create it first");
    /// assert_eq!(line.to_string(), r#"404 not_found "User Not Found": create it first"#);
    /// ```
    #[must_use]
    pub const fn line(&self) -> Line<'_> {
        Line::of(self)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line();
        if f.alternate() {
            line.with_message().fmt(f)
        } else {
            line.fmt(f)
        }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.error;
        write!(f, "{}", error.status())?;
        if let Some(code) = error.code() {
            write!(f, " {}", OneLine(code.as_str(), 64))?;
        }
        let repeats = |message: &str| error.code().is_some_and(|code| code.as_str() == message);
        let message = error.message().filter(|message| !repeats(message));
        if let Some(message) = message.filter(|_| self.message) {
            write!(f, " \"{}\"", OneLine(message, 300))?;
        }
        if let Some(field) = error.field().filter(|_| self.message) {
            write!(f, " (field {})", OneLine(field, 64))?;
        }
        let action = error.class().action();
        write!(f, ": {}", self.advice.unwrap_or(action.meaning()))?;
        let named = action.slot().and_then(|slot| error.value(slot));
        if let Some(value) = named.filter(|_| self.advice.is_none()) {
            write!(f, " {}", OneLine(value, 64))?;
        }
        if let Some(encoding) = error.content_encoding() {
            let encoding = OneLine(encoding, 32);
            write!(f, "; the body was not read: it is encoded as {encoding}")?;
        } else if is_a_page(error) {
            f.write_str("; the body is not JSON")?;
        }
        match error.request_id() {
            Some(id) => write!(f, " (request {})", OneLine(id, 64)),
            None => Ok(()),
        }
    }
}

/// Whether it is a success by its status, with a body that the API would not send.
fn is_a_page(error: &ApiError) -> bool {
    error.class().category() == Category::Unreadable && error.body().kind() == BodyKind::Raw
}
