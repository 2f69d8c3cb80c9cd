//! Checks that say what they found.

use core::fmt::Debug;
use core::time::Duration;
use std::time::SystemTime;

use intercom_errors::{FaultKind, Phase, UnixTime};
use intercom_retry::RetryPolicy;

use super::Driver;
use super::acts::Act;
use super::server::{Seen, Server};
use crate::{ApiRequest, Config, Error, Reply};

/// A time-out that no case waits for.
const LONG: Duration = Duration::from_secs(20);

pub(super) const TOKEN: &str = "conformance-token";

/// One call of the driver, and what the server saw of it.
pub(super) struct Played {
    pub(super) result: Result<Reply, Error>,
    pub(super) seen: Vec<Seen>,
}

/// Settings with short waits and no limit that ends a case early.
pub(super) fn config() -> Result<Config, String> {
    let policy = RetryPolicy::builder()
        .max_attempts(3)
        .base(Duration::from_millis(20))
        .jitter(0.0)
        .build();
    Ok(Config::new(TOKEN)
        .policy(policy.map_err(|error| error.to_string())?)
        .user_agent("conformance/1")
        .attempt_timeout(LONG)
        .without_pacing())
}

/// Lets the driver make one call against a server with this script.
pub(super) fn play(
    driver: &Driver,
    config: Config,
    request: ApiRequest,
    script: impl IntoIterator<Item = Act>,
) -> Result<Played, String> {
    let server = Server::start(script).map_err(no_server)?;
    let result = driver(config.base_url(server.url()), request);
    let seen = server.seen();
    Ok(Played { result, seen })
}

fn no_server(error: std::io::Error) -> String {
    format!("no server could be started on loopback: {error}")
}

/// A URL of a port that refuses connections. Port 1 has no server, and none gets it by chance.
pub(super) const REFUSED: &str = "http://127.0.0.1:1";

pub(super) fn equal<T: PartialEq + Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

/// The time of the system as the value of a `Date` header.
pub(super) fn date() -> Option<String> {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";

    let now = UnixTime::try_from(SystemTime::now()).ok()?;
    let days = now.since_epoch().as_secs() / 86_400;
    let weekday = DAYS.get(usize::try_from(days % 7).ok()?)?;
    // Like 2024-03-22T09:33:20Z.
    let text = now.to_string();
    let (year, month, day) = (text.get(..4)?, text.get(5..7)?, text.get(8..10)?);
    let month = 3 * month.parse::<usize>().ok()?.checked_sub(1)?;
    let (month, time) = (MONTHS.get(month..month + 3)?, text.get(11..19)?);
    Some(format!("{weekday}, {day} {month} {year} {time} GMT"))
}

impl Played {
    pub(super) fn reply(&self) -> Result<&Reply, String> {
        let failed = |error: &Error| format!("the call failed: {error:#}");
        self.result.as_ref().map_err(failed)
    }

    pub(super) fn error(&self) -> Result<&Error, String> {
        match &self.result {
            Ok(reply) => Err(format!(
                "the call succeeded with the status {}",
                reply.status()
            )),
            Err(error) => Ok(error),
        }
    }

    /// Checks how many requests the server read, and that the history of the call has as many attempts.
    pub(super) fn requests(&self, expected: usize) -> Result<(), String> {
        equal("requests at the server", self.seen.len(), expected)?;
        let attempts = match &self.result {
            Ok(reply) => reply.attempts(),
            Err(error) => error.attempts(),
        };
        equal("attempts in the history", attempts.len(), expected)
    }

    /// Checks the phase and the kind of the fault with which the call ended.
    pub(super) fn fault(&self, phase: Phase, kinds: &[FaultKind]) -> Result<(), String> {
        let error = self.error()?;
        let fault = error
            .fault()
            .ok_or_else(|| format!("no fault, but {error:#}"))?;
        equal("phase of the fault", fault.phase(), phase)?;
        if kinds.is_empty() || kinds.contains(&fault.kind()) {
            return Ok(());
        }
        Err(format!(
            "kind of the fault: expected one of {kinds:?}, found {:?}",
            fault.kind()
        ))
    }
}
