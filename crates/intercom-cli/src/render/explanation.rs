//! An explanation as text.

use std::time::Duration;

use intercom_errors::Content;
use intercom_protocol::{
    ApiError, BodyKind, Category, HintCause, Phase, RateLimit, Replay, Resend, RetryAfter, UnixTime,
};

use super::Page;
use crate::explanation::{Advice, Case, Request, millis};
use crate::words;

/// How long to wait without a hint.
const LONGER: &str = "longer before each attempt";

/// Whether to retry a write whose path is unknown.
const MAYBE: &str =
    "maybe: the request may have been applied, and only some paths are safe to retry; add --path";

/// Why a body without its key is not retried.
const KEYLESS: &str =
    "the request may have been applied, and without this member a retry could apply it twice";

/// Explains one error: a headline, its meaning, whether and when to retry, causes and fixes.
pub(crate) fn explanation(case: &Case, page: &mut Page) {
    let error = &case.error;
    let class = case.class();
    if is_success(case) {
        page.title(&format!("{}: a success", name(case)));
        page.gap();
        page.paragraph(
            "If your program reported an error, the body was not what it expected: check the base URL and the path.",
        );
        return;
    }
    page.title(&format!("{}: {}", name(case), headline(case)));
    page.gap();
    let advice = Advice::of(case);
    if let Some(meaning) = advice.meaning {
        page.row("means", meaning);
    }
    items(error, page);
    if let Some(id) = error.request_id() {
        page.row("request", &format!("{id} (quote it to Intercom's support)"));
    }
    context(error, page);
    page.row("category", class.category().as_str());
    page.row("action", class.action().as_str());
    let request = case.request.as_ref();
    let named = request.map(|request| (request.name(), request.replay()));
    let named = named
        .as_ref()
        .map(|(name, replay)| (name.as_str(), *replay));
    let unsent = case
        .fault
        .as_ref()
        .is_some_and(|fault| fault.phase() == Phase::NotSent);
    let again = match (class.resend(), request.and_then(Request::key)) {
        (Resend::Safe, _) if unsent => "yes, any request: nothing was sent".to_owned(),
        (Resend::Never, _) if class.category() == Category::Unknown => {
            "no: it is unknown what the request did".to_owned()
        }
        (Resend::IfReplayable, Some(key)) => format!("only if its body has {key}: {KEYLESS}"),
        (Resend::IfReplayable, None) if request.is_some_and(Request::lacks_path) => {
            MAYBE.to_owned()
        }
        (resend, _) => words::resend(resend, named),
    };
    page.row("retry?", &again);
    if let Some(wait) = wait(case) {
        page.row("wait", &wait);
    }
    if let Some(quota) = quota(case) {
        page.row("quota", &quota);
    }
    page.points("Causes", advice.causes);
    page.steps("Fix", &advice.fixes);
}

/// What to do, in a few words. Never suggests to retry a request that is unsafe to retry.
fn headline(case: &Case) -> &'static str {
    let replay = case.request.as_ref().map(Request::replay);
    match (case.class().resend(), replay) {
        (Resend::IfReplayable, Some(Replay::No)) => {
            "check whether the request was applied before you retry"
        }
        _ => case.class().action().meaning(),
    }
}

fn name(case: &Case) -> String {
    if let Some(fault) = &case.fault {
        return fault.line().to_string();
    }
    match (case.status, case.error.code()) {
        (Some(status), Some(code)) => format!("{status} {code}"),
        (Some(status), None) => status.to_string(),
        (None, Some(code)) => code.to_string(),
        (None, None) => "an error".to_owned(),
    }
}

/// A success by its status, which neither its sender nor its body contradicts.
fn is_success(case: &Case) -> bool {
    let body = case.error.body();
    // Of a long body, only the beginning is kept.
    let is_plain = matches!(body.kind(), BodyKind::Json | BodyKind::Empty);
    matches!(case.status, Some(200..=299))
        && !case.class().is_blocked()
        && (is_plain || Content::of(body.bytes()) == Content::Json)
}

