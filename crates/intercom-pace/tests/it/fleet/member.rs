//! What one member does: joining, renewing, falling back and coming back.

use core::time::Duration;

use intercom_errors::RateLimit;
use intercom_pace::fleet::{Change, LeaseReply, LeaseRequest, LeaseStatus, Member, Next, Slack};
use intercom_pace::{Admit, Admitter as _, Answer, PacerSettings, Seen};

use super::changes;
use crate::pacer::model::{EPOCH, at, rate_limit};

/// The end of the first window, in milliseconds.
const FIRST: i64 = (EPOCH as i64 + 10) * 1000;

const LIMIT: u32 = 100;

fn member() -> Member {
    Member::new(PacerSettings::default(), 7)
}

fn asks(member: &mut Member, waiting: usize, seconds: f64) -> LeaseRequest {
    match member.next(waiting, &at(seconds)) {
        Next::Ask(request) => request,
        Next::Rest(wait) => panic!("rests for {wait:?} at {seconds}"),
    }
}

fn granted(request: &LeaseRequest, hold: i64, share: i64, windows: i64) -> LeaseReply {
    let mut reply = LeaseReply::default();
    reply.seq = request.seq;
    reply.window = request.window.max(FIRST);
    reply.length = 10_000;
    reply.limit = i64::from(LIMIT);
    reply.limit_window = reply.window;
    (reply.hold, reply.share) = (hold, share);
    reply.until = reply.window + windows * 10_000;
    reply.members = 2;
    reply.server_at_least = (EPOCH as i64 + 3) * 1_000_000;
    reply
}

/// A member with this reply to its first request, which grants nothing unless it is changed.
fn replied(change: impl FnOnce(&mut LeaseReply)) -> Member {
    let mut member = member();
    let request = asks(&mut member, 1, 3.0);
    let mut reply = granted(&request, 0, 0, 0);
    change(&mut reply);
    member.replied(&reply, &at(3.0));
    member
}

/// A member that holds so many slots of the window that is open at 3 s, and of so many windows after it.
fn leased(hold: i64, share: i64, windows: i64) -> Member {
    let mut member = replied(|reply| {
        (reply.hold, reply.share) = (hold, share);
        reply.until = FIRST + windows * 10_000;
    });
    assert_eq!(
        member.take_change(),
        Some(Change::Joined {
            hold: hold as u32,
            share: share as u32
        })
    );
    member
}

fn goes(member: &mut Member, seconds: f64) -> Option<u64> {
    match member.admit(&at(seconds)) {
        Admit::Go(place) => Some(place),
        Admit::Wait(_) => None,
    }
}

/// Sends and answers requests until the member refuses one; returns how many went.
fn spend(member: &mut Member, seconds: f64, window: i64) -> u32 {
    let mut gone = 0;
    let mut time = seconds;
    while time < seconds + 4.0 {
        if let Some(place) = goes(member, time) {
            let date = EPOCH + time;
            let headers = rate_limit(LIMIT, LIMIT - gone, (window / 1000) as u64, date as u64);
            let answer = Answer::new(headers, 200);
            member.settle(place, Seen::Responded(&answer), &at(time));
            gone += 1;
        }
        time += 0.01;
    }
    gone
}

#[test]
fn newcomer_takes_window_limit_and_lease_from_one_reply() {
    let mut member = leased(12, 10, 2);
    assert_eq!(member.lease(), Some((12, 10)));
    let gauge = member.gauge(&at(3.0));
    assert_eq!(gauge.limit(), Some(LIMIT));
    assert_eq!(
        gauge.window_end().map(|end| end.as_secs() as i64 * 1000),
        Some(FIRST)
    );
    // One request shows that the window is as the ledger says.
    assert!(goes(&mut member, 3.0).is_some());
    assert!(goes(&mut member, 3.0).is_none());
}

#[test]
fn lease_is_used_to_its_last_slot_and_no_further() {
    let mut member = leased(12, 10, 2);
    assert_eq!(spend(&mut member, 3.0, FIRST), 12);
}

/// Sends a request and answers it, if the member lets it go.
fn calls(member: &mut Member, seconds: f64) -> bool {
    let Some(place) = goes(member, seconds) else {
        return false;
    };
    let end = (EPOCH + seconds) as u64 / 10 * 10 + 10;
    let headers = rate_limit(LIMIT, LIMIT - 1, end, (EPOCH + seconds) as u64);
    let answer = Answer::new(headers, 200);
    member.settle(place, Seen::Responded(&answer), &at(seconds));
    true
}

