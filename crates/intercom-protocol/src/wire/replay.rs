//! Which requests may be sent twice.

use http::Method;
use intercom_errors::RequestPath;
use intercom_retry::Replay;

use crate::target::matches;

/// One row of [`REPLAY_TABLE`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayRow {
    /// The HTTP method.
    pub method: &'static str,
    /// The path; `{id}` stands for one segment.
    pub path: &'static str,
    /// Whether the request may be applied twice. If the row has a `key`, this holds for a body that contains the key.
    pub replay: Replay,
    /// The member of the body by which the server recognizes an existing resource. A body without it creates a second one,
    /// so the request is not retried. The member must be a number or a string that is not blank.
    pub key: Option<&'static str>,
    /// Why the row is correct.
    pub source: &'static str,
}

const fn row(
    method: &'static str,
    path: &'static str,
    replay: Replay,
    source: &'static str,
) -> ReplayRow {
    ReplayRow {
        method,
        path,
        replay,
        key: None,
        source,
    }
}

/// A write that is idempotent if its body contains this key.
const fn keyed(path: &'static str, key: &'static str, source: &'static str) -> ReplayRow {
    ReplayRow {
        key: Some(key),
        ..row("POST", path, Replay::Idempotent, source)
    }
}

const SEARCH: &str = "a search by POST only reads (OpenAPI description)";
const ATTACH: &str = "attaching it again changes nothing (inferred from the operation)";
const STATE: &str = "sets a state; setting it again changes nothing (inferred from the operation)";
const SCROLL: &str = "opens or advances a scroll on the server; a lost page cannot be read again (OpenAPI description)";

/// The requests for which the method does not show whether they may be sent twice.
///
/// All other requests follow their method: GET and HEAD read, PUT and DELETE are idempotent, and the rest is not retried after
/// an ambiguous failure.
pub const REPLAY_TABLE: &[ReplayRow] = &[
    row("GET", "/companies/scroll", Replay::No, SCROLL),
    row(
        "PATCH",
        "/data_connectors/{id}",
        Replay::Idempotent,
        "sets the named members (inferred from the operation)",
    ),
    row("POST", "/admins/activity_logs/search", Replay::Read, SEARCH),
    keyed(
        "/ai/external_pages",
        "external_id",
        "creates or updates by external id (OpenAPI description)",
    ),
    row("POST", "/calls/search", Replay::Read, SEARCH),
    keyed(
        "/companies",
        "company_id",
        "creates or updates by company_id (OpenAPI description)",
    ),
    row(
        "POST",
        "/companies/list",
        Replay::Read,
        "a list by POST only reads (OpenAPI description)",
    ),
    row("POST", "/companies/search", Replay::Read, SEARCH),
    row(
        "POST",
        "/contacts/merge/preview",
        Replay::Read,
        "a dry run that changes nothing (OpenAPI description, Preview)",
    ),
    row("POST", "/contacts/search", Replay::Read, SEARCH),
    row("POST", "/contacts/{id}/archive", Replay::Idempotent, STATE),
    row(
        "POST",
        "/contacts/{id}/banners/{id}/dismiss",
        Replay::Idempotent,
        "dismissing again succeeds with the same response (OpenAPI description 2.16)",
    ),
    row("POST", "/contacts/{id}/block", Replay::Idempotent, STATE),
    row(
        "POST",
        "/contacts/{id}/companies",
        Replay::Idempotent,
        ATTACH,
    ),
    row(
        "POST",
        "/contacts/{id}/subscriptions",
        Replay::Idempotent,
        ATTACH,
    ),
    row("POST", "/contacts/{id}/tags", Replay::Idempotent, ATTACH),
    row(
        "POST",
        "/contacts/{id}/unarchive",
        Replay::Idempotent,
        STATE,
    ),
    row("POST", "/conversations/search", Replay::Read, SEARCH),
    row(
        "POST",
        "/conversations/{id}/tags",
        Replay::Idempotent,
        ATTACH,
    ),
    keyed(
        "/custom_object_instances/{id}",
        "external_id",
        "creates or updates by external id (OpenAPI description)",
    ),
    row(
        "POST",
        "/fin/csat",
        Replay::Idempotent,
        "sending the same rating again succeeds and changes nothing (OpenAPI description 2.14)",
    ),
    row(
        "POST",
        "/tags",
        Replay::Idempotent,
        "creates or updates by name, tags and untags (OpenAPI description)",
    ),
    row("POST", "/tickets/search", Replay::Read, SEARCH),
    row("POST", "/tickets/{id}/tags", Replay::Idempotent, ATTACH),
    row(
        "POST",
        "/visitors/convert",
        Replay::Idempotent,
        "converting again changes nothing (inferred from the operation)",
    ),
];

/// Returns whether a request may be applied twice, from its method and path (without the query).
///
/// Percent-encoding in the path does not matter. A write whose path is [ambiguous](RequestPath::is_ambiguous) is retried only
/// if its method alone allows it.
///
/// The result comes from [`REPLAY_TABLE`], or else from the method. Some rows of the table have a [`key`](ReplayRow::key). For them, the result is right only if the body contains that key.
/// [`ApiRequest::replay`](crate::ApiRequest::replay) checks the body too.
///
/// ```
/// use http::Method;
/// use intercom_protocol::{Replay, replay_of};
///
/// assert_eq!(replay_of(&Method::POST, "/contacts/search"), Replay::Read);
/// assert_eq!(replay_of(&Method::POST, "/messages"), Replay::No);
/// assert_eq!(replay_of(&Method::GET, "/companies/scroll"), Replay::No);
/// ```
#[must_use]
pub fn replay_of(method: &Method, path: &str) -> Replay {
    replay_row(method, path).map_or_else(|| replay_of_method(method), |row| row.replay)
}

