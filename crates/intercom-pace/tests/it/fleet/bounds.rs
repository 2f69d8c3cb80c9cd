//! A reply with a value that no ledger sends is not followed.

use intercom_pace::fleet::{LeaseReply, LeaseStatus};

const SLOTS: i64 = 10_000_000;
const MILLIS: i64 = 4_000_000_000_000;
const DAY: i64 = 86_400_000;

/// A reply that has every value but those that a test changes.
fn reply() -> LeaseReply {
    let mut reply = LeaseReply::default();
    (reply.seq, reply.window, reply.length) = (7, 1_711_100_050_000, 10_000);
    (reply.limit, reply.limit_window) = (100, 1_711_100_050_000);
    (reply.hold, reply.share, reply.until) = (20, 10, 1_711_100_070_000);
    (reply.members, reply.free) = (5, 3);
    reply.server_at_least = 1_711_100_043_000_000;
    reply
}

#[test]
fn each_value_has_its_range() {
    assert!(reply().is_plausible());
    type Set = fn(&mut LeaseReply, i64);
    let ranges: [(&str, Set, i64, i64); 10] = [
        (
            "seq",
            |reply, value| reply.seq = value,
            0,
            10_000_000_000_000,
        ),
        ("limit", |reply, value| reply.limit = value, 0, SLOTS),
        (
            "limit_window",
            |reply, value| reply.limit_window = value,
            0,
            MILLIS,
        ),
        // A member may tell any hold, and is lent slots on top of it.
        ("hold", |reply, value| reply.hold = value, 0, 2 * SLOTS + 1),
        ("share", |reply, value| reply.share = value, 0, SLOTS),
        ("free", |reply, value| reply.free = value, 0, SLOTS),
        ("members", |reply, value| reply.members = value, 0, SLOTS),
        (
            "server_at_least",
            |reply, value| reply.server_at_least = value,
            0,
            2000 * MILLIS,
        ),
        (
            "window",
            |reply, value| (reply.window, reply.until) = (value, value),
            1,
            2 * MILLIS,
        ),
        (
            "length",
            |reply, value| (reply.length, reply.until) = (value, reply.window),
            100,
            DAY,
        ),
    ];
    for (name, set, least, most) in ranges {
        for (value, is_plausible) in [
            (least - 1, false),
            (least, true),
            (most, true),
            (most + 1, false),
        ] {
            let mut reply = reply();
            set(&mut reply, value);
            assert_eq!(reply.is_plausible(), is_plausible, "{name}: {value}");
        }
    }
}

#[test]
fn share_ends_at_most_five_windows_after_this_one() {
    let lasts = |windows: i64| {
        let mut reply = reply();
        reply.until = reply.window + windows * reply.length;
        reply.is_plausible()
    };
    assert!(lasts(0) && lasts(5) && !lasts(-1) && !lasts(6));
}

#[test]
fn reply_without_a_lease_needs_no_window() {
    for status in [
        LeaseStatus::Probe,
        LeaseStatus::Wait,
        LeaseStatus::Stale,
        LeaseStatus::Conflict,
    ] {
        let mut reply = LeaseReply::default();
        reply.status = status;
        assert!(reply.is_plausible());
        reply.free = -1;
        assert!(!reply.is_plausible());
    }
    assert!(!LeaseReply::default().is_plausible());
}