#[test]
fn newcomer_without_a_share_of_the_next_window_sends_nothing_in_the_last_second() {
    let mut member = leased(12, 0, 0);
    assert!(calls(&mut member, 3.0));
    assert!(!calls(&mut member, 9.5));
    let mut member = leased(12, 2, 1);
    assert!(calls(&mut member, 3.0));
    assert!(calls(&mut member, 9.5));
}

#[test]
fn member_that_calls_rarely_sends_in_the_last_second_without_a_share() {
    // One with these requests earlier in the window.
    let late = |earlier: &[f64]| {
        let mut member = leased(12, 0, 0);
        assert!(calls(&mut member, 3.0));
        assert!(!calls(&mut member, 11.0));
        let request = asks(&mut member, 1, 12.0);
        assert_eq!(request.window, FIRST + 10_000);
        member.replied(&granted(&request, 12, 0, 0), &at(12.0));
        for seconds in earlier {
            assert!(calls(&mut member, *seconds));
        }
        // Nothing is answered before the turn.
        let sent = [19.3, 19.5, 19.7].map(|seconds| goes(&mut member, seconds).is_some());
        sent.into_iter().filter(|sent| *sent).count()
    };
    assert_eq!(late(&[13.0]), 1);
    assert_eq!(late(&[13.0, 15.0]), 0);
}

#[test]
fn share_of_the_next_window_holds_without_a_word_from_the_ledger() {
    let mut member = leased(12, 10, 2);
    spend(&mut member, 3.0, FIRST);
    assert_eq!(spend(&mut member, 12.0, FIRST + 10_000), 10);
    assert_eq!(member.lease(), Some((10, 10)));
}

#[test]
fn member_asks_for_more_when_its_slots_are_used_and_calls_wait() {
    let mut member = leased(12, 10, 2);
    spend(&mut member, 3.0, FIRST);
    assert!(member.wants_attention(5, &at(7.2)) || goes(&mut member, 7.2).is_none());
    let request = asks(&mut member, 5, 7.5);
    assert_eq!((request.hold, request.want), (12, 12));
    let mut more = granted(&request, 17, 10, 2);
    more.slack = Slack::None;
    member.replied(&more, &at(7.5));
    assert_eq!(member.lease(), Some((17, 10)));
    assert!(
        core::iter::from_fn(|| member.take_change())
            .any(|change| change == Change::Granted { slots: 5 })
    );
    // A waiting call goes at once.
    assert!(goes(&mut member, 7.5).is_some());
}

#[test]
fn ledger_that_never_answers_delays_a_call_by_its_time_out_alone() {
    let mut member = member();
    assert!(goes(&mut member, 3.0).is_none());
    asks(&mut member, 1, 3.0);
    assert!(goes(&mut member, 3.2).is_none());
    // The time-out has passed when the driver looks again.
    assert!(matches!(member.next(1, &at(3.26)), Next::Rest(Some(_))));
    assert!(goes(&mut member, 3.26).is_some());
}

#[test]
fn driver_that_hangs_delays_a_call_by_the_time_out_alone() {
    let mut member = member();
    asks(&mut member, 1, 3.0);
    assert!(goes(&mut member, 3.24).is_none());
    assert!(goes(&mut member, 3.26).is_some());
}

#[test]
fn member_without_a_driver_paces_on_its_own() {
    let mut member = member();
    assert!(goes(&mut member, 3.0).is_none());
    assert!(goes(&mut member, 3.3).is_some());
}

#[test]
fn lease_lasts_to_its_end_when_the_ledger_is_lost_and_then_the_member_paces_on_its_own() {
    let mut member = leased(12, 10, 1);
    spend(&mut member, 3.0, FIRST);
    member.failed(&at(7.5));
    assert_eq!(member.take_change(), Some(Change::LostLedger));
    assert_eq!(member.lease(), Some((12, 10)));
    assert_eq!(spend(&mut member, 12.0, FIRST + 10_000), 10);
    assert_eq!(member.take_change(), None);
    // The next window is not covered.
    spend(&mut member, 22.0, FIRST + 20_000);
    assert_eq!(member.lease(), None);
    assert_eq!(member.take_change(), Some(Change::FellBack));
    // It takes a tenth of the limit, as it did with the lease.
    assert!((member.gauge(&at(26.1)).share() - 0.1).abs() < 0.01);
}

