//! Which requests may be sent twice: the table, and the question.

use http::Method;
use intercom_errors::RequestPath;
use intercom_retry::Replay;

use super::routes::matches;

/// One row of [`REPLAY_TABLE`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayRow {
    /// The HTTP method.
    pub method: &'static str,
    /// The path; `{id}` stands for one segment.
    pub path: &'static str,
    /// What sending it twice does, of a body with the `key` if there is one.
    pub replay: Replay,
    /// The member of the body by which the server knows that it has the thing already. A body without it makes a second
    /// one, so it is not repeated. The member counts if it is a number or a string that is not blank.
    pub key: Option<&'static str>,
    /// Where that is known from.
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

/// A write that converges as long as its body names this.
const fn keyed(path: &'static str, key: &'static str, source: &'static str) -> ReplayRow {
    ReplayRow {
        key: Some(key),
        ..row("POST", path, Replay::Idempotent, source)
    }
}

const SEARCH: &str = "a search by POST reads only (OpenAPI description)";
const ATTACH: &str = "attaching what is attached changes nothing (inferred from the operation)";
const STATE: &str = "sets a state; setting it again changes nothing (inferred from the operation)";
const SCROLL: &str = "opens or advances a scroll on the server; a lost page cannot be read again (OpenAPI description)";

/// The requests whose method alone says the wrong thing about repeating them.
///
/// What is not listed follows its method: GET and HEAD read, PUT and DELETE converge, anything else is not repeated.
pub const REPLAY_TABLE: &[ReplayRow] = &[
    row("GET", "/companies/scroll", Replay::No, SCROLL),
    row(
        "PATCH",
        "/data_connectors/{id}",
        Replay::Idempotent,
        "sets the members it names (inferred from the operation)",
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
        "a list by POST reads only (OpenAPI description)",
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
        "dismissing again succeeds with the same answer (OpenAPI description 2.16)",
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
        "the same rating again is no change and succeeds (OpenAPI description 2.14)",
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
        "converting what is converted changes nothing (inferred from the operation)",
    ),
];

/// What sending this request twice does, by its method and path (without the query).
///
/// The spelling of the path does not matter. A write whose path is [ambiguous](RequestPath::is_ambiguous) is repeated only
/// if its method alone allows that.
///
/// Of a row with a [`key`](ReplayRow::key) it is what a body with that key does; [`ApiRequest::replay`](crate::ApiRequest::replay)
/// looks at the body as well.
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
    match (replay_row(method, path), method) {
        (Some(row), _) => row.replay,
        (None, &Method::GET | &Method::HEAD) => Replay::Read,
        (None, &Method::PUT | &Method::DELETE) => Replay::Idempotent,
        (None, _) => Replay::No,
    }
}

/// The row of a request, if its method alone says the wrong thing.
///
/// An ambiguous path has only a row that forbids the repeat.
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
    // What a GET does to the server, a HEAD does too.
    let method = match method {
        &Method::HEAD => "GET",
        _ => method.as_str(),
    };
    let path = RequestPath::new(path);
    REPLAY_TABLE
        .iter()
        .find(|row| row.method == method && matches(row.path, &path))
        // A row that allows a repeat must be the row of every server that reads the path.
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
    fn a_scroll_is_never_blindly_repeated() {
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
    fn the_spelling_of_a_path_changes_nothing() {
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
    fn a_write_whose_path_can_be_read_in_two_ways_is_not_idempotent() {
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
    fn rows_are_sorted_and_say_their_source() {
        assert!(REPLAY_TABLE.is_sorted_by_key(|row| (row.method, row.path)));
        assert!(
            REPLAY_TABLE
                .iter()
                .all(|row| !row.source.is_empty() && row.path.starts_with('/'))
        );
    }
}
