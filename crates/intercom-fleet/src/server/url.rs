//! The URL of Redis.

use ::redis::{Client, IntoConnectionInfo, ProtocolVersion};

use crate::error::FleetError;

const NOT_A_URL: &str = "the URL of Redis is invalid; use one like redis://user:password@host:6379/0, and write special characters of the user name and the password as %XX";

/// Reads the URL. No error contains any part of it.
pub(super) fn client(url: &str) -> Result<Client, FleetError> {
    if let Some(problem) = problem(url) {
        return Err(FleetError::new(problem));
    }
    let invalid = |_| FleetError::new(NOT_A_URL);
    let info = url.into_connection_info().map_err(invalid)?;
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    // To send the library's name would need one more right in an ACL.
    let session = info.redis_settings().clone().set_skip_set_lib_name();
    let session = session.set_protocol(ProtocolVersion::RESP2);
    let info = info.set_tcp_settings(tcp).set_redis_settings(session);
    #[cfg(feature = "tls")]
    choose_provider();
    Client::open(info).map_err(invalid)
}

/// What is wrong with a URL that the library would accept, or refuse without a reason.
fn problem(url: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some("the URL of Redis is missing redis://; use one like redis://localhost:6379");
    };
    let is_tls = scheme.eq_ignore_ascii_case("rediss");
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if !is_tls && !scheme.eq_ignore_ascii_case("redis") {
        Some("the URL of Redis starts with neither redis:// nor rediss://")
    } else if is_tls && !cfg!(feature = "tls") {
        Some(
            "the URL of Redis is rediss://, which needs TLS: enable the feature \"tls\" of intercom-fleet",
        )
    } else if rest.contains(['#', '?']) {
        Some(
            "the URL of Redis has a query or a fragment; remove it, or write a ? in the password as %3F and a # as %23",
        )
    } else if host.is_empty() || host.starts_with(':') {
        Some("the URL of Redis names no host; use one like redis://localhost:6379")
    } else {
        None
    }
}

/// Makes ring the provider of this process, unless the program has chosen one. The library panics if it has to choose between two.
#[cfg(feature = "tls")]
fn choose_provider() {
    use rustls::crypto::{CryptoProvider, ring};

    if CryptoProvider::get_default().is_none() {
        // If another thread was faster, its choice is used.
        let _ = ring::default_provider().install_default();
    }
}

#[cfg(test)]
mod tests {
    use super::client;

    fn refused(url: &str) -> String {
        client(url).err().unwrap().to_string()
    }

    #[test]
    fn a_usual_url_is_accepted() {
        for url in [
            "redis://localhost",
            "redis://127.0.0.1:6380/2",
            "redis://:secret@cache.example:6379",
            "redis://fleet:p%40ss%2Fword@[::1]:6379/0",
        ] {
            assert!(client(url).is_ok(), "{url}");
        }
        assert_eq!(client("rediss://localhost").is_ok(), cfg!(feature = "tls"));
    }

    #[test]
    fn the_error_of_an_invalid_url_says_how_to_fix_it_without_the_url() {
        insta::assert_snapshot!(refused("localhost:6379"), @"the URL of Redis is missing redis://; use one like redis://localhost:6379");
        insta::assert_snapshot!(refused("https://secret@x"), @"the URL of Redis starts with neither redis:// nor rediss://");
        insta::assert_snapshot!(refused("redis+unix:///run/redis"), @"the URL of Redis starts with neither redis:// nor rediss://");
        insta::assert_snapshot!(refused("redis://:secret@"), @"the URL of Redis names no host; use one like redis://localhost:6379");
        insta::assert_snapshot!(refused("redis://x/?protocol=resp3"), @"the URL of Redis has a query or a fragment; remove it, or write a ? in the password as %3F and a # as %23");
        insta::assert_snapshot!(refused("redis://:sec#ret@x"), @"the URL of Redis has a query or a fragment; remove it, or write a ? in the password as %3F and a # as %23");
        for url in [
            "redis://secret@x:70000",
            "redis://secret@x/first",
            "redis://:se cret@x y",
        ] {
            let shown = refused(url);
            assert!(
                shown.contains("is invalid; use one like") && !shown.contains("secret"),
                "{shown}"
            );
        }
    }
}
