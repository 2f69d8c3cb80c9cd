//! The scenarios: a response each, and how the call has to end.

use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use intercom_protocol::ApiRequest;
use serde_json::json;

/// One response, and the result that both clients have to reach.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) act: Act,
    pub(super) expected: Expected,
}

/// What provokes the response.
pub(super) enum Act {
    /// Sends a request to a mock server after `prepare`; then `check` inspects the server.
    Call {
        prepare: fn(&MockServer),
        request: fn() -> ApiRequest,
        check: fn(&MockServer) -> Result<(), &'static str>,
    },
    /// Creates a contact that already exists, then calls `find_or_create`.
    Conflict { archived: bool },
    /// Sends a request with a revoked token.
    WrongToken,
}

/// The expected result.
pub(super) struct Expected {
    pub(super) category: &'static str,
    pub(super) resend: &'static str,
    pub(super) action: &'static str,
    pub(super) attempts: usize,
    pub(super) outcome: &'static str,
}

const fn reported(category: &'static str, action: &'static str) -> Expected {
    Expected {
        category,
        resend: "never",
        action,
        attempts: 1,
        outcome: "reported",
    }
}

const fn recovered(category: &'static str, resend: &'static str, action: &'static str) -> Expected {
    Expected {
        category,
        resend,
        action,
        attempts: 2,
        outcome: "recovered",
    }
}

const SERVER: Expected = recovered("server", "if_replayable", "retry_and_check_status");
const LIMIT: Expected = recovered("rate_limit", "safe", "back_off");

/// Calls that end at once come first, because `demo` prints the rows in this order as they end.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "401 unauthorized",
        act: Act::WrongToken,
        expected: reported("authentication", "regenerate_token"),
    },
    call(
        "403 forbidden",
        |mock| {
            let message = "You do not have permission to access this resource";
            mock.script(
                Method::GET,
                "/me",
                [Scripted::error(403, "forbidden", message)],
            );
        },
        me,
        reported("permission", "add_scope"),
    ),
    call(
        "404 not_found",
        |_| {},
        || ApiRequest::get("/contacts/5f1a00000000000000000000"),
        reported("not_found", "verify_id"),
    ),
    Scenario {
        name: "409 conflict",
        act: Act::Conflict { archived: false },
        expected: Expected {
            outcome: "existing",
            ..reported("conflict", "use_existing")
        },
    },
    call(
        "422 parameter_invalid",
        |_| {},
        || ApiRequest::post("/contacts").json(&json!({ "role": "user", "email": "ada" })),
        reported("validation", "fix_input"),
    ),
    Scenario {
        name: "409 archived contact",
        act: Act::Conflict { archived: true },
        expected: Expected {
            outcome: "unarchived",
            ..reported("conflict", "unarchive_existing")
        },
    },
    call(
        "429 job quota",
        |mock| {
            let message = "Exceeded rate limit of 5 pending reporting dataset export jobs";
            mock.script(
                Method::GET,
                "/me",
                [Scripted::error(429, "rate_limit_exceeded", message)],
            );
        },
        me,
        reported("concurrency_limit", "wait_for_job"),
    ),
    Scenario {
        name: "500 on a POST",
        act: Act::Call {
            prepare: |mock| {
                let failed = Scripted::error(500, "server_error", "Server Error").work();
                mock.script(Method::POST, "/messages", [failed]);
            },
            request: message,
            check: one_message,
        },
        expected: Expected {
            resend: "if_replayable",
            ..reported("server", "retry_and_check_status")
        },
    },
    Scenario {
        name: "connection lost on a POST",
        act: Act::Call {
            prepare: |mock| mock.script(Method::POST, "/messages", [Scripted::close_after_work()]),
            request: message,
            check: one_message,
        },
        expected: Expected {
            resend: "if_replayable",
            ..reported("connection", "retry_and_check_status")
        },
    },
    call("500 server_error", |mock| fails(mock, 500), me, SERVER),
    call("502 server_error", |mock| fails(mock, 502), me, SERVER),
    call("503 server_error", |mock| fails(mock, 503), me, SERVER),
    call(
        "502 HTML page",
        |mock| {
            let page = "<html><head><title>502 Bad Gateway</title></head></html>";
            let page = Scripted::status(502)
                .body(page)
                .header("content-type", "text/html");
            mock.script(Method::GET, "/me", [page]);
        },
        me,
        SERVER,
    ),
    call("429 rate_limit_exceeded", limited, me, LIMIT),
    Scenario {
        name: "429 on a POST",
        act: Act::Call {
            prepare: |mock| mock.script(Method::POST, "/messages", [limit()]),
            request: message,
            check: one_message,
        },
        expected: LIMIT,
    },
    call(
        "429 skewed clock",
        |mock| {
            mock.set_clock_offset(-7_200);
            limited(mock);
        },
        me,
        LIMIT,
    ),
];

const fn call(
    name: &'static str,
    prepare: fn(&MockServer),
    request: fn() -> ApiRequest,
    expected: Expected,
) -> Scenario {
    Scenario {
        name,
        act: Act::Call {
            prepare,
            request,
            check: |_| Ok(()),
        },
        expected,
    }
}

fn me() -> ApiRequest {
    ApiRequest::get("/me")
}

fn message() -> ApiRequest {
    ApiRequest::post("/messages").json(&json!({ "message_type": "email", "body": "Hello" }))
}

fn one_message(mock: &MockServer) -> Result<(), &'static str> {
    match mock.messages().len() {
        1 => Ok(()),
        0 => Err("the message was not sent"),
        _ => Err("the message was sent twice"),
    }
}

fn limit() -> Scripted {
    Scripted::error(429, "rate_limit_exceeded", "Rate limit exceeded").rate_limit_headers(
        10_000,
        0,
        Duration::from_secs(2),
    )
}

fn limited(mock: &MockServer) {
    mock.script(Method::GET, "/me", [limit()]);
}

fn fails(mock: &MockServer, status: u16) {
    let failed = Scripted::error(status, "server_error", "Server Error");
    mock.script(Method::GET, "/me", [failed]);
}
