//! Which requests may be sent twice: the table, and the question.

use http::Method;
use intercom_retry::Replay;

/// One row of [`REPLAY_TABLE`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayRow {
    /// The HTTP method.
    pub method: &'static str,
    /// The path; `{}` stands for one segment.
    pub path: &'static str,
    /// What sending it twice does.
    pub replay: Replay,
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
        source,
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
    row("POST", "/admins/activity_logs/search", Replay::Read, SEARCH),
    row(
        "POST",
        "/ai/external_pages",
        Replay::Converges,
        "creates or updates by external id (OpenAPI description)",
    ),
    row("POST", "/calls/search", Replay::Read, SEARCH),
    row(
        "POST",
        "/companies",
        Replay::Converges,
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
    row("POST", "/contacts/{}/archive", Replay::Converges, STATE),
    row(
        "POST",
        "/contacts/{}/banners/{}/dismiss",
        Replay::Converges,
        "dismissing again succeeds with the same answer (OpenAPI description 2.16)",
    ),
    row("POST", "/contacts/{}/block", Replay::Converges, STATE),
    row("POST", "/contacts/{}/companies", Replay::Converges, ATTACH),
    row(
        "POST",
        "/contacts/{}/subscriptions",
        Replay::Converges,
        ATTACH,
    ),
    row("POST", "/contacts/{}/tags", Replay::Converges, ATTACH),
    row("POST", "/contacts/{}/unarchive", Replay::Converges, STATE),
    row("POST", "/conversations/search", Replay::Read, SEARCH),
    row("POST", "/conversations/{}/tags", Replay::Converges, ATTACH),
    row(
        "POST",
        "/custom_object_instances/{}",
        Replay::Converges,
        "creates or updates by external id (OpenAPI description)",
    ),
    row(
        "POST",
        "/fin/csat",
        Replay::Converges,
        "the same rating again is no change and succeeds (OpenAPI description 2.14)",
    ),
    row(
        "POST",
        "/tags",
        Replay::Converges,
        "creates or updates by name, tags and untags (OpenAPI description)",
    ),
    row("POST", "/tickets/search", Replay::Read, SEARCH),
    row("POST", "/tickets/{}/tags", Replay::Converges, ATTACH),
    row(
        "POST",
        "/visitors/convert",
        Replay::Converges,
        "converting what is converted changes nothing (inferred from the operation)",
    ),
];

/// What sending this request twice does, by its method and path (without the query).
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
    let listed = REPLAY_TABLE
        .iter()
        .find(|row| row.method == method.as_str() && matches(row.path, path));
    match (listed, method) {
        (Some(row), _) => row.replay,
        (None, &Method::GET | &Method::HEAD) => Replay::Read,
        (None, &Method::PUT | &Method::DELETE) => Replay::Converges,
        (None, _) => Replay::No,
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    // The first letters tell nearly all apart.
    let begins_alike = pattern
        .bytes()
        .zip(path.bytes())
        .take_while(|(wanted, _)| *wanted != b'{')
        .all(|(wanted, found)| wanted == found);
    if !begins_alike {
        return false;
    }
    let mut segments = path.trim_end_matches('/').split('/');
    let fits = pattern.split('/').all(|part| {
        segments
            .next()
            .is_some_and(|found| part == "{}" || part == found)
    });
    fits && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use http::Method;
    use intercom_retry::Replay;

    use super::{REPLAY_TABLE, replay_of};

    #[test]
    fn unlisted_requests_follow_their_method() {
        for (method, path, replay) in [
            (Method::GET, "/contacts/1", Replay::Read),
            (Method::PUT, "/contacts/1", Replay::Converges),
            (Method::DELETE, "/contacts/1", Replay::Converges),
            (Method::POST, "/contacts", Replay::No),
            (Method::POST, "/messages", Replay::No),
            (Method::POST, "/conversations/1/reply", Replay::No),
            (Method::PATCH, "/data_connectors/1", Replay::No),
        ] {
            assert_eq!(replay_of(&method, path), replay, "{method} {path}");
        }
    }

    #[test]
    fn placeholders_stand_for_exactly_one_segment() {
        assert_eq!(
            replay_of(&Method::POST, "/contacts/1/tags"),
            Replay::Converges
        );
        assert_eq!(
            replay_of(&Method::POST, "/contacts/1/tags/"),
            Replay::Converges
        );
        assert_eq!(replay_of(&Method::POST, "/contacts/1/2/tags"), Replay::No);
        assert_eq!(replay_of(&Method::POST, "/contacts/1/tags/2"), Replay::No);
    }

    #[test]
    fn a_scroll_is_never_blindly_repeated() {
        assert_eq!(replay_of(&Method::GET, "/companies/scroll"), Replay::No);
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
