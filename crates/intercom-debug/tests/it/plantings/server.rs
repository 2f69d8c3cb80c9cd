//! A server whose responses and status page contain the secrets, and calls whose requests contain them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use intercom_blocking::Client;
use intercom_debug::Recorder;
use intercom_debug::bundle::{Bundle, BundleOptions};
use intercom_mock::{Method, MockServer, Scripted};
use intercom_protocol::{ApiRequest, RetryPolicy};
use serde_json::json;

use super::secret::Secret;

const TOKEN: &str = "a-token-of-the-mock";

/// A bundle of these files and of a recording, which is made in this file first; and the request ids that the server made up.
pub(super) fn bundle(
    logs: &[PathBuf],
    env: &Path,
    recording: &Path,
    secrets: &[Secret],
) -> (Bundle, Vec<String>) {
    let mock = server(secrets);
    let recorder = Recorder::builder()
        .tool(&secrets[0].encoded)
        .hide(TOKEN)
        .bodies(true);
    let client = Client::builder(TOKEN)
        .base_url(mock.base_url())
        .status_url(mock.status_url())
        .observer(recorder.to_file(recording).unwrap())
        .build()
        .unwrap();
    call(&client, secrets);
    // Long enough for any machine; all responses come at once.
    let options = BundleOptions::new()
        .env_file(env)
        .recording(recording)
        .deadline(Duration::from_secs(600));
    let bundle = Bundle::collect(&client, logs.iter().fold(options, BundleOptions::log));
    assert_eq!(bundle.unread_files(), 0);
    let requests = mock.requests();
    let ids = requests
        .iter()
        .map(|request| request.request_id().to_owned());
    (bundle, ids.collect())
}

/// Makes calls with secrets in the path, the query, a header and the body.
fn call(client: &Client, secrets: &[Secret]) {
    let at = |at: usize| secrets[at % secrets.len()].encoded.as_str();
    let requests = [
        ApiRequest::get("/contacts").segment(at(0)).segment("tags"),
        ApiRequest::get("/contacts")
            .query("email", at(1))
            .query(at(2), "x"),
        ApiRequest::new(Method::POST, "/messages").header("x-customer", &in_header(at(3))),
    ];
    for request in requests {
        let request = request.policy(RetryPolicy::none());
        let _ = client.execute(request);
    }
    let body = json!({ "body": at(4), "from": { "email": at(5) } });
    let _ = client
        .post("/messages")
        .json(&body)
        .policy(RetryPolicy::none())
        .send();
}

fn server(secrets: &[Secret]) -> MockServer {
    let at = |at: usize| secrets[at % secrets.len()].encoded.as_str();
    let mock = MockServer::builder()
        .token(TOKEN)
        .service_status(at(0), format!("Trouble with {}", at(1)))
        .start()
        .unwrap();
    let refused = |one: usize, status: u16| {
        let body = json!({ "type": "error.list", "request_id": id(at(one)), at(one + 5): at(one + 4), "errors": [
            { "code": at(one + 1), "message": at(one + 2), "field": at(one + 3) },
            { "code": "not_found", "message": at(one) },
        ] });
        let header = in_header(at(one));
        Scripted::status(status)
            .json(body)
            .header("x-request-id", &id(&header))
            .header("server", &header)
    };
    let me = json!({ "type": "admin", "id": at(2), "name": at(3), "email": at(4), "app": { "region": at(5), "id_code": at(6) } });
    let header = in_header(at(7));
    let me = Scripted::status(200)
        .json(me)
        .header("x-request-id", &id(&header))
        .header("x-customer", &header);
    let page = Scripted::status(403)
        .body(at(6).to_owned())
        .header("content-type", &header)
        .header("x-request-id", &id(&header));
    mock.script_always(Method::GET, "/me", me);
    mock.script_always(Method::GET, "/contacts", refused(2, 404));
    mock.script_always(Method::GET, "/conversations", refused(4, 500));
    mock.script_always(Method::POST, "/messages", refused(1, 422));
    mock.script_always(Method::GET, "/admins", page);
    mock
}

/// The value as far as a header can have it.
fn in_header(value: &str) -> String {
    let value: String = value.chars().filter(char::is_ascii_graphic).collect();
    format!("~{value}")
}

/// A UUID in the place of a request id is one, so it gets a form that no request id has.
fn id(value: &str) -> String {
    format!("{value}~")
}
