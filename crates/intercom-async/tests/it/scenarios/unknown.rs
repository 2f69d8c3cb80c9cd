//! Which requests are retried when the outcome of an attempt is unknown.

use intercom_async::ApiRequest;
use intercom_mock::Scripted;
use serde_json::json;

use super::scenario::{
    Scenario, attempts, delete, error, get, html, late, limited, ok, post, put, scroll,
};

pub(super) fn table() -> Vec<Scenario> {
    [
        messages(),
        reads(),
        spellings(),
        writes(),
        conflicts(),
        deletes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A message is retried only if the server certainly refused it.
fn messages() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a message that gets a 500",
            post(),
            [error(500, "server_error")],
            "500 server_error => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message whose connection closes after the server read it",
            post(),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message whose response is late",
            post(),
            [late()],
            "outcome_unknown timeout => fault not_replayable, maybe applied",
        )
        .impatient(),
        Scenario::new(
            "a message whose response is cut",
            post(),
            [ok().truncate_after(3)],
            "200 cut closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message that gets a rate limit",
            post(),
            [limited(2), ok()],
            "429 rate_limit_exceeded, 2.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a message whose rate limit is cut was refused all the same",
            post(),
            [limited(2).truncate_after(10), ok()],
            "429 cut closed, 2.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a message that gets an error of a gateway",
            post(),
            [html(502)],
            "502 => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a 502 with the code of a rate limit",
            post(),
            [error(502, "rate_limit_exceeded")],
            "502 rate_limit_exceeded => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message refused by an unavailable service was not sent",
            post(),
            [error(503, "service_unavailable"), ok()],
            "503 service_unavailable, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a message that gets a 503 of a gateway",
            post(),
            [html(503)],
            "503 => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message that timed out at the server",
            post(),
            [error(408, "request_timeout")],
            "408 request_timeout => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message that its caller marks as replayable",
            post().replayable(true),
            [error(500, "server_error"), Scripted::close_before(), ok()],
            "500 server_error, 0.75 s backoff; outcome_unknown closed, 1.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a message that gets a 500 after a rate limit",
            post(),
            [limited(2), error(500, "server_error")],
            "429 rate_limit_exceeded, 2.5 s rate_limit_reset; 500 server_error \
             => api not_replayable, maybe applied",
        ),
    ]
}

fn reads() -> Vec<Scenario> {
    let search = || ApiRequest::post("/contacts/search").json(&json!({ "query": {} }));
    vec![
        Scenario::new(
            "a read that gets every kind of failure",
            get().policy(attempts(8)),
            [
                error(500, "server_error"),
                html(502),
                html(503),
                html(504),
                error(408, "request_timeout"),
                Scripted::close_before(),
                ok().truncate_after(3),
                ok(),
            ],
            "500 server_error, 0.75 s backoff; 502, 1.5 s backoff; 503, 3 s backoff; 504, 6 s backoff; \
             408 request_timeout, 12 s backoff; outcome_unknown closed, 22.5 s backoff; \
             200 cut closed, 22.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a read whose responses are late",
            get().policy(attempts(2)),
            [late(), late()],
            "outcome_unknown timeout, 0.75 s backoff; outcome_unknown timeout \
             => fault attempts_exhausted, back at +2.25 s",
        )
        .impatient(),
        Scenario::new(
            "a search by POST is a read",
            search(),
            [error(500, "server_error"), Scripted::close_before(), ok()],
            "500 server_error, 0.75 s backoff; outcome_unknown closed, 1.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a search that fails changed nothing",
            search().policy(attempts(1)),
            [error(500, "server_error")],
            "500 server_error => api attempts_exhausted, back at +0.75 s",
        ),
        Scenario::new(
            "a scroll is not retried after a 500",
            scroll(),
            [error(500, "server_error")],
            "500 server_error => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "a scroll is not retried after a 503",
            scroll(),
            [error(503, "service_unavailable")],
            "503 service_unavailable => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "a scroll is not retried after a closed connection",
            scroll(),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a scroll that has to start again",
            scroll().query("scroll_param", "s-1"),
            [Scripted::error(
                500,
                "server_error",
                "Request failed due to an internal network error. Please restart the scroll operation.",
            )],
            "500 server_error => api not_retryable, maybe applied",
        ),
    ]
}

