//! An error on one line.

use core::fmt;

use crate::{Action, ApiError, BodyKind, Category};

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

    /// Shows the server's message too, which may carry personal data.
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
    /// `Display` is this line as it is. The methods of [`Line`] add the server's message, for logs that may hold personal
    /// data, or replace the advice, for callers that know more of the request.
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
        self.line().fmt(f)
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
        match (self.advice, error.class().action(), error.required_scope()) {
            (Some(advice), ..) => write!(f, ": {advice}")?,
            (None, Action::AddScope, Some(scope)) => {
                write!(f, ": add the permission {}", OneLine(scope, 64))?;
            }
            (None, Action::ContactSupport, _) if is_a_page(error) => f.write_str(
                ": the answer is no JSON, so check the base URL and what stands between",
            )?,
            (None, action, _) => write!(f, ": {}", action.meaning())?,
        }
        if let Some(encoding) = error.content_encoding() {
            let encoding = OneLine(encoding, 32);
            write!(f, "; the body was not read: it is encoded as {encoding}")?;
        }
        match error.request_id() {
            Some(id) => write!(f, " (request {})", OneLine(id, 64)),
            None => Ok(()),
        }
    }
}

/// Whether it is a success that somebody else than the API seems to have sent.
fn is_a_page(error: &ApiError) -> bool {
    let is_bytes = matches!(error.body().kind(), BodyKind::Encoded | BodyKind::Raw);
    error.class().category() == Category::Unreadable && is_bytes
}

/// Text of others on one line, of bounded length: what would break the line or turn its direction is escaped.
struct OneLine<'t>(&'t str, usize);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.chars();
        for char in shown.by_ref().take(self.1) {
            if char.is_control()
                || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            {
                write!(f, "{}", char.escape_default())?;
            } else {
                write!(f, "{char}")?;
            }
        }
        if shown.next().is_some() {
            f.write_str("…")
        } else {
            Ok(())
        }
    }
}
