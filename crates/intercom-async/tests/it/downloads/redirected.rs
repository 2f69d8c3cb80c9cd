//! Downloads from another host.

use intercom_async::{ErrorKind, StopReason};
use intercom_mock::{Method, MockServer, Scripted};

use super::{AnyClient, PATH, file};

const LENGTH: u64 = 300_000;

fn redirect(to: &str) -> Scripted {
    Scripted::status(302).header("location", to)
}

#[test]
fn a_redirect_to_another_host_is_followed_without_the_token() {
    for number in 0..3 {
        let (api, storage) = (MockServer::start().unwrap(), MockServer::start().unwrap());
        let client = AnyClient::all(&api).into_iter().nth(number).unwrap();
        // The path of a signed URL must not be changed.
        let path = "/bucket/a%2Fb%7e/export.csv";
        let signed = format!("{}{path}?X-Amz-Signature=5e%2Ff", storage.base_url());
        api.script(Method::GET, PATH, [redirect(&signed)]);
        let export = Scripted::file(LENGTH).ranges("\"v1\"");
        let scripts = [export.clone().truncate_after(100_000), export];
        storage.script(Method::GET, path, scripts);

        let got = client.download().unwrap();
        assert!(got.file == file(0..LENGTH), "{}", client.name());
        assert_eq!(got.resumed, 1);
        assert!(api.requests()[0].header("authorization").is_some());
        assert_eq!(storage.request_count(), 2);
        for request in storage.requests() {
            assert_eq!(request.query(), Some("X-Amz-Signature=5e%2Ff"));
            let names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
            for secret in ["authorization", "intercom-version", "cookie", "referer"] {
                assert!(!names.contains(&secret), "{secret} {}", client.name());
            }
        }
    }
}

#[test]
fn a_redirect_that_is_not_safe_is_not_followed() {
    let api = MockServer::start().unwrap();
    for (to, why) in [
        ("http://files.example/x?sig=planted", "unencrypted"),
        (
            "ftp://files.example/x?sig=planted",
            "neither https nor http",
        ),
        (
            "https://user:planted@files.example/x",
            "user name or password",
        ),
        ("x?sig=planted", "missing https://"),
        ("/a/%2e%2e/x?sig=planted", "a . or .. segment"),
        ("", "missing https://"),
    ] {
        for client in AnyClient::all(&api) {
            api.script(Method::GET, PATH, [redirect(to)]);
            let error = client.download().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{to}");
            assert_eq!(error.status().unwrap(), 302);
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains(why), "{source}");
            let shown = format!("{error} {error:#} {error:?} {source}");
            assert!(!shown.contains("planted"), "{shown}");
            assert!(shown.contains("/download/content/data/{id}"), "{shown}");
        }
    }
}

#[test]
fn a_chain_of_redirects_ends() {
    let api = MockServer::start().unwrap();
    api.script_always(
        Method::GET,
        "*",
        redirect(&format!("{}/next", api.base_url())),
    );
    for client in AnyClient::all(&api) {
        api.clear_requests();
        let error = client.download().unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, "too many redirects");
        assert_eq!(api.request_count(), 4, "{}", client.name());
    }
}

#[test]
fn an_error_of_the_other_host_names_the_request_to_the_api() {
    let (api, storage) = (MockServer::start().unwrap(), MockServer::start().unwrap());
    let to = format!("{}/secret-bucket/x?sig=planted", storage.base_url());
    api.script_always(Method::GET, PATH, redirect(&to));
    storage.script_always(Method::GET, "*", Scripted::status(403).body("<Error/>"));
    for client in AnyClient::all(&api) {
        let error = client.download().unwrap_err();
        assert_eq!(error.path(), Some(PATH));
        assert_eq!(error.stop().unwrap().reason(), StopReason::NotRetryable);
        let shown = format!("{error:#} {error:?}");
        assert!(
            !shown.contains("planted") && !shown.contains("bucket"),
            "{shown}"
        );
    }
}
