//! Windows, limits, and the server's clock.

use intercom_pace::fleet::{LeaseRequest, LeaseStatus};

use super::peers::{FIRST, LENGTH};
use super::{Desk, LIMIT, needs, wants};

#[test]
fn newcomers_take_turns_to_look_until_one_knows_the_window() {
    let mut desk = Desk::new();
    let cold = |request: &mut LeaseRequest| (request.window, request.need) = (0, 5);
    assert_eq!(desk.ask(1, cold).status, LeaseStatus::Probe);
    assert_eq!(desk.ask(2, cold).status, LeaseStatus::Wait);
    desk.now += 1_000_000;
    assert_eq!(desk.ask(2, cold).status, LeaseStatus::Probe);
    assert_eq!(desk.ask(3, cold).status, LeaseStatus::Wait);

    // The member that looked knows the window now, and the others learn it.
    let reply = desk.ask(2, |request| (request.hold, request.need) = (1, 5));
    assert_eq!((reply.status, reply.members), (LeaseStatus::Ok, 3));
    let reply = desk.ask(3, cold);
    assert_eq!(
        (reply.window, reply.length, reply.limit),
        (FIRST, LENGTH, LIMIT)
    );
    assert_eq!(reply.share, 5);
}

#[test]
fn newcomer_learns_the_servers_time_and_a_window_that_has_begun_since() {
    let mut desk = Desk::new();
    let server = 1000 * (FIRST - 4000);
    desk.ask(1, |request| request.server_at_least = server);
    let ahead = server - desk.now;
    // Many contacts do not make the bound worse than the drift of the clocks.
    for _ in 0..3000 {
        let less = desk.now + ahead - 1_000_000;
        desk.ask(1, |request| request.server_at_least = less);
    }
    let cold = |request: &mut LeaseRequest| request.window = 0;
    let reply = desk.ask(2, cold);
    assert_eq!(reply.window, FIRST);
    assert_eq!(desk.now + ahead - reply.server_at_least, 3_001_000 / 2000);

    desk.now += 1_400_000;
    let reply = desk.ask(3, cold);
    assert_eq!(
        (reply.status, reply.window),
        (LeaseStatus::Ok, FIRST + LENGTH)
    );
}

#[test]
fn clock_that_was_set_is_learnt_anew() {
    let mut desk = Desk::new();
    let server = 1000 * FIRST - 9_000_000;
    desk.ask(1, |request| request.server_at_least = server);
    // The ledger's clock jumps ahead: the bound is too good to be true.
    desk.now += 15_000_000;
    let reply = desk.ask(1, |request| request.server_at_least = server + 1_000_000);
    assert_eq!(reply.server_at_least, server + 1_000_000);
    // A member that knows little does not make the bound worse.
    let reply = desk.ask(2, |request| request.server_at_least = server);
    assert!(reply.server_at_least > server + 1_000_000);
}

#[test]
fn member_of_an_older_response_does_not_bring_back_the_old_limit() {
    let mut desk = Desk::new();
    desk.ask(1, |request| request.limit = 160);
    desk.turn();
    assert_eq!(desk.ask(1, |request| request.limit = 80).limit, 80);
    let reply = desk.ask(2, |request| {
        (request.limit, request.limit_window) = (160, FIRST)
    });
    assert_eq!((reply.limit, reply.limit_window), (80, FIRST + LENGTH));
}

#[test]
fn member_is_forgotten_after_six_windows() {
    let mut desk = Desk::new();
    desk.ask(1, needs(5));
    for known in [2, 2, 2, 2, 2, 1] {
        desk.turn();
        desk.ask(2, needs(0));
        assert_eq!(desk.ledger.members().count(), known);
    }
}

#[test]
fn other_length_of_windows_is_a_conflict_until_the_ledger_is_abandoned() {
    let mut desk = Desk::new();
    desk.ask(1, needs(5));
    let other = |request: &mut LeaseRequest| request.length = 2 * LENGTH;
    assert_eq!(desk.ask(2, other).status, LeaseStatus::Conflict);
    // A newcomer adopts the length of the ledger.
    let cold = |request: &mut LeaseRequest| (request.window, request.length) = (0, 2 * LENGTH);
    assert_eq!(desk.ask(3, cold).length, LENGTH);
    desk.now += 4001 * LENGTH;
    let reply = desk.ask(2, other);
    assert_eq!((reply.status, reply.length), (LeaseStatus::Ok, 2 * LENGTH));
    assert_eq!(desk.ledger.members().count(), 1);
}

#[test]
fn limit_that_no_header_shows_is_kept_and_tried_again() {
    let mut desk = Desk::new();
    desk.ask(1, |request| request.hidden = 100);
    assert_eq!((desk.ledger.quota(), desk.ledger.limit()), (97, LIMIT));
    // Another member saw more of the same window.
    desk.ask(2, |request| request.hidden = 110);
    assert_eq!(desk.ledger.quota(), 106);
    for quota in [106, 109, 112] {
        desk.turn();
        let reply = desk.ask(1, needs(0));
        assert_eq!((desk.ledger.quota(), reply.limit), (quota, LIMIT));
    }
    for _ in 0..20 {
        desk.turn();
        desk.ask(1, needs(0));
    }
    assert_eq!(desk.ledger.quota(), LIMIT);
}

#[test]
fn member_that_has_forgotten_the_window_keeps_no_share_beyond_its_end() {
    let mut desk = Desk::new();
    desk.ask(1, wants(0, 0));
    desk.turn();
    desk.turn();
    desk.ask(2, needs(0));
    assert_eq!(desk.ledger.shares(), LIMIT - 2);
    // The ledger is silent for long, and the member needs nothing now.
    desk.now += 3000 * LENGTH;
    let reply = desk.ask(1, |request| request.window = 0);
    assert_eq!(reply.status, LeaseStatus::Probe);
    assert_eq!((desk.ledger.shares(), desk.share(1)), (0, 0));
}
