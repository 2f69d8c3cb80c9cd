//! What goes over the wire: the script, the order of its arguments, and the order of its reply.

use intercom_pace::fleet::{LeaseReply, LeaseRequest, LeaseStatus, Slack};

/// The ledger, for `EVAL`. Each part is the same as the file of its name in `intercom_pace::fleet::Ledger`, which has the reasons: to
/// the same requests at the same times, both give the same replies.
///
/// `KEYS[1]` is the hash of the fleet. `ARGV` is the request, see [`arguments`]. One more argument is the time in microseconds, for
/// tests; without it, it is that of Redis. If an argument or a value of the hash cannot be read, the reply is an error that begins
/// with `LEDGER`, and nothing is written. A hash that the script wrote expires then, and the ledger begins anew.
pub const SCRIPT: &str = concat!(
    include_str!("ledger/request.lua"),
    include_str!("ledger/state.lua"),
    include_str!("ledger/member.lua"),
    include_str!("ledger/account.lua"),
    include_str!("ledger/neighbours.lua"),
    include_str!("ledger/level.lua"),
    include_str!("ledger/open.lua"),
    include_str!("ledger/visit.lua"),
    include_str!("ledger/lend.lua"),
    include_str!("ledger/share.lua"),
    include_str!("ledger/main.lua"),
);

/// How many numbers a reply has.
const REPLY: usize = 17;

/// The arguments of the script for a request: the member's id in 16 hexadecimal digits, the request's numbers in decimal, and four
/// numbers for each closed window.
pub fn arguments(request: &LeaseRequest) -> Vec<Vec<u8>> {
    let closed = request.closed.iter().take(LeaseRequest::CLOSED);
    let numbers = [
        request.seq,
        request.window,
        request.length,
        request.limit,
        request.limit_window,
        request.hold,
        request.want,
        request.need,
        request.hungry.into(),
        request.claim,
        request.claim_until,
        request.fallback.into(),
        request.used,
        request.used_phase,
        request.phase,
        request.server_at_least,
        request.hidden,
        request.reserve,
        request.bye.into(),
        request.keep_max,
        closed.len() as i64,
    ];
    let closed = closed.flat_map(|closed| [closed.window, closed.unused, closed.used]);
    let numbers = numbers.into_iter().chain(closed);
    let id = format!("{:016x}", request.id).into_bytes();
    let numbers = numbers.map(|number| number.to_string().into_bytes());
    std::iter::once(id).chain(numbers).collect()
}

/// The reply in the script's numbers. `None` if there are more or fewer numbers, or if one is out of range.
pub fn reply(numbers: &[i64]) -> Option<LeaseReply> {
    let numbers = <&[i64; REPLY]>::try_from(numbers).ok()?;
    let mut reply = LeaseReply::default();
    let [status, hungry, slack, quiet, look, gentle];
    [
        reply.seq,
        status,
        reply.window,
        reply.length,
        reply.limit,
        reply.limit_window,
        reply.hold,
        reply.share,
        reply.until,
        hungry,
        reply.members,
        reply.server_at_least,
        slack,
        reply.free,
        quiet,
        look,
        gentle,
    ] = *numbers;
    reply.status = match status {
        0 => LeaseStatus::Ok,
        1 => LeaseStatus::Probe,
        2 => LeaseStatus::Wait,
        3 => LeaseStatus::Stale,
        4 => LeaseStatus::Conflict,
        _ => return None,
    };
    reply.slack = match slack {
        0 => Slack::None,
        1 => Slack::Late,
        2 => Slack::Now,
        _ => return None,
    };
    reply.others_hungry = flag(hungry)?;
    reply.quiet = flag(quiet)?;
    reply.look = flag(look)?;
    reply.gentle = flag(gentle)?;
    reply.is_plausible().then_some(reply)
}

fn flag(number: i64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}
