//! Bodies that are no answer, and answers without a body.

use intercom_async::ApiRequest;
use intercom_mock::Scripted;
use serde_json::json;

use super::scenario::{
    Scenario, attempts, broken_json, delete, error, get, html, json_body, ok, post,
};

pub(super) fn table() -> Vec<Scenario> {
    [errors(), successes()].into_iter().flatten().collect()
}

fn errors() -> Vec<Scenario> {
    let bytes = |status, body: &'static [u8]| {
        Scripted::status(status)
            .body(body)
            .header("content-type", "application/json")
    };
    vec![
        Scenario::new(
            "an error list cut in two in spite of its type",
            get(),
            [broken_json(503), ok()],
            "503, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a 500 of null",
            get(),
            [bytes(500, b"null"), ok()],
            "500, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a 500 of nothing",
            get(),
            [Scripted::status(500), ok()],
            "500, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "an error that is no text",
            get(),
            [bytes(400, b"\xff\xfe\x00{")],
            "400 => api not_retryable",
        ),
        Scenario::new(
            "a 404 cut short is a 404",
            get(),
            [error(404, "not_found").truncate_after(10)],
            "404 cut closed => fault not_retryable",
        ),
    ]
}

fn successes() -> Vec<Scenario> {
    let listed = |code: &str| {
        json_body(
            200,
            json!({ "type": "error.list", "errors": [{ "code": code }] }),
        )
    };
    vec![
        Scenario::new(
            "a page of HTML as a success",
            get(),
            [html(200), ok()],
            "200, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a page of HTML as a success of a write",
            post(),
            [html(200)],
            "200 => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "broken JSON as a success",
            get().policy(attempts(1)),
            [broken_json(200)],
            "200 => api attempts_exhausted, back at +0.75 s",
        ),
        Scenario::new(
            "an error list as a success",
            get(),
            [listed("not_found")],
            "200 not_found => api not_retryable",
        ),
        Scenario::new(
            "a rate limit as a success of a write is in doubt",
            post(),
            [listed("rate_limit_exceeded")],
            "200 rate_limit_exceeded => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a compressed conflict is read",
            post(),
            [error(409, "conflict").gzip()],
            "409 conflict => api not_retryable",
        ),
        Scenario::new(
            "a compressed success is read",
            get(),
            [ok().gzip()],
            "200 => ok 200",
        ),
        Scenario::new(
            "a success without a body",
            ApiRequest::post("/events").json(&json!({})),
            [Scripted::status(202)],
            "202 => ok 202",
        ),
        Scenario::new(
            "a success that has no body",
            delete(),
            [Scripted::status(204)],
            "204 => ok 204",
        ),
        Scenario::new(
            "a redirect that was asked for",
            ApiRequest::get("/calls/1/recording").expect_any(),
            [Scripted::status(302).header("location", "https://files.example/signed")],
            "302 => ok 302",
        ),
        Scenario::new(
            "a redirect that nobody asked for",
            get(),
            [Scripted::status(302).header("location", "https://files.example/signed")],
            "302 => api not_retryable",
        ),
        Scenario::new(
            "a download",
            ApiRequest::get("/calls/1/transcript").expect_any(),
            [html(200)],
            "200 => ok 200",
        ),
        Scenario::new(
            "a body over the limit",
            get(),
            [ok().oversized(3 << 20)],
            "200 cut too_large => fault not_retryable",
        ),
        Scenario::new(
            "a body over the limit answers a write that was done",
            post(),
            [ok().oversized(3 << 20).chunked()],
            "200 cut too_large => fault not_retryable, maybe applied",
        ),
    ]
}