/// The messages of all items.
fn items(error: &ApiError, page: &mut Page) {
    let several = error.errors().len() > 1;
    for item in error.errors() {
        let Some(message) = item.message() else {
            continue;
        };
        let field = item
            .field()
            .map(|field| format!("{field}: "))
            .unwrap_or_default();
        let code = item
            .code()
            .filter(|_| several)
            .map(|code| format!(" ({code})"))
            .unwrap_or_default();
        page.row("message", &format!("{field}{message}{code}"));
        if let Some(data) = item.data() {
            page.row("data", data);
        }
    }
    if error.errors().is_empty() {
        no_list(error, page);
    }
}

/// Describes a body without an error list.
fn no_list(error: &ApiError, page: &mut Page) {
    let body = error.body();
    let what = match body.kind() {
        BodyKind::Raw => "not JSON",
        BodyKind::Json => "JSON in an unknown format",
        _ => return,
    };
    page.row("body", &format!("{what}, {} bytes", body.len()));
}

/// What the response refers to: an existing contact, a merge, a scope.
fn context(error: &ApiError, page: &mut Page) {
    if let Some(contact) = error.existing_contact() {
        let state = if contact.is_archived() {
            "archived contact"
        } else {
            "contact"
        };
        page.row("existing", &format!("the {state} {}", contact.id()));
    }
    if let Some(id) = error.merged_into() {
        page.row("merged into", &format!("the contact {id}"));
    }
    if let Some(scope) = error.required_scope() {
        page.row("scope", scope);
    }
    if let Some(location) = error.location() {
        page.row("location", location);
    }
}

fn wait(case: &Case) -> Option<String> {
    let (error, request) = (&case.error, case.request.as_ref());
    let replay = request.map(Request::replay);
    let again = match case.class().resend() {
        // A running job ends at some time.
        Resend::Never => case.hint().is_some(),
        Resend::IfReplayable => {
            request.and_then(Request::key).is_some() || replay.is_none_or(Replay::is_replayable)
        }
        Resend::Safe => true,
    };
    if !again {
        return None;
    }
    if case.fault.is_some() {
        return Some(LONGER.to_owned());
    }
    let Some(hint) = case.hint() else {
        if case.headless {
            let limited = case.class().category() == Category::RateLimit;
            let until = "until the response's X-RateLimit-Reset";
            return Some(if limited { until } else { LONGER }.to_owned());
        }
        return Some(format!("the response does not say; wait {LONGER}"));
    };
    let (until, passed) = match hint.cause() {
        HintCause::RateLimitReset => ("until the rate limit resets", "the rate limit has reset"),
        HintCause::RetryAfter => ("from Retry-After", "Retry-After has passed"),
        HintCause::ScrollIdle => (
            "until the idle scroll expires",
            "the idle scroll has expired",
        ),
        _ => ("from the response", "the time in the response has passed"),
    };
    let delay = matches!(error.retry_after(), Some(RetryAfter::Delay(_)));
    let clock = match (hint.cause(), error.rate_limit().date()) {
        (HintCause::ScrollIdle, _) => "",
        (HintCause::RetryAfter, _) if delay => "",
        (_, Some(_)) => " (by the server's clock)",
        (_, None) => " (by this machine's clock, because the response has no Date)",
    };
    if hint.wait().is_zero() {
        return Some(format!("over: {passed}{clock}"));
    }
    Some(format!("{}, {until}{clock}", seconds(hint.wait())))
}

fn quota(case: &Case) -> Option<String> {
    let limit = case.error.rate_limit();
    let number = |number: Option<u32>| number.map_or_else(|| "?".to_owned(), |n| n.to_string());
    (!limit.is_empty()).then(|| {
        let reset = reset(limit, case.wall).map(|reset| format!(", reset {reset}"));
        format!(
            "{} of {} left{}",
            number(limit.remaining()),
            number(limit.limit()),
            reset.unwrap_or_default()
        )
    })
}

/// When the window ends, relative to the response; if it has no date, relative to this machine's clock.
fn reset(limit: RateLimit, wall: Option<UnixTime>) -> Option<String> {
    let at = limit.reset()?;
    let Some(date) = limit.date() else {
        let wait = limit.wait_from(wall?)?;
        return Some(match wait {
            Duration::ZERO => "passed".to_owned(),
            wait => format!("in {}", seconds(wait)),
        });
    };
    let after = at.saturating_duration_since(date).as_secs();
    Some(match date.saturating_duration_since(at).as_secs() {
        0 if after == 0 => "at the time of the response".to_owned(),
        0 => format!("{after} s after the response"),
        before => format!("{before} s before the response"),
    })
}

