//! Who gets how many slots.

use intercom_pace::fleet::{LeaseRequest, Slack};

use super::peers::{FIRST, LENGTH};
use super::{Desk, LIMIT, needs, wants};

#[test]
fn first_shares_last_differently_long() {
    let mut desk = Desk::new();
    let lasts = (1..=6).map(|id| (desk.ask(id, needs(5)).until - FIRST) / LENGTH);
    assert_eq!(lasts.collect::<Vec<_>>(), [1, 2, 3, 1, 2, 3]);
}

#[test]
fn what_is_left_is_lent_in_parts_while_others_wait() {
    // How many others wait, the phase, and the part of 40 slots that one member gets.
    for (others, phase, part) in [(0, 0, 40), (1, 0, 20), (5, 0, 10), (9, 0, 4), (9, 700, 10)] {
        let mut desk = Desk::new();
        let phased = |hold| {
            move |request: &mut LeaseRequest| {
                wants(hold, 1000)(request);
                request.phase = phase;
            }
        };
        desk.ask(1, wants(LIMIT, 0));
        for id in 3..3 + others {
            assert_eq!(desk.ask(id, phased(0)).hold, 0);
        }
        // The reserve of rare callers is not part of it.
        let reserve = if phase == 0 && others < 7 { 2 } else { 0 };
        desk.ask(1, wants(LIMIT - 40 - reserve, 0));
        assert_eq!(
            desk.ask(2, phased(0)).hold,
            part,
            "{others} others at {phase}"
        );
    }
}

#[test]
fn rare_callers_that_were_denied_find_a_reserve_in_the_next_windows() {
    let mut desk = Desk::new();
    assert_eq!(desk.ask(1, wants(LIMIT, 0)).share, LIMIT - 2);
    for id in 3..13 {
        assert_eq!(desk.ask(id, |request| request.want = 1).hold, 0);
    }
    desk.turn();
    // On average 5 in a window, as far as one window shows, and twice the root of that.
    assert_eq!(desk.ask(1, wants(0, 0)).share, LIMIT - 2 - 5 - 4);
    // The reserve is for them.
    let rest = desk.ask(1, wants(LIMIT - 10, 100)).hold;
    assert_eq!(rest, LIMIT - 10);
    assert_eq!(desk.ask(3, |request| request.want = 1).hold, 1);
}

#[test]
fn part_of_the_limit_is_left_to_members_without_a_reserve() {
    let mut desk = Desk::new();
    let batch = |hold, want| {
        move |request: &mut LeaseRequest| {
            wants(hold, want)(request);
            (request.reserve, request.phase) = (250, 900);
        }
    };
    let reply = desk.ask(1, batch(0, 1000));
    // A quarter of the limit is not shared out, nor lent to the batch.
    assert_eq!(reply.share, LIMIT - LIMIT / 4);
    let mut hold = reply.hold;
    for _ in 0..30 {
        hold = desk.ask(1, batch(hold, 1000)).hold;
    }
    assert_eq!(hold, LIMIT - LIMIT / 4);
    assert_eq!(desk.ask(1, batch(hold, 1)).slack, Slack::None);
    let reply = desk.ask(2, |request| {
        wants(0, 5)(request);
        request.phase = 900;
    });
    assert_eq!(reply.hold, 5);

    // The reserve is remembered for three windows.
    for shared in [
        LIMIT - LIMIT / 4,
        LIMIT - LIMIT / 4,
        LIMIT - LIMIT / 4,
        LIMIT - 2,
    ] {
        desk.turn();
        desk.ask(2, wants(0, 0));
        let most = desk.share(1) + desk.share(2);
        assert!(most <= shared, "{most} of {shared}");
    }
    assert_eq!(desk.share(2), LIMIT - 2);
}

#[test]
fn needs_are_met_up_to_one_level() {
    let mut desk = Desk::new();
    for id in 1..=5 {
        desk.ask(id, needs([10, 20, 500, 500, 500][id as usize - 1]));
    }
    for _ in 0..3 {
        desk.turn();
        for id in 1..=5 {
            desk.ask(id, needs([10, 20, 500, 500, 500][id as usize - 1]));
        }
    }
    let shares: Vec<_> = desk.ledger.members().map(|lease| lease.share).collect();
    assert_eq!(shares.iter().sum::<i64>(), LIMIT - 2);
    assert_eq!(shares[..2], [10, 20]);
    assert!(
        shares[2..].iter().all(|share| (42..=43).contains(share)),
        "{shares:?}"
    );
}
