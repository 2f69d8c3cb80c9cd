//! Responses that refuse a request: each common code, and those whose status alone would mislead.

use intercom_async::ApiRequest;
use intercom_mock::Scripted;
use serde_json::json;

use super::scenario::{Scenario, error, get, json_body, ok, post, put};

pub(super) fn table() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "an invalid token",
            get(),
            [Scripted::error(401, "unauthorized", "Access Token Invalid")],
            "401 unauthorized => api not_retryable",
        ),
        Scenario::new(
            "a missing scope",
            get(),
            [error(403, "forbidden")],
            "403 forbidden => api not_retryable",
        ),
        Scenario::new(
            "a contact that does not exist",
            get(),
            [error(404, "not_found")],
            "404 not_found => api not_retryable",
        ),
        Scenario::new(
            "a contact that already exists",
            ApiRequest::post("/contacts").json(&json!({ "email": "a@b.c" })),
            [Scripted::error(
                409,
                "conflict",
                "A contact matching those details already exists with id=5f1",
            )],
            "409 conflict => api not_retryable",
        ),
        Scenario::new(
            "invalid input",
            put(),
            [error(422, "parameter_invalid")],
            "422 parameter_invalid => api not_retryable",
        ),
        Scenario::new(
            "missing input is not a 404",
            post(),
            [error(400, "parameter_not_found")],
            "400 parameter_not_found => api not_retryable",
        ),
        Scenario::new(
            "a plan without this feature",
            get(),
            [error(403, "api_plan_restricted")],
            "403 api_plan_restricted => api not_retryable",
        ),
        Scenario::new(
            "a contact that was merged",
            get(),
            [error(410, "contact_merged").header("link", "</contacts/2>; rel=\"canonical\"")],
            "410 contact_merged => api not_retryable",
        ),
        Scenario::new(
            "a quota of jobs, for which waiting for the window does not help",
            ApiRequest::post("/export/reporting_data/enqueue").json(&json!({})),
            [Scripted::error(
                429,
                "rate_limit_exceeded",
                "Exceeded rate limit of 5 pending reporting dataset export jobs",
            )
            .rate_limit_headers(167, 100, std::time::Duration::from_secs(3))],
            "429 rate_limit_exceeded => api not_retryable",
        ),
        Scenario::new(
            "a running synchronisation",
            ApiRequest::post("/ecommerce/connectors/1/catalog").json(&json!({})),
            [error(409, "sync_in_progress")],
            "409 sync_in_progress => api not_retryable",
        ),
        Scenario::new(
            "a busy team, which is unchanged",
            ApiRequest::put("/teams/1")
                .json(&json!({}))
                .replayable(false),
            [
                Scripted::error(
                    409,
                    "conflict",
                    "The members of this team are being changed by another request. Try again.",
                ),
                ok(),
            ],
            "409 conflict, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a team that is partly changed",
            ApiRequest::put("/teams/1").json(&json!({})),
            [Scripted::error(
                409,
                "conflict",
                "The members of this team kept being changed by other requests, so this one is partly applied. Read the team and try again.",
            )],
            "409 conflict => api not_retryable, maybe applied",
        ),
        Scenario::new(
            "an unknown code",
            get(),
            [error(418, "brewing")],
            "418 brewing => api not_retryable",
        ),
        Scenario::new(
            "an error in another shape",
            get(),
            [json_body(
                400,
                json!({ "type": "error", "message": "ruleset_id is required" }),
            )],
            "400 => api not_retryable",
        ),
    ]
}
