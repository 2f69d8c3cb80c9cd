//! The settings of a gate.

use std::fmt;
use std::sync::Arc;

use intercom_pace::PacerSettings;

use crate::error::FleetError;
use crate::event::FleetEvent;
use crate::reporter::Observer;

/// The settings of a `FleetGate`. The defaults suit most fleets.
///
/// ```
/// use intercom_fleet::FleetSettings;
/// use intercom_pace::{PacerSettings, Pacing};
///
/// let settings = FleetSettings::new()
///     .with_pacer(PacerSettings::new().with_pacing(Pacing::Fast))
///     .with_observer(|event| eprintln!("{event}"));
/// assert_eq!(settings.pacer().pacing(), Pacing::Fast);
/// ```
#[derive(Clone, Default)]
pub struct FleetSettings {
    pub(crate) pacer: PacerSettings,
    pub(crate) name: Option<String>,
    pub(crate) observer: Option<Observer>,
}

impl FleetSettings {
    /// Returns the defaults: steady pacing, no reserve, windows of ten seconds, the quota of the client's access token.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the pacing, the reserve and the length of a window.
    ///
    /// A reserve is that of the whole fleet: this process leaves it to the members that have none. Give one to batch jobs, so that
    /// calls for which people wait always find something left. Set the same window in all processes.
    #[must_use]
    pub fn with_pacer(mut self, pacer: PacerSettings) -> Self {
        self.pacer = pacer;
        self
    }

    /// Names the quota. Processes with the same name and base URL share one quota, whatever their access tokens are.
    ///
    /// Set a name if the access token can change, or if several tokens belong to one app. Without a name, the quota is that of the
    /// access token. Redis sees neither of them, only a hash.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets a function that receives each event. It runs on the thread or task that talks to Redis, on that of a call, or on that which
    /// builds a client with the gate, and never under a lock. It must not block. If it panics, the fleet and the calls go on.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Fn(&FleetEvent) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Returns the pacing, the reserve and the length of a window.
    #[must_use]
    pub fn pacer(&self) -> &PacerSettings {
        &self.pacer
    }

    /// Returns the name of the quota, if one is set.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn check(&self) -> Result<(), FleetError> {
        match self.name() {
            Some("") => Err(FleetError::new(
                "the name of the quota is empty; set a name, or none to use the access token",
            )),
            _ => Ok(()),
        }
    }
}

/// Leaves the name out, because it may be a secret that stands in for the token.
impl fmt::Debug for FleetSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetSettings")
            .field("pacer", &self.pacer)
            .field("is_named", &self.name.is_some())
            .finish_non_exhaustive()
    }
}
