//! Intercom's public status page, read leniently: it has changed its host and its vendor before.

use core::fmt;

use serde::Deserialize;

/// How bad things are, as the status page says it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusIndicator {
    /// All is well.
    None,
    /// Something small is amiss.
    Minor,
    /// Something large is amiss.
    Major,
    /// Hardly anything works.
    Critical,
    /// Another word, kept as it came.
    Other(String),
}

impl StatusIndicator {
    /// The word of the status page.
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

/// Shows the word of the status page.
impl fmt::Display for StatusIndicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the status page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceStatus {
    indicator: StatusIndicator,
    description: Option<String>,
}

impl ServiceStatus {
    /// How bad things are.
    #[must_use]
    pub const fn indicator(&self) -> &StatusIndicator {
        &self.indicator
    }

    /// The page's sentence, such as `All Systems Operational`.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Whether Intercom can be used: nothing worse than a minor incident.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        !matches!(
            self.indicator,
            StatusIndicator::Major | StatusIndicator::Critical
        )
    }

    /// Reads `status.json` or `summary.json`; only `status.indicator` is needed.
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
        let page: Page = serde_json::from_slice(crate::wire::content::without_mark(body)).ok()?;
        Some(Self {
            indicator: page.status.indicator.as_str().into(),
            description: page.status.description,
        })
    }
}
