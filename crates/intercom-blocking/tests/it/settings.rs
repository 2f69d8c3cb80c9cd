//! Settings: checked before anything is sent, and applied to every request.

use std::time::Duration;

use intercom_blocking::{Client, ErrorKind, Region};
use intercom_mock::MockServer;

#[test]
fn invalid_settings_are_refused_by_name() {
    for (builder, field) in [
        (Client::builder(""), "token"),
        (Client::builder("t\n"), "token"),
        (
            Client::builder("t").base_url("http://api.intercom.io"),
            "base_url",
        ),
        (Client::builder("t").status_url("nowhere"), "status_url"),
        (Client::builder("t").api_version(""), "api_version"),
        (Client::builder("t").user_agent("a\nb"), "user_agent"),
        (
            Client::builder("t")
                .base_url("http://127.0.0.1:1")
                .region(Region::Eu),
            "region",
        ),
        (
            Client::builder("t").attempt_timeout(Duration::ZERO),
            "attempt_timeout",
        ),
        (
            Client::builder("t").total_timeout(Duration::ZERO),
            "total_timeout",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.errors()[0].field(), Some(field));
    }
}

#[test]
fn a_client_without_tls_calls_only_loopback_and_names_the_feature() {
    let mock = MockServer::start().unwrap();
    let builder = Client::builder(mock.token()).base_url(mock.base_url());
    builder.build_without_tls().unwrap().me().unwrap();
    for builder in [
        Client::builder("t"),
        Client::builder("t").region(Region::Eu),
        Client::builder("t").base_url("HTTPS://127.0.0.1:1"),
    ] {
        let error = builder.build_without_tls().unwrap_err();
        assert_eq!(error.errors()[0].field(), Some("base_url"));
        assert!(error.message().unwrap().contains("\"rustls\""), "{error:?}");
    }
}

#[test]
fn a_region_sets_the_host() {
    for (region, url) in [
        (Region::Us, "https://api.intercom.io"),
        (Region::Eu, "https://api.eu.intercom.io"),
        (Region::Au, "https://api.au.intercom.io"),
    ] {
        let client = Client::builder("t").region(region).build().unwrap();
        assert_eq!(client.base_url(), url);
    }
}

#[test]
fn every_request_carries_user_agent_and_api_version() {
    let mock = MockServer::start().unwrap();
    Client::builder(mock.token())
        .base_url(format!("{}/", mock.base_url()))
        .api_version("2.14")
        .user_agent("my-program/1")
        .build()
        .unwrap()
        .me()
        .unwrap();
    let request = &mock.requests()[0];
    assert_eq!(request.path(), "/me");
    assert_eq!(request.header("intercom-version"), Some("2.14"));
    assert_eq!(request.header("user-agent"), Some("my-program/1"));
    assert_eq!(request.header("accept"), Some("application/json"));
    let token = format!("Bearer {}", mock.token());
    assert_eq!(request.header("authorization"), Some(token.as_str()));
}

#[test]
fn a_client_can_be_shared_by_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
}
