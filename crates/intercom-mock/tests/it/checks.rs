//! Checks before every route: token, scope, headers and body.

use intercom_mock::MockServer;
use serde_json::json;

use crate::client::{get, post, request};

#[test]
fn me_returns_the_admin_of_the_token() {
    let server = MockServer::builder().token("secret").start().unwrap();
    let me = get(&server, "/me");
    assert_eq!((me.status, &me.json()["type"]), (200, &json!("admin")));
    assert_eq!(me.json()["app"]["type"], "app");
}

#[test]
fn wrong_token_is_a_401_without_rate_limit_headers() {
    let server = MockServer::start().unwrap();
    for credentials in [
        "Bearer wrong",
        "mock-token",
        "Basic mock-token",
        "Bearer",
        "",
    ] {
        let refused = request(&server, "GET", "/me")
            .header("authorization", credentials)
            .send();
        assert_eq!(
            refused.error(),
            "401 unauthorized Access Token Invalid",
            "{credentials}"
        );
        assert!(
            refused
                .headers
                .iter()
                .all(|(name, _)| !name.starts_with("x-ratelimit"))
        );
        assert_eq!(
            refused.json()["request_id"],
            json!(refused.header("x-request-id"))
        );
    }
    assert_eq!(
        request(&server, "GET", "/no/such/thing")
            .without("authorization")
            .send()
            .status,
        401
    );
    server.set_token("other");
    assert_eq!(
        request(&server, "GET", "/me")
            .header("authorization", "Bearer mock-token")
            .send()
            .status,
        401
    );
    assert_eq!(get(&server, "/me").status, 200);
}

#[test]
fn withheld_scope_blocks_only_the_routes_that_need_it() {
    let server = MockServer::builder()
        .withhold_scope("read_users")
        .start()
        .unwrap();
    let refused = get(&server, "/contacts");
    assert_eq!(
        refused.error(),
        "403 forbidden You do not have the required scope (read_users) to access this resource"
    );
    assert!(refused.header("x-ratelimit-limit").is_some());
    assert_eq!(
        post(&server, "/contacts", &json!({ "email": "a@b" })).status,
        200
    );
    server.grant_scope("read_users");
    assert_eq!(get(&server, "/contacts").status, 200);
    server.withhold_scope("write_users");
    assert_eq!(
        post(&server, "/contacts", &json!({ "email": "b@c" })).status,
        403
    );
}

#[test]
fn accept_header_must_allow_json() {
    let server = MockServer::start().unwrap();
    for accept in [
        "application/json",
        "*/*",
        "text/html, application/json;q=0.5",
        "application/*",
    ] {
        assert_eq!(
            request(&server, "GET", "/me")
                .header("accept", accept)
                .send()
                .status,
            200,
            "{accept}"
        );
    }
    let refused = request(&server, "GET", "/me")
        .header("accept", "text/html")
        .send();
    assert_eq!(
        refused.error(),
        "406 media_type_not_acceptable The Accept header should send a media type of application/json"
    );
    assert_eq!(
        refused.json().get("request_id"),
        None,
        "recorded without a request id"
    );
    assert_eq!(
        get(&server, "/me").status,
        200,
        "without the header, everything is accepted"
    );
}

#[test]
fn known_api_version_is_echoed_and_unknown_one_is_rejected() {
    let server = MockServer::start().unwrap();
    for version in ["1.0", "2.0", "2.14", "Preview", "Unstable"] {
        let response = request(&server, "GET", "/me")
            .header("intercom-version", version)
            .send();
        assert_eq!(
            (response.status, response.header("intercom-version")),
            (200, Some(version))
        );
    }
    for version in ["3.0", "2.99", "2.01", "latest", "2"] {
        let response = request(&server, "GET", "/me")
            .header("intercom-version", version)
            .send();
        assert_eq!(
            response.error(),
            "400 intercom_version_invalid Requested resource is not available in current API version."
        );
    }
    assert!(get(&server, "/me").header("intercom-version").is_some());
}

#[test]
fn body_must_be_a_json_object() {
    let server = MockServer::start().unwrap();
    for body in ["{\"email\":", "[]", "7", "\u{0}", "email=a@b"] {
        let refused = request(&server, "POST", "/contacts").body(body).send();
        assert!(
            refused.error().starts_with("400 parameter_invalid"),
            "{refused:?}"
        );
    }
    assert_eq!(
        request(&server, "POST", "/contacts")
            .body([0xff, 0xfe])
            .send()
            .status,
        400
    );
}

#[test]
fn unknown_routes_and_ids_are_a_404() {
    let server = MockServer::start().unwrap();
    for (method, path) in [
        ("GET", "/nothing"),
        ("PATCH", "/contacts"),
        ("DELETE", "/me"),
        ("GET", "/"),
        ("GET", "//"),
        ("GET", "/contacts/a/b/c/d"),
    ] {
        let response = request(&server, method, path).send();
        assert!(
            response.error().starts_with("404 not_found"),
            "{method} {path}: {response:?}"
        );
    }
    for path in [
        "/contacts/0",
        "/conversations/0",
        "/articles/0",
        "/contacts/%00%ff",
        "/contacts/find_by_external_id/none",
    ] {
        assert_eq!(get(&server, path).status, 404, "{path}");
    }
    assert_eq!(
        get(&server, "/companies/0").error(),
        "404 company_not_found Company Not Found"
    );
}

#[test]
fn api_down_returns_the_error_page_of_an_edge_server() {
    let server = MockServer::builder().api_down(true).start().unwrap();
    let down = get(&server, "/me");
    assert_eq!(
        (down.status, down.header("content-type")),
        (503, Some("text/html"))
    );
    assert!(
        String::from_utf8(down.body)
            .unwrap()
            .contains("503 Service Unavailable")
    );
    server.set_api_down(false);
    assert_eq!(get(&server, "/me").status, 200);
}

#[test]
fn status_page_needs_no_token_and_has_two_base_urls() {
    let server = MockServer::builder()
        .service_status("minor", "Slow webhooks")
        .api_down(true)
        .start()
        .unwrap();
    for base in ["", "/status"] {
        for document in ["status", "summary"] {
            let page = request(&server, "GET", &format!("{base}/api/v2/{document}.json"))
                .without("authorization")
                .send();
            assert_eq!(
                page.json()["status"],
                json!({ "indicator": "minor", "description": "Slow webhooks" })
            );
            assert_eq!(page.header("x-ratelimit-limit"), None);
        }
    }
    assert_eq!(server.status_url(), format!("{}/status", server.base_url()));
    server.set_service_status("none", "All Systems Operational");
    let summary = get(&server, "/api/v2/summary.json").json();
    assert_eq!(
        (&summary["incidents"], &summary["components"][0]["status"]),
        (&json!([]), &json!("operational"))
    );
    server.set_status_page_down(true);
    assert_eq!(get(&server, "/api/v2/status.json").status, 503);
}

#[test]
fn requests_are_kept_by_default() {
    for (keeps, kept) in [(true, 1), (false, 0)] {
        let server = MockServer::builder().keep_requests(keeps).start().unwrap();
        assert_eq!(get(&server, "/me").status, 200);
        assert_eq!(
            (server.request_count(), server.requests().len()),
            (kept, kept)
        );
    }
}
