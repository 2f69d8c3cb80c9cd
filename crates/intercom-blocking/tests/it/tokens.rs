//! Token providers.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use intercom_blocking::{Client, ClientBuilder, ErrorKind, protocol::Config};
use intercom_mock::MockServer;

#[test]
fn a_client_whose_token_was_revoked_goes_on_with_a_new_one() {
    let mock = MockServer::start().unwrap();
    let (asked, token) = (Arc::new(AtomicU32::new(0)), mock.token().to_owned());
    let client = Client::builder("revoked")
        .base_url(mock.base_url())
        .token_provider({
            let asked = Arc::clone(&asked);
            move || {
                asked.fetch_add(1, Ordering::Relaxed);
                Ok::<_, std::io::Error>(token.clone())
            }
        })
        .build()
        .unwrap();
    assert_eq!(client.me().unwrap().attempts().len(), 2);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(client.me().unwrap().attempts().len(), 1));
        }
    });
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_client_without_a_token_asks_its_provider_first() {
    let mock = MockServer::start().unwrap();
    let tokens = Mutex::new(vec![
        Err("the vault is sealed"),
        Ok(mock.token().to_owned()),
    ]);
    tokens.lock().unwrap().reverse();
    let client = ClientBuilder::from(Config::anonymous())
        .base_url(mock.base_url())
        .token_provider(move || tokens.lock().unwrap().pop().unwrap())
        .build()
        .unwrap();
    assert_eq!(client.me().unwrap_err().kind(), ErrorKind::NotStarted);
    assert_eq!(mock.request_count(), 0);
    assert_eq!(client.me().unwrap().status(), 200);
}
