//! Passes events to the program, each trouble and each loss of the lease once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use intercom_pace::fleet::Change;

use crate::event::{FleetEvent, Trouble};

/// The program's own function for events.
pub(crate) type Observer = Arc<dyn Fn(&FleetEvent) + Send + Sync>;

/// Passes events on. It holds no lock while the program's function runs.
#[derive(Default)]
pub(crate) struct Reporter {
    observer: Option<Observer>,
    reported: Mutex<Reported>,
}

/// What the program knows.
#[derive(Default)]
struct Reported {
    /// Since the ledger last replied.
    troubles: Vec<Trouble>,
    /// Whether the process has a lease.
    is_leased: Option<bool>,
}

impl Reporter {
    pub(crate) fn new(observer: Option<Observer>) -> Self {
        Self {
            observer,
            reported: Mutex::default(),
        }
    }

    fn reported(&self) -> MutexGuard<'_, Reported> {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes an event on. A panic of the program's function ends here: it would end the thread or task, or a call.
    pub(crate) fn report(&self, event: &FleetEvent) {
        if let Some(observer) = &self.observer {
            let _ = catch_unwind(AssertUnwindSafe(|| observer(event)));
        }
    }

    /// Reports a change of the lease. That there is none is reported once.
    pub(crate) fn change(&self, change: Change) {
        let is_leased = match change {
            Change::FellBack => Some(false),
            Change::Joined { .. }
            | Change::Rejoined { .. }
            | Change::Granted { .. }
            | Change::Renewed { .. } => Some(true),
            _ => None,
        };
        if is_leased.is_some() {
            let known = std::mem::replace(&mut self.reported().is_leased, is_leased);
            if change == Change::FellBack && known == is_leased {
                return;
            }
        }
        self.report(&FleetEvent::Lease(change));
    }

    /// The thread or task has ended, and with it the lease: no later change would be reported.
    pub(crate) fn ended(&self) {
        let is_leased = self.reported().is_leased;
        if is_leased == Some(true) {
            self.change(Change::FellBack);
        }
    }

    /// Reports a trouble, unless it was reported since the ledger last replied. Returns whether it did.
    pub(crate) fn trouble(&self, trouble: Trouble) -> bool {
        let mut reported = self.reported();
        if reported.troubles.contains(&trouble) {
            return false;
        }
        reported.troubles.push(trouble);
        drop(reported);
        self.report(&FleetEvent::Trouble(trouble));
        true
    }

    /// The ledger has replied.
    pub(crate) fn replied(&self) {
        let troubles = std::mem::take(&mut self.reported().troubles);
        if troubles.is_empty() {
            return;
        }
        self.report(&FleetEvent::Recovered);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use intercom_pace::fleet::Change;

    use super::Reporter;
    use crate::event::{FleetEvent, Trouble};

    #[test]
    fn the_loss_of_the_lease_is_reported_once() {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let reporter = Reporter::new(Some(Arc::new(move |event: &FleetEvent| {
            sink.lock().unwrap().push(*event);
        })));
        reporter.ended();
        assert_eq!(*events.lock().unwrap(), []);
        reporter.change(Change::Joined { hold: 1, share: 2 });
        reporter.ended();
        assert_eq!(events.lock().unwrap().len(), 2);
        reporter.ended();
        reporter.change(Change::FellBack);
        reporter.change(Change::Granted { slots: 2 });
        reporter.change(Change::FellBack);
        let changes = [
            Change::Joined { hold: 1, share: 2 },
            Change::FellBack,
            Change::Granted { slots: 2 },
            Change::FellBack,
        ];
        assert_eq!(*events.lock().unwrap(), changes.map(FleetEvent::Lease));
    }

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
