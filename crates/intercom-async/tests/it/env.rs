//! Clients of the environment. A process sets its own variables only before it starts, so the test runs itself again.

use std::env;
use std::process::Command;

use intercom_mock::MockServer;

/// Set in the process that makes the clients.
const INSIDE: &str = "INTERCOM_TEST_INSIDE";

#[test]
fn clients_of_the_environment_call_with_its_token_and_url() {
    if env::var_os(INSIDE).is_some() {
        return call();
    }
    let mock = MockServer::start().unwrap();
    let inside = |region: Option<&str>| {
        let mut again = Command::new(env::current_exe().unwrap());
        again
            .args([
                "--exact",
                "env::clients_of_the_environment_call_with_its_token_and_url",
            ])
            .env(INSIDE, "1")
            .env("INTERCOM_ACCESS_TOKEN", mock.token())
            .env("INTERCOM_BASE_URL", mock.base_url())
            .env_remove("INTERCOM_REGION")
            .envs(region.map(|region| ("INTERCOM_REGION", region)));
        again.output().unwrap().status.success()
    };
    assert!(inside(None));
    assert_eq!(mock.request_count(), 2);
    assert!(!inside(Some("eu")), "the region is not at that URL");
    assert_eq!(mock.request_count(), 2);
}

fn call() {
    intercom_blocking::Client::from_env().unwrap().me().unwrap();
    let client = intercom_async::Client::from_env().unwrap();
    crate::flows::on_runtime(client.me()).unwrap();
}