/// Returns whether a request may be applied twice if the table has no row for it.
pub(super) fn replay_of_method(method: &Method) -> Replay {
    match *method {
        Method::GET | Method::HEAD => Replay::Read,
        Method::PUT | Method::DELETE => Replay::Idempotent,
        _ => Replay::No,
    }
}

/// Returns the row of a request in [`REPLAY_TABLE`], if there is one.
///
/// Servers can read an [ambiguous](RequestPath::is_ambiguous) path as two different routes. For such a path, a row is returned only
/// if it forbids a retry.
///
/// ```
/// use http::Method;
/// use intercom_protocol::replay_row;
///
/// assert_eq!(replay_row(&Method::POST, "/companies").and_then(|row| row.key), Some("company_id"));
/// assert_eq!(replay_row(&Method::POST, "/messages"), None);
/// ```
#[must_use]
pub fn replay_row(method: &Method, path: &str) -> Option<&'static ReplayRow> {
    // A HEAD has the same effect on the server as a GET.
    let method = match method {
        &Method::HEAD => "GET",
        _ => method.as_str(),
    };
    let path = RequestPath::new(path);
    REPLAY_TABLE
        .iter()
        .find(|row| row.method == method && matches(row.path, &path))
        // A row may allow a retry only if every server interprets the path in the same way.
        .filter(|row| !(path.is_ambiguous() && row.replay.is_replayable()))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use intercom_retry::Replay;

    use super::{REPLAY_TABLE, replay_of, replay_row};

    #[test]
    fn unlisted_requests_follow_their_method() {
        for (method, path, replay) in [
            (Method::GET, "/contacts/1", Replay::Read),
            (Method::PUT, "/contacts/1", Replay::Idempotent),
            (Method::DELETE, "/contacts/1", Replay::Idempotent),
            (Method::POST, "/contacts", Replay::No),
            (Method::POST, "/messages", Replay::No),
            (Method::POST, "/conversations/1/reply", Replay::No),
            (Method::PATCH, "/contacts/1", Replay::No),
        ] {
            assert_eq!(replay_of(&method, path), replay, "{method} {path}");
        }
    }

    #[test]
    fn placeholders_stand_for_exactly_one_segment() {
        assert_eq!(
            replay_of(&Method::POST, "/contacts/1/tags"),
            Replay::Idempotent
        );
        assert_eq!(
            replay_of(&Method::POST, "/contacts/1/tags/"),
            Replay::Idempotent
        );
        assert_eq!(replay_of(&Method::POST, "/contacts/1/2/tags"), Replay::No);
        assert_eq!(replay_of(&Method::POST, "/contacts/1/tags/2"), Replay::No);
    }

    #[test]
    fn a_scroll_is_never_retried_after_an_ambiguous_failure() {
        for path in [
            "/companies/scroll",
            "//companies/scroll/",
            "/companies//scroll",
        ] {
            assert_eq!(replay_of(&Method::GET, path), Replay::No, "{path}");
            assert_eq!(replay_of(&Method::HEAD, path), Replay::No, "{path}");
        }
    }

    #[test]
    fn an_encoded_path_has_the_same_row() {
        for path in [
            "/companies/%73croll",
            "/%63ompanies/scrol%6C",
            "/companies%2Fscroll",
            "/companies%5cscroll",
            "/companies\\scroll",
            "/x/../companies/scroll",
            "/x/%2e%2E/companies/./scroll",
            "/contacts/a%2f..%2f..%2fcompanies%2fscroll",
        ] {
            assert_eq!(replay_of(&Method::GET, path), Replay::No, "{path}");
            assert!(replay_row(&Method::GET, path).is_some(), "{path}");
        }
        let searched = replay_of(&Method::POST, "/c%6fntacts/se%61rch");
        assert_eq!(searched, Replay::Read);
        let found = replay_of(&Method::GET, "/contacts/find_by_external_id/a%2Fb");
        assert_eq!(found, Replay::Read);
    }

    #[test]
    fn a_write_with_an_ambiguous_path_is_not_idempotent() {
        for path in [
            "/contacts/a%2f..%2f..%2fmessages%3f/tags",
            "/contacts/a%2Fb/tags",
            "/contacts/a%5Cb/tags",
            "/contacts/a\\b/tags",
            "/contacts/../tags",
            "/contacts/%2e%2e/tags",
            "/conversations/1%2F..%2Fsearch",
            "/messages%2F..%2Fcontacts%2Fsearch",
        ] {
            assert_eq!(replay_of(&Method::POST, path), Replay::No, "{path}");
            assert_eq!(replay_row(&Method::POST, path), None, "{path}");
        }
    }

    #[test]
    fn rows_are_sorted_and_have_a_source() {
        assert!(REPLAY_TABLE.is_sorted_by_key(|row| (row.method, row.path)));
        assert!(
            REPLAY_TABLE
                .iter()
                .all(|row| !row.source.is_empty() && row.path.starts_with('/'))
        );
    }
}
