//! Why a gate cannot be made, or a status cannot be read.

use crate::event::Trouble;

/// Why a [`FleetGate`](crate::blocking::FleetGate) cannot be made, because the URL of Redis or a setting is invalid; or why a
/// [`FleetStatus`](crate::FleetStatus) cannot be read.
///
/// `Display` names what is wrong and how to fix it. It never contains the URL, which can hold a password.
///
/// ```
/// # #[cfg(feature = "blocking")] {
/// use intercom_fleet::FleetSettings;
/// use intercom_fleet::blocking::FleetGate;
///
/// let error = FleetGate::connect("localhost:6379", FleetSettings::new()).unwrap_err();
/// assert_eq!(error.to_string(), "the URL of Redis is missing redis://; use one like redis://localhost:6379");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct FleetError {
    why: &'static str,
    trouble: Option<Trouble>,
}

impl FleetError {
    pub(crate) const fn new(why: &'static str) -> Self {
        Self { why, trouble: None }
    }

    /// Returns why Redis cannot be used, if the URL and the settings are valid. Only
    /// [`FleetStatus::read`](crate::FleetStatus::read) finds that out.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }
}

impl From<Trouble> for FleetError {
    fn from(trouble: Trouble) -> Self {
        Self {
            why: trouble.meaning(),
            trouble: Some(trouble),
        }
    }
}
