//! What happens between a process and the ledger, for logs and metrics.

use std::fmt;
use std::time::Duration;

use intercom_errors::names;
use intercom_pace::fleet::Change;

/// Something that happened between this process and the ledger. See
/// [`FleetSettings::with_observer`](crate::FleetSettings::with_observer).
///
/// `Display` is one line for a log. It contains no token, no URL and no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FleetEvent {
    /// The lease changed.
    Lease(Change),
    /// The ledger replied after this time.
    RoundTrip(Duration),
    /// Calls go on without the fleet once the lease has ended, and why. The same trouble is reported again only after
    /// [`Recovered`](Self::Recovered); [`Trouble::OtherQuota`] is reported for each client that has another quota.
    Trouble(Trouble),
    /// The ledger replies again after trouble.
    Recovered,
}

names! {
    /// Why the ledger cannot be used.
    ///
    /// `Display` writes the name in snake case; [`meaning`](Self::meaning) says what is wrong and how to fix it.
    ///
    /// ```
    /// use intercom_fleet::Trouble;
    ///
    /// assert_eq!(Trouble::TimedOut.to_string(), "timed_out");
    /// assert!(Trouble::Denied.meaning().contains("ACL"));
    /// ```
    #[non_exhaustive]
    pub enum Trouble, doc("", ".") {
        Cluster = "cluster", "the key belongs to another node of a Redis cluster: use a Script of your own that follows redirects";
        Conflict = "conflict", "the windows of this process are not those of the fleet: set the same length of a window in all processes";
        Denied = "denied", "Redis refused the user, the password or a command: check them, and the user's ACL (docs/FLEET.md has it)";
        Driver = "driver", "the thread or task that talks to Redis could not be started, or its Script panicked: raise the limit of threads, make the calls in a tokio runtime, or fix the Script";
        NotReady = "not_ready", "Redis is loading its data, is busy with a script, or accepts no writes now: check its log";
        OtherQuota = "other_quota", "the gate already keeps the quota of another app or base URL: connect a gate of its own for this client";
        OtherVersion = "other_version", "the key holds data that this version cannot read: delete the key, or set another name";
        OutOfMemory = "out_of_memory", "Redis has reached maxmemory and evicts nothing: give it more memory";
        ReadOnly = "read_only", "Redis is a replica: connect to the primary";
        Rejected = "rejected", "Redis replied with an error that this version does not know: check the version of Redis (6 or later)";
        TimedOut = "timed_out", "Redis did not reply within 250 ms: check that it is near and not overloaded";
        Tls = "tls", "the TLS handshake with Redis failed: check its certificate, and that the URL names the host in it";
        Unnamed = "unnamed", "the client has no fixed access token, and no name is set: set one with FleetSettings::with_name";
        Unreachable = "unreachable", "the connection to Redis was refused or lost, or its host was not found: check the URL, and that Redis runs";
        Unreadable = "unreadable", "the reply is not one of the ledger's script: check that the URL is that of Redis";
        WrongType = "wrong_type", "the key holds another type than a hash: delete the key, or set another name";
    }
}

impl fmt::Display for FleetEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lease(change) => lease(*change, f),
            Self::RoundTrip(time) => write!(f, "the ledger replied after {time:.1?}"),
            Self::Trouble(trouble) => write!(f, "the fleet cannot be used: {}", trouble.meaning()),
            Self::Recovered => f.write_str("the ledger replies again"),
        }
    }
}

fn lease(change: Change, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match change {
        Change::Joined { hold, share } => write!(
            f,
            "joined the fleet: {hold} slots of this window, {share} of each later one"
        ),
        Change::Rejoined { hold, share } => write!(
            f,
            "joined the fleet again: {hold} slots of this window, {share} of each later one"
        ),
        Change::Granted { slots } => write!(f, "borrowed {slots} slots of this window"),
        Change::Renewed { share } => write!(f, "renewed the lease: {share} slots of each window"),
        Change::Returned { slots } => write!(f, "returned {slots} slots of this window"),
        Change::LostLedger => f.write_str("the ledger does not reply; the lease lasts to its end"),
        Change::FellBack => f.write_str("has no lease; paces without the fleet"),
        other => write!(f, "the lease changed: {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Change, FleetEvent, Trouble};

    #[test]
    fn an_event_is_one_line() {
        let shown = |event: FleetEvent| event.to_string();
        insta::assert_snapshot!(shown(FleetEvent::Lease(Change::Joined { hold: 12, share: 16 })), @"joined the fleet: 12 slots of this window, 16 of each later one");
        insta::assert_snapshot!(shown(FleetEvent::Lease(Change::Rejoined { hold: 0, share: 16 })), @"joined the fleet again: 0 slots of this window, 16 of each later one");
        insta::assert_snapshot!(shown(FleetEvent::Lease(Change::Granted { slots: 3 })), @"borrowed 3 slots of this window");
        insta::assert_snapshot!(shown(FleetEvent::Lease(Change::Renewed { share: 16 })), @"renewed the lease: 16 slots of each window");
        insta::assert_snapshot!(shown(FleetEvent::Lease(Change::Returned { slots: 4 })), @"returned 4 slots of this window");
        insta::assert_snapshot!(shown(FleetEvent::Lease(Change::LostLedger)), @"the ledger does not reply; the lease lasts to its end");
        insta::assert_snapshot!(shown(FleetEvent::Lease(Change::FellBack)), @"has no lease; paces without the fleet");
        insta::assert_snapshot!(shown(FleetEvent::RoundTrip(Duration::from_micros(740))), @"the ledger replied after 740.0µs");
        insta::assert_snapshot!(shown(FleetEvent::Recovered), @"the ledger replies again");
        for trouble in Trouble::ALL {
            let shown = shown(FleetEvent::Trouble(*trouble));
            assert!(shown.contains(": ") && !shown.contains('\n'), "{shown}");
        }
    }
}
