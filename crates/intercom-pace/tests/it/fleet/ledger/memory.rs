//! What the ledger does when it or a member has lost something.

use intercom_pace::fleet::{LeaseRequest, LeaseStatus, Slack};

use super::peers::{FIRST, LENGTH};
use super::{Desk, LIMIT, needs, wants};

#[test]
fn share_is_kept_one_window_longer_if_a_hungry_member_is_not_heard() {
    let mut desk = Desk::new();
    let reply = desk.ask(1, wants(0, 0));
    assert_eq!((reply.share, reply.until), (LIMIT - 2, FIRST + LENGTH));
    for kept in [LIMIT - 2, LIMIT - 2, 0] {
        desk.turn();
        desk.ask(2, needs(0));
        assert_eq!(desk.share(1), kept);
    }
}

#[test]
fn share_that_was_promised_is_lowered_by_its_renewal_only() {
    let mut desk = Desk::new();
    let promised = |request: &mut LeaseRequest| {
        (request.claim, request.claim_until) = (10, FIRST + 2 * LENGTH);
    };
    desk.ask(3, needs(10));
    let reply = desk.ask(1, needs(10));
    assert_eq!((reply.share, reply.until), (10, FIRST + 2 * LENGTH));
    desk.turn();
    let reply = desk.ask(1, promised);
    assert_eq!((reply.share, reply.until), (10, FIRST + 2 * LENGTH));
    desk.turn();
    assert_eq!(desk.ask(1, promised).share, 0);
}

#[test]
fn member_that_leaves_frees_its_share_at_once_and_stays_gone() {
    let mut desk = Desk::new();
    desk.ask(1, wants(0, 0));
    let bye = |request: &mut LeaseRequest| {
        (request.bye, request.claim, request.claim_until) = (true, LIMIT - 2, FIRST + LENGTH);
    };
    desk.ask(1, bye);
    assert_eq!(
        (desk.ledger.shares(), desk.ask(2, wants(0, 0)).share),
        (0, LIMIT - 2)
    );

    // A message from before arrives in the next window.
    desk.turn();
    desk.ask(2, needs(0));
    let late = desk.ask(1, |request| {
        request.seq = 1;
        (request.claim, request.claim_until) = (LIMIT - 2, FIRST + LENGTH);
    });
    assert_eq!(late.status, LeaseStatus::Stale);
    assert!(!desk.ask(2, needs(0)).quiet);
}

#[test]
fn ledger_without_memory_lends_nothing_while_old_leases_may_exist() {
    let mut desk = Desk::new();
    let reply = desk.ask(1, claims(20, 1));
    assert_eq!((reply.hold, reply.share, reply.quiet), (20, 20, true));
    assert_eq!(reply.slack, Slack::Late);
    let stranger = desk.ask(2, wants(0, 5));
    assert_eq!((stranger.hold, stranger.share), (0, 0));
    assert_eq!(desk.ledger.quarantine(), FIRST + 3 * LENGTH);
    for _ in 0..3 {
        desk.turn();
        assert_eq!(desk.ask(2, wants(0, 5)).hold, 0);
    }
    desk.turn();
    assert_eq!(desk.ask(2, wants(0, 5)).hold, 5);
}

/// A hungry member that uses up its share, wants five more slots, and has the share for so many windows after the first.
fn claims(claim: i64, windows: i64) -> impl FnOnce(&mut LeaseRequest) {
    move |request| {
        wants(claim, 5)(request);
        (request.claim, request.claim_until) = (claim, FIRST + windows * LENGTH);
    }
}

#[test]
fn ledger_that_knows_all_shares_lends_again() {
    let mut desk = Desk::new();
    desk.ask(1, claims(LIMIT - 20, 2));
    desk.ask(2, claims(20, 2));
    desk.turn();
    assert!(!desk.ask(1, |request| request.hold = 10).quiet);
    let reply = desk.ask(2, claims(20, 2));
    assert_eq!((reply.hold, reply.quiet), (25, false));
}

#[test]
fn ledger_that_knows_most_shares_lends_nothing() {
    let mut desk = Desk::new();
    desk.ask(1, claims(LIMIT - 25, 2));
    desk.ask(2, claims(20, 2));
    desk.turn();
    assert!(desk.ask(2, claims(20, 2)).quiet);
}

#[test]
fn share_that_has_ended_does_not_count_as_known() {
    let mut desk = Desk::new();
    desk.ask(1, claims(LIMIT - 20, 1));
    desk.turn();
    desk.ask(2, claims(20, 3));
    desk.turn();
    assert!(desk.ask(2, claims(20, 3)).quiet);
    assert_eq!(desk.share(1), LIMIT - 20);
}

#[test]
fn member_that_was_unknown_to_a_failover_is_believed() {
    let mut desk = Desk::new();
    desk.ask(1, needs(50));
    for _ in 0..5 {
        desk.turn();
        desk.ask(1, needs(50));
    }
    let until = desk.window + LENGTH;
    let reply = desk.ask(2, |request| {
        (request.claim, request.claim_until) = (7, until)
    });
    assert_eq!((reply.share, reply.quiet), (7, true));
}

#[test]
fn members_without_leases_are_awaited_after_an_outage() {
    let mut desk = Desk::new();
    let reply = desk.ask(1, |request| {
        wants(30, 0)(request);
        request.fallback = true;
    });
    // It has nothing to keep, so it gets a share. Until the others have come back, nothing is lent.
    assert_eq!((reply.quiet, reply.share), (true, LIMIT - 2));
    assert_eq!(desk.ask(2, wants(0, 5)).hold, 0);
    desk.turn();
    desk.ask(1, wants(30, 0));
    desk.turn();
    assert!(!desk.ask(1, wants(30, 0)).quiet);
}

#[test]
fn share_that_the_ledger_knows_in_its_last_window_is_not_claimed_anew() {
    let mut desk = Desk::new();
    desk.ask(1, needs(50));
    let reply = desk.ask(2, claims(7, 1));
    assert_eq!((reply.share, reply.until), (7, FIRST + LENGTH));
    desk.turn();
    assert_eq!(desk.ask(2, claims(20, 1)).share, 7);
}

#[test]
fn share_that_was_promised_can_grow_but_not_last_longer() {
    let mut desk = Desk::new();
    let claims = |need| {
        move |request: &mut LeaseRequest| {
            request.need = need;
            (request.claim, request.claim_until) = (5, FIRST + 2 * LENGTH);
        }
    };
    desk.ask(3, needs(5));
    assert_eq!(desk.ask(1, needs(5)).until, FIRST + 2 * LENGTH);
    desk.turn();
    let reply = desk.ask(1, claims(8));
    assert_eq!((reply.share, reply.until), (8, FIRST + 2 * LENGTH));
}

#[test]
fn ledger_without_memory_lends_nothing_while_no_limit_is_known() {
    let mut desk = Desk::new();
    let unlimited = |request: &mut LeaseRequest| {
        claims(20, 3)(request);
        request.limit = 0;
    };
    desk.ask(1, unlimited);
    desk.turn();
    assert!(desk.ask(1, unlimited).quiet);
}
