//! Why a gate cannot be made.

use std::fmt;

/// Why a [`FleetGate`](crate::blocking::FleetGate) cannot be made: the URL of Redis or a setting is invalid.
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
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FleetError(&'static str);

impl FleetError {
    pub(crate) const fn new(why: &'static str) -> Self {
        Self(why)
    }
}

impl fmt::Debug for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FleetError").field(&self.0).finish()
    }
}
