//! Checks that every request must pass before a route handles it.

use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};

use crate::request::Request;
use crate::response::Refusal;

/// The API version for requests without a valid `Intercom-Version` header.
const DEFAULT_VERSION: HeaderValue = HeaderValue::from_static("2.16");

pub(crate) fn is_authorised(request: &Request, token: &str) -> bool {
    let credentials = request
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    credentials.split_once(' ').is_some_and(|(scheme, given)| {
        scheme.eq_ignore_ascii_case("bearer") && given.trim() == token
    })
}

/// Checks the headers that apply to every route.
pub(crate) fn check_headers(request: &Request) -> Result<(), Refusal> {
    let media_type = match request.path.starts_with("/download/") {
        true => "application/octet-stream",
        false => "application/json",
    };
    if !accepts(request, media_type) {
        let message = format!("The Accept header should send a media type of {media_type}");
        return Err(Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            "media_type_not_acceptable",
            message,
        )
        .anonymous());
    }
    if request.headers.contains_key("intercom-version")
        && !request.header("intercom-version").is_some_and(is_version)
    {
        let message = "Requested resource is not available in current API version.";
        return Err(Refusal::bad_request("intercom_version_invalid", message));
    }
    Ok(())
}

/// The API version to send in the response.
pub(crate) fn version(request: &Request) -> HeaderValue {
    let named = request
        .header("intercom-version")
        .filter(|version| is_version(version));
    named
        .and_then(|version| HeaderValue::from_str(version).ok())
        .unwrap_or(DEFAULT_VERSION)
}

/// A request without an `Accept` header accepts anything.
fn accepts(request: &Request, media_type: &str) -> bool {
    let mut lines = request.headers.get_all(ACCEPT).iter().peekable();
    lines.peek().is_none()
        || lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .any(|range| {
                let range = range.split(';').next().unwrap_or_default().trim();
                ["*/*", "application/*", media_type]
                    .iter()
                    .any(|known| range.eq_ignore_ascii_case(known))
            })
}

fn is_version(version: &str) -> bool {
    if matches!(version, "Preview" | "Unstable") {
        return true;
    }
    match version.split_once('.') {
        Some(("1", minor)) => matches!(minor, "0" | "1" | "2" | "3" | "4"),
        Some(("2", minor)) => minor
            .parse::<u8>()
            .is_ok_and(|number| number <= 17 && number.to_string() == minor),
        _ => false,
    }
}
