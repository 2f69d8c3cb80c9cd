//! Which quota a gate keeps.

use std::sync::{Arc, OnceLock};

use intercom_pace::PacerSettings;
use intercom_protocol::Connection;

use crate::error::FleetError;
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

    /// Takes over the quota of this connection, if there is none so far. Returns whether the connection has this quota.
    pub(crate) fn attach(&self, connection: &Connection) -> bool {
        match key::of_connection(connection, self.name.as_deref()) {
            Some(key) => *self.key.get_or_init(|| key.clone()) == key,
            // Without a key, the gate coordinates nothing, so it does not mix two quotas in Redis.
            None => self.key.get().is_none(),
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
    use intercom_protocol::{Config, Connection};

    use super::Quota;
    use crate::settings::FleetSettings;

    fn connection(token: &str) -> Connection {
        Config::new(token).build().unwrap()
    }

    #[test]
    fn the_first_client_decides_the_quota() {
        let quota = Quota::new(FleetSettings::new()).unwrap();
        assert_eq!(quota.key(), None);
        assert!(quota.attach(&connection("a")));
        let key = quota.key().unwrap().to_owned();
        assert!(quota.attach(&connection("a")));
        assert!(!quota.attach(&connection("b")));
        assert_eq!(quota.key(), Some(&*key));
        assert!(!quota.attach(&Config::anonymous().build().unwrap()));
    }

    #[test]
    fn a_name_joins_tokens_and_does_without_a_client() {
        let quota = Quota::new(FleetSettings::new().with_name("app")).unwrap();
        let key = quota.key().unwrap().to_owned();
        assert!(quota.attach(&connection("a")) && quota.attach(&connection("b")));
        assert_eq!(quota.key(), Some(&*key));
        let elsewhere = Config::new("a").base_url("https://api.eu.intercom.io");
        assert!(!quota.attach(&elsewhere.build().unwrap()));
    }
}