/// A member that asked with so many calls waiting, got ten slots of every window up to the second, and hears no more.
fn cut_off_after_two_windows(waiting: usize) -> Member {
    let mut member = member();
    let request = asks(&mut member, waiting, 3.0);
    assert_eq!(request.hungry, waiting >= 4);
    member.replied(&granted(&request, 12, 10, 1), &at(3.0));
    spend(&mut member, 3.0, FIRST);
    member.failed(&at(7.5));
    assert_eq!(spend(&mut member, 12.0, FIRST + 10_000), 10);
    changes(&mut member);
    member
}

#[test]
fn hungry_member_uses_an_expired_share_for_one_more_window_because_the_ledger_keeps_it() {
    let mut member = cut_off_after_two_windows(9);
    // Less the slot that may have moved to another member.
    assert_eq!(spend(&mut member, 22.0, FIRST + 20_000), 9);
    assert_eq!(member.lease(), Some((9, 0)));
    assert_eq!(member.take_change(), None);
    // If the ledger is back in this window, the member claims the share, and a ledger that has lost its memory grants it.
    let request = asks(&mut member.clone(), 9, 27.0);
    assert_eq!(request.claim, 9);
    assert_eq!(request.claim_until, FIRST + 20_000);

    spend(&mut member, 32.0, FIRST + 30_000);
    assert_eq!(member.lease(), None);
    assert_eq!(member.take_change(), Some(Change::FellBack));
}

#[test]
fn expired_share_of_a_member_that_was_not_hungry_is_not_used() {
    let mut member = cut_off_after_two_windows(1);
    spend(&mut member, 22.0, FIRST + 20_000);
    assert_eq!(member.lease(), None);
}

#[test]
fn expired_share_is_not_used_if_the_ledger_may_have_heard_that_the_member_is_not_hungry() {
    let mut member = cut_off_after_two_windows(9);
    // This request may have arrived, although there is no reply.
    assert!(!asks(&mut member, 0, 17.5).hungry);
    member.failed(&at(17.6));
    spend(&mut member, 22.0, FIRST + 20_000);
    assert_eq!(member.lease(), None);
}

#[test]
fn share_that_ends_at_the_turn_is_used_on_as_soon_as_the_ledger_turns_out_to_be_gone() {
    let mut member = member();
    let request = asks(&mut member, 9, 3.0);
    let mut reply = granted(&request, 12, 10, 0);
    reply.slack = Slack::Late;
    member.replied(&reply, &at(3.0));
    spend(&mut member, 3.0, FIRST);
    let request = asks(&mut member, 9, 9.8);
    assert!(request.hungry);
    member.replied(&granted(&request, 12, 10, 0), &at(9.8));
    // Between this reply and the turn, the ledger goes away.
    assert!(asks(&mut member, 9, 10.8).hungry);
    assert_eq!(member.lease(), Some((0, 0)));
    member.failed(&at(10.9));
    assert_eq!(member.lease(), Some((9, 0)));
    assert_eq!(spend(&mut member, 10.9, FIRST + 10_000), 9);
}

#[test]
fn member_has_a_lease_again_at_the_first_reply() {
    let mut member = leased(12, 10, 0);
    spend(&mut member, 3.0, FIRST);
    asks(&mut member, 5, 7.5);
    member.failed(&at(7.8));
    spend(&mut member, 12.0, FIRST + 10_000);
    changes(&mut member);
    let request = asks(&mut member, 5, 17.0);
    assert!(request.fallback && request.claim == 0);
    member.replied(&granted(&request, request.hold + 5, 20, 2), &at(17.0));
    assert!(matches!(
        member.take_change(),
        Some(Change::Rejoined { share: 20, .. })
    ));
}

#[test]
fn reply_to_an_earlier_request_changes_nothing() {
    let mut member = leased(12, 10, 2);
    let late = {
        let mut reply = granted(&LeaseRequest::default(), 99, 99, 9);
        reply.seq = 1;
        reply
    };
    spend(&mut member, 3.0, FIRST);
    let request = asks(&mut member, 5, 7.5);
    member.replied(&late, &at(7.5));
    assert_eq!(member.lease(), Some((12, 10)));
    // The true reply still counts.
    member.replied(&granted(&request, 13, 10, 2), &at(7.6));
    assert_eq!(member.lease(), Some((13, 10)));
}

