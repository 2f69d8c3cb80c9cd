//! The routes of the API, and the route of a path.

use std::borrow::Cow;

use intercom_errors::RequestPath;

/// The paths of Intercom's API, with `{id}` for one segment.
///
/// They come from the OpenAPI descriptions 2.7 to 2.16 and Preview, and from the status page. A word in this list is not an
/// id, so [`route_of`] keeps it in other paths too.
#[rustfmt::skip]
const ROUTES: &[&str] = &[
    "/admins", "/admins/activity_logs", "/admins/activity_logs/search", "/admins/{id}", "/admins/{id}/away",
    "/ai/content_import_sources", "/ai/content_import_sources/{id}", "/ai/external_pages", "/ai/external_pages/{id}",
    "/api/v2/status.json", "/api/v2/summary.json", "/articles", "/articles/search", "/articles/{id}",
    "/audiences", "/audiences/{id}", "/away_status_reasons", "/brands", "/brands/{id}",
    "/calls", "/calls/search", "/calls/{id}", "/calls/{id}/recording", "/calls/{id}/transcript",
    "/companies", "/companies/list", "/companies/scroll", "/companies/search", "/companies/{id}",
    "/companies/{id}/contacts", "/companies/{id}/notes", "/companies/{id}/segments",
    "/contacts", "/contacts/bulk/{id}", "/contacts/find_by_external_id/{id}", "/contacts/merge",
    "/contacts/merge/preview", "/contacts/search", "/contacts/{id}", "/contacts/{id}/archive",
    "/contacts/{id}/banners/{id}/dismiss", "/contacts/{id}/block", "/contacts/{id}/companies",
    "/contacts/{id}/companies/{id}", "/contacts/{id}/notes", "/contacts/{id}/segments", "/contacts/{id}/subscriptions",
    "/contacts/{id}/subscriptions/{id}", "/contacts/{id}/tags", "/contacts/{id}/tags/{id}", "/contacts/{id}/unarchive",
    "/content/bulk_actions", "/content_snippets", "/content_snippets/{id}",
    "/conversations", "/conversations/deleted", "/conversations/redact", "/conversations/search",
    "/conversations/{id}", "/conversations/{id}/convert", "/conversations/{id}/customers",
    "/conversations/{id}/customers/{id}", "/conversations/{id}/handling_events", "/conversations/{id}/merge",
    "/conversations/{id}/parts", "/conversations/{id}/reply", "/conversations/{id}/run_assignment_rules",
    "/conversations/{id}/tags", "/conversations/{id}/tags/{id}",
    "/custom_channel_events/notify_attribute_collected", "/custom_channel_events/notify_new_conversation",
    "/custom_channel_events/notify_new_message", "/custom_channel_events/notify_quick_reply_selected",
    "/custom_object_instances/{id}", "/custom_object_instances/{id}/{id}",
    "/data_attributes", "/data_attributes/{id}", "/data_connectors", "/data_connectors/{id}",
    "/download/content/data/{id}", "/download/reporting_data/{id}",
    "/ecommerce/connectors/{id}/catalog", "/emails", "/emails/{id}",
    "/events", "/events/summaries", "/export/cancel/{id}", "/export/content/data", "/export/content/data/{id}",
    "/export/reporting_data/enqueue", "/export/reporting_data/get_datasets", "/export/reporting_data/{id}",
    "/export/workflows/{id}", "/fin/ask", "/fin/capabilities", "/fin/csat", "/fin/escalate",
    "/fin/procedures/{id}/run", "/fin/reply", "/fin/start", "/fin_voice/collect/{id}", "/fin_voice/external_id/{id}",
    "/fin_voice/phone_number/{id}", "/fin_voice/register", "/help_center/collections", "/help_center/collections/{id}",
    "/help_center/help_centers", "/help_center/help_centers/{id}",
    "/internal_articles", "/internal_articles/search", "/internal_articles/{id}",
    "/ip_allowlist", "/jobs/status/{id}", "/macros", "/macros/{id}",
    "/me", "/messages", "/messages/status", "/messages/whatsapp/status",
    "/news/news_items", "/news/news_items/{id}", "/news/newsfeeds", "/news/newsfeeds/{id}",
    "/news/newsfeeds/{id}/items", "/notes/{id}", "/phone_call_redirects",
    "/procedures/{id}/collect_agent_input", "/segments", "/segments/{id}",
    "/subscription_types", "/tags", "/tags/{id}", "/teams", "/teams/{id}",
    "/ticket_states", "/ticket_types", "/ticket_types/{id}", "/ticket_types/{id}/attributes",
    "/ticket_types/{id}/attributes/{id}", "/tickets", "/tickets/enqueue", "/tickets/search", "/tickets/{id}",
    "/tickets/{id}/jira_links", "/tickets/{id}/reply", "/tickets/{id}/tags", "/tickets/{id}/tags/{id}",
    "/users", "/visitors", "/visitors/convert",
];

