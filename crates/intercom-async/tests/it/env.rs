//! Clients built from the environment. A process cannot safely change its own variables, so the test runs itself again.

use std::env;
use std::process::Command;

use intercom_mock::MockServer;

/// Set in the process that builds the clients.
const INSIDE: &str = "INTERCOM_TEST_INSIDE";

#[test]
fn clients_from_env_use_its_token_and_url() {
    if env::var_os(INSIDE).is_some() {
        return call();
    }
    let mock = MockServer::start().unwrap();
    let inside = |region: Option<&str>| {
        let mut again = Command::new(env::current_exe().unwrap());
        again
            .args(["--exact", "env::clients_from_env_use_its_token_and_url"])
            .env(INSIDE, "1")
            .env("INTERCOM_ACCESS_TOKEN", mock.token())
            .env("INTERCOM_BASE_URL", mock.base_url())
            .env_remove("INTERCOM_REGION")
            .envs(region.map(|region| ("INTERCOM_REGION", region)));
        again.output().unwrap().status.success()
    };
    assert!(inside(None));
    assert_eq!(mock.request_count(), 2);
    assert!(!inside(Some("eu")), "the region contradicts the URL");
    assert_eq!(mock.request_count(), 2);
}

fn call() {
    intercom_blocking::Client::from_env().unwrap().me().unwrap();
    let client = intercom_async::Client::from_env().unwrap();
    crate::flows::on_runtime(client.me()).unwrap();
}
