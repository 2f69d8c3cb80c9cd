//! `explain` for what people really paste: errors in the notations of SDKs, HTTP libraries and loggers.

use serde_json::{Value, json};

use crate::run::{Ran, command, run_with};

/// The archived contact of the examples.
const ARCHIVED: &str =
    "An archived contact matching those details already exists with id=6a2b3c4d5e6f708192a3b4c5";
const LIMITED: &str = "Exceeded rate limit of 5 pending reporting dataset export jobs";

fn explained(input: &str) -> Ran {
    run_with(command(&["explain", "-", "--json"]), input.as_bytes())
}

#[track_caller]
fn check(input: &str, expected: &Value) {
    let ran = explained(input);
    assert_eq!(ran.exit, 0, "{input}: {ran:?}");
    let found = ran.json();
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&found[member], value, "{member} of {input}: {found}");
    }
}

#[track_caller]
fn check_line(line: &Value, expected: &Value) {
    let input = line.to_string();
    let ran = run_with(
        command(&["explain", "--lines", "-", "--json"]),
        input.as_bytes(),
    );
    let found = ran.json();
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&found[member], value, "{member} of {input}: {found}");
    }
}

#[test]
fn a_conflict_in_any_notation_keeps_the_archived_contact() {
    let item = format!("{{'code': 'conflict', 'message': '{ARCHIVED}'}}");
    let list = format!(
        "{{'type': 'error.list', 'request_id': 'req0000000000000001', 'errors': [{item}]}}"
    );
    let body = list.replace('\'', "\"");
    let pretty = format!(
        "{{\n    type: 'error.list',\n    request_id: 'req0000000000000001',\n    errors: [\n      {{\n        code: 'conflict',\n        message: '{ARCHIVED}'\n      }}\n    ]\n  }}"
    );
    let quoted = Value::from(body.as_str());
    for input in [
        format!("Error from intercom api (status 409): {list}"),
        format!(
            "intercom.core.api_error.ApiError: headers: {{'date': 'Tue, 10 Jun 2025 09:12:44 GMT', 'x-request-id': 'req0000000000000001'}}, status_code: 409, body: {list}"
        ),
        format!("IntercomError: BadRequestError {{\n  statusCode: 409,\n  body: {pretty}\n}}"),
        format!(
            "{{\"error\": {{\"message\": \"Request failed with status code 409\", \"code\": \"ERR_BAD_REQUEST\", \"payload\": {body}}}}}"
        ),
        format!(
            "{{\"level\": \"error\", \"msg\": \"intercom failed\", \"status\": 409, \"err\": {quoted}}}"
        ),
    ] {
        check(
            &input,
            &json!({
                "status": 409,
                "category": "conflict",
                "resend": "never",
                "action": "unarchive_existing",
                "existing_contact": { "id": "6a2b3c4d5e6f708192a3b4c5", "archived": true },
                "request_id": "req0000000000000001",
            }),
        );
    }
    let unnamed = list.replace("'request_id': 'req0000000000000001', ", "");
    check(
        &format!("Error from intercom api (status 409): {unnamed}"),
        &json!({ "request_id": null, "status": 409 }),
    );
}

#[test]
fn a_quota_of_jobs_in_any_notation_waits_for_the_job() {
    let quota = json!({ "status": 429, "category": "concurrency_limit", "resend": "never", "action": "wait_for_job" });
    check(
        &format!(
            "ERROR com.example.Sync : Intercom call failed with status 429 and body {{type=error.list, request_id=req2, errors=[{{code=rate_limit_exceeded, message={LIMITED}}}]}}"
        ),
        &quota,
    );
    let body = json!({ "type": "error.list", "request_id": "req2", "errors": [{ "code": "rate_limit_exceeded", "message": LIMITED }] });
    let response = json!({ "status": 429, "headers": { "x-ratelimit-reset": "1749546770", "date": "Tue, 10 Jun 2025 09:12:44 GMT" }, "data": body });
    check(&response.to_string(), &quota);
    check_line(
        &json!({ "status": 429, "method": "POST", "path": "/export/reporting_data/enqueue", "body": { "error": body } }),
        &quota,
    );
}

