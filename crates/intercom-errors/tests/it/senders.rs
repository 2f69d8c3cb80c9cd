//! Tests of who sent a response, and of what it then means.

use intercom_errors::{AnsweredBy, ApiError, HintCause, RequestLine};

use crate::{list, response_with};

const PAGE: &str = "<!DOCTYPE html><html><head><title>Access denied</title></head></html>";

/// The status, the headers and the body of a response, and what is expected.
type Row<'r> = (u16, Vec<(&'r str, &'r str)>, &'r str, &'r str);

/// Returns who sent the response, its class and its known case.
fn found(error: &ApiError) -> String {
    let class = error.class();
    format!(
        "{} {} {} {} {}",
        error.answered_by(),
        class.category(),
        class.resend(),
        class.action(),
        error.known_case().map_or("-", |case| case.name())
    )
}

#[test]
fn the_sender_follows_from_evidence_in_the_response() {
    let captcha = ("X-Amzn-WAF-Action", "captcha");
    let html = ("Content-Type", "text/html; charset=UTF-8");
    let id = ("X-Request-Id", "b2i3mh");
    let refused = list(&[("forbidden", "x")]);
    let enclosed = format!(r#"{{"error":{refused}}}"#);
    let blocked = "intermediary blocked never check_connection block_page";
    let challenged = "intermediary blocked safe back_off firewall_challenge";
    #[rustfmt::skip]
    let rows: Vec<Row> = vec![
        (405, vec![captcha, html], PAGE, challenged),
        (202, vec![("x-amzn-waf-action", "Challenge")], "", challenged),
        (200, vec![captcha], r#"{"type":"admin"}"#, challenged),
        // The firewall's header wins over every sign of the API.
        (403, vec![captcha, id], &refused, challenged),
        (403, vec![("x-amzn-waf-action", "block")], "", blocked),
        (407, vec![], "", "intermediary blocked never check_connection proxy_login"),
        (407, vec![html], PAGE, "intermediary blocked never check_connection proxy_login"),
        (407, vec![id], "", "api unknown never contact_support -"),
        (400, vec![], PAGE, blocked),
        (401, vec![html], "Authentication required", blocked),
        (403, vec![], " \n<HTML>", blocked),
        (405, vec![], "<?xml version=\"1.0\"?><html xmlns=\"x\">", blocked),
        (403, vec![("content-type", "TEXT/HTML"), ("content-encoding", "br")], "\u{1}br", blocked),
        // An error list or a request id wins over HTML.
        (403, vec![html], &refused, "api permission never add_scope -"),
        (403, vec![], &enclosed, "api permission never add_scope -"),
        (403, vec![id], PAGE, "api permission never add_scope -"),
        (401, vec![id], "", "api authentication never regenerate_token -"),
        // Anything else shows no sender, and the status decides.
        (403, vec![], "", "unknown permission never add_scope -"),
        (403, vec![html], "", "unknown permission never add_scope -"),
        (403, vec![], "Forbidden", "unknown permission never add_scope -"),
        (403, vec![], "<Error><Code>AccessDenied</Code></Error>", "unknown permission never add_scope -"),
        (403, vec![], r#"{"message":"Forbidden"}"#, "unknown permission never add_scope -"),
        (404, vec![html], PAGE, "unknown not_found never verify_id -"),
        (429, vec![html], PAGE, "unknown rate_limit safe back_off -"),
        (502, vec![html], PAGE, "unknown server if_replayable retry_and_check_status -"),
        (503, vec![id], PAGE, "api server if_replayable retry_and_check_status -"),
        (200, vec![], PAGE, "unknown unreadable if_replayable contact_support -"),
    ];
    let wrong: Vec<String> = rows
        .into_iter()
        .filter_map(|(status, headers, body, expected)| {
            let found = found(&response_with(status, &headers, body));
            (found != expected).then(|| {
                format!("{status} {headers:?} {body}\n  expected {expected}\n  found    {found}")
            })
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_request_does_not_change_the_response_of_an_intermediary() {
    let request = RequestLine::new("PATCH", "/contacts/5f1a");
    let error = ApiError::from_parts_to(&request, 403, [], PAGE.as_bytes());
    assert_eq!(error.answered_by(), AnsweredBy::Intermediary);
    assert!(error.is_blocked() && !error.is_forbidden());
}

#[test]
fn a_challenge_is_not_repeated_before_30_seconds_or_the_server_s_own_wait() {
    let challenge = ("x-amzn-waf-action", "challenge");
    let hint = |headers: &[(&str, &str)]| {
        let hint = response_with(202, headers, "").hint(None).unwrap();
        (hint.wait().as_secs(), hint.cause())
    };
    assert_eq!(hint(&[challenge]), (30, HintCause::Firewall));
    let (soon, late) = (("Retry-After", "5"), ("Retry-After", "90"));
    assert_eq!(hint(&[challenge, soon]), (30, HintCause::Firewall));
    assert_eq!(hint(&[challenge, late]), (90, HintCause::RetryAfter));
    assert_eq!(response_with(403, &[], PAGE).hint(None), None);
}

#[test]
fn known_cases_name_the_cause_that_the_code_does_not() {
    let bare = "";
    let missing = list(&[("not_found", "x")]);
    let server = list(&[("server_error", "x")]);
    #[rustfmt::skip]
    let rows = [
        ("POST", "/events", 404, &*missing, "event_without_contact"),
        ("POST", "/events", 404, bare, "event_without_contact"),
        ("GET", "/events", 404, bare, "-"),
        ("GET", "/news/news_items", 404, bare, "path_outside_plan"),
        ("GET", "/news/news_items/7", 404, &missing, "-"),
        ("GET", "/newsfeeds", 404, bare, "-"),
        ("GET", "/admins/activity_logs?created_at_after=1", 500, bare, "activity_logs_too_long"),
        ("GET", "/admins/activity_logs", 502, bare, "-"),
        ("POST", "/contacts/search", 500, &server, "search_operator"),
        ("POST", "/conversations/search", 500, bare, "search_operator"),
        ("GET", "/contacts/search", 500, bare, "-"),
        ("POST", "/companies", 500, &server, "company_without_id"),
        ("POST", "/companies/list", 500, &server, "-"),
        ("GET", "/contacts/5f1a", 410, bare, "gone"),
        ("DELETE", "/companies/5f1a", 410, &missing, "gone"),
        ("GET", "/contacts/5f1a", 410, &list(&[("contact_merged", "x")]), "-"),
    ];
    for (method, path, status, body, expected) in rows {
        let request = RequestLine::new(method, path);
        let error = ApiError::from_parts_to(&request, status, [], body.as_bytes());
        let case = error.known_case();
        let name = case.map_or("-", |case| case.name());
        assert_eq!(name, expected, "{method} {path} {status}");
        if let Some(case) = case {
            assert_eq!(error.causes(), case.causes());
            assert!(
                error
                    .fixes()
                    .map(|fix| fix.fix())
                    .eq(case.fixes().iter().copied())
            );
        }
    }
    let without_request = |status| ApiError::from_parts(status, [], b"").known_case();
    assert_eq!(without_request(410).unwrap().name(), "gone");
    assert_eq!(without_request(404), None);
}
