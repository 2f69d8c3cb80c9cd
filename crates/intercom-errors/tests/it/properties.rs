//! Properties that hold for any status, headers and bytes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use intercom_errors::{
    ApiError, BodyKind, ErrorCode, Fault, FaultKind, HintCause, Resend, UnixTime,
};
use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

const SECRET: &str = "s3cr3t@example.org";
const BUSY: &str = "The members of this team are being changed by another request. Try again.";
const JOBS: &str = "Exceeded rate limit of 5 pending reporting dataset export jobs";
const SCROLL: &str = "scroll already exists for this workspace";

pub(crate) fn status() -> impl Strategy<Value = u16> {
    prop_oneof![
        any::<u16>(),
        100_u16..600,
        proptest::sample::select(vec![
            200, 400, 401, 403, 404, 408, 409, 410, 422, 429, 500, 502, 503, 504
        ]),
    ]
}

pub(crate) fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let names = vec![
        "X-Request-Id",
        "date",
        "Link",
        "LOCATION",
        "retry-after",
        "x-ratelimit-limit",
        "X-RateLimit-Reset",
        "x-ratelimit-remaining",
    ];
    let name = prop_oneof![
        any::<String>(),
        proptest::sample::select(names).prop_map(str::to_owned)
    ];
    let value = prop_oneof![
        vec(any::<u8>(), 0..40),
        any::<i128>().prop_map(|number| number.to_string().into_bytes()),
        Just(b"Fri, 22 Mar 2024 09:34:13 GMT".to_vec()),
        Just(b"</contacts/5f1a>; rel=\"canonical\"".to_vec()),
    ];
    (name, value)
}

/// `Fri, 22 Mar 2024 09:34:13 GMT`
const NOW: u64 = 1_711_100_053;
const DAY: u64 = 86_400;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A header that says when to come back, and the waits in it.
#[derive(Clone, Debug)]
struct Waiting {
    name: &'static str,
    value: String,
    seconds: Vec<u64>,
}