#[test]
fn exceptions_of_sdks_are_explained() {
    for (input, expected) in [
        (
            "E, ERROR -- : [ActiveJob] Error performing SyncJob: Intercom::ResourceNotFound (User Not Found)",
            json!({ "status": 404, "category": "not_found", "resend": "never", "action": "verify_id" }),
        ),
        (
            "intercom.errors.ResourceNotFound: scroll parameter not found",
            json!({ "status": 404, "category": "not_found", "resend": "never", "action": "restart_scroll" }),
        ),
        (
            "Intercom::RateLimitExceeded (Exceeded rate limit of 83 in 10_seconds)",
            json!({ "status": 429, "category": "rate_limit", "resend": "safe" }),
        ),
        (
            "Intercom::UnexpectedError: The error of type '' is not recognized. It occurred with the message: Not authorized to access resource and http_code: '401'. Please contact Intercom with these details",
            json!({ "status": 401, "category": "permission", "action": "add_scope" }),
        ),
        (
            "Client error response [status code] 404 [reason phrase] Not Found [url] https://api.intercom.io/events",
            json!({ "status": 404 }),
        ),
        (
            "2019/07/02 11:02:01 intercom: 503: Unknown, Service Unavailable",
            json!({ "status": 503 }),
        ),
        (
            r#"{"responseBody": "{\"type\": \"error.list\", \"request_id\": \"req3\", \"errors\": [{\"code\": \"not_found\", \"message\": \"User Not Found\"}]}"}"#,
            json!({ "status": 404, "message": "User Not Found", "request_id": "req3" }),
        ),
        (
            r#"{"message": "Request failed with status code 429", "name": "AxiosError", "config": {"url": "https://api.intercom.io/contacts/search", "method": "post"}, "code": "ERR_BAD_REQUEST", "status": 429}"#,
            json!({ "status": 429, "category": "rate_limit", "resend": "safe", "code": null, "replay": "read" }),
        ),
    ] {
        check(input, &expected);
    }
}

#[test]
fn transport_errors_of_many_languages_are_explained() {
    for (input, class) in [
        (
            "Internal error - [curl] 60:  [url] https://api.intercom.io/users",
            ["connection", "never", "check_connection"],
        ),
        (
            "cURL error 28: Operation timed out after 5000 milliseconds with 0 bytes received",
            ["timeout", "if_replayable", "retry_and_check_status"],
        ),
        (
            "dial tcp: lookup api.intercom.io on 10.0.0.2:53: no such host",
            ["connection", "safe", "check_connection"],
        ),
        (
            "httpx.ReadTimeout: The read operation timed out",
            ["timeout", "if_replayable", "retry_and_check_status"],
        ),
        (
            "httpx.ConnectTimeout: timed out",
            ["timeout", "safe", "retry_and_check_status"],
        ),
        (
            "io.intercom.api.IntercomException: Local exception calling [https://api.intercom.io//events]. Check connectivity and settings. [PKIX path building failed: unable to find valid certification path to requested target]",
            ["connection", "never", "check_connection"],
        ),
        (
            "java.net.UnknownHostException: api.intercom.io",
            ["connection", "safe", "check_connection"],
        ),
        (
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.intercom.io', port=443): Max retries exceeded with url: /me (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused'))",
            ["connection", "safe", "check_connection"],
        ),
        (
            "System.Net.Sockets.SocketException (10061): No connection could be made because the target machine actively refused it.",
            ["connection", "safe", "check_connection"],
        ),
        (
            "Error: getaddrinfo ENOTFOUND api.intercom.io",
            ["connection", "safe", "check_connection"],
        ),
        (
            "TypeError: fetch failed { [cause]: ConnectTimeoutError: Connect Timeout Error code: 'UND_ERR_CONNECT_TIMEOUT' }",
            ["timeout", "safe", "retry_and_check_status"],
        ),
        (
            "error sending request for url (https://api.intercom.io/me): connection closed before message completed",
            ["connection", "if_replayable", "retry_and_check_status"],
        ),
    ] {
        let expected =
            json!({ "category": class[0], "resend": class[1], "action": class[2], "status": null });
        check(input, &expected);
    }
}

#[test]
fn a_url_in_a_log_line_is_the_request() {
    check(
        "500 Server Error: Internal Server Error for url: https://api.intercom.io/companies/scroll?scroll_param=abc",
        &json!({ "resend": "never", "action": "restart_scroll", "replay": "no" }),
    );
    check(
        "POST https://api.intercom.io/messages failed with status 502",
        &json!({ "status": 502, "replay": "no" }),
    );
}

