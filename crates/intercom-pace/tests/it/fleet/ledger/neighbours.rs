//! Clients outside the fleet.

use intercom_pace::fleet::{LeaseReply, LeaseRequest, Slack};

use super::peers::{FIRST, LENGTH};
use super::{Desk, LIMIT, closed, wants};

/// Windows in which a member holds all, and others use so much of each. Returns the reply after the last one.
fn meets(desk: &mut Desk, others: &[i64]) -> LeaseReply {
    let mut reply = LeaseReply::default();
    for &others in others {
        desk.ask(1, |request| request.hold = 100);
        let window = desk.window;
        desk.turn();
        reply = desk.ask(1, closed(window, 40, 60 + others));
    }
    reply
}

#[test]
fn slots_are_left_to_a_client_outside_the_fleet() {
    let mut desk = Desk::new();
    // The ledger does not judge its first window.
    meets(&mut desk, &[50]);
    assert_eq!(desk.ledger.ghost(), 0);
    let reply = meets(&mut desk, &[30]);
    assert_eq!((desk.ledger.ghost(), reply.gentle), (30, false));
    // The largest of three windows counts.
    meets(&mut desk, &[12, 0]);
    assert_eq!(desk.ledger.ghost(), 30);
    meets(&mut desk, &[10]);
    assert_eq!(desk.ledger.ghost(), 12);
    // A window that was used up does not show all that the client wants.
    meets(&mut desk, &[100]);
    assert_eq!(desk.ledger.ghost(), LIMIT / 2);
    desk = Desk::new();
    meets(&mut desk, &[0]);
    desk.ask(1, |request| request.hold = 120);
    let window = desk.window;
    desk.turn();
    desk.ask(1, closed(window, 0, LIMIT));
    assert_eq!(desk.ledger.ghost(), 40 + 40 / 4 + LIMIT / 64);
}

#[test]
fn fleet_is_gentle_to_a_client_that_takes_little_in_most_windows() {
    let mut desk = Desk::new();
    assert!(!meets(&mut desk, &[0, 10]).gentle);
    assert!(meets(&mut desk, &[10]).gentle);
    assert!(!meets(&mut desk, &[0, 0]).gentle);
}

#[test]
fn holds_that_the_ledger_did_not_know_are_no_neighbour() {
    let mut desk = Desk::new();
    desk.ask(1, |request| {
        (request.claim, request.claim_until, request.hold) = (10, FIRST + LENGTH, 10);
    });
    for _ in 0..4 {
        let window = desk.window;
        desk.turn();
        desk.ask(1, closed(window, 0, LIMIT));
        assert_eq!(desk.ledger.ghost(), 0);
    }
}

#[test]
fn one_member_looks_whether_an_absent_client_has_left_its_slots() {
    let mut desk = Desk::new();
    meets(&mut desk, &[0, 100, 100]);
    // 80 slots are the client's. Half of the window has passed, and it took none, as far as was seen long ago.
    let late = |hold, phase| {
        move |request: &mut LeaseRequest| {
            wants(hold, 20)(request);
            (request.phase, request.used_phase) = (phase, 100);
        }
    };
    desk.ask(1, |request| request.hold = 70);
    let reply = desk.ask(2, late(10, 790));
    assert_eq!((reply.look, reply.hold), (true, 11));
    let reply = desk.ask(3, late(0, 790));
    assert_eq!(
        (reply.look, reply.hold, reply.slack),
        (false, 0, Slack::Late)
    );
    let reply = desk.ask(3, late(0, 950));
    assert_eq!((reply.look, reply.hold), (true, 1));
    // Who has just looked gets more.
    let reply = desk.ask(2, |request| {
        wants(11, 20)(request);
        (request.phase, request.used_phase) = (950, 949);
    });
    assert!(reply.hold > 12 && !reply.look);
}
