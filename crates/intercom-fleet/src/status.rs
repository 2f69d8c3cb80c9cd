//! What the ledger in Redis says about a fleet.

use std::time::Duration;

use intercom_protocol::{Connection, UnixTime};

use crate::error::FleetError;
use crate::event::Trouble;
use crate::key;
use crate::server::Server;
use crate::settings::FleetSettings;

/// The script that reads the ledger. It writes nothing.
const SCRIPT: &str = concat!(
    include_str!("ledger/request.lua"),
    include_str!("ledger/state.lua"),
    include_str!("ledger/member.lua"),
    include_str!("ledger/account.lua"),
    include_str!("ledger/neighbours.lua"),
    include_str!("ledger/status.lua"),
);

/// How many numbers there are for the fleet, and for each member.
const FLEET: usize = 13;
const MEMBER: usize = 10;

/// The state of a fleet: its window, and who holds how much of it. Reading it changes nothing.
///
/// A slot is one request of a window. Times are those of the API server's clock.
///
/// ```no_run
/// use intercom_fleet::{FleetSettings, FleetStatus};
/// use intercom_protocol::Config;
///
/// let connection = Config::new("dG9rOjEyMw==").build()?;
/// let status = FleetStatus::read("redis://localhost:6379", &FleetSettings::new(), &connection)?;
/// if let Some(fleet) = status {
///     println!("{} members hold {} of {} slots", fleet.members.len(), fleet.held, fleet.quota);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FleetStatus {
    /// When the latest window ends that the ledger has heard of.
    pub window_end: UnixTime,
    /// The length of a window.
    pub window_length: Duration,
    /// The limit that the API reports.
    pub limit: u64,
    /// How many slots a window has: the limit, or less if the API refused requests below it.
    pub quota: u64,
    /// Slots of the window that members hold.
    pub held: u64,
    /// Slots of the next window that members hold already.
    pub held_next: u64,
    /// The most that a member saw used of the window, by all clients together.
    pub used: u64,
    /// Slots of the window that no member holds and that are not left to clients outside the fleet.
    pub free: u64,
    /// Slots of a window that the ledger leaves to clients outside the fleet, from what they used lately.
    pub outside: u64,
    /// Whether the ledger has lost its memory and lends nothing until it knows all leases again.
    pub is_in_quarantine: bool,
    /// The part of the limit that is left to members without a reserve, in thousandths.
    pub reserve: u64,
    /// The least that the API server's clock shows now, if the ledger knows it.
    pub server_time: Option<UnixTime>,
    /// How long no member has spoken.
    pub silent_for: Duration,
    /// The members, in the order of their ids: also those that have left. A member that is silent for six windows is forgotten.
    pub members: Vec<MemberStatus>,
}

/// One process of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberStatus {
    /// A random number that the process chose when it made its gate.
    pub id: u64,
    /// Slots of the window that it holds, used or not.
    pub hold: u64,
    /// Slots of each later window that it holds.
    pub share: u64,
    /// The end of the last window of the share.
    pub until: UnixTime,
    /// Slots of a window that it needs.
    pub need: u64,
    /// Whether it could use more than its share.
    pub is_hungry: bool,
    /// The part of the limit that it leaves to members without a reserve, in thousandths.
    pub reserve: u64,
    /// The end of the window in which it spoke last.
    pub seen: UnixTime,
    /// Whether it has left the fleet. It is still listed for six windows.
    pub has_left: bool,
}

impl FleetStatus {
    /// Reads the state of the fleet that has the quota of this connection, or of the name in the settings. `None` means that Redis
    /// knows no such fleet, because no process has used the quota for a while.
    ///
    /// It may take a second to connect, and 250 ms for each reply of Redis after that. It needs the rights `+eval +time +hgetall` on the key.
    ///
    /// # Errors
    ///
    /// [`FleetError`] if the URL or a setting is invalid, if the connection has no fixed token and there is no name, or if Redis cannot
    /// be used. It says how to fix that, and contains no part of the URL.
    pub fn read(
        url: &str,
        settings: &FleetSettings,
        connection: &Connection,
    ) -> Result<Option<Self>, FleetError> {
        settings.check()?;
        let server = Server::parse(url)?;
        let key = key::of_connection(connection, settings.name());
        let key = key.ok_or(FleetError::new(Trouble::Unnamed.meaning()))?;
        let numbers = server.evaluate(SCRIPT, &key)?;
        if numbers.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self::of(&numbers).ok_or(Trouble::Unreadable)?))
    }

    /// Reads the reply of the script.
    fn of(numbers: &[i64]) -> Option<Self> {
        let (fleet, members) = numbers.split_at_checked(FLEET)?;
        let [window_end, length, limit, quota, held, held_next, rest @ ..] =
            <[i64; FLEET]>::try_from(fleet).ok()?;
        let [used, free, outside, quiet, reserve, server_time, silent] = rest;
        let members = members.chunks(MEMBER).map(MemberStatus::of);
        Some(Self {
            window_end: time(window_end)?,
            window_length: Duration::from_millis(count(length)?),
            limit: count(limit)?,
            quota: count(quota)?,
            held: count(held)?,
            held_next: count(held_next)?,
            used: count(used)?,
            free: count(free)?,
            outside: count(outside)?,
            is_in_quarantine: quiet == 1,
            reserve: count(reserve)?,
            server_time: time(server_time).filter(|_| server_time > 0),
            silent_for: Duration::from_millis(count(silent)?),
            members: sorted(members.collect::<Option<_>>()?),
        })
    }
}

impl MemberStatus {
    fn of(numbers: &[i64]) -> Option<Self> {
        let numbers = <[i64; MEMBER]>::try_from(numbers).ok()?;
        let [
            high,
            low,
            hold,
            share,
            until,
            need,
            hungry,
            reserve,
            seen,
            left,
        ] = numbers;
        Some(Self {
            id: count(high)?.checked_shl(32)? | count(low)?,
            hold: count(hold)?,
            share: count(share)?,
            until: time(until)?,
            need: count(need)?,
            is_hungry: hungry == 1,
            reserve: count(reserve)?,
            seen: time(seen)?,
            has_left: left == 1,
        })
    }
}

/// Redis lists the fields of a hash in any order.
fn sorted(mut members: Vec<MemberStatus>) -> Vec<MemberStatus> {
    members.sort_unstable_by_key(|member| member.id);
    members
}

fn count(number: i64) -> Option<u64> {
    u64::try_from(number).ok()
}

/// A time in milliseconds.
fn time(millis: i64) -> Option<UnixTime> {
    UnixTime::from_duration(Duration::from_millis(count(millis)?))
}
