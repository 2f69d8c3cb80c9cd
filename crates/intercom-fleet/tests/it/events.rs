//! The events of a gate, kept for a test.

use std::sync::{Arc, Mutex};

use intercom_fleet::{Change, FleetEvent, FleetSettings, Trouble};
use intercom_pace::PacerSettings;

use crate::callers::WINDOW;

/// Keeps events.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<FleetEvent>>>);

impl Events {
    /// Settings that keep events here, and have the windows of the API of the tests.
    pub(crate) fn settings(&self) -> FleetSettings {
        let events = self.clone();
        FleetSettings::new()
            .with_pacer(PacerSettings::new().with_window(WINDOW))
            .with_observer(move |event| events.add(*event))
    }

    pub(crate) fn add(&self, event: FleetEvent) {
        self.0.lock().unwrap().push(event);
    }

    pub(crate) fn all(&self) -> Vec<FleetEvent> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        let troubles = self.all().into_iter().filter_map(|event| match event {
            FleetEvent::Trouble(trouble) => Some(trouble),
            _ => None,
        });
        troubles.collect()
    }

    /// Whether the process has had a lease.
    pub(crate) fn has_joined(&self) -> bool {
        let joined = |event| {
            matches!(
                event,
                FleetEvent::Lease(Change::Joined { .. } | Change::Rejoined { .. })
            )
        };
        self.all().into_iter().any(joined)
    }

    pub(crate) fn round_trips(&self) -> usize {
        let is_reply = |event: &FleetEvent| matches!(event, FleetEvent::RoundTrip(_));
        self.all().iter().filter(|event| is_reply(event)).count()
    }

    pub(crate) fn has_recovered(&self) -> bool {
        self.all().contains(&FleetEvent::Recovered)
    }
}
