//! Searches for contacts that are split into spans of days.

use intercom_mock::MockServer;
use intercom_protocol::ApiRequest;
use intercom_protocol::walk::WalkErrorKind;
use proptest::prelude::*;
use serde_json::json;

use super::{World, all, assert_each_once, first, ids, stored};

const DAY: u64 = 86_400;

/// 2025-06-15, at midnight in UTC.
const FIRST: u64 = 1_749_945_600;

fn search() -> ApiRequest {
    let query = json!({ "field": "role", "operator": "=", "value": "user" });
    let body = json!({ "query": query, "pagination": { "per_page": 20 } });
    ApiRequest::post("/contacts/search").json(&body)
}

/// Contacts that were created at these times. Returns their ids in the order of creation.
fn with_contacts(minutes_east: i32, times: &[u64]) -> (World, Vec<String>) {
    let world = World::new(MockServer::builder().time_zone(minutes_east));
    let add = |at: &u64| {
        let contact = json!({ "email": format!("{at}@x.org"), "created_at": at });
        (*at, world.server.add_contact(contact))
    };
    let mut contacts: Vec<(u64, String)> = times.iter().map(add).collect();
    contacts.sort_by_key(|(at, _)| *at);
    let ids = contacts.into_iter().map(|(_, id)| id).collect();
    (world, ids)
}

/// 10 contacts a day.
fn evenly(days: u64) -> Vec<u64> {
    (0..days * 10).map(|n| FIRST + n * DAY / 10).collect()
}

#[test]
fn a_search_that_is_too_slow_as_a_whole_is_split_into_days() {
    let (world, wanted) = with_contacts(60, &evenly(40));
    world.server.set_slow_searches_above(Some(60));
    let mut walk = world.walk(search());
    assert_eq!(all(&mut walk), wanted);
    let report = walk.report();
    assert!(report.splits() > 3, "{report:?}");
    assert_eq!((report.duplicates(), report.items()), (0, 400));
}

#[test]
fn a_search_that_becomes_too_slow_goes_on_at_the_day_that_it_reached() {
    let (world, wanted) = with_contacts(-300, &evenly(40));
    world.server.set_slow_pages_behind(Some(90));
    let mut walk = world.walk(search());
    assert_eq!(all(&mut walk), wanted);
    let report = walk.report();
    assert!(report.splits() > 0, "{report:?}");
    // What was returned of the days at which the search was split.
    assert!(
        (1..10 * report.splits()).contains(&report.duplicates()),
        "{report:?}"
    );
    assert_eq!(
        (report.total_count(), report.difference()),
        (Some(400), Some(0))
    );
}

#[test]
fn a_split_search_goes_on_after_every_item_in_another_process() {
    let (world, wanted) = with_contacts(330, &evenly(12));
    world.server.set_slow_pages_behind(Some(30));
    for taken in (0..120).step_by(7) {
        let mut walk = world.walk(search());
        let mut got = first(&mut walk, taken);
        let checkpoint = stored(&walk.checkpoint());
        got.extend(all(&mut world.walk(search()).resume(&checkpoint)));
        assert_eq!(got, wanted, "{taken}");
    }
}

#[test]
fn a_day_that_is_too_slow_from_one_end_is_read_from_both() {
    let mut times = evenly(20);
    times.extend((0..80).map(|n| FIRST + 7 * DAY + n));
    let (world, wanted) = with_contacts(0, &times);
    world.server.set_slow_pages_behind(Some(60));
    let mut walk = world.walk(search());
    assert_each_once(all(&mut walk), wanted);
    assert_eq!(
        (walk.report().skipped(), walk.report().difference()),
        (0, Some(0))
    );
}

#[test]
fn a_day_that_does_not_fit_is_named() {
    let mut times = evenly(20);
    times.extend((0..150).map(|n| FIRST + 7 * DAY + n));
    let (world, wanted) = with_contacts(0, &times);
    world.server.set_slow_pages_behind(Some(60));
    let (got, error) = ids(&mut world.walk(search()));
    let error = error.unwrap();
    assert_eq!(
        (error.kind(), error.day()),
        (WalkErrorKind::Day, Some("2025-06-22"))
    );
    insta::assert_snapshot!(error, @"the contacts of 2025-06-22 cannot be read, and a search cannot be split below one day; add a condition to the search");
    // The day was read from both ends.
    assert!(got.len() > 70 + 2 * 60, "{}", got.len());
    world.server.set_slow_pages_behind(None);
    let rest = all(&mut world.walk(search()).resume(&stored(error.checkpoint())));
    assert_each_once([got, rest].concat(), wanted);
}

