//! URLs and paths: known hosts, and routes instead of paths.

use intercom_protocol::route_of;

use crate::safe::HIDDEN;

/// The hosts that are not hidden.
const HOSTS: &[&str] = &[
    "api.au.intercom.io",
    "api.eu.intercom.io",
    "api.intercom.io",
    "app.intercom.com",
    "developers.intercom.com",
    "localhost",
    "status.intercom.com",
    "www.finstatus.com",
    "www.intercomstatus.com",
    "127.0.0.1",
];

/// Whether the text starts with a URL.
pub(super) fn is_url(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

/// Whether the word is the name of a host that is not hidden.
pub(super) fn is_known_host(word: &str) -> bool {
    HOSTS.contains(&word)
}

/// The URL with its host, if it is a known one, and its route.
pub(crate) fn redacted_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return HIDDEN.to_owned();
    };
    let (authority, path) = match rest.find(['/', '?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    // What is in front of an `@` is the name and the password of a user, also if it looks like a host with a port.
    if authority.contains('@') {
        return format!("{scheme}://{HIDDEN}");
    }
    let host = authority
        .split_once(':')
        .map_or(authority, |(host, _)| host);
    let end = trailing(if path.is_empty() { host } else { "" });
    let host = host.strip_suffix(end).unwrap_or(host);
    if !is_known_host(host) {
        return format!("{scheme}://{HIDDEN}");
    }
    format!("{scheme}://{host}{}{end}", redacted_path(path))
}

/// The route of the path, if it begins like a path of Intercom's API. The query is left out.
pub(super) fn redacted_path(path: &str) -> String {
    let (path, query) = match path.find(['?', '#']) {
        Some(at) => path.split_at(at),
        None => (path, ""),
    };
    let end = trailing(path);
    let path = path.strip_suffix(end).unwrap_or(path);
    let first = path.split('/').nth(1).unwrap_or_default();
    let shown = match first {
        "" if path.is_empty() || path == "/" => path.to_owned(),
        _ if is_route(&format!("/{first}")) => route_of(path).into_owned(),
        _ => HIDDEN.to_owned(),
    };
    let query = if query.len() > 1 { "?..." } else { "" };
    format!("{shown}{query}{end}")
}

/// Whether no segment of the path would be an id.
fn is_route(path: &str) -> bool {
    !path.contains(['{', '%']) && route_of(path) == path
}

/// The punctuation at the end, which belongs to the sentence.
fn trailing(text: &str) -> &str {
    let kept = text.trim_end_matches(['.', ',', ';', ':', '!']);
    text.get(kept.len()..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{redacted_path, redacted_url};

    #[test]
    fn ids_and_queries_are_hidden() {
        assert_eq!(
            redacted_url("https://api.intercom.io/contacts/5f1a?email=ada@example.org"),
            "https://api.intercom.io/contacts/{id}?..."
        );
        assert_eq!(
            redacted_url("https://api.intercom.io/me."),
            "https://api.intercom.io/me."
        );
        assert_eq!(
            redacted_url("https://api.intercom.io."),
            "https://api.intercom.io."
        );
        assert_eq!(
            redacted_url("http://127.0.0.1:8080/me"),
            "http://127.0.0.1/me"
        );
        assert_eq!(
            redacted_url("https://mark:secret@api.intercom.io/me"),
            "https://..."
        );
        assert_eq!(redacted_url("https://grant.example.org/me"), "https://...");
        for evil in [
            "https://api.intercom.io:s3cret@evil.com/me",
            "https://api.intercom.io@evil.com/me",
            "https://api.intercom.io:443@evil.com",
            "https://api.intercom.io.evil.com/me",
        ] {
            assert_eq!(redacted_url(evil), "https://...", "{evil}");
        }
        assert_eq!(
            redacted_path("/contacts/ada@example.org/Mark"),
            "/contacts/{id}/{id}"
        );
        assert_eq!(redacted_path("/srv/mark/app.rb"), "...");
        assert_eq!(redacted_path("/"), "/");
        assert_eq!(redacted_path("//mark"), "/{id}");
        assert_eq!(
            redacted_path("/download/content/data/5f1a"),
            "/download/content/data/{id}"
        );
    }
}
