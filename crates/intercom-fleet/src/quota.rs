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

    /// Receives the connection of a client. If it has another quota, the client gets a gate `alone`, without the fleet.
    pub(crate) fn attach<G>(
        &self,
        connection: &Connection,
        alone: &OnceLock<G>,
        make: impl FnOnce(PacerSettings) -> G,
    ) {
        if !self.is_of(connection) && alone.set(make(self.pacer())).is_ok() {
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, OnceLock};

    use intercom_protocol::{Config, Connection};

    use super::Quota;
    use crate::event::{FleetEvent, Trouble};
    use crate::settings::FleetSettings;

    fn connection(token: &str) -> Connection {
        Config::new(token).build().unwrap()
    }

    /// Attaches a client, and returns whether it has this quota.
    fn attach(quota: &Quota, connection: &Connection) -> bool {
        let alone = OnceLock::new();
        quota.attach(connection, &alone, |_| ());
        alone.get().is_none()
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
    fn another_quota_is_reported_once_for_each_client_and_does_not_recover() {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let settings = FleetSettings::new();
        let settings = settings.with_observer(move |event| sink.lock().unwrap().push(*event));
        let quota = Quota::new(settings).unwrap();
        let (one, two) = (OnceLock::new(), OnceLock::new());
        for (token, alone) in [("a", &one), ("b", &one), ("b", &one), ("c", &two)] {
            quota.attach(&connection(token), alone, |_| ());
        }
        quota.reporter.replied();
        let event = FleetEvent::Trouble(Trouble::OtherQuota);
        assert_eq!(*events.lock().unwrap(), [event; 2]);
    }
}