#[test]
fn responses_of_intermediaries_and_special_cases_are_classified() {
    let page = "<!DOCTYPE html><html><head><title>Human Verification</title></head><body>verify that you are not a robot by solving a CAPTCHA puzzle.</body></html>";
    let blocked = json!({ "category": "blocked", "answered_by": "intermediary" });
    check_line(
        &json!({ "status": 405, "headers": { "content-type": "text/html; charset=UTF-8", "x-amzn-waf-action": "captcha" }, "method": "GET", "path": "/conversations/1", "raw": page }),
        &blocked,
    );
    check_line(
        &json!({ "status": 202, "headers": { "x-amzn-waf-action": "challenge" }, "method": "POST", "path": "/events", "raw": "" }),
        &blocked,
    );
    check_line(
        &json!({ "status": 407, "headers": { "proxy-authenticate": "Basic realm=\"proxy\"", "via": "1.1 squid" }, "method": "POST", "path": "/contacts", "raw": "" }),
        &json!({ "category": "blocked", "resend": "never", "action": "check_connection", "answered_by": "intermediary" }),
    );
    let list = |code: &str, message: &str| json!({ "type": "error.list", "errors": [{ "code": code, "message": message }] });
    for (line, expected) in [
        (
            json!({ "status": 403, "method": "GET", "path": "/me", "body": list("region_mismatch", "Your workspace is hosted in Europe but you connected to United States") }),
            json!({ "action": "fix_region", "resend": "never" }),
        ),
        (
            json!({ "status": 404, "method": "GET", "path": "/companies/scroll?scroll_param=s1", "raw": "Not Found" }),
            json!({ "action": "restart_scroll" }),
        ),
        (
            json!({ "status": 409, "method": "POST", "path": "/contacts", "body": list("conflict", "Multiple existing contacts match this email address - must be more specific using user_id") }),
            json!({ "action": "look_up_by_id" }),
        ),
        (
            json!({ "status": 429, "headers": { "x-ratelimit-reset": "1795873382000" }, "method": "GET", "path": "/contacts", "body": list("rate_limit_exceeded", "x") }),
            json!({ "category": "rate_limit", "resend": "safe", "wait_ms": null }),
        ),
    ] {
        check_line(&line, &expected);
    }
}

