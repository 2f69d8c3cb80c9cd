//! The ledger's invariants, whatever its members and the network do.

use intercom_pace::fleet::{ClosedWindow, LeaseRequest, LeaseStatus, Ledger};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, prop_assert, prop_assert_eq, proptest};

use super::peers::{FIRST, Fleet, LENGTH, Step, Wish, forgetful, rough, wish};

/// The sums are those of the members, and nothing is negative.
fn check_sums(ledger: &Ledger) {
    let sum = |of: fn(i64, i64) -> i64| {
        ledger.members().fold((0, 0), |(holds, shares), lease| {
            (of(holds, lease.hold), of(shares, lease.share))
        })
    };
    let (holds, shares) = sum(|sum, part| sum + part);
    assert_eq!((ledger.holds(), ledger.shares()), (holds, shares));
    for lease in ledger.members() {
        assert!(lease.hold >= 0 && lease.share >= 0, "{lease:?}");
    }
    let numbers = [
        ledger.ghost(),
        ledger.quota(),
        ledger.used(),
        ledger.limit(),
    ];
    assert!(numbers.iter().all(|number| *number >= 0), "{numbers:?}");
}

/// No window is promised to more requests than the limit admits.
fn check_windows(fleet: &Fleet) {
    let last = fleet.window().max(fleet.ledger.window());
    for windows in -4..=4 {
        let window = last + windows * LENGTH;
        let committed = fleet.committed(window);
        assert!(
            committed <= fleet.limit,
            "{committed} of {} in {windows}",
            fleet.limit
        );
    }
}

proptest! {
    /// Invariants 1 and 3: messages may be lost, late, repeated and in any order.
    #[test]
    fn no_window_is_given_away_twice(
        limit in prop_oneof![1_i64..10, 10_i64..200],
        peers in 1_usize..9,
        reserve in prop_oneof![3 => 0_i64..1, 1 => 0_i64..500],
        steps in collection::vec(rough(), 1..200),
    ) {
        let mut fleet = Fleet::new(limit, peers, reserve);
        for step in &steps {
            let (window, holds) = (fleet.ledger.window(), fleet.ledger.holds());
            fleet.step(step);
            check_sums(&fleet.ledger);
            check_windows(&fleet);
            let ledger = &fleet.ledger;
            let outside = (ledger.used() - ledger.holds()).max(0);
            let before = if ledger.window() == window { holds } else { 0 };
            prop_assert!(ledger.holds() <= before.max(limit - outside));
            prop_assert!(ledger.shares() <= limit);
            prop_assert_eq!(ledger.ghost(), 0);
        }
    }

    /// Invariant 4: the ledger may lose its memory at any time, if a member with a lease is the first to speak.
    #[test]
    fn lost_memory_gives_no_window_away_twice(
        limit in prop_oneof![1_i64..10, 10_i64..200],
        peers in 1_usize..9,
        steps in collection::vec(forgetful(), 1..200),
    ) {
        let mut fleet = Fleet::new(limit, peers, 0);
        for step in &steps {
            fleet.step(step);
            check_sums(&fleet.ledger);
            check_windows(&fleet);
        }
    }
}

/// A window in which all members hunger for more than there is: each asks early, and those without a slot ask again late.
fn hungry_window(fleet: &mut Fleet) {
    let hungry = |fleet: &mut Fleet, who| {
        fleet.time += 1;
        fleet.talk(
            who,
            Wish {
                want: 1,
                need: 1000,
                hungry: true,
                back: 0,
            },
        );
        fleet.step(&Step::Use(who, 1000));
    };
    let start = fleet.window() - LENGTH;
    fleet.time = start + LENGTH / 20;
    (0..fleet.peers.len()).for_each(|who| hungry(fleet, who));
    fleet.time = start + LENGTH * 3 / 4;
    for who in 0..fleet.peers.len() {
        if fleet.peers[who].hold == 0 {
            hungry(fleet, who);
        }
    }
    fleet.time = start + LENGTH;
}

