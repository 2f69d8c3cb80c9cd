//! The token appears in requests and nowhere else, whatever goes wrong on real sockets.

use std::error::Error as StdError;
use std::fmt::Debug;

use intercom_async::{Error, RetryPolicy};
use intercom_mock::{Method, MockServer, Scripted};
use intercom_wire::{Behaviour, WireServer};
use tokio::runtime::Builder;

const TOKEN: &str = "tok:planted-secret";

fn assert_secret_free(what: &str, shown: &str) {
    assert!(!shown.contains("planted-secret"), "{what}: {shown}");
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

fn chain(error: &Error) -> String {
    let mut text = format!("{error} {}", debug(error));
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(" {error} {error:?}");
        source = error.source();
    }
    text
}

fn blocking(url: &str) -> intercom_blocking::Client {
    let builder = intercom_blocking::Client::builder(TOKEN).base_url(url);
    assert_secret_free("builder", &debug(&builder));
    builder.policy(RetryPolicy::none()).build().unwrap()
}

fn on_hyper(url: &str) -> intercom_async::Client {
    let builder = intercom_async::Client::builder(TOKEN).base_url(url);
    assert_secret_free("builder", &debug(&builder));
    builder.policy(RetryPolicy::none()).build().unwrap()
}

/// Makes a call with each client, and returns the errors.
fn errors(url: &str) -> [Error; 2] {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    [
        blocking(url).me().unwrap_err(),
        runtime.block_on(async { on_hyper(url).me().await.unwrap_err() }),
    ]
}

#[test]
fn no_client_shows_the_token() {
    let url = "https://api.intercom.io";
    let (one, other) = (blocking(url), on_hyper(url));
    assert_secret_free("client", &debug(&one));
    assert_secret_free("client", &debug(&other));
    assert_secret_free("request", &debug(&one.get("/me")));
    assert_secret_free("request", &debug(&other.get("/me")));
    assert_secret_free("contacts", &debug(&one.contacts()));
    assert_secret_free("contacts", &debug(&other.contacts()));
}

#[test]
fn no_error_of_a_transport_shows_the_token() {
    let behaviours = [
        Behaviour::Refused,
        Behaviour::Response(b"this is not HTTP".to_vec()),
    ];
    for behaviour in behaviours {
        let server = WireServer::start(behaviour).unwrap();
        for error in errors(server.url()) {
            assert!(error.fault().is_some(), "{error:?}");
            assert_secret_free("fault", &chain(&error));
        }
    }
}

#[test]
fn no_error_of_the_server_shows_the_token() {
    let mock = MockServer::builder().token(TOKEN).start().unwrap();
    for response in [
        Scripted::error(401, "unauthorized", "Access Token Invalid"),
        Scripted::status(200).body("<html>"),
        Scripted::close_before(),
        Scripted::status(200).body("{}").truncate_after(1),
    ] {
        mock.script_always(Method::GET, "/me", response);
        for error in errors(mock.base_url()) {
            assert_secret_free("response", &chain(&error));
        }
        mock.clear_scripts();
    }
    let sent = mock.requests();
    assert_eq!(
        sent[0].header("authorization"),
        Some("Bearer tok:planted-secret"),
        "the token was sent, so this test could have found it"
    );
}
