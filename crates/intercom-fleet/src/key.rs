//! The key of a quota in Redis: a hash, from which neither token nor host can be read.

use intercom_protocol::{Connection, Region};
use sha2::{Digest, Sha256};

/// How many hexadecimal digits of the hash are in the key.
const DIGITS: usize = 32;

/// Returns the key of the quota of this connection: that of its name, or of its access token. `None` if it has neither.
pub(crate) fn of_connection(connection: &Connection, name: Option<&str>) -> Option<String> {
    let base_url = connection.base_url();
    match name {
        Some(name) => Some(key(base_url, name)),
        None => connection.with_fixed_token(|token| key(base_url, token)),
    }
}

/// Returns the key of the quota with this name at Intercom's usual host.
pub(crate) fn of_name(name: &str) -> String {
    key(Region::default().base_url(), name)
}

/// The braces make a cluster put all keys of one quota on one node.
fn key(base_url: &str, secret: &str) -> String {
    let hash = Sha256::new()
        .chain_update("intercom-fleet 1\n")
        .chain_update(normalized(base_url))
        .chain_update("\n")
        .chain_update(secret)
        .finalize();
    let mut digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(DIGITS);
    format!("intercom-fleet:1:{{{digits}}}:q")
}

/// Writes scheme and host in lower case, without the default port and a slash at the end.
fn normalized(base_url: &str) -> String {
    let base_url = base_url.trim_end_matches('/');
    let (scheme, rest) = base_url.split_once("://").unwrap_or(("", base_url));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
    let port = if scheme == "http" { ":80" } else { ":443" };
    let host = host.strip_suffix(port).unwrap_or(&host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use intercom_protocol::Config;
    use proptest::prelude::{Strategy, any, proptest};
    use proptest::{prop_assert, prop_assert_eq};

    use super::{key, normalized, of_connection, of_name};

    fn of(base_url: &str, token: &str) -> String {
        let connection = Config::new(token).base_url(base_url).build().unwrap();
        of_connection(&connection, None).unwrap()
    }

    #[test]
    fn a_key_is_a_hash_in_one_slot() {
        // The first 32 digits of what `printf 'intercom-fleet 1\nhttps://api.intercom.io\nsecret' | sha256sum` writes.
        let expected = "intercom-fleet:1:{cca77c29823fa7353646275e4cdf5e0f}:q";
        assert_eq!(of("https://api.intercom.io", "secret"), expected);
        let named = Config::new("secret").build().unwrap();
        assert_eq!(of_connection(&named, Some("app")), Some(of_name("app")));
        assert_ne!(of_name("app"), expected);
    }

    #[test]
    fn spellings_of_one_url_have_one_key_and_other_urls_have_others() {
        let usual = key("https://api.intercom.io", "a");
        for same in [
            "https://api.intercom.io/",
            "HTTPS://API.Intercom.io",
            "https://api.intercom.io:443//",
        ] {
            assert_eq!(key(same, "a"), usual, "{same}");
        }
        for other in [
            "http://api.intercom.io",
            "https://api.eu.intercom.io",
            "https://api.intercom.io:8443",
            "https://api.intercom.io/Path",
        ] {
            assert_ne!(key(other, "a"), usual, "{other}");
        }
        assert_ne!(key("https://x/Path", "a"), key("https://x/path", "a"));
        assert_ne!(key("https://api.intercom.io", "b"), usual);
    }

    #[test]
    fn a_connection_without_a_fixed_token_needs_a_name() {
        let connection = Config::anonymous().renewable_token().build().unwrap();
        assert_eq!(of_connection(&connection, None), None);
        assert!(of_connection(&connection, Some("app")).is_some());
        let renewable = Config::new("a").renewable_token().build().unwrap();
        assert_eq!(of_connection(&renewable, None), None);
    }

    fn url() -> impl Strategy<Value = String> {
        "https?://[a-zA-Z]{1,8}(\\.[a-z]{2,6}){0,2}(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9]{0,5}){0,2}"
    }

    proptest! {
        /// Two quotas share a key only if they have one secret and one URL. The key shows neither.
        #[test]
        fn every_quota_has_a_key_of_its_own(urls in (url(), url()), secrets in ("[!-~]{6,30}", "[!-~]{6,30}"), same in any::<bool>()) {
            let secret = if same { &secrets.0 } else { &secrets.1 };
            let (one, other) = (key(&urls.0, &secrets.0), key(&urls.1, secret));
            let equal = normalized(&urls.0) == normalized(&urls.1) && secrets.0 == *secret;
            prop_assert_eq!(one == other, equal);
            prop_assert!(!one.contains(&secrets.0));
            // A key has a hash between braces and nothing else of its own.
            let digits = one.strip_prefix("intercom-fleet:1:{").and_then(|rest| rest.strip_suffix("}:q"));
            let is_hash = |digits: &str| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            prop_assert!(digits.is_some_and(is_hash), "{}", one);
        }
    }
}