proptest! {
    /// Invariant 8: the ledger's clock may be set at any time; leases do not depend on it.
    #[test]
    fn clock_that_is_set_changes_no_lease(
        limit in 1_i64..200,
        steps in collection::vec((0_usize..6, wish(), 200_i64..3000, -20_i64..20), 1..100),
    ) {
        let mut fleet = Fleet::new(limit, 6, 0);
        // All have a window, so that no one needs the time.
        for who in 0..6 {
            fleet.time += 2000;
            fleet.talk(who, steps[0].1);
        }
        let (mut other, mut set) = (fleet.ledger.clone(), 0);
        for (who, wish, passed, jump) in steps {
            fleet.time += passed;
            if jump.abs() > 15 {
                set += jump * 1_000_000_000;
            }
            let request = fleet.send(who, wish);
            let now = 1000 * fleet.time + set;
            let mut reply = other.ask(&request, now);
            let mut expected = fleet.deliver(&request);
            fleet.step(&Step::Reply(who));
            (reply.server_at_least, expected.server_at_least) = (0, 0);
            prop_assert_eq!(reply, expected);
        }
    }

    /// Invariant 9: windows never go back, an old window changes no hold, and one far ahead is refused while others speak.
    #[test]
    fn windows_never_go_back(
        steps in collection::vec((1_u64..5, -4_i64..8, 0_i64..40, 0_i64..1000), 1..100),
    ) {
        let mut ledger = Ledger::new();
        let (mut seq, mut time) = (0, 0);
        for (id, ahead, slots, passed) in steps {
            let window = if ledger.window() > 0 { ledger.window() } else { FIRST };
            (seq, time) = (seq + 1, time + 1000 * passed);
            let mut request = LeaseRequest::default();
            (request.id, request.seq, request.length) = (id, seq, LENGTH);
            (request.limit, request.limit_window) = (100, window);
            request.window = window + ahead * LENGTH / 2;
            (request.hold, request.want, request.need) = (slots, slots, slots);
            let held = |ledger: &Ledger| {
                let lease = ledger.members().find(|lease| lease.id == id);
                lease.map_or(0, |lease| lease.hold)
            };
            let before = held(&ledger);
            let open = ledger.window();
            let known = open > 0;
            let reply = ledger.ask(&request, time);
            prop_assert!(ledger.window() >= open);
            if known && ahead < 0 {
                prop_assert_eq!(held(&ledger), before);
            }
            prop_assert_eq!(reply.status == LeaseStatus::Conflict, known && ahead > 5);
        }
    }

    /// Invariant 10: members that hunger alike get alike, and none waits for long.
    #[test]
    fn equal_hunger_gets_equal_shares(peers in 1_usize..40, limit in prop_oneof![1_i64..20, 20_i64..300]) {
        let mut fleet = Fleet::new(limit, peers, 0);
        // At most eight hungry members leave a reserve to those that call rarely.
        let reserve = if peers > 8 { 0 } else { (limit / 64).max(1).min(limit / 2) };
        let slots = limit - reserve;
        let longest = 2 * ((peers as i64 + slots - 1) / slots) + 3;
        let mut waited = vec![0; peers];
        for window in 0..50 {
            hungry_window(&mut fleet);
            check_windows(&fleet);
            for (peer, waited) in fleet.peers.iter().zip(&mut waited) {
                *waited = if peer.hold > 0 { 0 } else { *waited + 1 };
                prop_assert!(*waited <= longest, "waits for more than {longest} windows");
            }
            let shares: Vec<_> = fleet.ledger.members().map(|lease| lease.share).collect();
            let (least, most) = (shares.iter().min(), shares.iter().max());
            if window > 4 && slots >= peers as i64 {
                prop_assert!(most.unwrap() - least.unwrap() <= 1, "{shares:?}");
            }
        }
    }

    /// Invariant 12, and what holds for any request: no panic, true sums, and a reply that a member can follow.
    #[test]
    fn any_request_has_a_plausible_reply(asks in collection::vec(any_ask(), 1..60)) {
        let (mut ledger, mut again) = (Ledger::new(), Ledger::new());
        for (request, now) in asks {
            let reply = ledger.ask(&request, now);
            prop_assert!(reply.is_plausible(), "{reply:?}");
            check_sums(&ledger);
            prop_assert_eq!(again.ask(&request, now), reply);
        }
    }
}

fn number() -> impl Strategy<Value = i64> {
    let near = (-3_i64..12).prop_map(|windows| FIRST + windows * LENGTH);
    prop_oneof![4 => 0_i64..50, 2 => near, 1 => -5_i64..2000, 1 => any::<i64>()]
}

fn any_ask() -> impl Strategy<Value = (LeaseRequest, i64)> {
    let numbers = collection::vec(number(), 24);
    let window =
        prop_oneof![1 => 0_i64..1, 8 => (0_i64..12).prop_map(|ahead| FIRST + ahead * LENGTH)];
    (0_u64..4, window, numbers, any::<[bool; 4]>()).prop_map(|(id, window, numbers, flags)| {
        let mut request = LeaseRequest::default();
        (request.id, request.window, request.length) = (id, window, LENGTH);
        [request.hungry, request.fallback, request.bye, _] = flags;
        let [unused, used, _, closed, rest @ ..] = &numbers[..] else {
            unreachable!()
        };
        request.closed = vec![ClosedWindow::new(*closed, *unused, *used)];
        let fields = [
            &mut request.seq,
            &mut request.limit,
            &mut request.limit_window,
            &mut request.hold,
            &mut request.want,
            &mut request.need,
            &mut request.claim,
            &mut request.claim_until,
            &mut request.used,
            &mut request.used_phase,
            &mut request.phase,
            &mut request.server_at_least,
            &mut request.hidden,
            &mut request.reserve,
            &mut request.keep_max,
        ];
        for (field, number) in fields.into_iter().zip(rest) {
            *field = *number;
        }
        if flags[3] {
            request.seq = rest[19].saturating_abs();
        }
        (request, rest[18])
    })
}
