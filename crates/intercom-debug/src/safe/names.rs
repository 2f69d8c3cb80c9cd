//! Names of the protocol: error codes, methods, routes.

use std::borrow::Cow;
use std::net::IpAddr;

use intercom_protocol::{ErrorCode, Region, route_of};

/// Stands for an error code that is not in the catalog.
const OTHER: &str = "other";

/// Stands for an unknown error code which says that something does not exist. A DELETE that is sent again looks at this end.
const OTHER_NOT_FOUND: &str = "other_not_found";

/// Returns the code if it is in the catalog, and else a word for an unknown code.
pub(crate) fn code(code: &str) -> Cow<'static, str> {
    match ErrorCode::from(code) {
        ErrorCode::Unknown(_) if code.ends_with("not_found") => Cow::Borrowed(OTHER_NOT_FOUND),
        ErrorCode::Unknown(_) => Cow::Borrowed(OTHER),
        known => Cow::Owned(known.as_str().to_owned()),
    }
}

/// Returns the name of a method that HTTP defines, and else `OTHER`.
pub(crate) fn method(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let known = METHODS.into_iter().find(|known| *known == method);
    known.unwrap_or("OTHER")
}

/// Returns the route of a path or of a route. It has only words of known routes, and `{id}` for anything else.
pub(crate) fn route(path: &str) -> Cow<'static, str> {
    route_of(path)
}

/// Returns a word for the host that requests went to: the region, `loopback` or `other`.
pub(crate) fn server(host: &str) -> &'static str {
    let region = Region::ALL.iter().copied().find(|region| {
        let url = region.base_url();
        host == region.as_str() || url.strip_prefix("https://") == Some(host)
    });
    match region {
        Some(region) => region.as_str(),
        None if host == "loopback" || is_loopback(host) => "loopback",
        None => "other",
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{OTHER, OTHER_NOT_FOUND, code, method, route, server};
    use intercom_protocol::ErrorCode;

    #[test]
    fn an_unknown_code_is_replaced_by_a_word_that_is_unknown_too() {
        assert_eq!(code("Not_Found"), "not_found");
        assert_eq!(code("ada_lovelace"), OTHER);
        assert_eq!(code("ada_not_found"), OTHER_NOT_FOUND);
        for word in [OTHER, OTHER_NOT_FOUND] {
            assert!(matches!(ErrorCode::from(word), ErrorCode::Unknown(_)));
            assert_eq!(code(word), word);
        }
    }

    #[test]
    fn a_path_becomes_a_route_and_a_route_stays_one() {
        for path in ["/contacts/ada@example.org", "/contacts/{id}"] {
            assert_eq!(route(path), "/contacts/{id}");
        }
        assert_eq!(route("/ada/lovelace?x=y"), "/{id}/{id}");
        for (host, word) in [
            ("api.intercom.io", "us"),
            ("api.eu.intercom.io", "eu"),
            ("127.0.0.1", "loopback"),
            ("[::1]", "loopback"),
            ("ada.example", "other"),
        ] {
            assert_eq!((server(host), server(word)), (word, word));
        }
        assert_eq!(method("GET"), "GET");
        assert_eq!(method("ADA"), "OTHER");
    }
}
