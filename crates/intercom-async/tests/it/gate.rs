//! Custom gates.

use std::sync::{Arc, Mutex};

use intercom_async::gate::{Admission, Ask, Gate};
use intercom_async::protocol::Connection;
use intercom_async::{Client, Region, async_trait};

/// Records the connections that it receives.
#[derive(Default)]
struct Attached(Mutex<Vec<String>>);

#[async_trait]
impl Gate for Attached {
    async fn admit(&self, ask: Ask) -> Admission {
        ask.free()
    }

    fn attach(&self, connection: &Connection) {
        let url = connection.base_url().to_owned();
        self.0.lock().unwrap().push(url);
    }
}

#[test]
fn a_gate_receives_the_connection_of_each_client_built_with_it() {
    let gate = Arc::new(Attached::default());
    let boxed: Box<dyn Gate> = Box::new(gate.clone());
    let eu = Client::builder("token").region(Region::Eu).gate(boxed);
    assert!(gate.0.lock().unwrap().is_empty(), "nothing is built yet");
    eu.build().unwrap();
    let us = Client::builder("token").gate(gate.clone());
    us.build().unwrap();
    let unbuildable = Client::builder("").gate(gate.clone());
    assert!(unbuildable.build().is_err());
    assert_eq!(
        *gate.0.lock().unwrap(),
        ["https://api.eu.intercom.io", "https://api.intercom.io"]
    );
}