#[test]
fn the_status_in_the_text_counts_more_than_the_usual_one_of_the_code() {
    let json = r#"{"type":"error.list","errors":[{"code":"not_found","message":"gone"}]}"#;
    let lua = r#"{ type = "error.list", errors = { { code = "not_found", message = "gone" } } }"#;
    let quoted = Value::from(json);
    for input in [
        format!("status = 422,\nbody = {lua}"),
        format!("sync.lua:14: intercom failed: status = 422, body = {lua}"),
        format!("RuntimeError: intercom [422] {json}"),
        format!("ApiError(422): {json}"),
        format!("com.example.ApiException (HTTP 422): {json}"),
        format!("** (MatchError) no match of {{:error, {{422, {json}}}}}"),
        format!(r#"{{"statusCode": 422, "results": [{{"text": {quoted}}}]}}"#),
        "SyncError: [422] not_found: gone".to_owned(),
        "status: 422\ncode: not_found\nmessage: gone".to_owned(),
    ] {
        check(&input, &json!({ "status": 422, "code": "not_found" }));
    }
    check(
        "intercom.errors.BadRequestError: [422] no such field",
        &json!({ "status": 422, "code": null }),
    );
}

#[test]
fn the_message_of_the_error_counts_more_than_that_of_the_log() {
    for input in [
        format!(
            r#"level=error msg="call failed" status=429 code=rate_limit_exceeded error.message="{LIMITED}""#
        ),
        format!(
            r#"level=error msg="call failed" error_code=rate_limit_exceeded error_message="{LIMITED}""#
        ),
        format!(
            r#"msg=failed err.code=rate_limit_exceeded err.msg="{LIMITED}" err.status=429 req_id=77"#
        ),
        format!(
            r#"level=warn msg="call failed" http_status=429 code=rate_limit_exceeded detail="{LIMITED}""#
        ),
        format!(
            r#"{{"msg":"call failed","status":429,"code":"rate_limit_exceeded","err":"{LIMITED}"}}"#
        ),
        format!(
            r#"{{"message":"call failed","http.response.status_code":429,"error.code":"rate_limit_exceeded","error.message":"{LIMITED}"}}"#
        ),
    ] {
        check(
            &input,
            &json!({ "status": 429, "message": LIMITED, "action": "wait_for_job" }),
        );
    }
}

#[test]
fn the_method_and_url_are_found_in_any_form() {
    for input in [
        r#"{"request":"POST https://api.intercom.io/messages","status":502}"#,
        "method: POST\nurl: https://api.intercom.io/messages\nstatus: 502",
        r#"#<Faraday::Env @method=:post @url="https://api.intercom.io/messages" @status=502>"#,
        r#"Post "https://api.intercom.io/messages": 502 Bad Gateway"#,
        r#"Error: "POST https://api.intercom.io/messages" failed with status 502"#,
    ] {
        check(input, &json!({ "status": 502, "replay": "no" }));
    }
    check(
        r#"Put "https://api.intercom.io/contacts/5": EOF"#,
        &json!({ "resend": "if_replayable", "replay": "idempotent" }),
    );
}

#[test]
fn colours_are_ignored() {
    for input in [
        format!(
            "\u{1b}[31mERROR\u{1b}[0m \u{1b}[2mstatus=\u{1b}[0m409 \u{1b}[36mcode\u{1b}[0m=conflict message=\"\u{1b}[1m{ARCHIVED}\u{1b}[0m\""
        ),
        format!(
            "{{\n  code: \u{1b}[32m'conflict'\u{1b}[39m,\n  status: \u{1b}[33m409\u{1b}[39m,\n  message: \u{1b}[32m'{ARCHIVED}'\u{1b}[39m\n}}"
        ),
        format!("\u{1b}]0;sync\u{7}^[[31mcode=^[[0mconflict status=409 message=\"{ARCHIVED}\""),
    ] {
        let archived = json!({ "status": 409, "code": "conflict", "message": ARCHIVED });
        check(&input, &archived);
    }
}

#[test]
fn time_outs_are_not_sent_only_if_connecting_took_too_long() {
    for (resend, inputs) in [
        (
            "safe",
            [
                "Net::OpenTimeout: execution expired",
                "java.net.SocketTimeoutException: Connect timed out",
                "Intercom::ServiceConnectionError (Failed to connect to service [connection attempt timed out])",
                "Errno::ETIMEDOUT: Connection timed out - connect(2) for 34.1.2.3:443",
            ],
        ),
        (
            "if_replayable",
            [
                "Net::ReadTimeout with #<TCPSocket:(closed)>",
                "java.net.SocketTimeoutException: Read timed out",
                "asyncio.exceptions.TimeoutError",
                "Faraday::TimeoutError (Net::ReadTimeout)",
            ],
        ),
    ] {
        for input in inputs {
            check(input, &json!({ "category": "timeout", "resend": resend }));
        }
    }
}

#[test]
fn errors_of_other_programs_are_refused() {
    for input in [
        "npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://registry.npmjs.org/intercom-sync - Not found",
        "npm error 404  'intercom-sync@latest' is not in this registry.",
        "if (error instanceof IntercomError && error.statusCode === 404) {",
        "rescue Intercom::ResourceNotFound => e",
        "except intercom.errors.NotFoundError:",
        "connect ECONNREFUSED 127.0.0.1:6379",
        "dial tcp 10.1.2.3:5432: connect: connection refused",
        "    reply.unwrap_or(Err(Trouble::TimedOut))",
        "        .stopped(Stop::new(StopReason::DeadlineExceeded)),",
        "SMTPConnectError: [Errno 111] Connection refused (mail port 587)",
        "getaddrinfo ENOTFOUND registry.npmjs.org",
        "SyntaxError: unexpected EOF while parsing",
        "ModuleNotFoundError: No module named 'intercom'",
        "could not parse error response: [Unexpected character ('<' (code 60)): expected a valid value",
        "{\"message\":\"Not Found\",\"documentation_url\":\"https://docs.example.com/rest\",\"status\":\"404\"}",
    ] {
        let ran = explained(input);
        assert_eq!(ran.exit, 2, "{input}: {ran:?}");
        ran.line();
    }
}

#[test]
fn headers_in_a_recording_of_a_browser_are_read() {
    let header = |name: &str, value: &str| json!({ "name": name, "value": value });
    let body = r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":"Exceeded rate limit of 167 in 10_seconds"}]}"#;
    let recording = json!({ "log": { "entries": [{
        "request": { "method": "POST", "headers": [header("X-Request-Id", "sent")] },
        "response": {
            "status": 429,
            "headers": [
                header("X-RateLimit-Limit", "167"),
                header("X-RateLimit-Remaining", "0"),
                header("Retry-After", "7"),
                header("X-Request-Id", "req0000000000000002"),
            ],
            "content": { "text": body },
        },
    }] } });
    check(
        &recording.to_string(),
        &json!({
            "status": 429,
            "request_id": "req0000000000000002",
            "wait_ms": 7000,
            "rate_limit": { "limit": 167, "remaining": 0, "reset_at": null },
        }),
    );
}