#[test]
fn an_unreadable_contact_of_a_search_is_named_with_its_neighbours_and_skipped_if_asked() {
    let (world, mut wanted) = with_contacts(0, &evenly(20));
    world.server.add_unreadable(&wanted[77]);
    let (got, error) = ids(&mut world.walk(search()));
    // Those behind it on the same day were read from the end of the day.
    assert_eq!(got[..77], wanted[..77]);
    assert_eq!(got[77..], [wanted[79].as_str(), &wanted[78]]);
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Unreadable, "{error:?}");
    let place = error.unreadable().unwrap();
    assert_eq!(place.index(), 77);
    assert_eq!(place.id_before(), Some(wanted[76].as_str()));
    assert_eq!(place.id_after(), Some(wanted[78].as_str()));
    assert!(place.can_be_skipped());

    let mut walk = world
        .walk(search())
        .resume(&stored(error.checkpoint()))
        .skip_unreadable();
    let rest = all(&mut walk);
    assert_eq!(rest, wanted[80..]);
    assert_eq!(
        (walk.report().skipped(), walk.report().difference()),
        (1, Some(0))
    );
    // Once the server is repaired, nothing needs to be skipped.
    world.server.clear_unreadable();
    let mut all_of_them = all(&mut world.walk(search()).resume(&stored(error.checkpoint())));
    all_of_them.extend(got);
    all_of_them.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(all_of_them, wanted);
}

#[test]
fn two_unreadable_contacts_on_a_day_are_not_skipped_because_others_may_be_between_them() {
    let (world, wanted) = with_contacts(0, &evenly(20));
    // Alone on its day.
    world.server.add_unreadable(&wanted[12]);
    world.server.add_unreadable(&wanted[72]);
    world.server.add_unreadable(&wanted[76]);
    let (got, error) = ids(&mut world.walk(search()).skip_unreadable());
    assert_eq!(got.len(), 74);
    let error = error.unwrap();
    assert_eq!(error.kind(), WalkErrorKind::Unreadable);
    let place = error.unreadable().unwrap();
    assert_eq!(
        (place.id_before(), place.id_after()),
        (Some(wanted[71].as_str()), Some(wanted[77].as_str()))
    );
    assert_eq!((place.index(), place.can_be_skipped()), (72, false));
}

#[test]
fn a_search_whose_order_the_server_ignores_is_not_split_where_contacts_could_be_missed() {
    let mut times = evenly(20);
    times.reverse();
    let (world, wanted) = with_contacts(0, &times);
    world.server.set_ignore_order(true);
    world.server.set_slow_pages_behind(Some(60));
    let (got, error) = ids(&mut world.walk(search()));
    let error = error.unwrap();
    assert!(got.len() < 200, "{error:?}");
    world.server.set_slow_pages_behind(None);
    let rest = all(&mut world.walk(search()).resume(&stored(error.checkpoint())));
    assert_each_once([got, rest].concat(), wanted);
}

#[test]
fn a_search_with_its_own_order_is_not_split() {
    let (world, _) = with_contacts(0, &evenly(20));
    world.server.set_slow_pages_behind(Some(60));
    let body = json!({
        "query": { "field": "role", "operator": "=", "value": "user" },
        "sort": { "field": "updated_at", "order": "descending" },
        "pagination": { "per_page": 20 },
    });
    let mut walk = world.walk(ApiRequest::post("/contacts/search").json(&body));
    let (_, error) = ids(&mut walk);
    assert_eq!(walk.report().splits(), 0);
    assert_eq!(error.unwrap().kind(), WalkErrorKind::Unreadable);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").map_or(16, |cases| cases.parse().unwrap())
    ))]

    /// Times that are equal, adjacent, or on both sides of midnight, in any time zone.
    #[test]
    fn no_contact_is_missed_or_comes_twice_at_the_end_of_a_day(
        zone in -12 * 60..=14 * 60,
        around in prop::collection::vec((0u64..30, -3i64..=3, 0u64..24, 1usize..6), 1..40),
        limit in 6usize..40,
        is_deep: bool,
        taken in 0usize..100,
    ) {
        let mut times = Vec::new();
        for (day, seconds, hour, ties) in around {
            let local = FIRST + day * DAY + hour / 12 * DAY;
            // Midnight in the time zone, or a full hour.
            let midnight = i64::try_from(local).unwrap() - i64::from(zone) * 60;
            let at = midnight + seconds + if hour % 2 == 0 { 0 } else { i64::try_from(hour).unwrap() * 3_600 };
            times.extend(std::iter::repeat_n(u64::try_from(at).unwrap(), ties));
        }
        let (world, mut wanted) = with_contacts(zone, &times);
        if is_deep {
            world.server.set_slow_pages_behind(Some(limit));
        } else {
            world.server.set_slow_searches_above(Some(limit));
        }
        let mut walk = world.walk(search());
        let mut got = Vec::new();
        let mut failed = None;
        for item in walk.by_ref().take(taken) {
            match item {
                Ok(item) => got.push(item.id),
                Err(error) => failed = Some(error),
            }
        }
        if failed.is_none() {
            let checkpoint = stored(&walk.checkpoint());
            let mut walk = world.walk(search()).resume(&checkpoint);
            let (rest, error) = ids(&mut walk);
            got.extend(rest);
            failed = error;
        }
        let complete = failed.is_none();
        if let Some(error) = failed {
            // A day with more contacts than the server can find.
            prop_assert_eq!(error.kind(), WalkErrorKind::Day, "{:?}", error);
            world.server.set_slow_pages_behind(None);
            world.server.set_slow_searches_above(None);
            got.extend(all(&mut world.walk(search()).resume(&stored(error.checkpoint()))));
        }
        got.sort_unstable();
        wanted.sort_unstable();
        prop_assert_eq!(got, wanted, "complete: {}", complete);
    }
}
