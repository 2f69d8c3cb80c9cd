//! Passes events to the program, each trouble once.

use std::sync::{Arc, Mutex, PoisonError};

use crate::event::{FleetEvent, Trouble};

/// The program's own function for events.
pub(crate) type Observer = Arc<dyn Fn(&FleetEvent) + Send + Sync>;

/// Passes events on. It holds no lock while the program's function runs.
#[derive(Default)]
pub(crate) struct Reporter {
    observer: Option<Observer>,
    /// What has been reported since the ledger last replied.
    reported: Mutex<Vec<Trouble>>,
}

impl Reporter {
    pub(crate) fn new(observer: Option<Observer>) -> Self {
        Self {
            observer,
            reported: Mutex::default(),
        }
    }

    pub(crate) fn report(&self, event: &FleetEvent) {
        if let Some(observer) = &self.observer {
            observer(event);
        }
    }

    /// Reports a trouble, unless it was reported since the ledger last replied. Returns whether it did.
    pub(crate) fn trouble(&self, trouble: Trouble) -> bool {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.contains(&trouble) {
            return false;
        }
        reported.push(trouble);
        drop(reported);
        self.report(&FleetEvent::Trouble(trouble));
        true
    }

    /// The ledger has replied.
    pub(crate) fn replied(&self) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut *reported).is_empty() {
            return;
        }
        drop(reported);
        self.report(&FleetEvent::Recovered);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::Reporter;
    use crate::event::{FleetEvent, Trouble};

    #[test]
    fn the_same_trouble_is_reported_again_only_after_a_reply() {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let reporter = Reporter::new(Some(Arc::new(move |event: &FleetEvent| {
            sink.lock().unwrap().push(event.to_string());
        })));
        for _ in 0..2 {
            reporter.trouble(Trouble::TimedOut);
            reporter.trouble(Trouble::Unreachable);
            reporter.trouble(Trouble::TimedOut);
            reporter.replied();
            reporter.replied();
        }
        let (timed_out, unreachable) = (
            FleetEvent::Trouble(Trouble::TimedOut).to_string(),
            FleetEvent::Trouble(Trouble::Unreachable).to_string(),
        );
        let once = [timed_out, unreachable, FleetEvent::Recovered.to_string()];
        assert_eq!(*events.lock().unwrap(), [&once[..], &once[..]].concat());
    }
}