#[test]
fn idle_member_returns_what_it_does_not_use_and_then_says_nothing() {
    let mut member = leased(40, 40, 2);
    // No call waits, and nothing was used: the slots go back once.
    let request = asks(&mut member, 0, 5.0);
    assert_eq!((request.hold, request.need), (2, 0));
    let mut reply = granted(&request, 2, 0, 0);
    reply.until = 0;
    member.replied(&reply, &at(5.0));
    let mut asked = 0;
    let mut time = 5.0;
    while time < 120.0 {
        if let Next::Ask(request) = member.next(0, &at(time)) {
            asked += 1;
            let hold = request.hold;
            let mut reply = granted(&request, hold, 0, 0);
            reply.window = request.window;
            member.replied(&reply, &at(time));
        }
        time += 0.1;
    }
    assert!(asked <= 1, "{asked} messages");
}

#[test]
fn conflict_is_tried_again_two_seconds_later() {
    let mut member = member();
    let request = asks(&mut member, 1, 3.0);
    let mut reply = granted(&request, 0, 0, 0);
    reply.status = LeaseStatus::Conflict;
    member.replied(&reply, &at(3.0));
    assert!(goes(&mut member, 3.0).is_some());
    let Next::Rest(Some(wait)) = member.next(1, &at(3.0)) else {
        panic!("asks at once");
    };
    assert!(wait >= Duration::from_secs(2));
}

#[test]
fn bye_gives_back_all_that_is_not_used() {
    let mut member = leased(12, 10, 2);
    spend(&mut member, 3.0, FIRST);
    let request = member.bye(&at(7.5));
    assert!(request.bye && request.need == 0 && request.want == 0);
    assert_eq!(request.hold, 12);
}

#[test]
fn bye_of_a_member_in_need_asks_for_nothing() {
    let mut member = replied(|reply| {
        (reply.hold, reply.share, reply.slack) = (12, 10, Slack::None);
        reply.until = FIRST + 40_000;
    });
    for window in 0..3 {
        let start = 3.0 + 10.0 * f64::from(window);
        spend(&mut member, start, FIRST + 10_000 * i64::from(window));
    }
    let request = member.bye(&at(28.0));
    assert_eq!((request.need, request.want, request.hungry), (0, 0, false));
}

#[test]
fn member_with_few_of_many_slots_left_asks_for_more_if_there_are_any() {
    // Of 200 slots, this many are left.
    let asks_again = |left: u32, free: i64| {
        let mut member = replied(|reply| {
            (reply.hold, reply.share, reply.until) = (200, 200, FIRST + 30_000);
            (reply.limit, reply.free) = (400, free);
        });
        let mut seconds = 3.0;
        let mut used = 0;
        while used < 200 - left {
            if let Some(place) = goes(&mut member, seconds) {
                used += 1;
                let date = (EPOCH + seconds) as u64;
                let headers = rate_limit(400, 400 - used, (FIRST / 1000) as u64, date);
                let answer = Answer::new(headers, 200);
                member.settle(place, Seen::Responded(&answer), &at(seconds));
            }
            seconds += 0.01;
            assert!(seconds < 9.0, "{used} at {seconds}");
        }
        matches!(member.next(10, &at(seconds)), Next::Ask(_))
    };
    assert!(asks_again(3, 1));
    assert!(!asks_again(3, 0));
    assert!(!asks_again(4, 1));
}

#[test]
fn member_that_learnt_nothing_from_its_look_asks_again() {
    let mut member = replied(|reply| {
        (reply.hold, reply.share, reply.until) = (1, 1, FIRST + 10_000);
        (reply.look, reply.slack) = (true, Slack::Now);
    });
    let place = goes(&mut member, 3.0).unwrap();
    assert!(matches!(member.next(2, &at(3.1)), Next::Rest(_)));
    let answer = Answer::new(RateLimit::default(), 200);
    member.settle(place, Seen::Responded(&answer), &at(3.2));
    assert!(matches!(member.next(2, &at(3.2)), Next::Ask(_)));
}

#[test]
fn member_that_waits_for_another_to_learn_the_window_asks_again_after_a_pause() {
    let mut member = replied(|reply| reply.status = LeaseStatus::Wait);
    let Next::Rest(Some(wait)) = member.next(1, &at(3.0)) else {
        panic!("asks at once");
    };
    assert!((200..=301).contains(&wait.as_millis()), "{wait:?}");
    asks(&mut member, 1, 3.31);
}

#[test]
fn member_whose_request_came_too_late_asks_again_after_ten_milliseconds() {
    let mut member = replied(|reply| reply.status = LeaseStatus::Stale);
    let Next::Rest(Some(wait)) = member.next(1, &at(3.0)) else {
        panic!("asks at once");
    };
    assert_eq!(wait.as_millis(), 10);
    asks(&mut member, 1, 3.011);
}

