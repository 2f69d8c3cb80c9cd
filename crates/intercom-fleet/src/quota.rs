//! Which quota a gate keeps.

use std::sync::{Arc, OnceLock};

use intercom_pace::fleet::Member;
use intercom_pace::{PacerSettings, SharedQueue};
use intercom_protocol::Connection;

use crate::error::FleetError;
use crate::event::{FleetEvent, Trouble};
use crate::key;
use crate::reporter::Reporter;
use crate::settings::FleetSettings;

/// The settings of a gate, and the key of its quota as soon as it is known.
pub(crate) struct Quota {
    pacer: PacerSettings,
    name: Option<String>,
    key: OnceLock<String>,
    pub(crate) reporter: Arc<Reporter>,
}

impl Quota {
    pub(crate) fn new(settings: FleetSettings) -> Result<Self, FleetError> {
        settings.check()?;
        Ok(Self {
            pacer: settings.pacer,
            name: settings.name,
            key: OnceLock::new(),
            reporter: Arc::new(Reporter::new(settings.observer)),
        })
    }

    pub(crate) fn pacer(&self) -> PacerSettings {
        self.pacer.clone()
    }

    /// Receives the connection of a client. If it has another quota, that is reported. The first client of a seat decides whether
    /// the seat is in the fleet: later ones may be of a shared gate, which cannot tell their calls apart.
    pub(crate) fn attach<G>(
        &self,
        connection: &Connection,
        seat: &Seat<G>,
        make: impl FnOnce(PacerSettings) -> G,
    ) {
        let is_other = !self.is_of(connection);
        seat.0.get_or_init(|| is_other.then(|| make(self.pacer())));
        if is_other {
            let event = FleetEvent::Trouble(Trouble::OtherQuota);
            self.reporter.report(&event);
        }
    }

    /// Takes over the quota of this connection, if there is none so far. Returns whether the connection has this quota.
    fn is_of(&self, connection: &Connection) -> bool {
        match key::of_connection(connection, self.name.as_deref()) {
            Some(key) => *self.key.get_or_init(|| key.clone()) == key,
            // Without a key, the gate coordinates nothing, so it does not mix two quotas in Redis.
            None => self.key.get().is_none(),
        }
    }

    /// Reports why the gate has no fleet, and lets its calls go on.
    pub(crate) fn go_alone(&self, queue: &SharedQueue<Member>, trouble: Trouble) {
        if self.reporter.trouble(trouble) {
            queue.drive(|member, _, now| member.failed(now));
        }
    }

    /// Returns the key of the quota. A gate that was attached to no client needs a name.
    pub(crate) fn key(&self) -> Option<&str> {
        if let (None, Some(name)) = (self.key.get(), &self.name) {
            return Some(self.key.get_or_init(|| key::of_name(name)));
        }
        self.key.get().map(String::as_str)
    }
}

/// What a clone of a gate does not share with the others: whether its client has another quota, and then a gate of its own.
pub(crate) struct Seat<G>(OnceLock<Option<G>>);

impl<G> Seat<G> {
    /// The gate of a client with another quota.
    pub(crate) fn alone(&self) -> Option<&G> {
        self.0.get()?.as_ref()
    }
}

impl<G> Default for Seat<G> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

/// A clone can be attached to a client of its own.
impl<G> Clone for Seat<G> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use intercom_protocol::{Config, Connection};

    use super::{Quota, Seat};
    use crate::event::{FleetEvent, Trouble};
    use crate::settings::FleetSettings;

    fn connection(token: &str) -> Connection {
        Config::new(token).build().unwrap()
    }

    /// Attaches a client, and returns whether it has this quota.
    fn attach(quota: &Quota, connection: &Connection) -> bool {
        let seat = Seat::default();
        quota.attach(connection, &seat, |_| ());
        seat.alone().is_none()
    }

    #[test]
    fn the_first_client_decides_the_quota() {
        let quota = Quota::new(FleetSettings::new()).unwrap();
        assert_eq!(quota.key(), None);
        assert!(attach(&quota, &connection("a")));
        let key = quota.key().unwrap().to_owned();
        assert!(attach(&quota, &connection("a")));
        assert!(!attach(&quota, &connection("b")));
        assert_eq!(quota.key(), Some(&*key));
        assert!(!attach(&quota, &Config::anonymous().build().unwrap()));
    }

    #[test]
    fn a_name_joins_tokens_and_does_without_a_client() {
        let quota = Quota::new(FleetSettings::new().with_name("app")).unwrap();
        let key = quota.key().unwrap().to_owned();
        assert!(attach(&quota, &connection("a")) && attach(&quota, &connection("b")));
        assert_eq!(quota.key(), Some(&*key));
        let elsewhere = Config::new("a").base_url("https://api.eu.intercom.io");
        assert!(!attach(&quota, &elsewhere.build().unwrap()));
    }

    #[test]
    fn another_quota_is_reported_for_each_client_and_does_not_recover() {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let settings = FleetSettings::new();
        let settings = settings.with_observer(move |event| sink.lock().unwrap().push(*event));
        let quota = Quota::new(settings).unwrap();
        let (one, two) = (Seat::default(), Seat::default());
        for (token, seat) in [("a", &one), ("b", &one), ("c", &two), ("a", &two)] {
            quota.attach(&connection(token), seat, |_| ());
        }
        assert!(one.alone().is_none(), "its first client has the quota");
        assert!(two.alone().is_some());
        assert!(two.clone().alone().is_none());
        quota.reporter.replied();
        let event = FleetEvent::Trouble(Trouble::OtherQuota);
        assert_eq!(*events.lock().unwrap(), [event; 2]);
    }
}
