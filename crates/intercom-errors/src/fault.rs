//! An exchange without a complete response.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use crate::names;
use crate::{Action, ApiError, Category, Class, Resend};

names! {
    /// How far an exchange got before it failed. It decides whether the request can be sent again.
    #[expect(
        clippy::exhaustive_enums,
        reason = "callers must handle every phase"
    )]
    pub enum Phase {
        NotSent = "not_sent", "The server cannot have seen the request, so it is safe to send it again.";
        OutcomeUnknown = "outcome_unknown", "The request was on its way, and no response came. It may have been applied.";
        Cut = "cut", "The head of a response came, but not all of its body. Its status says what was done.";
    }
}

names! {
    /// What failed. A retry does not help against `BadCertificate`, `BadUri` and `TooLarge`.
    #[non_exhaustive]
    pub enum FaultKind, doc("In short: ", ".") {
        BadCertificate = "bad_certificate", "the server's certificate was refused";
        BadUri = "bad_uri", "the URI cannot be used";
        Closed = "closed", "the connection was closed";
        Connect = "connect", "no connection could be made";
        Dns = "dns", "the host name could not be resolved";
        Other = "other", "the exchange failed";
        Protocol = "protocol", "the response is not valid HTTP";
        Timeout = "timeout", "timed out";
        Tls = "tls", "the TLS handshake failed";
        TooLarge = "too_large", "the response is larger than the limit";
    }
}

impl FaultKind {
    const fn is_about_connecting(self) -> bool {
        matches!(
            self,
            Self::BadCertificate | Self::BadUri | Self::Connect | Self::Dns | Self::Tls
        )
    }

    const fn is_lasting(self) -> bool {
        matches!(self, Self::BadCertificate | Self::BadUri | Self::TooLarge)
    }
}

/// The reason why no complete response arrived, and whether the request can be sent again.
///
/// ```
/// use intercom_errors::{Fault, FaultKind, Resend};
///
/// let refused = Fault::not_sent(FaultKind::Connect);
/// assert_eq!(refused.class().resend(), Resend::Safe);
/// assert_eq!(Fault::outcome_unknown(FaultKind::Timeout).class().resend(), Resend::IfReplayable);
/// assert_eq!(refused.to_string(), "no connection could be made; nothing was sent");
/// ```
pub struct Fault(pub(crate) Box<Inner>);

pub(crate) struct Inner {
    phase: Phase,
    kind: FaultKind,
    response: Option<ApiError>,
    source: Option<Box<dyn Error + Send + Sync>>,
    #[cfg(feature = "serde")]
    pub(crate) stored_class: Option<crate::StoredClass>,
}

impl Fault {
    pub(crate) fn new(phase: Phase, kind: FaultKind, response: Option<ApiError>) -> Self {
        Self(Box::new(Inner {
            phase,
            kind,
            response,
            source: None,
            #[cfg(feature = "serde")]
            stored_class: None,
        }))
    }

    /// Creates a fault for a request that the server cannot have seen.
    #[must_use]
    pub fn not_sent(kind: FaultKind) -> Self {
        Self::new(Phase::NotSent, kind, None)
    }

    /// Creates a fault for a request that was sent, at least in part, and got no response.
    #[must_use]
    pub fn outcome_unknown(kind: FaultKind) -> Self {
        Self::new(Phase::OutcomeUnknown, kind, None)
    }

    /// Creates a fault for a response that was cut off. `response` has its status, its headers and the part of its body
    /// that arrived.
    #[must_use]
    pub fn cut(kind: FaultKind, response: ApiError) -> Self {
        Self::new(Phase::Cut, kind, Some(response))
    }

    /// Sets the error of the HTTP library as the source.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Returns how far the exchange got.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// Returns what failed.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.0.kind
    }

    /// Returns the part of a response that arrived before it was cut off.
    #[must_use]
    pub fn response(&self) -> Option<&ApiError> {
        self.0.response.as_ref()
    }

    /// Returns `true` if a time-out expired.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == FaultKind::Timeout
    }

    /// Formats on one line what failed and how far the exchange got.
    ///
    /// `Display` also warns if the request may have been applied. This line leaves the warning out, which suits
    /// requests that only read.
    ///
    /// ```
    /// use intercom_errors::{Fault, FaultKind};
    ///
    /// let fault = Fault::outcome_unknown(FaultKind::Timeout);
    /// assert_eq!(fault.line().to_string(), "timed out");
    /// assert_eq!(fault.to_string(), "timed out; the request may have been applied");
    /// ```
    pub fn line(&self) -> impl fmt::Display + '_ {
        struct Line<'f>(&'f Fault);
        impl fmt::Display for Line<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.kind().meaning())?;
                match (self.0.phase(), self.0.response()) {
                    (Phase::NotSent, _) => f.write_str("; nothing was sent"),
                    (_, Some(response)) => {
                        write!(
                            f,
                            "; a response with status {} was cut off",
                            response.status()
                        )
                    }
                    (_, None) => Ok(()),
                }
            }
        }
        Line(self)
    }

    /// Returns what the fault means: its category, whether to resend, and what to do next.
    ///
    /// A response that was cut off is classified by its status. A 4xx means that the request was refused.
    /// A 2xx means that the request was applied, so the request is sent again only if it may be applied twice.
    #[must_use]
    pub fn class(&self) -> Class {
        let class = self.response().map_or_else(
            || self.class_without_response(),
            |response| self.cut_class(response),
        );
        match self.kind() {
            FaultKind::TooLarge => Class::new(class.category(), Resend::Never, Action::AskForLess),
            kind if kind.is_lasting() => {
                Class::new(class.category(), Resend::Never, class.action())
            }
            _ => class,
        }
    }

    fn class_without_response(&self) -> Class {
        let resend = match self.phase() {
            Phase::NotSent => Resend::Safe,
            Phase::OutcomeUnknown | Phase::Cut => Resend::IfReplayable,
        };
        let category = if self.is_timeout() {
            Category::Timeout
        } else {
            Category::Connection
        };
        let action = if self.kind().is_about_connecting() {
            Action::CheckConnection
        } else {
            Action::RetryAndCheckStatus
        };
        Class::new(category, resend, action)
    }

    fn cut_class(&self, response: &ApiError) -> Class {
        let class = response.class();
        match response.status() {
            // The status says that the request was applied. Only a part of the body is missing.
            200..=299 if !self.kind().is_lasting() => Class::new(
                class.category(),
                class.resend().min(Resend::IfReplayable),
                Action::RetryAndCheckStatus,
            ),
            // The missing part may contain an item that does not refuse the request.
            408 | 500..=599 => Class::new(
                class.category(),
                class.resend().min(Resend::IfReplayable),
                class.action(),
            ),
            _ => class,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.line())?;
        match self.phase() {
            Phase::OutcomeUnknown => f.write_str("; the request may have been applied"),
            Phase::Cut | Phase::NotSent => Ok(()),
        }
    }
}

/// Leaves out the source, because its text can contain the URL.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("phase", &self.0.phase)
            .field("kind", &self.0.kind)
            .field("response", &self.0.response)
            .finish_non_exhaustive()
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}