/// Returns the route of a path: the path without its ids.
///
/// It has few distinct values and contains no personal data, so it suits log lines and the labels of metrics. In an unknown path, words
/// of known routes are kept, and every other segment becomes `{id}`. A query is ignored.
///
/// ```
/// use intercom_protocol::route_of;
///
/// assert_eq!(route_of("/contacts/5f1a"), "/contacts/{id}");
/// assert_eq!(route_of("/contacts/search"), "/contacts/search");
/// assert_eq!(route_of("/contacts/ada@example.org/horses"), "/contacts/{id}/{id}");
/// ```
#[must_use]
pub fn route_of(path: &str) -> Cow<'static, str> {
    let path = RequestPath::of_target(path);
    let candidates = beginning_with(path.segments().next().unwrap_or_default());
    let listed = candidates
        .iter()
        .copied()
        .find(|route| matches(route, &path));
    listed.map_or_else(|| Cow::Owned(unlisted(&path)), Cow::Borrowed)
}

/// Returns the routes whose first segment is this one. Every call looks up its route, so this function should
/// be quick.
fn beginning_with(segment: &str) -> &'static [&'static str] {
    let before = ROUTES.partition_point(|route| first(route) < segment);
    let from = ROUTES.get(before..).unwrap_or_default();
    let same = from.partition_point(|route| first(route) == segment);
    from.get(..same).unwrap_or_default()
}

/// Returns the first segment of a route.
fn first(route: &str) -> &str {
    let route = route.strip_prefix('/').unwrap_or(route);
    let end = route.bytes().position(|byte| byte == b'/');
    end.and_then(|end| route.get(..end)).unwrap_or(route)
}

/// Whether a path matches the path of a route or row.
pub(crate) fn matches(route: &str, path: &RequestPath<'_>) -> bool {
    let mut found = path.segments();
    let mut parts = route.split('/').skip(1);
    parts.all(|part| {
        found
            .next()
            .is_some_and(|found| part == ID || part == found)
    }) && found.next().is_none()
}

/// Stands for one segment.
const ID: &str = "{id}";

/// The most segments of a path that its route shows.
const LONGEST: usize = 8;

/// Returns the route of a path that is not listed. A segment counts as a word of the API if a listed route has the same segment
/// after the same earlier ones.
fn unlisted(path: &RequestPath<'_>) -> String {
    let mut route = String::new();
    let mut segments = path.segments();
    for segment in segments.by_ref().take(LONGEST) {
        let word = [&route, "/", segment].concat();
        let is_word = |listed: &&str| {
            let rest = listed.strip_prefix(&*word);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if ROUTES.iter().any(is_word) {
            route = word;
        } else {
            route.push('/');
            route.push_str(ID);
        }
    }
    if segments.next().is_some() || route.is_empty() {
        route.push_str(if route.is_empty() { "/" } else { "/..." });
    }
    route
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{ROUTES, route_of};
    use crate::REPLAY_TABLE;

    #[test]
    fn a_route_with_a_word_is_matched_before_one_with_an_id() {
        assert!(ROUTES.is_sorted_by_key(|route| route.replace("{id}", "\u{7f}")));
        assert!(ROUTES.is_sorted_by_key(|route| super::first(route)));
        for route in ROUTES {
            assert_eq!(route_of(route), *route);
            assert_eq!(route_of(&route.replace("{id}", "5f1a@x")), *route);
        }
    }

    #[test]
    fn listed_route_is_not_copied() {
        assert!(matches!(route_of("/contacts/5f1"), Cow::Borrowed(_)));
        assert!(matches!(route_of("/visitors"), Cow::Borrowed(_)));
        assert!(matches!(route_of("/other"), Cow::Owned(_)));
    }

    #[test]
    fn every_row_of_the_replay_table_is_a_route() {
        for row in REPLAY_TABLE {
            assert!(ROUTES.contains(&row.path), "{}", row.path);
        }
    }

    #[test]
    fn a_route_contains_only_words_of_the_api() {
        for (path, route) in [
            ("/contacts/5f1?email=ada@example.org", "/contacts/{id}"),
            ("//contacts//%35f1/", "/contacts/{id}"),
            ("/contacts/a%2Fb/tags", "/contacts/{id}/{id}/{id}"),
            ("https://api.intercom.io/me", "/me"),
            ("/prefix/contacts/5f1", "/{id}/{id}/{id}"),
            ("contacts", "/contacts"),
            (
                &"/contacts".repeat(30_000),
                "/contacts/{id}/{id}/{id}/{id}/{id}/{id}/{id}/...",
            ),
            ("/\u{1b}[31m", "/{id}"),
            ("/", "/"),
            ("", "/"),
        ] {
            assert_eq!(route_of(path), route, "{path}");
        }
    }
}
