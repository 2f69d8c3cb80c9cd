//! Intercom's public status page. It is read leniently, because its host and vendor have changed before.

use core::fmt;

use intercom_errors::without_mark;
use serde::Deserialize;

/// How severe the current incidents are, according to the status page.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusIndicator {
    /// No incident.
    None,
    /// A minor incident.
    Minor,
    /// A major incident.
    Major,
    /// A critical incident.
    Critical,
    /// A word that this crate does not know, unchanged.
    Other(String),
}

impl StatusIndicator {
    /// Returns the word that the status page uses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
            Self::Other(word) => word,
        }
    }
}

impl From<&str> for StatusIndicator {
    fn from(word: &str) -> Self {
        match word {
            "none" => Self::None,
            "minor" => Self::Minor,
            "major" => Self::Major,
            "critical" => Self::Critical,
            _ => Self::Other(word.to_owned()),
        }
    }
}

impl core::str::FromStr for StatusIndicator {
    type Err = core::convert::Infallible;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(word.into())
    }
}

/// Shows the word that the status page uses.
impl fmt::Display for StatusIndicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the status page reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceStatus {
    indicator: StatusIndicator,
    description: Option<String>,
}

impl ServiceStatus {
    /// Returns how severe the current incidents are.
    #[must_use]
    pub const fn indicator(&self) -> &StatusIndicator {
        &self.indicator
    }

    /// Returns the page's own description, like `All Systems Operational`.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Returns whether Intercom is usable: the status page reports no major or critical incident.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        !matches!(
            self.indicator,
            StatusIndicator::Major | StatusIndicator::Critical
        )
    }

    /// Reads `status.json` or `summary.json`. Only `status.indicator` is required.
    ///
    /// ```
    /// let page = br#"{"status":{"indicator":"minor","description":"Delayed webhooks"}}"#;
    /// let status = intercom_protocol::ServiceStatus::parse(page).unwrap();
    /// assert!(status.is_ok());
    /// ```
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Page {
            status: Status,
        }
        #[derive(Deserialize)]
        struct Status {
            indicator: String,
            description: Option<String>,
        }
        let page: Page = serde_json::from_slice(without_mark(body)).ok()?;
        Some(Self {
            indicator: page.status.indicator.as_str().into(),
            description: page.status.description,
        })
    }
}
