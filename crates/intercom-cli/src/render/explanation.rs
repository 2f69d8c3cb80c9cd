//! An explanation as text.

use intercom_protocol::{ApiError, BodyKind, ErrorItem, HintCause, Resend};

use super::Page;
use crate::explanation::{Case, meaning};
use crate::words;

/// One error on a page: verdict, meaning, causes, fix, whether to send again and when.
pub(crate) fn explanation(case: &Case, page: &mut Page) {
    let error = &case.error;
    let action = error.class().action();
    page.title(&verdict(case));
    page.gap();
    page.row("means", meaning(error));
    items(error, page);
    if let Some(id) = error.request_id() {
        page.row("request", &format!("{id} (tell it to Intercom's support)"));
    }
    context(error, page);
    page.row("category", error.class().category().as_str());
    page.row("action", action.as_str());
    let request = case
        .request
        .as_ref()
        .map(|request| (request.name(), request.replay()));
    page.row(
        "send again?",
        &words::resend(error.class().resend(), request),
    );
    if let Some(wait) = wait(case) {
        page.row("wait", &wait);
    }
    if let Some(quota) = quota(error) {
        page.row("quota", &quota);
    }
    page.points("Causes", action.causes());
    page.steps("Fix", action.fixes());
}

fn verdict(case: &Case) -> String {
    let mut name = case.status.map(|status| status.to_string());
    if let Some(code) = case.error.code() {
        name = Some(name.map_or_else(|| code.to_string(), |name| format!("{name} {code}")));
    }
    let name = name.unwrap_or_else(|| "an error".to_owned());
    let harmless = matches!(case.error.body().kind(), BodyKind::Json | BodyKind::Empty);
    if matches!(case.status, Some(200..=299)) && harmless {
        return format!("{name}: a success, unless it is not what was asked for");
    }
    format!("{name}: {}", case.error.class().action().meaning())
}

/// The message; where there are several items, each of them.
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
    if let [ErrorItem { .. }] | [] = error.errors() {
        no_list(error, page);
    }
}

/// What stands in place of an error list.
fn no_list(error: &ApiError, page: &mut Page) {
    let body = error.body();
    let what = match body.kind() {
        BodyKind::Raw => "no JSON",
        BodyKind::Json => "JSON, but of no shape that is known",
        _ => return,
    };
    page.row("body", &format!("{what}, {} bytes", body.len()));
}

/// What the answer names: a contact in the way, a merge, a scope.
fn context(error: &ApiError, page: &mut Page) {
    if let Some(contact) = error.existing_contact() {
        let state = if contact.is_archived() {
            "archived contact"
        } else {
            "contact"
        };
        page.row("in the way", &format!("the {state} {}", contact.id()));
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
    let error = &case.error;
    let Some(hint) = error.hint(case.wall) else {
        return (error.class().resend() != Resend::Never)
            .then(|| "the answer does not say; wait longer from attempt to attempt".to_owned());
    };
    let cause = match hint.cause() {
        HintCause::RateLimitReset => "until the window of the rate limit ends",
        HintCause::RetryAfter => "as Retry-After says",
        HintCause::ScrollIdle => "until an idle scroll ends by itself",
        _ => "as the answer says",
    };
    let clock = match (hint.cause(), error.rate_limit().date()) {
        (HintCause::ScrollIdle, _) => "",
        (_, Some(_)) => " (by the server's clock)",
        (_, None) => " (by this machine's clock, for the answer has no Date)",
    };
    if hint.wait().is_zero() {
        return Some(format!("no longer: that was {cause}{clock}"));
    }
    Some(format!("{} s, {cause}{clock}", hint.wait().as_secs_f64()))
}

fn quota(error: &ApiError) -> Option<String> {
    let limit = error.rate_limit();
    let number = |number: Option<u32>| number.map_or_else(|| "?".to_owned(), |n| n.to_string());
    (!limit.is_empty()).then(|| {
        let reset = limit
            .reset()
            .map(|at| format!(", reset at {at}"))
            .unwrap_or_default();
        format!(
            "{} of {} left{reset}",
            number(limit.remaining()),
            number(limit.limit())
        )
    })
}
