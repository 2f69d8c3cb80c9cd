//! The events of a gate, kept for a test.

use std::sync::{Arc, Mutex};

use intercom_fleet::{FleetEvent, FleetSettings, Trouble};

/// Keeps events.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<FleetEvent>>>);

impl Events {
    /// Settings that keep events here.
    pub(crate) fn settings(&self) -> FleetSettings {
        let events = self.clone();
        FleetSettings::new().with_observer(move |event| events.0.lock().unwrap().push(*event))
    }

    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        let events = self.0.lock().unwrap();
        let troubles = events.iter().filter_map(|event| match event {
            FleetEvent::Trouble(trouble) => Some(*trouble),
            _ => None,
        });
        troubles.collect()
    }
}
