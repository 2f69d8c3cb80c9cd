//! What is sent again when nobody knows whether it was carried out.

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

/// A message is sent twice only if the first was refused for certain.
fn messages() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a message answered with a 500",
            post(),
            [error(500, "server_error")],
            "500 server_error => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message whose connection was closed after it was read",
            post(),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message that was not answered in time",
            post(),
            [late()],
            "outcome_unknown timeout => fault not_replayable, maybe applied",
        )
        .impatient(),
        Scenario::new(
            "a message answered in part",
            post(),
            [ok().truncate_after(3)],
            "200 cut closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a message that met the rate limit",
            post(),
            [limited(2), ok()],
            "429 rate_limit_exceeded, 2.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a rate limit cut short refused the message all the same",
            post(),
            [limited(2).truncate_after(10), ok()],
            "429 cut closed, 2.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a message answered by a gateway",
            post(),
            [html(502)],
            "502 => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a gateway that speaks of a rate limit",
            post(),
            [error(502, "rate_limit_exceeded")],
            "502 rate_limit_exceeded => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a service that says it is unavailable did not take the message",
            post(),
            [error(503, "service_unavailable"), ok()],
            "503 service_unavailable, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a 503 of the edge says nothing about the message",
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
            "a message that may be sent twice, in its author's words",
            post().replayable(true),
            [error(500, "server_error"), Scripted::close_before(), ok()],
            "500 server_error, 0.75 s backoff; outcome_unknown closed, 1.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a message after a rate limit is still one in doubt",
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
            "a read meets every kind of trouble",
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
            "a read that is not answered in time",
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
            "a search that ends in trouble changed nothing",
            search().policy(attempts(1)),
            [error(500, "server_error")],
            "500 server_error => api attempts_exhausted, back at +0.75 s",
        ),
        Scenario::new(
            "a scroll is not repeated on a 500",
            scroll(),
            [error(500, "server_error")],
            "500 server_error => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "a scroll is not repeated on a 503",
            scroll(),
            [error(503, "service_unavailable")],
            "503 service_unavailable => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "a scroll is not repeated on a closed connection",
            scroll(),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a scroll that has to begin anew",
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

/// Other spellings of a path are the same path.
fn spellings() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a scroll in another spelling that is not answered",
            ApiRequest::get("/companies/%73croll"),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a search in another spelling that is not answered",
            ApiRequest::post("/contacts/se%61rch").json(&json!({ "query": {} })),
            [Scripted::close_before(), ok()],
            "outcome_unknown closed, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "tags for an id that contains a slash, without an answer",
            ApiRequest::post("/contacts")
                .segment("a/../../messages?")
                .segment("tags"),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "a contact whose id contains a slash, without an answer",
            ApiRequest::get("/contacts/find_by_external_id").segment("a/b"),
            [Scripted::close_before(), ok()],
            "outcome_unknown closed, 0.75 s backoff; 200 => ok 200",
        ),
    ]
}

fn writes() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a PUT converges",
            put(),
            [error(500, "server_error"), Scripted::close_before(), ok()],
            "500 server_error, 0.75 s backoff; outcome_unknown closed, 1.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a PUT that must not be sent twice, in its author's words",
            put().replayable(false),
            [error(500, "server_error")],
            "500 server_error => api not_replayable, maybe applied",
        ),
        Scenario::new(
            "a PATCH that nobody knows to converge and was not answered is not sent again",
            ApiRequest::patch("/things/1").json(&json!({ "name": "orders" })),
            [Scripted::close_before()],
            "outcome_unknown closed => fault not_replayable, maybe applied",
        ),
        Scenario::new(
            "attaching a tag converges",
            ApiRequest::post("/contacts/1/tags").json(&json!({ "id": "7" })),
            [Scripted::close_before(), ok()],
            "outcome_unknown closed, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a PUT in doubt that is refused at last may have been carried out",
            put(),
            [error(500, "server_error"), error(422, "parameter_invalid")],
            "500 server_error, 0.75 s backoff; 422 parameter_invalid => api not_retryable, maybe applied",
        ),
    ]
}

/// A repeat that meets a conflict may have met what the first attempt did.
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
            "a user whose creation went unanswered exists when it is created again",
            user().replayable(true),
            [Scripted::close_before(), exists()],
            "outcome_unknown closed, 0.75 s backoff; 409 conflict => maybe_applied not_retryable, maybe applied",
        ),
        Scenario::new(
            "a user that exists after a 500 and a rate limit",
            user().replayable(true),
            [error(500, "server_error"), limited(2), exists()],
            "500 server_error, 0.75 s backoff; 429 rate_limit_exceeded, 2.5 s rate_limit_reset; 409 conflict \
             => maybe_applied not_retryable, maybe applied",
        ),
        Scenario::new(
            "a conflict cut short is one all the same",
            put(),
            [
                html(502),
                error(409, "resource_conflict").truncate_after(10),
            ],
            "502, 0.75 s backoff; 409 cut closed => maybe_applied not_retryable, maybe applied",
        ),
        Scenario::new(
            "a user that exists after a rate limit was made by another",
            user().replayable(true),
            [limited(2), exists()],
            "429 rate_limit_exceeded, 2.5 s rate_limit_reset; 409 conflict => api not_retryable",
        ),
    ]
}

fn deletes() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a DELETE that finds nothing after a 500 is done",
            delete(),
            [error(500, "server_error"), error(404, "not_found")],
            "500 server_error, 0.75 s backoff; 404 => ok 404",
        ),
        Scenario::new(
            "a DELETE that finds nothing after a closed connection is done",
            delete(),
            [Scripted::close_before(), error(404, "not_found")],
            "outcome_unknown closed, 0.75 s backoff; 404 => ok 404",
        ),
        Scenario::new(
            "a DELETE that finds a thing gone for good after a 500 is done",
            delete(),
            [error(500, "server_error"), error(410, "tag_not_found")],
            "500 server_error, 0.75 s backoff; 410 => ok 410",
        ),
        Scenario::new(
            "a DELETE whose repeat meets a page of somebody else's is not known to be done",
            delete(),
            [error(500, "server_error"), html(404)],
            "500 server_error, 0.75 s backoff; 404 => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "a DELETE whose repeat lacks its admin is not known to be done",
            delete(),
            [error(500, "server_error"), error(404, "admin_not_found")],
            "500 server_error, 0.75 s backoff; 404 admin_not_found => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "a DELETE that finds nothing at first is an error",
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
