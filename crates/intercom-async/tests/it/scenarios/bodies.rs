//! Bodies that do not fit their response, and responses without a body.

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
            "half an error list, although the type is JSON",
            get(),
            [broken_json(503), ok()],
            "503, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a 500 whose body is null",
            get(),
            [bytes(500, b"null"), ok()],
            "500, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a 500 without a body",
            get(),
            [Scripted::status(500), ok()],
            "500, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "an error whose body is not text",
            get(),
            [bytes(400, b"\xff\xfe\x00{")],
            "400 => api not_retryable",
        ),
        Scenario::new(
            "a 404 whose response is cut is a 404 all the same",
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
            "a success that is a page of HTML",
            get(),
            [html(200), ok()],
            "200, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a success of a write that is a page of HTML",
            post(),
            [html(200)],
            "200 => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a success that is broken JSON",
            get().policy(attempts(1)),
            [broken_json(200)],
            "200 => api attempts_exhausted, back at +0.75 s",
        ),
        Scenario::new(
            "a success that is an error list",
            get(),
            [listed("not_found")],
            "200 not_found => api not_retryable",
        ),
        Scenario::new(
            "a success of a write that is a rate limit may have been applied",
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
            "a success that cannot have a body",
            delete(),
            [Scripted::status(204)],
            "204 => ok 204",
        ),
        Scenario::new(
            "an expected redirect",
            ApiRequest::get("/calls/1/recording").expect_any(),
            [Scripted::status(302).header("location", "https://files.example/signed")],
            "302 => ok 302",
        ),
        Scenario::new(
            "an unexpected redirect",
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
            "a body over the limit, of a write that was applied",
            post(),
            [ok().oversized(3 << 20).chunked()],
            "200 cut too_large => fault not_retryable, maybe applied",
        ),
    ]
}
