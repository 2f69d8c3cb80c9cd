//! What an error of Redis or of the connection means.

use std::iter;

use ::redis::{ErrorKind, RedisError};

use crate::event::Trouble;

/// What this error means. The error itself is not kept: it could contain anything.
pub(super) fn trouble(error: &RedisError) -> Trouble {
    if error.is_timeout() {
        return Trouble::TimedOut;
    }
    match error.kind() {
        ErrorKind::Io if is_tls(error) => Trouble::Tls,
        ErrorKind::Io | ErrorKind::InvalidClientConfig | ErrorKind::Client => Trouble::Unreachable,
        ErrorKind::AuthenticationFailed => Trouble::Denied,
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Trouble::Unreadable,
        _ => {
            let code = error.code().unwrap_or_default();
            refusal(code, error.detail().unwrap_or_default())
        }
    }
}

/// What an error reply means. Redis 6 puts the error of a script's command into text of its own, so all words count.
fn refusal(code: &str, detail: &str) -> Trouble {
    if DENIALS.iter().any(|text| detail.contains(text)) {
        return Trouble::Denied;
    }
    let words = detail.split(|c: char| !c.is_ascii_uppercase());
    let words: Vec<_> = iter::once(code).chain(words).collect();
    let known = REFUSALS.iter().find(|(word, _)| words.contains(word));
    known.map_or(Trouble::Rejected, |(_, trouble)| *trouble)
}

/// How Redis refuses without a code: a command of the script for which the user has no right, and a long request before the password.
const DENIALS: &[&str] = &["The user executing the script can't", "unauthenticated"];

const REFUSALS: &[(&str, Trouble)] = &[
    ("LEDGER", Trouble::OtherVersion),
    ("WRONGTYPE", Trouble::WrongType),
    ("OOM", Trouble::OutOfMemory),
    ("NOAUTH", Trouble::Denied),
    ("NOPERM", Trouble::Denied),
    ("WRONGPASS", Trouble::Denied),
    ("READONLY", Trouble::ReadOnly),
    ("ASK", Trouble::Cluster),
    ("CROSSSLOT", Trouble::Cluster),
    ("MOVED", Trouble::Cluster),
    ("BUSY", Trouble::NotReady),
    ("CLUSTERDOWN", Trouble::NotReady),
    ("LOADING", Trouble::NotReady),
    ("MASTERDOWN", Trouble::NotReady),
    ("MISCONF", Trouble::NotReady),
    ("NOREPLICAS", Trouble::NotReady),
    ("TRYAGAIN", Trouble::NotReady),
];

/// Whether the TLS handshake failed. If the cause is not an I/O error, a certificate or a name cannot be read.
#[cfg(feature = "tls")]
fn is_tls(error: &RedisError) -> bool {
    use std::error::Error;
    use std::io;
    use std::sync::Arc;

    // The library wraps the cause once more.
    let cause = error.source();
    let cause = cause.and_then(|cause| cause.downcast_ref::<Arc<dyn Error + Send + Sync>>());
    cause.is_some_and(|cause| match cause.downcast_ref::<io::Error>() {
        Some(io) => io
            .get_ref()
            .is_some_and(|inner| inner.is::<rustls::Error>()),
        None => true,
    })
}

#[cfg(not(feature = "tls"))]
fn is_tls(_: &RedisError) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::refusal;
    use crate::event::Trouble;

    #[test]
    fn an_error_is_known_by_its_code_or_by_a_word_in_its_text() {
        assert_eq!(
            refusal("WRONGTYPE", "Operation against a key"),
            Trouble::WrongType
        );
        let of_redis_6 = "Error running script (call to f_ab): @user_script:7: @user_script: 7: -OOM command not allowed when used memory > 'maxmemory'.";
        assert_eq!(refusal("ERR", of_redis_6), Trouble::OutOfMemory);
        assert_eq!(
            refusal("ERR", "unknown command 'EVALSHA'"),
            Trouble::Rejected
        );
        let no_right = "The user executing the script can't run this command or subcommand script: 08be, on @user_script:1.";
        assert_eq!(refusal("ERR", no_right), Trouble::Denied);
        assert_eq!(refusal("ERR", "Do not ask"), Trouble::Rejected);
        assert_eq!(refusal("MOVED", "3999 127.0.0.1:6381"), Trouble::Cluster);
    }
}
