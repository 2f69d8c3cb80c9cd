//! What is walked through: the answers, and how each has to end.

use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use intercom_protocol::ApiRequest;
use serde_json::json;

/// One answer and what the clients make of it.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) act: Act,
    pub(super) expected: Expected,
}

/// What is done to meet the answer.
pub(super) enum Act {
    /// A request to a server that was prepared for it; afterwards the server is looked at.
    Call {
        prepare: fn(&MockServer),
        request: fn() -> ApiRequest,
        check: fn(&MockServer) -> Result<(), &'static str>,
    },
    /// A contact is created that exists, then found or created.
    Conflict { archived: bool },
    /// A request with a token that is no longer good.
    WrongToken,
}

/// How it has to end.
pub(super) struct Expected {
    pub(super) category: &'static str,
    pub(super) resend: &'static str,
    pub(super) action: &'static str,
    pub(super) attempts: usize,
    pub(super) outcome: &'static str,
}

const fn told(category: &'static str, action: &'static str) -> Expected {
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

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "401 unauthorized",
        act: Act::WrongToken,
        expected: told("authentication", "regenerate_token"),
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
        told("permission", "add_scope"),
    ),
    call(
        "404 not_found",
        |_| {},
        || ApiRequest::get("/contacts/5f1a00000000000000000000"),
        told("not_found", "verify_id"),
    ),
    Scenario {
        name: "409 conflict",
        act: Act::Conflict { archived: false },
        expected: Expected {
            outcome: "existing",
            ..told("conflict", "use_existing")
        },
    },
    call(
        "422 parameter_invalid",
        |_| {},
        || ApiRequest::post("/contacts").json(&json!({ "role": "user", "email": "ada" })),
        told("validation", "fix_input"),
    ),
    call("429 rate_limit_exceeded", limited, me, LIMIT),
    call("500 server_error", |mock| fails(mock, 500), me, SERVER),
    call("502 server_error", |mock| fails(mock, 502), me, SERVER),
    call("503 server_error", |mock| fails(mock, 503), me, SERVER),
    Scenario {
        name: "409 archived contact",
        act: Act::Conflict { archived: true },
        expected: Expected {
            outcome: "unarchived",
            ..told("conflict", "unarchive_existing")
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
        told("concurrency_limit", "wait_for_job"),
    ),
    call(
        "429 skewed clock",
        |mock| {
            mock.set_clock_offset(-7_200);
            limited(mock);
        },
        me,
        LIMIT,
    ),
    Scenario {
        name: "429 on a POST",
        act: Act::Call {
            prepare: |mock| {
                let refused = Scripted::error(429, "rate_limit_exceeded", "Rate limit exceeded");
                mock.script(Method::POST, "/messages", [refused]);
            },
            request: message,
            check: one_message,
        },
        expected: LIMIT,
    },
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
            ..told("server", "retry_and_check_status")
        },
    },
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
    Scenario {
        name: "lost after a POST",
        act: Act::Call {
            prepare: |mock| mock.script(Method::POST, "/messages", [Scripted::close_after_work()]),
            request: message,
            check: one_message,
        },
        expected: Expected {
            resend: "if_replayable",
            ..told("connection", "retry_and_check_status")
        },
    },
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

fn limited(mock: &MockServer) {
    let refused = Scripted::error(429, "rate_limit_exceeded", "Rate limit exceeded")
        .rate_limit_headers(10_000, 0, Duration::from_secs(2));
    mock.script(Method::GET, "/me", [refused]);
}

fn fails(mock: &MockServer, status: u16) {
    let failed = Scripted::error(status, "server_error", "Server Error");
    mock.script(Method::GET, "/me", [failed]);
}
