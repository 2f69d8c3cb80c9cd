//! Formats an error on one line.

use core::fmt;

use crate::{ApiError, BodyKind, Category, OneLine};

/// Formats an [`ApiError`] on one line: status, code, what to do, request id. Created by [`ApiError::line`].
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

    /// Includes the server's message and the invalid field. A message can contain personal data.
    #[must_use]
    pub const fn with_message(mut self) -> Self {
        self.message = true;
        self
    }

    /// Replaces the advice.
    #[must_use]
    pub const fn with_advice(mut self, advice: &'e str) -> Self {
        self.advice = Some(advice);
        self
    }
}

impl ApiError {
    /// Formats the error on one line: status, code, what to do, request id.
    ///
    /// For an `ApiError`, `{}` writes this line. `{:#}` adds the server's message and the invalid field, for logs
    /// that may contain personal data. [`Line`] has a method that adds both, and a method that replaces the advice
    /// if the caller knows more about the request.
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

/// Returns `true` if the status says success but the body is not JSON.
fn is_a_page(error: &ApiError) -> bool {
    error.class().category() == Category::Unreadable && error.body().kind() == BodyKind::Raw
}
