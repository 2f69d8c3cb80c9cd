//! Intercom's public status page. It is read leniently, because its host and vendor have changed before.

use core::fmt;

use intercom_errors::without_mark;
use serde_json::Value;

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
    incidents: Vec<Incident>,
    components: Vec<Component>,
}

/// An open incident on the status page.
///
/// ```
/// let page = br#"{"status":{"indicator":"minor"},
///     "incidents":[{"name":"Delayed webhooks","status":"monitoring","impact":"minor","components":[{"name":"Webhooks"}]}]}"#;
/// let status = intercom_protocol::ServiceStatus::parse(page).unwrap();
/// let incident = &status.incidents()[0];
/// assert_eq!((incident.name(), incident.status()), ("Delayed webhooks", "monitoring"));
/// assert_eq!(incident.components(), ["Webhooks"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    name: String,
    status: String,
    impact: StatusIndicator,
    components: Vec<String>,
}

impl Incident {
    /// Returns the title.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how far Intercom is, like `investigating`; empty if the page does not say it.
    #[must_use]
    pub fn status(&self) -> &str {
        &self.status
    }

    /// Returns how severe it is.
    #[must_use]
    pub const fn impact(&self) -> &StatusIndicator {
        &self.impact
    }

    /// Returns the names of the components that it affects, if the page lists them.
    #[must_use]
    pub fn components(&self) -> &[String] {
        &self.components
    }
}

/// A part of Intercom on the status page, like its API.
///
/// ```
/// let page = br#"{"status":{"indicator":"minor"},"components":[{"name":"REST API","status":"partial_outage"}]}"#;
/// let status = intercom_protocol::ServiceStatus::parse(page).unwrap();
/// let component = &status.components()[0];
/// assert_eq!((component.name(), component.status(), component.is_operational()), ("REST API", "partial_outage", false));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    name: String,
    status: String,
}

impl Component {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the state in the page's word, like `operational` or `partial_outage`.
    #[must_use]
    pub fn status(&self) -> &str {
        &self.status
    }

    /// Returns whether the page reports no problem with it.
    #[must_use]
    pub fn is_operational(&self) -> bool {
        self.status == "operational"
    }
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

    /// Returns the open incidents. Only `summary.json` lists them, which [`service_status`](super::service_status) reads.
    #[must_use]
    pub fn incidents(&self) -> &[Incident] {
        &self.incidents
    }

    /// Returns all components with their states. Only `summary.json` lists them.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components
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
        let page: Value = serde_json::from_slice(without_mark(body)).ok()?;
        let status = page.get("status")?;
        let list = |name| {
            page.get(name)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        let incidents = list("incidents").filter_map(Incident::of);
        let components = list("components").filter_map(Component::of);
        Some(Self {
            indicator: text(status, "indicator")?.as_str().into(),
            description: text(status, "description"),
            incidents: incidents.collect(),
            components: components.collect(),
        })
    }
}

impl Incident {
    /// Only the name is required.
    fn of(incident: &Value) -> Option<Self> {
        let components = incident.get("components").and_then(Value::as_array);
        let components = components.into_iter().flatten();
        Some(Self {
            name: text(incident, "name")?,
            status: text(incident, "status").unwrap_or_default(),
            impact: text(incident, "impact")
                .map_or(StatusIndicator::None, |impact| impact.as_str().into()),
            components: components
                .filter_map(|component| text(component, "name"))
                .collect(),
        })
    }
}

impl Component {
    fn of(component: &Value) -> Option<Self> {
        Some(Self {
            name: text(component, "name")?,
            status: text(component, "status")?,
        })
    }
}

fn text(object: &Value, member: &str) -> Option<String> {
    object.get(member)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_tells_its_incidents_and_components() {
        let page = br#"{"status":{"indicator":"minor","description":"Delays"},
            "incidents":[
                {"name":"Delayed webhooks","status":"monitoring","impact":"critical","components":[{"name":"Webhooks"},{"name":"API"}]},
                {"name":"Another"}, {"status":"unnamed"}],
            "components":[{"name":"API","status":"operational"},{"name":"Inbox","status":"partial_outage"},{"name":"?"}]}"#;
        let status = ServiceStatus::parse(page).unwrap();
        assert_eq!(status.indicator(), &StatusIndicator::Minor);
        assert_eq!(status.description(), Some("Delays"));
        let [delay, other] = status.incidents() else {
            panic!("an incident has a name: {status:?}")
        };
        assert_eq!(
            (delay.name(), delay.status()),
            ("Delayed webhooks", "monitoring")
        );
        assert_eq!(delay.impact(), &StatusIndicator::Critical);
        assert_eq!(delay.components(), ["Webhooks", "API"]);
        assert_eq!((other.name(), other.status()), ("Another", ""));
        assert_eq!(other.impact(), &StatusIndicator::None);
        let state = |it: &Component| {
            (
                it.name().to_owned(),
                it.status().to_owned(),
                it.is_operational(),
            )
        };
        let states: Vec<_> = status.components().iter().map(state).collect();
        let expected = [
            ("API", "operational", true),
            ("Inbox", "partial_outage", false),
        ];
        assert_eq!(
            states,
            expected.map(|(name, status, is)| (name.to_owned(), status.to_owned(), is))
        );
    }

    #[test]
    fn known_words_have_a_variant_and_others_stay_as_they_are() {
        for word in ["none", "minor", "major", "critical", "maintenance"] {
            let indicator = StatusIndicator::from(word);
            assert_eq!(indicator.as_str(), word);
            let is_other = matches!(indicator, StatusIndicator::Other(_));
            assert_eq!(is_other, word == "maintenance");
        }
    }
}