fn waiting() -> impl Strategy<Value = Waiting> {
    let delay = prop_oneof![
        (0_u64..200_000).prop_map(|wait| (wait.to_string(), Some(wait))),
        (0_u64..200, 1_u32..1000)
            .prop_map(|(wait, part)| (format!("{wait}.{part:03}"), Some(wait + 1))),
        (0_u64..200_000).prop_map(|wait| (httpdate::fmt_http_date(at(NOW + wait)), Some(wait))),
        Just(("9".repeat(30), Some(u64::MAX))),
        garbage(),
    ];
    let reset = prop_oneof![
        4 => (0_u64..=DAY).prop_map(|wait| ((NOW + wait).to_string(), Some(wait))),
        2 => (0_u64..DAY).prop_map(|wait| (format!("{}.5", NOW + wait), Some(wait + 1))),
        1 => (1_u64..1_000_000_000).prop_map(|over| ((NOW + DAY + over).to_string(), None)),
        1 => Just(((NOW * 1000).to_string(), None)),
        1 => (0_u64..100).prop_map(|wait| (wait.to_string(), Some(0))),
        1 => garbage(),
    ];
    prop_oneof![
        vec(delay, 1..3).prop_map(|elements| ("Retry-After", elements)),
        vec(reset, 1..3).prop_map(|elements| ("X-RateLimit-Reset", elements)),
    ]
    .prop_map(|(name, elements)| Waiting {
        name,
        value: elements
            .iter()
            .map(|(text, _)| text.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        seconds: elements.into_iter().filter_map(|(_, wait)| wait).collect(),
    })
}

fn garbage() -> impl Strategy<Value = (String, Option<u64>)> {
    proptest::sample::select(vec!["", "soon", "-5", "1e3", "GMT"])
        .prop_map(|text| (text.to_owned(), None))
}

/// Generates items with known and unknown codes and messages.
fn item() -> impl Strategy<Value = String> {
    let known: Vec<String> = intercom_errors::CATALOG
        .iter()
        .map(|entry| entry.code().as_str().to_owned())
        .collect();
    let code = prop_oneof![
        proptest::sample::select(known),
        proptest::sample::select(vec![
            "conflict",
            "scroll_exists",
            "service_unavailable",
            "rate_limit_exceeded",
            "brand_new",
            "CONFLICT"
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let message = prop_oneof![
        proptest::sample::select(vec![
            BUSY,
            SCROLL,
            JOBS,
            "Please restart the scroll operation",
            "A contact matching those details already exists with id=5f1a",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    (
        proptest::option::of(code),
        proptest::option::of(message),
        any::<bool>(),
    )
        .prop_map(|(code, message, legacy)| {
            let key = if legacy { "type" } else { "code" };
            serde_json::json!({key: code, "message": message}).to_string()
        })
}

/// Generates bodies like those of Intercom.
fn real_body() -> impl Strategy<Value = String> {
    (vec(item(), 0..4), 0..7_u8).prop_map(|(items, shape)| {
        let (joined, first) = (
            items.join(","),
            items.first().map_or("null", String::as_str),
        );
        match shape {
            0..=2 => format!(r#"{{"type":"error.list","request_id":"req_1","errors":[{joined}]}}"#),
            3 => format!(r#"{{"errors":{first}}}"#),
            4 => format!(r#"{{"type":"error","error":{first}}}"#),
            5 => format!("[{joined}]"),
            _ => first.to_owned(),
        }
    })
}

/// Generates arbitrary bytes, real bodies, and real bodies with changed bytes.
pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    let mutated = (
        real_body(),
        vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        any::<bool>(),
    )
        .prop_map(|(body, changes, cut)| {
            let mut body = body.into_bytes();
            for (at, byte) in changes {
                let at = at.index(body.len());
                body[at] = byte;
                if cut && byte % 2 == 0 {
                    body.truncate(at + 1);
                }
            }
            body
        });
    prop_oneof![
        vec(any::<u8>(), 0..300),
        real_body().prop_map(String::into_bytes),
        mutated
    ]
}

pub(crate) fn parts(headers: &[(String, Vec<u8>)]) -> impl Iterator<Item = (&str, &[u8])> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()))
}

/// Returns `true` for the only four responses that mean that nothing was done. Does not use the tables of the crate.
fn may_be_safe(error: &ApiError) -> bool {
    let every_item = |is: &dyn Fn(Option<&ErrorCode>, Option<&str>) -> bool| {
        !error.errors().is_empty()
            && error
                .errors()
                .iter()
                .all(|item| is(item.code(), item.message()))
    };
    match error.status() {
        429 => error
            .errors()
            .iter()
            .all(|item| item.message() != Some(JOBS)),
        503 => {
            error.body().kind() == BodyKind::ErrorList
                && every_item(&|code, _| code.is_some_and(|code| *code == "service_unavailable"))
        }
        409 => {
            error.errors().len() == 1
                && every_item(&|code, text| {
                    code.is_some_and(|code| *code == "conflict") && text == Some(BUSY)
                })
        }
        400 => every_item(&|code, text| {
            code.is_some_and(|code| *code == "scroll_exists")
                || text.is_some_and(|text| text.starts_with("scroll already exists"))
        }),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_never_panics_and_keeps_the_body(status in status(), headers in vec(header(), 0..6), body in body(), wall in proptest::option::of(any::<u64>())) {
        let error = ApiError::from_parts(status, parts(&headers), &body);
        prop_assert_eq!(error.status(), status);
        prop_assert_eq!(error.body().bytes(), &body[..]);
        prop_assert_eq!(error.body().len(), body.len() as u64);
        prop_assert!(!error.body().is_truncated());
        let _ = (error.hint(wall.and_then(UnixTime::from_secs)), error.existing_contact(), error.merged_into(), error.required_scope(), error.location());
        let _ = (error.rate_limit().wait(), error.retry_after(), error.code(), error.message(), error.clone());
    }

    #[test]
    fn the_hint_is_never_shorter_than_any_valid_wait(lines in vec(waiting(), 0..8), dated in any::<bool>(), behind in any::<bool>()) {
        let date = dated.then(|| ("date", httpdate::fmt_http_date(at(NOW))));
        let mut headers: Vec<(&str, String)> = lines.iter().map(|line| (line.name, line.value.clone())).collect();
        headers.insert(if behind { headers.len() } else { 0 }, date.clone().unwrap_or(("x", String::new())));
        let parts = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let hint = ApiError::from_parts(429, parts, b"").hint(UnixTime::from_secs(NOW));
        for line in lines {
            for seconds in line.seconds {
                let wait = hint.map(|hint| hint.wait());
                prop_assert!(wait >= Some(Duration::from_secs(seconds)), "{:?}: {:?}", headers, wait);
            }
        }
        prop_assert!(hint.is_none_or(|hint| hint.wait() <= Duration::from_secs(DAY) || hint.cause() == HintCause::RetryAfter));
    }

    #[test]
    fn the_request_id_comes_from_the_header_if_the_body_has_none(status in status(), id in "[a-z0-9-]{1,36}", noise in vec(any::<u8>(), 0..100)) {
        let mut body = b"<".to_vec();
        body.extend(noise);
        let error = ApiError::from_parts(status, [("x-request-id", id.as_bytes())], &body);
        prop_assert_eq!(error.request_id(), Some(&*id));
    }

    #[test]
    fn only_four_responses_are_safe_to_resend(status in status(), headers in vec(header(), 0..3), body in body()) {
        let error = ApiError::from_parts(status, parts(&headers), &body);
        if error.class().resend() == Resend::Safe {
            prop_assert!(may_be_safe(&error), "{:?} {}", error, String::from_utf8_lossy(&body));
        }
        if !matches!(status, 200..=299 | 400 | 408 | 409 | 429 | 500..=599) {
            prop_assert_eq!(error.class().resend(), Resend::Never);
        }
    }

    #[test]
    fn a_known_request_never_makes_a_class_less_careful(status in status(), body in body(), method in "[A-Z]{0,6}|GET|POST|DELETE", path in "[a-z/]{0,9}|/companies/scroll|/messages|/contacts/1") {
        let error = ApiError::from_parts(status, [], &body);
        let class = crate::in_response_to(&method, &path, &error).class();
        prop_assert!(class.resend() <= error.class().resend());
        prop_assert_eq!(class.category(), error.class().category());
    }

    #[test]
    fn a_cut_off_response_is_never_less_careful_than_a_whole_one(status in status(), body in body()) {
        let response = ApiError::from_parts(status, [], &body);
        let whole = response.class().resend();
        prop_assert_eq!(Fault::cut(FaultKind::TooLarge, response.clone()).class().resend(), Resend::Never);
        let cut = Fault::cut(FaultKind::Closed, response).class().resend();
        prop_assert!(cut <= whole);
        prop_assert!(cut < Resend::Safe || (400..500).contains(&status));
    }

    #[test]
    fn more_items_never_make_a_class_less_careful(status in status(), items in vec(item(), 1..4), more in item()) {
        let class = |items: &[String]| {
            let body = format!(r#"{{"type":"error.list","errors":[{}]}}"#, items.join(","));
            ApiError::from_parts(status, [], body.as_bytes()).class().resend()
        };
        let longer = [items.clone(), vec![more]].concat();
        prop_assert!(class(&longer) <= class(&items));
    }

    #[test]
    fn display_is_one_line_of_limited_length(status in status(), headers in vec(header(), 0..3), body in body()) {
        let error = ApiError::from_parts(status, parts(&headers), &body);
        for line in [error.to_string(), error.line().with_message().to_string(), Fault::cut(FaultKind::Timeout, error.clone()).to_string()] {
            prop_assert!(line.chars().count() < 5_000, "{}", line.len());
            prop_assert!(!line.chars().any(|char| char.is_control() || ('\u{2028}'..='\u{202e}').contains(&char)), "{:?}", line);
        }
    }

    #[test]
    fn neither_display_nor_debug_shows_the_message(status in status(), before in "[ -~]{0,20}", place in 0..9_u8) {
        let text = serde_json::Value::from(format!("{before}{SECRET}"));
        let body = match place {
            0 => format!(r#"{{"type":"error.list","errors":[{{"code":"x","message":{text}}}]}}"#),
            1 => format!(r#"{{"type":"error.list","errors":[{{"code":"x","data":{{"email":{text}}}}}]}}"#),
            2 => format!(r#"{{"type":"error","message":{text}}}"#),
            3 => format!(r#"{{"error":{text}}}"#),
            4 => format!(r#"{{"errors":{{"email":[{text}]}}}}"#),
            5 => format!(r#"[{text}]"#),
            6 => format!("<html>{text}</html>"),
            7 => format!(r#"{{"contact":{{"email":{text}}}}}"#),
            _ => format!(r#"{{"errors":[{{"code":"x","data":{text}"#),
        };
        let error = ApiError::from_parts(status, [("Location", SECRET.as_bytes())], body.as_bytes());
        let cut = Fault::cut(FaultKind::Closed, error.clone());
        for shown in [format!("{error}"), format!("{error:?}"), format!("{error:#?}"), format!("{:?}", error.errors()), format!("{cut}"), format!("{cut:?}")] {
            prop_assert!(!shown.contains(SECRET), "{}", shown);
        }
    }
}