/// Formats a wait like `7 s` or `3.2 s`, rounded up.
fn seconds(wait: Duration) -> String {
    let tenths = Duration::from_millis(millis(wait).div_ceil(100).saturating_mul(100));
    format!("{} s", tenths.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use intercom_protocol::{ApiError, Category, RateLimit, UnixTime};

    use super::{explanation, reset};
    use crate::explanation::Case;
    use crate::render::Page;

    fn page(error: ApiError, headless: bool) -> (Case, String) {
        let case = Case {
            status: Some(error.status()),
            error,
            headless,
            fault: None,
            wall: None,
            request: None,
            maybe_applied: false,
        };
        let mut page = Page::new();
        explanation(&case, &mut page);
        let text = anstream::adapter::strip_str(page.as_str()).to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        (case, words.join(" "))
    }

    #[test]
    fn the_explanation_of_each_status_is_consistent() {
        for status in 100..=599 {
            let (case, text) = page(ApiError::from_parts(status, [], b""), true);
            let (title, rest) = text.split_once(" means ").unwrap_or((&text, ""));
            let is_final = rest.contains("retry? no: ");
            assert!(
                !(is_final && (rest.contains(" wait ") || title.contains("again"))),
                "{text}"
            );
            // There is no request id to report, and the outcome is unknown.
            assert!(!title.contains("request id"), "{text}");
            if case.class().category() == Category::Unknown {
                assert!(rest.contains("retry? no: it is unknown"), "{text}");
                assert!(!rest.contains("would fit better"), "{text}");
                assert!(title.contains("check the base URL"), "{text}");
                assert!(rest.contains("Fix 1. Check the base URL"), "{text}");
            }
        }
    }

    #[test]
    fn a_2xx_is_a_success_unless_its_sender_or_its_body_says_otherwise() {
        let challenge = ("x-amzn-waf-action", b"challenge".as_slice());
        let long = format!("[{}1]", "1,".repeat(40_000));
        for (header, body, expected) in [
            (None, "", true),
            (None, r#"{"type":"user_message","message":"Hi"}"#, true),
            (None, &long, true),
            (None, r#"{"type":"error","message":"Oops"}"#, false),
            (None, "<html>", false),
            (Some(challenge), "", false),
        ] {
            let (_, text) = page(ApiError::from_parts(202, header, body.as_bytes()), false);
            assert_eq!(text.starts_with("202: a success"), expected, "{text}");
        }
    }

    #[test]
    fn without_a_hint_the_wait_is_not_attributed_to_the_server() {
        let overloaded = br#"{"errors":[{"code":"service_unavailable"}],"type":"error.list"}"#;
        let limited = br#"{"errors":[{"code":"rate_limit_exceeded"}],"type":"error.list"}"#;
        for (status, body) in [(503, overloaded.as_slice()), (429, limited), (429, b"")] {
            let (_, text) = page(ApiError::from_parts(status, [], body), false);
            assert!(!text.contains("server says"), "{text}");
            assert!(text.contains("wait the response does not say"), "{text}");
            assert!(
                !text.contains("Wait until X-RateLimit-Reset, measured"),
                "{text}"
            );
        }
    }

    #[test]
    fn the_reset_is_relative_to_the_response() {
        let date = ("date", b"Fri, 22 Mar 2024 09:34:13 GMT".as_slice());
        let shown = |at: &str, dated: bool| {
            let reset_at = ("x-ratelimit-reset", at.as_bytes());
            let headers = [reset_at, date].into_iter().take(if dated { 2 } else { 1 });
            let limit = RateLimit::from_headers(headers);
            let now = Duration::from_millis(1_711_100_053_250);
            reset(limit, UnixTime::from_duration(now)).unwrap()
        };
        assert_eq!(shown("1711100055", true), "2 s after the response");
        assert_eq!(shown("1711100053", true), "at the time of the response");
        assert_eq!(shown("1711100050", true), "3 s before the response");
        assert_eq!(shown("1711100055", false), "in 1.8 s");
        assert_eq!(shown("1711100050", false), "passed");
    }
}
