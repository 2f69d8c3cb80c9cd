//! The fleet: the processes that share the quota through Redis.

use std::ffi::OsString;
use std::fmt;

use intercom_fleet::{FleetError, FleetEvent, FleetSettings, FleetStatus};
use intercom_protocol::{Connection, PacerSettings};

use crate::args::Global;
use crate::error::Failure;
use crate::output::say;
use crate::redact::Redactor;

const VARIABLE: &str = "INTERCOM_FLEET_URL";

/// Where the ledger of the fleet is, and the name of the quota. `Debug` does not show the URL, which can contain a password.
#[derive(Clone)]
pub(crate) struct Fleet {
    url: String,
    name: Option<String>,
}

impl Fleet {
    /// The fleet from the arguments, else from the environment. An empty URL means no fleet.
    pub(crate) fn read(
        global: &Global,
        variable: impl FnOnce(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, Failure> {
        let url = match &global.fleet {
            Some(url) => url.clone(),
            None => variable(VARIABLE)
                .unwrap_or_default()
                .into_string()
                .map_err(|_| {
                    Failure::usage(format!(
                        "{VARIABLE} is not UTF-8; use a URL like redis://localhost:6379"
                    ))
                })?,
        };
        let name = global.fleet_name.clone();
        Ok((!url.is_empty()).then_some(Self { url, name }))
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The settings of a gate, which reports trouble on stderr.
    pub(crate) fn settings(&self, pacing: &PacerSettings, redactor: Redactor) -> FleetSettings {
        let settings = FleetSettings::new()
            .with_pacer(pacing.clone())
            .with_observer(move |event| {
                if matches!(event, FleetEvent::Trouble(_) | FleetEvent::Recovered) {
                    say(&event.to_string(), &redactor);
                }
            });
        self.named(settings)
    }
}

impl Fleet {
    /// Reads the state of the fleet.
    pub(crate) fn status(
        &self,
        connection: &Connection,
    ) -> Result<Option<FleetStatus>, FleetError> {
        FleetStatus::read(&self.url, &self.named(FleetSettings::new()), connection)
    }

    fn named(&self, settings: FleetSettings) -> FleetSettings {
        match &self.name {
            Some(name) => settings.with_name(name),
            None => settings,
        }
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fleet(redacted)")
    }
}
