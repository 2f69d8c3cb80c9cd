//! `explain` for codes, statuses and pasted responses.

use serde_json::{Value, json};

use crate::run::{command, explained, explained_from, run, run_with};

/// Status, code, message, and the expected class.
type Row = (u16, &'static str, &'static str, [&'static str; 3]);

const RETRY: [&str; 3] = ["server", "if_replayable", "retry_and_check_status"];

const TABLE: &[Row] = &[
    (
        401,
        "unauthorized",
        "Access Token Invalid",
        ["authentication", "never", "regenerate_token"],
    ),
    (
        403,
        "forbidden",
        "You do not have permission to access this resource",
        ["permission", "never", "add_scope"],
    ),
    (
        404,
        "not_found",
        "User Not Found",
        ["not_found", "never", "verify_id"],
    ),
    (
        409,
        "conflict",
        "A contact matching those details already exists with id=abc123",
        ["conflict", "never", "use_existing"],
    ),
    (
        422,
        "parameter_invalid",
        "email is not a valid email address",
        ["validation", "never", "fix_input"],
    ),
    (
        429,
        "rate_limit_exceeded",
        "Rate limit exceeded",
        ["rate_limit", "safe", "back_off"],
    ),
    (500, "server_error", "Server Error", RETRY),
    (502, "server_error", "Server Error", RETRY),
    (503, "server_error", "Server Error", RETRY),
    (
        409,
        "conflict",
        "An archived contact matching those details already exists with id=abc123",
        ["conflict", "never", "unarchive_existing"],
    ),
    (
        409,
        "conflict",
        "Something clashes",
        ["conflict", "never", "search_before_create"],
    ),
    (
        400,
        "parameter_invalid",
        "x",
        ["validation", "never", "fix_input"],
    ),
    (
        404,
        "parameter_invalid",
        "x",
        ["validation", "never", "fix_input"],
    ),
];

/// Errors whose status alone gives the wrong class.
const TRAPS: &[Row] = &[
    (
        429,
        "rate_limit_exceeded",
        "Exceeded rate limit of 5 pending reporting dataset export jobs",
        ["concurrency_limit", "never", "wait_for_job"],
    ),
    (
        429,
        "too_many_requests",
        "x",
        ["overload", "safe", "back_off"],
    ),
    (429, "retry_after", "x", ["overload", "safe", "back_off"]),
    (
        503,
        "service_unavailable",
        "Sorry, the API service is temporarily unavailable",
        ["overload", "safe", "back_off"],
    ),
    (
        408,
        "request_timeout",
        "x",
        ["timeout", "if_replayable", "retry_and_check_status"],
    ),
    (
        400,
        "scroll_exists",
        "scroll already exists for this workspace",
        ["concurrency_limit", "safe", "wait_for_job"],
    ),
    (
        409,
        "sync_in_progress",
        "x",
        ["concurrency_limit", "never", "wait_for_job"],
    ),
    (
        409,
        "conflict",
        "The members of this team are being changed by another request. Try again.",
        ["conflict", "safe", "back_off"],
    ),
    (
        401,
        "token_unauthorized",
        "Not authorized to access resource",
        ["permission", "never", "add_scope"],
    ),
    (
        403,
        "action_forbidden",
        "x",
        ["permission", "never", "add_scope"],
    ),
    (
        403,
        "api_plan_restricted",
        "x",
        ["plan", "never", "upgrade_plan"],
    ),
    (
        404,
        "data_invalid",
        "Integration not found",
        ["validation", "never", "fix_input"],
    ),
    (
        400,
        "parameter_not_found",
        "x",
        ["validation", "never", "fix_input"],
    ),
    (
        422,
        "parameter_not_found",
        "x",
        ["validation", "never", "fix_input"],
    ),
    (
        400,
        "intercom_version_invalid",
        "x",
        ["validation", "never", "fix_api_version"],
    ),
    (
        406,
        "media_type_not_acceptable",
        "x",
        ["validation", "never", "fix_accept_header"],
    ),
    (
        400,
        "client_error",
        "Invalid starting_after param. Please try again using a starting_after value from a paginated response",
        ["validation", "never", "restart_pagination"],
    ),
    (
        200,
        "rate_limit_exceeded",
        "x",
        ["rate_limit", "if_replayable", "back_off"],
    ),
    (
        502,
        "rate_limit_exceeded",
        "x",
        ["rate_limit", "if_replayable", "back_off"],
    ),
    (504, "server_error", "x", RETRY),
];

#[track_caller]
fn check(&(status, code, message, class): &Row) {
    let body = json!({ "type": "error.list", "request_id": "req_abc123", "errors": [{ "code": code, "message": message }] });
    let found = explained_from(&body.to_string(), &["--status", &status.to_string()]);
    let shown = ["status", "code", "message", "request_id", "body"].map(|key| found[key].clone());
    assert_eq!(
        shown,
        [
            json!(status),
            json!(code),
            json!(message),
            json!("req_abc123"),
            json!("error_list")
        ]
    );
    assert_eq!(
        [&found["category"], &found["resend"], &found["action"]],
        class,
        "{status} {code} {message}"
    );
}

#[test]
fn every_documented_error_has_its_class() {
    TABLE.iter().for_each(check);
}

#[test]
fn a_body_or_code_alone_gets_its_usual_status() {
    for (code, status) in [
        ("unauthorized", 401),
        ("forbidden", 403),
        ("not_found", 404),
        ("conflict", 409),
        ("parameter_invalid", 422),
        ("rate_limit_exceeded", 429),
        ("server_error", 500),
    ] {
        let body = json!({ "type": "error.list", "errors": [{ "code": code, "message": "m" }] });
        assert_eq!(explained_from(&body.to_string(), &[])["status"], status);
        assert_eq!(explained(&[code])["status"], status);
    }
}

#[test]
fn code_and_message_correct_the_class_of_the_status() {
    TRAPS.iter().for_each(check);
}

#[test]
fn a_status_alone_is_explained() {
    for (status, class) in [
        ("402", ["plan", "never", "upgrade_plan"]),
        ("429", ["rate_limit", "safe", "back_off"]),
        ("503", RETRY),
        (
            "504",
            ["timeout", "if_replayable", "retry_and_check_status"],
        ),
        ("304", ["unknown", "never", "contact_support"]),
    ] {
        let found = explained(&[status]);
        assert_eq!(
            [&found["category"], &found["resend"], &found["action"]],
            class,
            "{status}"
        );
        assert_eq!(
            (&found["code"], &found["body"]),
            (&Value::Null, &json!("empty"))
        );
    }
}

#[test]
fn a_code_gets_its_usual_status_unless_another_is_given() {
    assert_eq!(explained(&["not_found"])["status"], 404);
    assert_eq!(explained(&["NOT_FOUND"])["code"], "not_found");
    assert_eq!(
        explained(&["server_error", "--status", "502"])["status"],
        502
    );
    assert_eq!(
        explained(&["custom_data_limit_reached"])["status"],
        Value::Null
    );
}

#[test]
fn the_output_of_curl_i_is_read_with_its_headers() {
    let head = [
        "HTTP/1.1 429 Too Many Requests",
        "Date: Fri, 22 Mar 2024 09:34:13 GMT",
        "X-RateLimit-Limit: 10000",
        "X-RateLimit-Remaining: 0",
        "X-RateLimit-Reset: 1711100060",
        "X-Request-Id: req_of_header",
        "",
        r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":"Rate limit exceeded"}]}"#,
    ];
    for end in ["\n", "\r\n"] {
        let found = explained_from(&head.join(end), &[]);
        assert_eq!(found["status"], 429);
        assert_eq!(found["request_id"], "req_of_header");
        assert_eq!(
            found["rate_limit"],
            json!({ "limit": 10000, "remaining": 0, "reset_at": 1711100060 })
        );
        assert_eq!(found["wait_ms"], 7000);
    }
}

#[test]
fn a_response_can_be_an_argument_or_the_output_of_curl_v() {
    let body = r#"{"errors":[{"code":"conflict","message":"m"}]}"#;
    assert_eq!(explained(&[body])["status"], 409);
    assert_eq!(
        explained(&[&format!("HTTP/2 422\n\n{body}")])["status"],
        422
    );
    assert_eq!(explained(&["[]", "--status", "404"])["body"], "json");
    let verbose = format!(
        "* Trying\n> POST /contacts?x=1 HTTP/2\r\n> Authorization: Bearer x\r\n>\r\n\
         < HTTP/2 500 \r\n< x-request-id: r1\r\n< \r\n{body}* Connection #0 to host left intact\n"
    );
    for found in [explained(&[&verbose]), explained_from(&verbose, &[])] {
        assert_eq!(
            (&found["status"], &found["request_id"], &found["message"]),
            (&json!(500), &json!("r1"), &json!("m"))
        );
        assert_eq!(found["replay"], "no");
    }
    let own = ["--method", "GET", "--path", "/me"];
    assert_eq!(explained_from(&verbose, &own)["replay"], "read");
}

#[test]
fn a_category_or_action_is_explained_with_its_codes() {
    let found = explained(&["rate-limit"]);
    assert_eq!(
        (&found["category"], &found["actions"], &found["codes"]),
        (
            &json!("rate_limit"),
            &json!(["back_off"]),
            &json!(["rate_limit_exceeded"])
        )
    );
    for absent in ["action", "causes", "fixes"] {
        assert_eq!(found.get(absent), Some(&Value::Null), "{absent}");
    }
    let found = explained(&["back_off"]);
    assert_eq!(found["action"], "back_off");
    for absent in ["category", "actions"] {
        assert_eq!(found.get(absent), Some(&Value::Null), "{absent}");
    }
    assert!(
        found["fixes"][0]
            .as_str()
            .unwrap()
            .starts_with("Wait as long as")
    );
    assert!(
        found["codes"]
            .as_array()
            .unwrap()
            .contains(&json!("rate_limit_exceeded"))
    );
    // A word that is both a category and a code is explained as the code.
    assert_eq!(explained(&["conflict"])["status"], 409);
    let ran = run(command(&["explain", "rate_limit"]));
    insta::assert_snapshot!(ran.out, @"
    rate_limit: a category of errors

      means       The app has used up its quota for this window.
      action      back_off: wait, then send it again

    Codes (`intercom explain CODE` says more about one)
      - rate_limit_exceeded
    ");
}

#[test]
fn a_reset_without_a_date_is_relative_to_now() {
    let found = explained(&[
        "429",
        "--header",
        "X-RateLimit-Reset: 1711100060",
        "--now",
        "1711100000",
    ]);
    assert_eq!(found["wait_ms"], 60_000);
    let failed = explained(&[
        "500",
        "--header",
        "X-RateLimit-Reset: 1711100060",
        "--now",
        "1711100000",
    ]);
    assert_eq!(failed["wait_ms"], Value::Null);
}

#[test]
fn contacts_and_items_in_a_response_are_in_the_explanation() {
    let archived = r#"{"errors":[{"code":"conflict","message":"An archived contact matching those details already exists with id=5f1a"}]}"#;
    let found = explained_from(archived, &[]);
    assert_eq!(
        found["existing_contact"],
        json!({ "id": "5f1a", "archived": true })
    );
    assert_eq!(found["status"], 409);

    let merged = "HTTP/2 410\nlink: </contacts/6a2b>; rel=\"canonical\"\n\n{\"type\":\"error.list\",\"errors\":[{\"code\":\"contact_merged\"}]}";
    let found = explained_from(merged, &[]);
    assert_eq!(
        (&found["merged_into"], &found["action"]),
        (&json!("6a2b"), &json!("follow_merge"))
    );

    let several = r#"{"type":"error.list","errors":[{"code":"parameter_invalid","field":"email","message":"a"},{"code":"parameter_not_found","message":"b","data":{ "n": 12345678901234567890 }}]}"#;
    let ran = run_with(command(&["explain", "--json", "-"]), several.as_bytes());
    assert_eq!(
        ran.json()["errors"][0],
        json!({ "code": "parameter_invalid", "message": "a", "field": "email", "data": null })
    );
    assert!(
        ran.out.contains(r#""data":{"n":12345678901234567890}"#),
        "{}",
        ran.out
    );
}

#[test]
fn method_and_path_decide_whether_a_retry_is_safe() {
    let replay = |args: &[&str]| explained(&[&["500"], args].concat())["replay"].clone();
    assert_eq!(replay(&[]), Value::Null);
    assert_eq!(
        replay(&["--method", "GET", "--path", "/contacts/1"]),
        "read"
    );
    assert_eq!(
        replay(&["--method", "post", "--path", "/contacts/search?x=1"]),
        "read"
    );
    assert_eq!(
        replay(&[
            "--method",
            "POST",
            "--path",
            "https://api.intercom.io/messages"
        ]),
        "no"
    );
    for path in [
        "/companies/%73croll?x=1",
        "/x/%2e%2e/companies/scroll",
        "https://api.intercom.io/companies%2Fscroll",
    ] {
        assert_eq!(replay(&["--method", "GET", "--path", path]), "no", "{path}");
    }
    let other = "/contacts/a%2f..%2f..%2fmessages%3f/tags";
    assert_eq!(replay(&["--method", "POST", "--path", other]), "no");
    assert_eq!(replay(&["--method", "PUT"]), "idempotent");
}

#[test]
fn a_delete_that_finds_nothing_gets_the_advice_to_check_the_id() {
    let asked = ["not_found", "--method", "DELETE", "--path", "/contacts/5"];
    let found = explained(&asked);
    let shown = ["category", "resend", "action", "replay"].map(|word| &found[word]);
    assert_eq!(shown, ["not_found", "never", "verify_id", "idempotent"]);
    let page = run(command(&[&["explain"], &asked[..]].concat())).out;
    assert!(page.starts_with("404 not_found: check the id\n"), "{page}");
}

#[test]
fn an_existing_file_is_read() {
    let file = std::env::temp_dir().join(format!("intercom-explain-{}.json", std::process::id()));
    std::fs::write(
        &file,
        r#"{"type":"error.list","errors":[{"code":"tag_not_found"}]}"#,
    )
    .unwrap();
    let found = explained(&[file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(
        (&found["code"], &found["status"]),
        (&json!("tag_not_found"), &json!(404))
    );
}

#[test]
fn any_bytes_are_explained_by_their_status() {
    let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    let ran = run_with(command(&["explain", "--json", "--status", "502"]), &bytes);
    assert_eq!(
        (ran.exit, &ran.json()["body"], &ran.json()["category"]),
        (0, &json!("raw"), &json!("server"))
    );
}

#[test]
fn with_status_any_text_is_the_body() {
    let body = b"401 page not found";
    let shown = run_with(
        command(&["explain", "-", "--status", "404", "--json"]),
        body,
    )
    .json();
    assert_eq!(
        (&shown["status"], &shown["body"]),
        (&404.into(), &"raw".into())
    );
}

#[test]
fn an_unknown_code_is_reported_with_the_nearest_known_one() {
    let ran = run(command(&["explain", "rate_limit_exceded"]));
    assert_eq!((ran.exit, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.line(),
        r#"unknown code "rate_limit_exceded" (did you mean rate_limit_exceeded?); if you know the response's HTTP status, add --status"#
    );

    let document = run(command(&["explain", "rate_limit_exceded", "--json"])).json();
    assert_eq!(document["did_you_mean"], "rate_limit_exceeded");
    let known = explained(&["rate_limit_exceeded"]);
    assert_eq!(known.get("did_you_mean"), None);

    let ran = run(command(&["explain", "frobnicated", "--json"]));
    assert_eq!(
        (ran.exit, &ran.json()["category"], &ran.json()["status"]),
        (2, &json!("unknown"), &Value::Null)
    );
    assert_eq!(ran.json().get("did_you_mean"), Some(&Value::Null));
    assert!(!ran.line().contains("mean"), "{ran:?}");
    assert!(
        ran.line().contains("(--all lists the known ones)"),
        "{ran:?}"
    );
    let ran = run(command(&["explain", "token"]));
    assert!(
        ran.line()
            .contains("(known: token_blocked, token_expired, "),
        "{ran:?}"
    );

    let ran = run(command(&[
        "explain",
        "frobnicated",
        "--status",
        "422",
        "--json",
    ]));
    assert_eq!(
        (ran.exit, &ran.json()["category"], &ran.json()["code"]),
        (0, &json!("validation"), &json!("frobnicated"))
    );
}

#[test]
fn causes_and_fixes_fit_the_category() {
    let found = explained(&["409", "--method", "DELETE", "--path", "/contacts/5"]);
    let class = [&found["category"], &found["action"]];
    assert_eq!(class, ["conflict", "fix_input"]);
    insta::assert_snapshot!(format!("{} {}", found["causes"], found["fixes"]), @r#"["A workflow or Fin uses the connector that the request would delete or set to draft."] ["Remove the connector from the workflows that use it first."]"#);
    // The advice of the action is about input.
    let found = explained(&["422"]);
    assert!(
        found["causes"]
            .to_string()
            .contains("e-mail address without a host"),
        "{found}"
    );
}

#[test]
fn without_headers_the_wait_refers_to_the_header_or_to_back_off() {
    let until = "wait        until the response's X-RateLimit-Reset\n";
    let longer = "wait        longer before each attempt\n";
    for (subject, shown) in [
        ("429", until),
        ("rate_limit_exceeded", until),
        ("ERROR status=429 request_id=r1", until),
        ("500", longer),
        ("too_many_requests", longer),
        (
            "HTTP/2 500\ndate: x\n\n",
            "wait        the response does not say; wait longer before each attempt\n",
        ),
    ] {
        let page = run(command(&["explain", subject])).out;
        assert!(page.contains(shown), "{page}");
    }
}

#[test]
fn the_retry_advice_for_a_write_depends_on_its_path() {
    let page = |args: &[&str]| {
        let out = run(command(&[&["explain", "500"], args].concat())).out;
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for method in ["POST", "PATCH"] {
        let shown = page(&["--method", method]);
        assert!(shown.contains("retry? maybe: "), "{shown}");
        assert!(shown.contains("; add --path"), "{shown}");
    }
    let shown = page(&["--method", "POST", "--path", "/messages"]);
    assert!(
        shown.contains("POST /messages may have been applied, and a retry could apply it twice"),
        "{shown}"
    );
    let shown = page(&["--method", "PUT"]);
    assert!(
        shown.contains("PUT may have been applied, but is idempotent"),
        "{shown}"
    );
}

#[test]
fn a_write_that_is_idempotent_by_a_member_is_retried_only_with_it() {
    let asked = ["500", "--method", "POST", "--path", "/companies"];
    assert_eq!(explained(&asked)["replay"], "no");
    let page = run(command(&[&["explain"], &asked[..]].concat())).out;
    assert!(
        page.contains("retry?      only if its body has company_id: "),
        "{page}"
    );
    assert!(page.contains("wait        longer before each"), "{page}");
}

#[test]
fn the_wait_for_a_running_job_is_the_hint_of_the_response() {
    let body = json!({ "errors": [{ "code": "rate_limit_exceeded", "message": "Exceeded rate limit of 1 pending export jobs" }] }).to_string();
    let asked = ["--status", "429", "--header", "Retry-After: 5"];
    let found = explained_from(&body, &asked);
    let shown = [&found["action"], &found["resend"], &found["wait_ms"]];
    assert_eq!(
        shown,
        [&json!("wait_for_job"), &json!("never"), &json!(5000)]
    );
    let page = run(command(&[&["explain", &body], &asked[..]].concat())).out;
    assert!(page.contains("wait        5 s, from Retry-After"), "{page}");
    let unknown = explained_from(&body, &["--status", "429"]);
    assert_eq!(unknown["wait_ms"], Value::Null);
    let page = run(command(&["explain", &body, "--status", "429"])).out;
    assert!(!page.contains("wait        "), "{page}");
}

#[test]
fn causes_of_a_410_without_a_code_include_a_merge() {
    let found = explained(&["410"]);
    for part in ["causes", "fixes"] {
        let first = found[part][0].as_str().unwrap();
        assert!(first.contains("Link header"), "{found}");
    }
    assert_eq!(found["action"], "verify_id");
    let linked = explained(&[
        "410",
        "--header",
        "Link: </contacts/6a2b>; rel=\"canonical\"",
    ]);
    assert_eq!(linked["action"], "follow_merge");
}
