//! `intercom fleet status`: the processes that share a quota, and what each holds.

use std::time::Duration;

use intercom_fleet::{FleetError, FleetStatus, MemberStatus};
use intercom_protocol::UnixTime;
use serde::Serialize;

use crate::client::Settings;
use crate::error::{Exit, Failure};
use crate::explanation::millis;
use crate::output::Output;
use crate::render::{BAD, DIM, PLAIN, Page};
use crate::words::count;

#[derive(Serialize)]
struct Report {
    found: bool,
    window_end_ms: Option<u64>,
    window_ms: Option<u64>,
    limit: Option<u64>,
    quota: Option<u64>,
    held: Option<u64>,
    held_next: Option<u64>,
    used: Option<u64>,
    free: Option<u64>,
    outside: Option<u64>,
    quarantine: Option<bool>,
    reserve: Option<f64>,
    server_time_ms: Option<u64>,
    silent_ms: Option<u64>,
    members: Vec<Member>,
}

#[derive(Serialize)]
struct Member {
    id: String,
    hold: u64,
    share: u64,
    until_ms: u64,
    need: u64,
    hungry: bool,
    reserve: f64,
    seen_ms: u64,
    left: bool,
}

pub(crate) fn run(settings: &Settings, output: &mut Output) -> Result<Exit, Failure> {
    let Some(fleet) = &settings.fleet else {
        return Err(Failure::usage(
            "no Redis: set INTERCOM_FLEET_URL, or use --fleet with a URL like redis://localhost:6379",
        ));
    };
    let connection = settings.config().build()?;
    let status = fleet.status(&connection)?;
    if output.is_json() {
        output.document(&Report::of(status.as_ref()))?;
    } else if let Some(status) = &status {
        output.page(&page(status))?;
    }
    output.flush()?;
    if status.is_some() {
        return Ok(Exit::Done);
    }
    output.note("Redis knows no such fleet: no process has used this quota in the last minutes");
    Ok(Exit::NotFound)
}

impl From<FleetError> for Failure {
    fn from(error: FleetError) -> Self {
        match error.trouble() {
            Some(_) => Self::refused(error.to_string()),
            None => Self::usage(error.to_string()),
        }
    }
}

impl Report {
    fn of(status: Option<&FleetStatus>) -> Self {
        Self {
            found: status.is_some(),
            window_end_ms: status.map(|fleet| unix_millis(fleet.window_end)),
            window_ms: status.map(|fleet| millis(fleet.window_length)),
            limit: status.map(|fleet| fleet.limit),
            quota: status.map(|fleet| fleet.quota),
            held: status.map(|fleet| fleet.held),
            held_next: status.map(|fleet| fleet.held_next),
            used: status.map(|fleet| fleet.used),
            free: status.map(|fleet| fleet.free),
            outside: status.map(|fleet| fleet.outside),
            quarantine: status.map(|fleet| fleet.is_in_quarantine),
            reserve: status.map(|fleet| part(fleet.reserve)),
            server_time_ms: status.and_then(|fleet| fleet.server_time).map(unix_millis),
            silent_ms: status.map(|fleet| millis(fleet.silent_for)),
            members: status.map_or_else(Vec::new, |fleet| {
                fleet.members.iter().map(Member::of).collect()
            }),
        }
    }
}

impl Member {
    fn of(member: &MemberStatus) -> Self {
        Self {
            id: format!("{:016x}", member.id),
            hold: member.hold,
            share: member.share,
            until_ms: unix_millis(member.until),
            need: member.need,
            hungry: member.is_hungry,
            reserve: part(member.reserve),
            seen_ms: unix_millis(member.seen),
            left: member.has_left,
        }
    }
}

fn unix_millis(time: UnixTime) -> u64 {
    u64::try_from(time.since_epoch().as_millis()).unwrap_or(u64::MAX)
}

fn part(thousandths: u64) -> f64 {
    Duration::from_millis(thousandths).as_secs_f64()
}

fn page(fleet: &FleetStatus) -> Page {
    let mut page = Page::new();
    let (end, length) = (fleet.window_end, fleet.window_length);
    let window = window(end, length, fleet.server_time, fleet.silent_for);
    page.row("window", &window);
    let quota = if fleet.quota < fleet.limit {
        format!("{}, of which the API accepts {}", fleet.limit, fleet.quota)
    } else {
        fleet.limit.to_string()
    };
    page.row("limit", &quota);
    let present = fleet.members.iter().filter(|member| !member.has_left);
    let members = count(present.count() as u64, "member");
    page.row(
        "held",
        &format!(
            "{} by {members}, {} of the next window",
            fleet.held, fleet.held_next
        ),
    );
    page.row("used", &format!("at least {}", fleet.used));
    page.row("free", &fleet.free.to_string());
    if fleet.outside > 0 {
        page.row(
            "outside",
            &format!("{} left to programs outside the fleet", fleet.outside),
        );
    }
    if fleet.reserve > 0 {
        page.row(
            "reserve",
            &format!("{} % for members without a reserve", fleet.reserve / 10),
        );
    }
    if fleet.is_in_quarantine {
        let what = "the ledger has lost its memory and lends nothing until it knows all leases";
        page.marked(BAD, "quarantine", what);
    }
    if !fleet.members.is_empty() {
        page.gap();
        page.line(&[(DIM, "member                hold   share    need")]);
    }
    for member in &fleet.members {
        page.line(&[(PLAIN, &line(member))]);
    }
    page
}

/// When the window ends, and its length.
fn window(end: UnixTime, length: Duration, now: Option<UnixTime>, silent_for: Duration) -> String {
    let length = length.as_secs_f64();
    match now {
        Some(now) if now < end => {
            let left = end.saturating_duration_since(now).as_secs_f64();
            format!("ends in {left:.1} s; {length} s long")
        }
        Some(_) => format!(
            "has ended; {length} s long; no process has spoken for {:.0} s",
            silent_for.as_secs_f64()
        ),
        None => format!("{length} s long; the time of the API's server is unknown"),
    }
}

fn line(member: &MemberStatus) -> String {
    let is = match (member.has_left, member.is_hungry) {
        (true, _) => "  has left",
        (false, true) => "  could use more",
        (false, false) => "",
    };
    format!(
        "{:016x}  {:>8}{:>8}{:>8}{is}",
        member.id, member.hold, member.share, member.need
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use intercom_protocol::UnixTime;

    use super::window;

    #[test]
    fn a_window_has_ended_only_if_the_time_is_known() {
        let shown = |now: Option<u64>| {
            let now = now.and_then(UnixTime::from_secs);
            let (end, length) = (UnixTime::from_secs(100).unwrap(), Duration::from_secs(10));
            window(end, length, now, Duration::from_secs(3))
        };
        insta::assert_snapshot!(shown(Some(98)), @"ends in 2.0 s; 10 s long");
        insta::assert_snapshot!(shown(Some(103)), @"has ended; 10 s long; no process has spoken for 3 s");
        insta::assert_snapshot!(shown(None), @"10 s long; the time of the API's server is unknown");
    }
}
