//! Replies that no ledger sends are not followed.

use fastrand::Rng;
use intercom_fleet::wire;
use intercom_pace::fleet::{LeaseReply, LeaseStatus};

/// The place of the argument that is 1 when a member leaves.
pub(crate) const BYE: usize = 19;

/// A reply of the script.
const GOOD: [i64; 17] = [
    7,
    0,
    1_700_000_010_000,
    10_000,
    1667,
    1_700_000_010_000,
    20,
    17,
    1_700_000_030_000,
    1,
    99,
    1_700_000_003_000_000,
    1,
    3,
    0,
    0,
    1,
];

#[test]
fn reply_is_read_in_its_order() {
    let reply = wire::reply(&GOOD).unwrap();
    assert_eq!((reply.seq, reply.status), (7, LeaseStatus::Ok));
    assert_eq!((reply.window, reply.length), (1_700_000_010_000, 10_000));
    assert_eq!(
        (reply.hold, reply.share, reply.until),
        (20, 17, 1_700_000_030_000)
    );
    assert!(reply.others_hungry && reply.gentle && !reply.quiet && !reply.look);
}

#[test]
fn reply_with_another_number_of_values_is_malformed() {
    for length in (0..40).filter(|length| *length != GOOD.len()) {
        let numbers: Vec<_> = GOOD.iter().copied().cycle().take(length).collect();
        assert!(wire::reply(&numbers).is_none());
    }
}

#[test]
fn hostile_reply_gives_no_absurd_lease() {
    let mut rng = Rng::with_seed(1);
    let mut accepted = 0;
    for _ in 0..200_000 {
        let mut numbers = GOOD;
        for _ in 0..rng.usize(1..4) {
            let edges = [
                0,
                1,
                -1,
                2,
                5,
                i64::MIN,
                i64::MAX,
                1_700_000_010_000,
                1 << 53,
            ];
            let number = if rng.bool() {
                rng.i64(..) >> rng.u32(0..63)
            } else {
                edges[rng.usize(0..edges.len())]
            };
            numbers[rng.usize(0..GOOD.len())] = number;
        }
        let Some(reply) = wire::reply(&numbers) else {
            continue;
        };
        accepted += 1;
        let LeaseReply {
            hold,
            share,
            limit,
            until,
            window,
            length,
            ..
        } = reply;
        assert!(
            hold >= 0 && share >= 0 && (0..=10_000_000).contains(&limit),
            "{numbers:?}"
        );
        let spans = reply.status != LeaseStatus::Ok || (0..=5 * length).contains(&(until - window));
        assert!(spans, "{numbers:?}");
    }
    assert!(accepted > 1000);
}
