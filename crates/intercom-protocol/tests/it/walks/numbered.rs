//! Lists with page numbers.

use intercom_mock::MockServer;
use intercom_protocol::ApiRequest;
use intercom_protocol::walk::SeenIds;

use serde_json::json;

use super::{Trouble, World, all, assert_each_once, first, ids, items, parameter, stored};

fn companies() -> ApiRequest {
    ApiRequest::post("/companies/list")
        .query("order", "desc")
        .query("per_page", 50)
}

fn with_companies(count: usize) -> (World, Vec<String>) {
    let world = World::new(MockServer::builder());
    let ids = (0..count).map(|n| world.server.add_company(&n.to_string()));
    let ids = ids.collect();
    (world, ids)
}

#[test]
fn companies_are_listed_by_page_number() {
    let (world, mut wanted) = with_companies(212);
    let mut walk = world.walk(companies());
    wanted.reverse();
    assert_eq!(all(&mut walk), wanted);
    assert_eq!((walk.report().pages(), walk.report().duplicates()), (5, 0));
    assert_eq!(walk.report().pages_read_again(), 0);
}

#[test]
fn a_company_that_is_deleted_or_created_meanwhile_hides_none() {
    for taken in [0, 1, 49, 50, 51, 99, 100, 130, 149] {
        let (world, mut wanted) = with_companies(150);
        let mut walk = world.walk(companies());
        let mut got = first(&mut walk, taken);
        // The newest ones come first: these were returned, or are about to be.
        for id in [&wanted[149], &wanted[140], &wanted[101]] {
            assert!(world.server.delete_company(id));
        }
        let new = world.server.add_company("new");
        got.extend(all(&mut walk));
        let gone = [
            wanted[149].clone(),
            wanted[140].clone(),
            wanted[101].clone(),
        ];
        got.retain(|id| !gone.contains(id) && *id != new);
        wanted.retain(|id| !gone.contains(id));
        assert_each_once(got, wanted);
    }
}

#[test]
fn company_that_is_deleted_behind_each_page_hides_none() {
    let (world, mut wanted) = with_companies(400);
    wanted.reverse();
    let mut walk = world.walk(companies());
    let mut got = Vec::new();
    for returned in &wanted[..8] {
        got.extend(first(&mut walk, 50));
        assert!(world.server.delete_company(returned));
    }
    got.extend(all(&mut walk));
    assert_eq!(got, wanted);
}

/// At the beginning of the list, nothing can have moved to an earlier page.
#[test]
fn total_that_falls_at_the_beginning_of_the_list_is_not_followed() {
    let world = list(0..0, |request| {
        Some([150, 50, 40][(request as usize - 1).min(2)])
    });
    let mut walk = world.walk(ApiRequest::get("/articles").query("per_page", 50));
    assert_eq!(all(&mut walk), numbers(0..0));
    // After the second page, the first one is read once more, and then the second.
    assert_eq!(world.sent(), 3 + 2);
}

#[test]
fn list_of_ten_thousand_companies_does_not_lead_to_the_scroll() {
    let world = World::new(MockServer::builder().generated_companies(10_000));
    let mut walk = world.walk(companies());
    assert_eq!((first(&mut walk, 1).len(), world.sent()), (1, 1));
}

#[test]
fn a_smaller_page_goes_on_at_the_same_item() {
    let (world, wanted) = with_companies(400);
    world.server.set_fail_pages_above(Some(37));
    let mut walk = world.walk(companies());
    let got = all(&mut walk);
    assert_each_once(got, wanted);
    assert!(walk.report().pages_shrunk() > 0);
}

#[test]
fn an_unreadable_company_is_skipped_if_asked() {
    let (world, mut wanted) = with_companies(130);
    wanted.reverse();
    let poison = wanted.remove(70);
    world.server.add_unreadable(&poison);
    let (got, error) = ids(&mut world.walk(companies()));
    assert_eq!(got, wanted[..70]);
    let error = error.unwrap();
    assert_eq!(
        error.to_string(),
        "the server cannot return the item after 70 others; skip it with `skip_unreadable`, or report it"
    );
    assert_eq!(error.unreadable().unwrap().index(), 70);
    let mut walk = world.walk(companies()).skip_unreadable();
    let got = all(&mut walk);
    assert_each_once(got, wanted);
    assert_eq!(
        (walk.report().skipped(), walk.report().difference()),
        (1, Some(0))
    );
}

#[test]
fn a_walk_goes_on_in_another_process_with_the_ids_that_were_returned() {
    // At the end of a page, and in the middle of one.
    for taken in [50, 70] {
        let (world, wanted) = with_companies(150);
        let mut walk = world.walk(companies());
        let mut got = first(&mut walk, taken);
        let checkpoint = stored(&walk.checkpoint());
        let mut seen = SeenIds::new();
        for id in &got {
            use intercom_protocol::walk::{IdKey, Seen};
            seen.insert(IdKey::new(id)).unwrap();
        }
        world.server.delete_company(&got[3]);
        let mut walk = world.walk(companies()).resume(&checkpoint).seen(seen);
        got.extend(all(&mut walk));
        assert_each_once(got, wanted);
        assert!(!walk.report().may_repeat());
        let mut walk = world.walk(companies()).resume(&checkpoint);
        all(&mut walk);
        assert!(walk.report().may_repeat());
        assert!(stored(&walk.checkpoint()).report().may_repeat());
    }
}

#[test]
fn a_walk_can_begin_at_any_page() {
    let (world, mut wanted) = with_companies(212);
    wanted.reverse();
    let first = companies().query("page", 3);
    assert_eq!(all(&mut world.walk(first.clone())), wanted[100..]);
    world.server.set_fail_pages_above(Some(30));
    assert_eq!(all(&mut world.walk(first)), wanted[100..]);
}

