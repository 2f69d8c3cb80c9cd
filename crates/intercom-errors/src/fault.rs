//! An exchange without a complete answer.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use crate::names;
use crate::{Action, ApiError, Category, Class, Resend};

names! {
    /// How far an exchange had come when it failed: what decides whether it may be repeated.
    #[expect(
        clippy::exhaustive_enums,
        reason = "code that asks must handle each phase"
    )]
    pub enum Phase {
        NotSent = "not_sent", "The server cannot have seen the request: sending it is safe.";
        OutcomeUnknown = "outcome_unknown", "The request was on its way and no answer came: it may have been carried out.";
        Cut = "cut", "The head of an answer came, its body not or in part: its status says what was done.";
    }
}

names! {
    /// What broke. Repeating does not help against `BadCertificate`, `BadUri` and `TooLarge`.
    #[non_exhaustive]
    pub enum FaultKind, doc("In short: ", ".") {
        BadCertificate = "bad_certificate", "the server's certificate was refused";
        BadUri = "bad_uri", "the URI cannot be used";
        Closed = "closed", "the connection was closed";
        Connect = "connect", "no connection could be made";
        Dns = "dns", "the host name could not be resolved";
        Other = "other", "the exchange failed";
        Protocol = "protocol", "the answer is no HTTP";
        Timeout = "timeout", "time ran out";
        Tls = "tls", "the TLS handshake failed";
        TooLarge = "too_large", "the answer is larger than the limit set for it";
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

/// Why no complete answer came, and what that means for repeating the request.
///
/// ```
/// use intercom_errors::{Fault, FaultKind, Resend};
///
/// let refused = Fault::not_sent(FaultKind::Connect);
/// assert_eq!(refused.class().resend(), Resend::Safe);
/// assert_eq!(Fault::outcome_unknown(FaultKind::Timeout).class().resend(), Resend::IfReplayable);
/// assert_eq!(refused.to_string(), "no connection could be made; nothing was sent");
/// ```
pub struct Fault(Box<Inner>);

struct Inner {
    phase: Phase,
    kind: FaultKind,
    response: Option<ApiError>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    fn new(phase: Phase, kind: FaultKind, response: Option<ApiError>) -> Self {
        Self(Box::new(Inner {
            phase,
            kind,
            response,
            source: None,
        }))
    }

    /// The server cannot have seen the request.
    #[must_use]
    pub fn not_sent(kind: FaultKind) -> Self {
        Self::new(Phase::NotSent, kind, None)
    }

    /// The request, or a part of it, was on its way, and no answer came.
    #[must_use]
    pub fn outcome_unknown(kind: FaultKind) -> Self {
        Self::new(Phase::OutcomeUnknown, kind, None)
    }

    /// The answer was cut off: `answer` is made of its status, its headers and what came of its body.
    #[must_use]
    pub fn cut(kind: FaultKind, response: ApiError) -> Self {
        Self::new(Phase::Cut, kind, Some(response))
    }

    /// Adds the error of the HTTP library, for the chain of sources.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// How far the exchange had come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// What broke.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.0.kind
    }

    /// What came of an answer that was cut off.
    #[must_use]
    pub fn response(&self) -> Option<&ApiError> {
        self.0.response.as_ref()
    }

    /// Whether time ran out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == FaultKind::Timeout
    }

    /// What broke and how far the exchange had come, on one line.
    ///
    /// `Display` also warns that the request may have been carried out where that is not known; this line suits requests
    /// that only read.
    ///
    /// ```
    /// use intercom_errors::{Fault, FaultKind};
    ///
    /// let fault = Fault::outcome_unknown(FaultKind::Timeout);
    /// assert_eq!(fault.line().to_string(), "time ran out");
    /// assert_eq!(fault.to_string(), "time ran out; the request may have been carried out");
    /// ```
    pub fn line(&self) -> impl fmt::Display + '_ {
        struct Line<'f>(&'f Fault);
        impl fmt::Display for Line<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.kind().meaning())?;
                match (self.0.phase(), self.0.response()) {
                    (Phase::NotSent, _) => f.write_str("; nothing was sent"),
                    (_, Some(response)) => {
                        write!(f, "; an answer with status {} had begun", response.status())
                    }
                    (_, None) => Ok(()),
                }
            }
        }
        Line(self)
    }

    /// What the fault means: category, resend, action.
    ///
    /// An answer that was cut off is classed by its status: a 4xx refused the request; a 2xx did what was asked, so that
    /// only a request that may be applied twice is repeated for the sake of the body.
    #[must_use]
    pub fn class(&self) -> Class {
        let class = self.response().map_or_else(
            || self.without_answer(),
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

    fn without_answer(&self) -> Class {
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
            // It was done, or so it says; what is missing is only what it said.
            200..=299 if !self.kind().is_lasting() => Class::new(
                class.category(),
                class.resend().min(Resend::IfReplayable),
                Action::RetryAndCheckStatus,
            ),
            // What refuses for certain may be followed, in the part that is missing, by what does not.
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
            Phase::OutcomeUnknown => f.write_str("; the request may have been carried out"),
            Phase::Cut | Phase::NotSent => Ok(()),
        }
    }
}

/// Leaves out the source: the text of an HTTP library can name the URL.
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
