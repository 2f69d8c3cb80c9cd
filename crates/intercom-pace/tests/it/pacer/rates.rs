//! How fast the rest of a window is spent.

use intercom_pace::{Admit, Answer, Pacer, PacerSettings, Seen};

use super::model::{EPOCH, at, rate_limit};

const LIMIT: u32 = 160;

/// A pacer that has sent two requests in a window of ten seconds, knows the server's clock to a millisecond, and has seen so many
/// slots left at 3 s.
fn informed(remaining: u32) -> Pacer {
    let mut pacer = Pacer::new(PacerSettings::default());
    for (seconds, remaining) in [(0.999, LIMIT - 1), (3.0, remaining)] {
        // The first one also shows that the server's clock was not yet a second further.
        let place = std::iter::repeat_with(|| pacer.admit(&at(seconds)))
            .find_map(|admit| match admit {
                Admit::Go(place) => Some(place),
                Admit::Wait(_) => None,
            })
            .unwrap();
        let date = (EPOCH + seconds) as u64;
        let headers = rate_limit(LIMIT, remaining, EPOCH as u64 + 10, date);
        let answer = Answer::new(headers, 200);
        pacer.settle(place, Seen::Responded(&answer), &at(seconds));
    }
    pacer
}

/// Takes what may go at once, and then returns how many went and how many would go in each second.
fn rate(pacer: &mut Pacer, seconds: f64) -> (u32, f64) {
    for gone in 0..LIMIT {
        if let Admit::Wait(wait) = pacer.admit(&at(seconds)) {
            return (gone, 1.0 / wait.as_secs_f64());
        }
    }
    panic!("everything went at once");
}

/// Each value follows from what is left: slots that no request in flight has, and seconds until the turn.
fn assert_rate(remaining: u32, seconds: f64, expected: f64) {
    let (_, rate) = rate(&mut informed(remaining), seconds);
    assert!(
        (rate / expected - 1.0).abs() < 0.02,
        "{rate} instead of {expected}"
    );
}

/// The rest is spent a little before the turn, because the server's clock may be further than it seems.
#[test]
fn alone_it_spends_the_window_at_four_to_eight_times_the_even_rate() {
    assert_eq!(rate(&mut informed(158), 4.0).0, 10);
    let (even, slots) = (16.0, 147.0);
    for (seconds, expected) in [
        (4.0, 4.0 * even),
        (7.0, 4.0 * even),
        (8.0, slots / (2.0 - 0.3)),
        (8.4, slots / (1.6 - 0.3)),
        (9.5, 8.0 * even),
        (9.9, 8.0 * even),
    ] {
        assert_rate(158, seconds, expected);
    }
}

/// An even use would have taken 48 requests by now. Others sent at least 6: 13 are used if the last response has not counted its own,
/// and 7 of them are ours.
#[test]
fn beside_others_it_leaves_them_their_part_of_the_rest() {
    assert_eq!(rate(&mut informed(148), 4.0).0, 5);
    let (part, slots) = (1.0 - 6.0 / 48.0, 142.0);
    for (seconds, expected) in [
        (4.0, part * slots / (6.0 - 0.2)),
        (8.0, part * slots / (2.0 - 0.2)),
        (9.6, 8.0 * 16.0),
    ] {
        assert_rate(148, seconds, expected);
    }
}
