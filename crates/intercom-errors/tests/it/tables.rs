//! Tests of the tables that classify responses, with responses that are easy to misclassify.

use intercom_errors::{
    Action, ApiError, CATALOG, Category, Class, Entry, ErrorCode, OptionalExt, Resend,
};

use crate::{in_response_to, list, response, response_with};

/// `(name, response, "category resend action")`
type Row = (&'static str, ApiError, &'static str);

/// Checks all rows before it fails, so that the failure names every wrong row.
#[track_caller]
fn check(rows: Vec<Row>) {
    let wrong: Vec<String> = rows
        .into_iter()
        .filter_map(|(name, response, expected)| {
            let found = words(response.class());
            (found != expected).then(|| format!("{name}: expected {expected}, found {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn words(class: Class) -> String {
    let (category, action) = (class.category().as_str(), class.action().as_str());
    format!("{category} {} {action}", class.resend().as_str())
}

fn one(status: u16, code: &str, message: &str) -> ApiError {
    response(status, &list(&[(code, message)]))
}

const BUSY: &str = "The members of this team are being changed by another request. Try again.";
const HTML: &str = "<html> <head><title>502 Bad Gateway</title></head> <body></body></html>";

#[test]
fn common_errors_are_classified() {
    let headers = [
        ("X-RateLimit-Limit", "10000"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", "1711100060"),
    ];
    let rate_limited = r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":"Rate limit exceeded"}]}"#;
    #[rustfmt::skip]
    check(vec![
        ("401 unauthorized", response(401, r#"{
"type": "error.list",
"errors": [{ "code": "unauthorized", "message": "Access Token Invalid" }]
}"#), "authentication never regenerate_token"),
        ("403 forbidden", response(403, r#"{
"type": "error.list",
"errors": [{ "code": "forbidden", "message": "You do not have permission to access this resource" }]
}"#), "permission never add_scope"),
        ("404 not_found", response(404, r#"{
"type": "error.list",
"errors": [{ "code": "not_found", "message": "User Not Found" }]
}"#), "not_found never verify_id"),
        ("409 conflict with an id", response(409, r#"{
"type": "error.list",
"errors": [{ "code": "conflict", "message": "A contact matching those details already exists with id=abc123" }]
}"#), "conflict never use_existing"),
        ("409 conflict without an id", one(409, "conflict", "A redirect with that URL already exists"),
            "conflict never search_before_create"),
        ("409 conflict with an archived contact",
            one(409, "conflict", "An archived contact matching those details already exists with id=5ba682d23d7cf92bef87bfd4"),
            "conflict never unarchive_existing"),
        ("422 parameter_invalid", response(422, r#"{
"type": "error.list",
"errors": [{ "code": "parameter_invalid", "message": "email is not a valid email address" }]
}"#), "validation never fix_input"),
        ("400 parameter_invalid", one(400, "parameter_invalid", "Body is required"), "validation never fix_input"),
        ("404 parameter_invalid", one(404, "parameter_invalid", "audience_ids contains unknown audience IDs: 999"),
            "validation never fix_input"),
        ("429 rate_limit_exceeded", response_with(429, &headers, rate_limited), "rate_limit safe back_off"),
        ("500 server_error", one(500, "server_error", "Server Error"), "server if_replayable retry_and_check_status"),
        ("502 server_error", one(502, "server_error", "Server Error"), "server if_replayable retry_and_check_status"),
        ("503 server_error", one(503, "server_error", "Server Error"), "server if_replayable retry_and_check_status"),
        ("504 server_error", one(504, "server_error", "Server Error"), "server if_replayable retry_and_check_status"),
    ]);
}

#[test]
fn errors_are_classified_by_more_than_their_status() {
    let merged = [("Link", r#"</contacts/5f1a>; rel="canonical""#)];
    #[rustfmt::skip]
    check(vec![
        ("429 reporting jobs", one(429, "rate_limit_exceeded", "Exceeded rate limit of 5 pending reporting dataset export jobs"),
            "concurrency_limit never wait_for_job"),
        ("429 message data job", one(429, "rate_limit_exceeded", "Exceeded rate limit of 1 pending message data export jobs"),
            "concurrency_limit never wait_for_job"),
        ("429 window", one(429, "rate_limit_exceeded", "Exceeded rate limit of 83 in 10_seconds"), "rate_limit safe back_off"),
        ("429 too_many_requests", one(429, "too_many_requests", "Slow down"), "overload safe back_off"),
        ("429 retry_after", one(429, "retry_after", "Later"), "overload safe back_off"),
        ("503 service_unavailable", one(503, "service_unavailable", "Sorry, the API service is temporarily unavailable"),
            "overload safe back_off"),
        ("408", response(408, ""), "timeout if_replayable retry_and_check_status"),
        ("408 request_timeout", one(408, "request_timeout", ""), "timeout if_replayable retry_and_check_status"),
        ("504", response(504, HTML), "timeout if_replayable retry_and_check_status"),
        ("500 scroll", one(500, "server_error", "Request failed due to an internal network error. Please restart the scroll operation."),
            "server never restart_scroll"),
        ("400 scroll_exists", one(400, "scroll_exists", "scroll already exists for this workspace"),
            "concurrency_limit safe wait_for_job"),
        ("400 scroll already exists, another code", one(400, "bad_request", "scroll already exists for this workspace"),
            "concurrency_limit safe wait_for_job"),
        ("404 scroll has ended", one(404, "not_found", "scroll parameter not found"), "not_found never restart_scroll"),
        ("409 sync_in_progress", one(409, "sync_in_progress", "A catalog upload is already in progress. Please wait for it to complete."),
            "concurrency_limit never wait_for_job"),
        ("409 busy team", one(409, "conflict", BUSY), "conflict safe back_off"),
        ("409 partly changed team", one(409, "conflict", "The members of this team kept being changed by other requests, so this one is partly applied. Read the team and try again."),
            "conflict never verify_id"),
        ("410 contact_merged", response_with(410, &merged, &list(&[("contact_merged", "This contact has been merged. See the 'Link' header for the canonical contact.")])),
            "merged never follow_merge"),
        ("401 token_unauthorized", one(401, "token_unauthorized", "Not authorized to access resource"), "permission never add_scope"),
        ("403 action_forbidden", response(403, r#"{"type":"error.list","errors":[{"code":"action_forbidden","data":{"required_permissions":["manage_teams"]}}]}"#),
            "permission never add_scope"),
        ("403 api_plan_restricted", one(403, "api_plan_restricted", "Active subscription needed."), "plan never upgrade_plan"),
        ("402", response(402, ""), "plan never upgrade_plan"),
        ("404 data_invalid", one(404, "data_invalid", "Integration not found"), "validation never fix_input"),
        ("400 parameter_not_found", one(400, "parameter_not_found", "company not specified"), "validation never fix_input"),
        ("422 parameter_not_found", one(422, "parameter_not_found", "No subject supplied for email message"), "validation never fix_input"),
        ("400 intercom_version_invalid", one(400, "intercom_version_invalid", "x"), "validation never fix_api_version"),
        ("406 media_type_not_acceptable", one(406, "media_type_not_acceptable", "The Accept header should send a media type of application/json"),
            "validation never fix_accept_header"),
        ("406", response(406, ""), "validation never fix_accept_header"),
        ("400 cursor", one(400, "client_error", "Invalid starting_after param. Please try again using a starting_after value from a paginated response"),
            "validation never restart_pagination"),
        ("200 unknown error list", one(200, "brand_new", "x"), "unreadable if_replayable contact_support"),
        ("200 error list", one(200, "not_found", "x"), "not_found never verify_id"),
        ("200 HTML", response(200, HTML), "unreadable if_replayable contact_support"),
        ("200 JSON", response(200, "[1]"), "unreadable if_replayable contact_support"),
        ("500 HTML", response(500, HTML), "server if_replayable retry_and_check_status"),
        ("503 HTML", response(503, HTML), "server if_replayable retry_and_check_status"),
        ("503 empty", response(503, ""), "server if_replayable retry_and_check_status"),
        ("404 HTML", response(404, HTML), "not_found never verify_id"),
        ("302", response_with(302, &[("Location", "https://x.example/")], ""), "unknown never contact_support"),
        ("304", response(304, ""), "unknown never contact_support"),
        ("103", response(103, ""), "unknown never contact_support"),
    ]);
}

#[test]
fn misleading_responses_are_classified() {
    let limit = (
        "rate_limit_exceeded",
        "Exceeded rate limit of 83 in 10_seconds",
    );
    let jobs = (
        "rate_limit_exceeded",
        "Exceeded rate limit of 5 pending reporting dataset export jobs",
    );
    let unavailable = (
        "service_unavailable",
        "Sorry, the API service is temporarily unavailable",
    );
    let scroll = ("scroll_exists", "scroll already exists for this workspace");
    let several = |status, items: &[(&str, &str)]| response(status, &list(items));
    #[rustfmt::skip]
    check(vec![
        ("rate limit in a 502", several(502, &[limit]), "rate_limit if_replayable back_off"),
        ("rate limit in a 200", several(200, &[limit]), "rate_limit if_replayable back_off"),
        ("rate limit in a 400", several(400, &[limit]), "rate_limit never back_off"),
        ("rate limit in a 302", several(302, &[limit]), "rate_limit never back_off"),
        ("rate limit and conflict", several(429, &[limit, ("conflict", "x")]), "rate_limit never back_off"),
        ("rate limit and server error", several(429, &[limit, ("server_error", "x")]), "rate_limit if_replayable back_off"),
        ("rate limit, then jobs", several(429, &[limit, jobs]), "rate_limit never back_off"),
        ("rate limit and unknown", several(429, &[("brand_new", "x"), limit]), "rate_limit safe back_off"),
        ("jobs in capitals", several(429, &[("RATE_LIMIT_EXCEEDED", jobs.1)]), "concurrency_limit never wait_for_job"),
        ("jobs as a plain message", response(429, &format!(r#"{{"error":"{}"}}"#, jobs.1)), "concurrency_limit never wait_for_job"),
        ("429 HTML", response(429, HTML), "rate_limit safe back_off"),
        ("429 empty", response(429, ""), "rate_limit safe back_off"),
        ("429 null", response(429, "null"), "rate_limit safe back_off"),
        ("429 with another meaning", several(429, &[("not_found", "x")]), "not_found never verify_id"),
        ("503 type error", response(503, r#"{"type":"error","message":"Sorry, the API service is temporarily unavailable"}"#),
            "server if_replayable retry_and_check_status"),
        ("503 code outside a list", response(503, r#"{"error":{"code":"service_unavailable"}}"#), "overload if_replayable back_off"),
        ("503 list alone", response(503, r#"[{"code":"service_unavailable"}]"#), "overload if_replayable back_off"),
        ("503 with a second code", several(503, &[unavailable, ("server_error", "x")]), "overload if_replayable back_off"),
        ("503 with an unknown second code", several(503, &[unavailable, ("brand_new", "x")]), "overload if_replayable back_off"),
        ("503 internal_error", several(503, &[("internal_error", "Failed to store catalog")]), "server if_replayable retry_and_check_status"),
        ("503 rate limit", several(503, &[limit]), "rate_limit if_replayable back_off"),
        ("503 too_many_requests", several(503, &[("too_many_requests", "x")]), "overload if_replayable back_off"),
        ("500 service_unavailable", several(500, &[unavailable]), "overload if_replayable back_off"),
        ("400 retry_after", several(400, &[("retry_after", "x")]), "overload never back_off"),
        ("409 busy team and more", several(409, &[("conflict", &format!("{BUSY} Really."))]), "conflict never search_before_create"),
        ("409 busy team in lower case", several(409, &[("conflict", &BUSY.to_lowercase())]), "conflict never search_before_create"),
        ("409 busy team with another code", several(409, &[("resource_conflict", BUSY)]), "conflict never search_before_create"),
        ("409 busy team without a code", response(409, &format!(r#"{{"errors":[{{"message":"{BUSY}"}}]}}"#)), "conflict never search_before_create"),
        ("409 busy team twice", several(409, &[("conflict", BUSY), ("conflict", BUSY)]), "conflict never back_off"),
        ("409 busy team and another", several(409, &[("conflict", BUSY), ("conflict", "x")]), "conflict never back_off"),
        ("400 busy team", several(400, &[("conflict", BUSY)]), "conflict never search_before_create"),
        ("500 busy team", several(500, &[("conflict", BUSY)]), "server if_replayable retry_and_check_status"),
        ("400 conflict", several(400, &[("conflict", "Multiple existing users match this email address a@b.c - must be more specific using user_id")]),
            "conflict never look_up_by_id"),
        ("400 scroll and another", several(400, &[scroll, ("parameter_invalid", "x")]), "concurrency_limit never wait_for_job"),
        ("400 scroll and unknown", several(400, &[scroll, ("brand_new", "x")]), "concurrency_limit never wait_for_job"),
        ("409 scroll", several(409, &[scroll]), "concurrency_limit never wait_for_job"),
        ("422 scroll message", several(422, &[("bad_request", scroll.1)]), "validation never fix_input"),
        ("400 restart the scroll", several(400, &[("server_error", "Please restart the scroll operation.")]), "server never retry_and_check_status"),
        ("403 closed job", several(403, &[("forbidden", "job job_v2_1 is closed for new task updates")]), "conflict never fix_input"),
        ("404 field_not_found", several(404, &[("field_not_found", "We couldn't find that data attribute to update")]), "not_found never verify_id"),
        ("422 field_not_found", several(422, &[("field_not_found", "contacts field must be supplied")]), "validation never fix_input"),
        ("400 unknown not_found", several(400, &[("gadget_not_found", "x")]), "validation never fix_input"),
        ("404 unknown not_found", several(404, &[("gadget_not_found", "x")]), "not_found never verify_id"),
        ("400 INVALID_PARAMETER", several(400, &[("INVALID_PARAMETER", "x")]), "validation never fix_input"),
        ("an unknown code does not hide a known one", several(418, &[("brand_new", "x"), ("conflict", "x")]), "conflict never search_before_create"),
        ("401 without a body", response(401, ""), "authentication never regenerate_token"),
        ("403 without a body", response(403, ""), "permission never add_scope"),
        ("405", response(405, ""), "permission never add_scope"),
        ("409 unknown code that names a contact", several(409, &[("brand_new", "A contact matching those details already exists with id=5f1a")]),
            "conflict never use_existing"),
        ("410 without a link", response(410, ""), "not_found never verify_id"),
        ("410 with only a link", response_with(410, &[("Link", "</contacts/5f1a>; rel=canonical")], ""), "merged never follow_merge"),
        ("413", response(413, ""), "validation never fix_input"),
        ("415", response(415, ""), "validation never fix_input"),
        ("423", response(423, ""), "unknown never contact_support"),
        ("599", response(599, ""), "server if_replayable retry_and_check_status"),
        ("0", response(0, ""), "unknown never contact_support"),
        ("600", response(600, ""), "unknown never contact_support"),
        ("999", response(999, ""), "unknown never contact_support"),
    ]);
}

#[test]
fn messages_can_say_more_than_their_code() {
    let done = (
        "merge_failed",
        "Secondary conversation has already been merged",
    );
    #[rustfmt::skip]
    check(vec![
        ("merged already", one(422, "merge_failed", "Secondary conversation has already been merged"), "conflict never nothing_to_do"),
        ("not merged", one(422, "merge_failed", "Primary conversation not found"), "validation never fix_input"),
        ("fulfilled", one(409, "conflict", "This HITL request has already been fulfilled"), "conflict never nothing_to_do"),
        ("same state", one(400, "brand_new", "Cannot transition ticket to the same state."), "conflict never nothing_to_do"),
        ("same state, and something else", one(400, "bad_request", "Cannot transition ticket to the same state or so"), "validation never fix_input"),
        ("one done, one not", response(422, &list(&[done, ("type_mismatch", "x")])), "validation never fix_input"),
        ("one done, one unknown", response(422, &list(&[done, ("brand_new", "x")])), "validation never fix_input"),
        ("both done", response(422, &list(&[done, done])), "conflict never nothing_to_do"),
        ("done, in a 500", one(500, "server_error", "This HITL request has already been fulfilled"), "server if_replayable retry_and_check_status"),
        ("not a draft", one(409, "conflict", "Data connector must be in draft state to be deleted"), "conflict never fix_input"),
        ("page limit", one(400, "client_error", "page limit reached, please use scroll API"), "validation never use_scroll"),
        ("session", one(400, "parameter_invalid", "Fin session already exists for this conversation. Please use /reply to continue the conversation."),
            "conflict never continue_session"),
        ("merged and not restorable", one(400, "bad_request", "User has been merged and is not restorable."), "conflict never use_another"),
        ("to be deleted", one(409, "conflict", "This contact is marked for permanent deletion and is not restorable"), "conflict never use_another"),
        ("blocked", one(400, "not_restorable", "User blocked"), "conflict never use_another"),
        ("several", one(409, "conflict", "Multiple existing users match this email address a@b.c - must be more specific using user_id"),
            "conflict never look_up_by_id"),
        ("several contacts", one(409, "conflict", "Multiple existing contacts match this email address - must be more specific using user_id"),
            "conflict never look_up_by_id"),
        ("assigned", one(422, "parameter_invalid", "Conversation is already assigned to this admin."), "conflict never nothing_to_do"),
        ("assigned to another", one(422, "parameter_invalid", "Number is already assigned to another team"), "conflict never fix_input"),
        ("no scope", one(401, "", "Not authorized to access resource"), "permission never add_scope"),
        ("no scope, and a code", one(401, "unauthorized", "Not authorized to access resource"), "permission never add_scope"),
        ("no scope, as a prefix", one(401, "unauthorized", "Not authorized to access resources"), "authentication never regenerate_token"),
        ("region", one(403, "region_mismatch", "Your workspace is hosted in Europe but you connected to United States"), "permission never fix_region"),
        ("attribute", one(400, "parameter_invalid", "Custom attribute 'plan' does not exist"), "validation never create_attribute"),
        ("not JSON", one(400, "parameter_invalid", "Request body is not JSON"), "validation never fix_json"),
        ("multipart", one(409, "sync_in_progress", "A multipart upload is already in progress. Use import_job_id to continue."), "concurrency_limit never fix_input"),
    ]);
}

#[test]
fn a_list_that_a_body_encloses_is_safe_only_if_nothing_around_it_says_otherwise() {
    #[rustfmt::skip]
    check(vec![
        ("503 that encloses a refusal", response(503, r#"{"error":{"code":"server_error"},"cause":{"type":"error.list","errors":[{"code":"service_unavailable"}]}}"#),
            "overload if_replayable back_off"),
        ("503 of a gateway that wraps a refusal", response(503, r#"{"error":{"type":"error.list","errors":[{"code":"service_unavailable"}]}}"#),
            "overload safe back_off"),
    ]);
}

#[test]
fn a_server_error_with_a_code_of_the_client_is_a_server_error() {
    #[rustfmt::skip]
    check(vec![
        ("client_error", one(500, "client_error", "x"), "server if_replayable retry_and_check_status"),
        ("not_found", one(502, "not_found", "x"), "server if_replayable retry_and_check_status"),
        ("conflict", one(503, "conflict", "x"), "server if_replayable retry_and_check_status"),
        ("unauthorized", one(504, "unauthorized", "x"), "timeout if_replayable retry_and_check_status"),
        ("rate_limit_exceeded", one(500, "rate_limit_exceeded", "x"), "rate_limit if_replayable back_off"),
        // No source gives a status for these codes.
        ("custom_data_limit_reached", one(500, "custom_data_limit_reached", "x"), "validation never fix_input"),
        ("too_many_requests", one(500, "too_many_requests", "x"), "overload if_replayable back_off"),
    ]);
}

#[test]
#[rustfmt::skip]
fn the_request_can_change_the_class() {
    let missing = || one(404, "not_found", "x");
    let cases = [
        ("GET", "/companies/scroll", response(500, ""), "server never restart_scroll"),
        ("GET", "https://api.intercom.io/companies/scroll?scroll_param=1", response(504, HTML), "timeout never restart_scroll"),
        ("GET", "/companies/%73croll?x", response(500, ""), "server never restart_scroll"),
        ("GET", "/companies%2Fscroll", response(500, ""), "server never restart_scroll"),
        ("GET", "/x/%2e%2e/companies/scroll", response(500, ""), "server never restart_scroll"),
        ("POST", "//m%65ssages/", missing(), "not_found never wait_for_index"),
        ("GET", "/redirects/http://x/companies/scroll", response(500, ""), "server if_replayable retry_and_check_status"),
        ("GET", "/companies/scroll", one(503, "service_unavailable", "x"), "overload never restart_scroll"),
        ("GET", "/companies/scroll", response(429, ""), "rate_limit safe back_off"),
        ("GET", "/companies/scroll?scroll_param=s1", response(404, "Not Found"), "not_found never restart_scroll"),
        ("GET", "/companies/scroll?a=b&scroll_param=#x", missing(), "not_found never restart_scroll"),
        ("GET", "/companies/scroll?x_scroll_param=s1", missing(), "not_found never verify_id"),
        ("GET", "/companies/scroll#?scroll_param=s1", missing(), "not_found never verify_id"),
        ("GET", "/companies/scroll", missing(), "not_found never verify_id"),
        ("POST", "/companies/scroll", response(500, ""), "server if_replayable retry_and_check_status"),
        ("POST", "/companies/scroll?scroll_param=s1", missing(), "not_found never verify_id"),
        ("GET", "/contacts?scroll_param=s1", missing(), "not_found never verify_id"),
        ("GET", "/companies/scroll?scroll_param=s1", one(401, "unauthorized", "x"), "authentication never regenerate_token"),
        ("POST", "/tags", missing(), "not_found never verify_id"),
        ("POST", "/events", one(400, "not_found", "x"), "not_found never verify_id"),
        ("POST", "/messages", one(400, "not_found", "x"), "not_found never verify_id"),
        ("POST", "/events", missing(), "not_found never wait_for_index"),
        ("POST", "/events", one(404, "company_not_found", "x"), "not_found never verify_id"),
        ("GET", "/events", missing(), "not_found never verify_id"),
        ("GET", "/companies/scroll/1", response(500, ""), "server if_replayable retry_and_check_status"),
        ("POST", "/messages", missing(), "not_found never wait_for_index"),
        ("POST", "/messages", response(404, ""), "not_found never wait_for_index"),
        ("POST", "/messages", one(404, "admin_not_found", "x"), "not_found never verify_id"),
        ("POST", "/messages", one(404, "data_invalid", "x"), "validation never fix_input"),
        ("GET", "/messages", missing(), "not_found never verify_id"),
        ("DELETE", "/contacts/5f1a", missing(), "not_found never verify_id"),
        ("DELETE", "/redirects/1", one(409, "conflict", "x"), "conflict never fix_input"),
        ("DELETE", "/redirects/1", one(400, "conflict", "x"), "conflict never search_before_create"),
        ("DELETE", "/redirects/1", one(409, "conflict", BUSY), "conflict safe back_off"),
        ("PUT", "/teams/1", one(409, "conflict", BUSY), "conflict safe back_off"),
        ("POST", "/contacts", response(409, ""), "conflict never search_before_create"),
        ("POST", "/fin_voice/register", response(409, ""), "conflict never nothing_to_do"),
        ("POST", "/fin_voice/register", one(400, "conflict", "x"), "conflict never search_before_create"),
        ("POST", "/fin_voice/register", one(409, "conflict", BUSY), "conflict safe back_off"),
        ("PUT", "/fin_voice/register", response(409, ""), "conflict never search_before_create"),
        ("PATCH", "/contacts/5f1a", missing(), "not_found never fix_method"),
        ("PATCH", "/contacts/5f1a", one(400, "not_found", "x"), "not_found never verify_id"),
        ("PATCH", "/contacts/5f1a", one(404, "company_not_found", "x"), "not_found never verify_id"),
        ("PATCH", "/data_connectors/1", missing(), "not_found never verify_id"),
        ("OPTIONS", "/", response(404, HTML), "not_found never fix_method"),
        ("OPTIONS", "/data_connectors/1", missing(), "not_found never fix_method"),
        ("", "", missing(), "not_found never fix_method"),
    ];
    let wrong: Vec<String> = cases
        .into_iter()
        .filter_map(|(method, path, error, expected)| {
            let found = words(in_response_to(method, path, &error).class());
            (found != expected).then(|| format!("{method} {path} {error}: expected {expected}, found {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_unknown_code_is_classified_by_its_status() {
    // A 407 without an error list comes from a proxy.
    for status in (0..=1000).filter(|status| *status != 407) {
        let coded = one(status, "brand_new_code", "words");
        assert_eq!(coded.class(), response(status, "").class(), "{status}");
        assert_eq!(
            coded.code(),
            Some(&ErrorCode::Unknown("brand_new_code".into()))
        );
    }
}

#[test]
fn every_code_is_classified_as_in_the_catalog() {
    for entry in CATALOG {
        for &status in entry.statuses() {
            let class = one(status, entry.code().as_str(), "words").class();
            let found = (class.resend(), class.category(), class.action());
            let expected = match (entry.code(), status) {
                (ErrorCode::FieldNotFound, 404) => {
                    (Resend::Never, Category::NotFound, Action::VerifyId)
                }
                _ => (entry.resend(), entry.category(), entry.action()),
            };
            assert_eq!(found, expected, "{status} {}", entry.code());
        }
    }
}

/// Only the message about a partly changed team gives this pair. `intercom-retry` relies on that: it takes the pair to
/// mean that a part was applied.
#[test]
fn no_code_alone_is_a_conflict_with_verify_id() {
    let both = |entry: &&Entry| {
        entry.category() == Category::Conflict && entry.action() == Action::VerifyId
    };
    assert_eq!(CATALOG.iter().filter(both).count(), 0);
}

#[test]
fn each_predicate_holds_only_for_its_category() {
    type Predicate = (&'static str, fn(&ApiError) -> bool);
    let predicates: [Predicate; 10] = [
        ("authentication", ApiError::is_unauthorized),
        ("permission", ApiError::is_forbidden),
        ("plan", ApiError::is_plan_restricted),
        ("not_found", ApiError::is_not_found),
        ("merged", ApiError::is_merged),
        ("conflict", ApiError::is_conflict),
        ("validation", ApiError::is_validation),
        ("rate_limit", ApiError::is_rate_limited),
        ("timeout", ApiError::is_timeout),
        ("server", ApiError::is_server_error),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for entry in CATALOG {
        let error = one(418, entry.code().as_str(), "words");
        let category = error.class().category().as_str();
        seen.insert(category);
        for (name, predicate) in predicates {
            assert_eq!(
                predicate(&error),
                name == category,
                "{} {name}",
                entry.code()
            );
        }
    }
    assert!(
        predicates.iter().all(|(name, _)| seen.contains(name)),
        "{seen:?}"
    );
}

#[test]
fn optional_turns_only_not_found_into_none() {
    let optional = |error: ApiError| {
        Err::<(), _>(error)
            .optional()
            .map_err(|error| error.status())
    };
    assert_eq!(Ok::<_, ApiError>(1).optional().unwrap(), Some(1));
    assert_eq!(
        optional(one(404, "company_not_found", "Company Not Found")),
        Ok(None)
    );
    assert_eq!(optional(response(410, "")), Ok(None));
    assert_eq!(
        optional(one(404, "data_invalid", "Integration not found")),
        Err(404)
    );
    assert_eq!(optional(one(400, "parameter_not_found", "x")), Err(400));
    assert_eq!(
        optional(response_with(
            410,
            &[("Link", "</contacts/5f1a>; rel=canonical")],
            ""
        )),
        Err(410)
    );
}

#[test]
fn only_the_api_itself_says_that_a_resource_is_gone() {
    let gone = |codes: &[&str]| {
        let items: Vec<_> = codes.iter().map(|code| (*code, "x")).collect();
        response(404, &list(&items)).is_gone()
    };
    assert!(
        gone(&["not_found"])
            && gone(&["tag_not_found"])
            && gone(&["not_found", "contact_not_found"])
    );
    assert!(!gone(&["admin_not_found"]) && !gone(&["assignee_not_found"]));
    assert!(!gone(&["not_found", "admin_not_found"]) && !gone(&["not_found", "brand_new"]));
    assert!(!response(404, "<html>").is_gone() && !response(404, "{}").is_gone());
    assert!(response(404, "<html>").is_not_found());
    assert!(!one(500, "not_found", "x").is_gone());
    assert!(!response(404, r#"{"errors":[{"message":"not_found yet"}]}"#).is_gone());
}