/// The same path in another spelling is treated alike.
fn spellings() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a scroll in another spelling gets no response",
            ApiRequest::get("/companies/%73croll"),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a search in another spelling gets no response",
            ApiRequest::post("/contacts/se%61rch").json(&json!({ "query": {} })),
            [Scripted::close_before(), ok()],
            "outcome_unknown closed, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a tag for an id that contains a slash gets no response",
            ApiRequest::post("/contacts")
                .segment("a/../../messages?")
                .segment("tags"),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a read of an id that contains a slash gets no response",
            ApiRequest::get("/contacts/find_by_external_id").segment("a/b"),
            [Scripted::close_before(), ok()],
            "outcome_unknown closed, 0.75 s backoff; 200 => ok 200",
        ),
    ]
}

fn writes() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a PUT is idempotent",
            put(),
            [error(500, "server_error"), Scripted::close_before(), ok()],
            "500 server_error, 0.75 s backoff; outcome_unknown closed, 1.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a PUT that its caller marks as not replayable",
            put().replayable(false),
            [error(500, "server_error")],
            "500 server_error => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a PATCH that is not known to be idempotent is not retried",
            ApiRequest::patch("/things/1").json(&json!({ "name": "orders" })),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "attaching a tag is idempotent",
            ApiRequest::post("/contacts/1/tags").json(&json!({ "id": "7" })),
            [Scripted::close_before(), ok()],
            "outcome_unknown closed, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a PUT refused after an attempt of unknown outcome may have been applied",
            put(),
            [error(500, "server_error"), error(422, "parameter_invalid")],
            "500 server_error, 0.75 s backoff; 422 parameter_invalid => api not_retryable, maybe applied",
        ),
    ]
}

/// A conflict of a retry may be the work of an earlier attempt.
fn conflicts() -> Vec<Scenario> {
    let user = || ApiRequest::post("/contacts").json(&json!({ "role": "user", "email": "a@b.c" }));
    let exists = || {
        Scripted::error(
            409,
            "conflict",
            "A contact matching those details already exists with id=5f1",
        )
    };
    vec![
        Scenario::new(
            "a user whose creation got no response conflicts on the retry",
            user().replayable(true),
            [Scripted::close_before(), exists()],
            "outcome_unknown closed, 0.75 s backoff; 409 conflict => maybe_applied not_retryable, maybe applied",
        ),
        Scenario::new(
            "a user that conflicts after a 500 and a rate limit",
            user().replayable(true),
            [error(500, "server_error"), limited(2), exists()],
            "500 server_error, 0.75 s backoff; 429 rate_limit_exceeded, 2.5 s rate_limit_reset; 409 conflict \
             => maybe_applied not_retryable, maybe applied",
        ),
        Scenario::new(
            "a conflict whose response is cut is a conflict all the same",
            put(),
            [
                html(502),
                error(409, "resource_conflict").truncate_after(10),
            ],
            "502, 0.75 s backoff; 409 cut closed => maybe_applied not_retryable, maybe applied",
        ),
        Scenario::new(
            "a user that conflicts after a rate limit was created by another program",
            user().replayable(true),
            [limited(2), exists()],
            "429 rate_limit_exceeded, 2.5 s rate_limit_reset; 409 conflict => api not_retryable",
        ),
    ]
}

fn deletes() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a DELETE that finds nothing after a 500 has succeeded",
            delete(),
            [error(500, "server_error"), error(404, "not_found")],
            "500 server_error, 0.75 s backoff; 404 => ok 404",
        ),
        Scenario::new(
            "a DELETE that finds nothing after a closed connection has succeeded",
            delete(),
            [Scripted::close_before(), error(404, "not_found")],
            "outcome_unknown closed, 0.75 s backoff; 404 => ok 404",
        ),
        Scenario::new(
            "a DELETE that gets a 410 after a 500 has succeeded",
            delete(),
            [error(500, "server_error"), error(410, "tag_not_found")],
            "500 server_error, 0.75 s backoff; 410 => ok 410",
        ),
        Scenario::new(
            "a DELETE whose retry gets a page of a gateway may have been applied",
            delete(),
            [error(500, "server_error"), html(404)],
            "500 server_error, 0.75 s backoff; 404 => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "a DELETE whose retry misses its admin may have been applied",
            delete(),
            [error(500, "server_error"), error(404, "admin_not_found")],
            "500 server_error, 0.75 s backoff; 404 admin_not_found => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "a DELETE that finds nothing at its first attempt is an error",
            delete(),
            [error(404, "not_found")],
            "404 not_found => api not_retryable",
        ),
        Scenario::new(
            "a DELETE that finds nothing after a rate limit is an error",
            delete(),
            [limited(2), error(404, "not_found")],
            "429 rate_limit_exceeded, 2.5 s rate_limit_reset; 404 not_found => api not_retryable",
        ),
    ]
}