#[test]
fn reply_is_late_after_exactly_the_time_out() {
    let mut member = member();
    asks(&mut member, 1, 3.0);
    assert!(matches!(member.next(1, &at(3.249)), Next::Rest(_)));
    assert_eq!(changes(&mut member), []);
    assert!(matches!(member.next(1, &at(3.25)), Next::Rest(_)));
    assert_eq!(changes(&mut member)[0], Change::LostLedger);
}

#[test]
fn driver_may_come_late_after_a_slow_reply() {
    let mut member = member();
    let request = asks(&mut member, 1, 3.0);
    member.replied(&granted(&request, 12, 10, 1), &at(3.2));
    assert_eq!(changes(&mut member).len(), 1);
    // Less than a second later.
    assert!(goes(&mut member, 4.15).is_some());
    assert_eq!(changes(&mut member), []);
}

#[test]
fn reply_without_a_window_or_the_time_opens_no_window() {
    let window = |member: Member| member.gauge(&at(3.0)).window_end();
    assert!(window(replied(|_| ())).is_some());
    assert_eq!(window(replied(|reply| reply.server_at_least = 0)), None);
    let without = |reply: &mut LeaseReply| (reply.window, reply.until) = (0, 0);
    assert_eq!(window(replied(without)), None);
}

#[test]
fn reply_without_a_limit_changes_none() {
    let mut member = leased(12, 10, 2);
    spend(&mut member, 3.0, FIRST);
    let request = asks(&mut member, 5, 7.5);
    let mut reply = granted(&request, 12, 10, 2);
    (reply.limit, reply.limit_window) = (0, FIRST + 10_000);
    member.replied(&reply, &at(7.5));
    assert_eq!(member.gauge(&at(7.5)).limit(), Some(LIMIT));
}

/// The clock of the ledger was wrong, so the lease is of another window than the one that the response names.
#[test]
fn member_that_loses_its_lease_and_its_ledger_paces_on_its_own() {
    let mut member = leased(12, 10, 0);
    let place = goes(&mut member, 3.0).unwrap();
    changes(&mut member);
    member.failed(&at(3.1));
    member.failed(&at(3.2));
    let headers = rate_limit(LIMIT, LIMIT - 1, EPOCH as u64 + 30, EPOCH as u64 + 20);
    let answer = Answer::new(headers, 200);
    member.settle(place, Seen::Responded(&answer), &at(3.3));
    let Admit::Wait(wait) = member.admit(&at(3.3)) else {
        panic!("goes at once");
    };
    assert_eq!(wait.as_millis(), 500);
    assert_eq!(changes(&mut member), [Change::LostLedger, Change::FellBack]);
}

/// A new limit changes the lease, so what is left over is known only after the reply.
#[test]
fn new_limit_is_reported_before_anything_is_returned() {
    let mut member = leased(80, 40, 3);
    let place = goes(&mut member, 3.0).unwrap();
    let headers = rate_limit(120, 119, (FIRST / 1000) as u64, EPOCH as u64 + 5);
    let answer = Answer::new(headers, 200);
    member.settle(place, Seen::Responded(&answer), &at(5.0));
    let request = asks(&mut member, 0, 5.0);
    assert_eq!((request.limit, request.hold), (120, 80));
}

#[test]
fn shares_of_long_windows_last_one_window() {
    let keep_max = |seconds| {
        let length = Duration::from_secs(seconds);
        let settings = PacerSettings::default().with_window(length);
        asks(&mut Member::new(settings, 7), 1, 3.0).keep_max
    };
    assert_eq!([29, 30].map(keep_max), [3, 1]);
}

#[test]
fn member_that_gets_nothing_says_little() {
    let mut member = leased(10, 10, 300);
    spend(&mut member, 3.0, FIRST);
    let (mut asked, mut most) = (0, 0);
    let mut window = FIRST;
    let mut time: f64 = 12.0;
    while time < 300.0 {
        let end = (EPOCH as i64 + (time as i64 / 10 + 1) * 10) * 1000;
        if end != window {
            (window, asked) = (end, 0);
            spend(&mut member, time, window);
            time += 4.0;
        }
        if let Next::Ask(request) = member.next(20, &at(time)) {
            asked += 1;
            most = most.max(asked);
            let mut reply = granted(&request, request.hold, 10, 300);
            (reply.window, reply.slack) = (request.window, Slack::Late);
            member.replied(&reply, &at(time));
        }
        time += 0.05;
    }
    assert!((1..=3).contains(&most), "{most} messages in a window");
}