#[test]
fn a_filtered_list_does_not_lead_over_to_the_scroll_of_all_companies() {
    let world = World::new(MockServer::builder().generated_companies(10_500));
    let filtered = companies().query("tag_id", 7);
    let (got, error) = ids(&mut world.walk(filtered));
    assert_eq!(got.len(), 10_000);
    let error = error.unwrap();
    assert_eq!(
        error.error().unwrap().code().unwrap().as_str(),
        "client_error"
    );
}

#[test]
fn more_companies_than_a_list_can_read_are_read_with_a_scroll() {
    let world = World::new(MockServer::builder().generated_companies(12_345));
    let mut walk = world.walk(companies());
    let got = all(&mut walk);
    let mut distinct = got.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!((got.len(), distinct.len()), (12_345, 12_345));
    // One page of the list says how many there are.
    assert_eq!(world.sent(), 1 + 124 + 1);
    assert_eq!(walk.report().total_count(), Some(12_345));
}

#[test]
fn the_page_limit_leads_over_to_the_scroll_and_drops_what_was_returned() {
    use intercom_mock::{Method, Scripted};
    let (world, wanted) = with_companies(250);
    let mut walk = world.walk(companies());
    let mut got = first(&mut walk, 110);
    let limit = Scripted::error(
        400,
        "client_error",
        "page limit reached, please use scroll API",
    );
    world
        .server
        .script(Method::POST, "/companies/list", [limit]);
    got.extend(all(&mut walk));
    assert_each_once(got, wanted);
    assert_eq!(walk.report().duplicates(), 150);
}

/// A list of 150 items. A page leaves out those that are hidden, although they have places and are counted. `total` is called for
/// each response.
fn list(
    hidden: std::ops::Range<u64>,
    total: impl Fn(u64) -> Option<u64> + Send + 'static,
) -> World {
    let mut request_number = 0;
    World::of(move |request| {
        request_number += 1;
        assert!(request_number < 100, "the walk does not end");
        let number = |name, default| match parameter(request, name) {
            Some(value) => value.parse().unwrap(),
            None => default,
        };
        let (page, size): (u64, u64) = (number("page", 1), number("per_page", 50).min(50));
        let end = (page * size).min(150);
        let shown = ((page - 1) * size..end).filter(|place| !hidden.contains(place));
        let next = (end < 150).then(|| json!({ "page": page + 1 }));
        let pages = json!({ "page": page, "per_page": size, "next": next });
        json!({ "data": items(shown), "pages": pages, "total_count": total(request_number) })
            .to_string()
    })
}

fn numbers(left_out: std::ops::Range<u64>) -> Vec<String> {
    let shown = (0..150).filter(|number| !left_out.contains(number));
    shown.map(|number| number.to_string()).collect()
}

#[test]
fn short_page_in_the_middle_is_passed() {
    for hidden in [
        0..1,
        0..3,
        60..63,
        49..51,
        97..100,
        50..100,
        20..130,
        147..150,
    ] {
        for per_page in [10, 50, 100] {
            let world = list(hidden.clone(), |_| Some(150));
            let first = ApiRequest::get("/articles").query("per_page", per_page);
            let mut walk = world.walk(first);
            let got = all(&mut walk);
            assert_eq!(got, numbers(hidden.clone()), "{hidden:?} {per_page}");
            let hidden = i64::try_from(hidden.end - hidden.start).unwrap();
            assert_eq!(walk.report().difference(), Some(-hidden));
        }
    }
}

#[test]
fn total_that_flaps_or_is_missing_ends_nothing() {
    let totals: [fn(u64) -> Option<u64>; 6] = [
        |_| None,
        |n| (n % 2 == 0).then_some(150),
        |n| (n % 2 == 1).then_some(150),
        |n| Some(150 - 10 * (n % 2)),
        |n| Some(150u64.saturating_sub(10 * n)),
        |n| Some(if n == 2 { 0 } else { 150 }),
    ];
    for (number, total) in totals.into_iter().enumerate() {
        let world = list(0..0, total);
        let got = all(&mut world.walk(ApiRequest::get("/articles").query("per_page", 50)));
        assert_eq!(got, numbers(0..0), "{number}");
        assert!(world.sent() <= 12, "{number}: {}", world.sent());
    }
}

/// A server whose pages have 30 items if no size is asked for, and at most 50. Each page but the first fails once.
#[test]
fn size_of_the_pages_is_that_of_the_server() {
    for per_page in [None, Some(20), Some(50), Some(100)] {
        let world = World::of(|request| {
            let number = |name, default| match parameter(request, name) {
                Some(value) => value.parse().unwrap(),
                None => default,
            };
            let (page, size): (u64, u64) = (number("page", 1), number("per_page", 30).min(50));
            let next = (page * size < 300).then(|| json!({ "page": page + 1 }));
            let shown = (page - 1) * size..(page * size).min(300);
            json!({ "data": items(shown), "pages": { "next": next }, "total_count": 300 })
                .to_string()
        });
        let first = ApiRequest::get("/articles");
        let first = match per_page {
            Some(size) => first.query("per_page", size),
            None => first,
        };
        // A call tries twice.
        for request in [1, 2, 4, 5, 7, 8] {
            world.trouble(request, Trouble::Fails);
        }
        let wanted: Vec<String> = (0..300).map(|number: u64| number.to_string()).collect();
        let mut walk = world.walk(first);
        assert_eq!(all(&mut walk), wanted, "{per_page:?}");
        assert!(walk.report().pages_shrunk() > 0 && walk.report().duplicates() < 50);
    }
}
