//! Servers whose pages never end.

use intercom_protocol::walk::{SeenIds, WalkErrorKind};
use intercom_protocol::{ApiRequest, Error, ErrorKind};
use serde_json::{Value, json};

use super::{World, ids, items, parameter};

/// How many requests a walk may send before it gives up.
const MOST: u64 = 3_000;

/// A list whose every page has a new cursor, and these items.
fn endless(mut data: impl FnMut(u64) -> Vec<Value> + Send + 'static, total: Option<u64>) -> World {
    let mut page = 0;
    World::of(move |_| {
        page += 1;
        assert!(page <= MOST, "the walk does not end");
        let pages = json!({ "next": { "starting_after": format!("cursor {page}") } });
        json!({ "data": data(page), "pages": pages, "total_count": total }).to_string()
    })
}

fn list() -> ApiRequest {
    ApiRequest::get("/contacts").query("per_page", 50)
}

/// The number of items and requests until the walk ends.
#[track_caller]
fn ended(world: &World) -> (usize, u64) {
    let (got, error) = ids(&mut world.walk(list()));
    assert_eq!(error.unwrap().kind(), WalkErrorKind::Loop);
    (got.len(), world.sent())
}

#[test]
fn page_that_repeats_under_new_cursors_ends_the_walk_before_an_item_comes_twice() {
    let same = |count: u64| endless(move |_| items(0..count), None);
    assert_eq!(ended(&same(50)), (50, 2));
    assert_eq!(ended(&same(1)), (1, 2));
}

#[test]
fn cycle_of_pages_under_new_cursors_ends_the_walk_before_an_item_comes_twice() {
    let cycle = endless(|page| items((page % 4) * 50..(page % 4 + 1) * 50), None);
    assert_eq!(ended(&cycle), (200, 5));
}

#[test]
fn pages_that_are_empty_for_ever_end_the_walk() {
    let (got, sent) = ended(&endless(
        |page| items(0..(10 * u64::from(page == 1))),
        Some(10),
    ));
    assert!(got == 10 && sent <= 1_010, "{got} {sent}");
    let mut page = 1;
    let numbered = World::of(move |_| {
        page += 1;
        assert!(page <= MOST, "the walk does not end");
        json!({ "data": [], "pages": { "next": { "page": page } }, "total_count": 10 }).to_string()
    });
    ended(&numbered);
}

#[test]
fn far_more_items_than_the_total_end_the_walk() {
    let (got, _) = ended(&endless(
        |page| items(page * 50..(page + 1) * 50),
        Some(1_000),
    ));
    assert!((2_000..10_000).contains(&got), "{got}");
}

#[test]
fn total_that_grows_or_that_counts_up_to_a_limit_ends_nothing() {
    // Some indexes count up to 10,000.
    for total in [|page: u64| page * 50, |_| 10_000] {
        let mut page = 0;
        let world = World::of(move |_| {
            page += 1;
            let next = (page < 1_000).then(|| json!({ "starting_after": page.to_string() }));
            let data = items(page * 50..(page + 1) * 50);
            json!({ "data": data, "pages": { "next": next }, "total_count": total(page) })
                .to_string()
        });
        let (got, error) = ids(&mut world.walk(list()));
        assert_eq!((got.len(), error.is_none()), (50_000, true));
    }
}

#[test]
fn pages_and_items_of_a_list_notice_that_a_page_repeats() {
    use intercom_protocol::client::{Blocking, Pages};
    let repeated = |world: &World, path: &str| -> (usize, Error) {
        let mut pages = Pages::<_, Blocking>::new(world, ApiRequest::get(path), None);
        let mut good = 0;
        loop {
            match pages.next().unwrap() {
                Ok(_) => good += 1,
                Err(error) => return (good, error),
            }
        }
    };
    let (good, error) = repeated(&endless(|_| items(0..50), None), "/contacts");
    assert_eq!(good, 1);
    assert!(error.kind() == ErrorKind::Decode, "{error:?}");
    let scroll = World::of(|_| json!({ "data": items(0..50), "scroll_param": "s" }).to_string());
    assert_eq!(repeated(&scroll, "/companies/scroll").0, 1);
}

/// A list that ends is as long as it is, whatever its total is not.
#[test]
fn list_without_a_total_may_be_long() {
    for total in [None, Some(0)] {
        let mut page = 0;
        let world = World::of(move |_| {
            page += 1;
            let next = (page < 40).then(|| json!({ "starting_after": page.to_string() }));
            let data = items(page * 50..(page + 1) * 50);
            json!({ "data": data, "pages": { "next": next }, "total_count": total }).to_string()
        });
        let (got, error) = ids(&mut world.walk(list()));
        assert_eq!((got.len(), error.is_none()), (2_000, true));
    }
}

/// It may have twice the total and a thousand more, because items are created while it is read. Twelve pages of 102 are more.
#[test]
fn items_are_counted_exactly_before_the_walk_ends() {
    let counted = endless(|page| items(page * 102..(page + 1) * 102), Some(10));
    assert_eq!(ended(&counted), (11 * 102, 12));
}

/// Each page has two of a hundred items, and no two pages have the same ones.
#[test]
fn items_that_a_store_drops_are_counted_before_the_walk_ends() {
    let mut pairs = (1..100).flat_map(|second| (0..second).map(move |first| [first, second]));
    let world = endless(move |_| items(pairs.next().unwrap()), Some(100));
    let mut walk = world.walk(list()).seen(SeenIds::new());
    let (got, error) = ids(&mut walk);
    assert_eq!(error.unwrap().kind(), WalkErrorKind::Loop);
    // Twice the total and a thousand more.
    assert_eq!(got.len() as u64 + walk.report().duplicates(), 1_202);
    assert_eq!(world.sent(), 602);
}

/// A single item can move while the list is read.
#[test]
fn page_of_one_item_may_come_again_later() {
    let mut page = 0;
    let world = World::of(move |_| {
        page += 1;
        let next = (page < 4).then(|| json!({ "starting_after": page.to_string() }));
        let data = items(page % 2..page % 2 + 1);
        json!({ "data": data, "pages": { "next": next } }).to_string()
    });
    let (got, error) = ids(&mut world.walk(list()));
    assert_eq!(
        (got, error.is_none()),
        (["1", "0", "1", "0"].map(str::to_owned).to_vec(), true)
    );
}

/// Of 2,000 items, a tenth and a thousand more may come again: those of 32 pages, and the next page is one too many.
#[test]
fn numbered_pages_that_come_again_and_again_end_the_walk() {
    let world = World::of(|request| {
        let page: u64 = parameter(request, "page").map_or(1, |page| page.parse().unwrap());
        assert!(page < 100, "the walk does not end");
        let first = (page - 1) % 20 * 100;
        let pages = json!({ "next": { "page": page + 1 } });
        json!({ "data": items(first..first + 100), "pages": pages }).to_string()
    });
    let first = ApiRequest::get("/articles").query("per_page", 100);
    let (got, error) = ids(&mut world.walk(first));
    assert_eq!(error.unwrap().kind(), WalkErrorKind::Loop);
    assert_eq!((got.len(), world.sent()), (2_000, 34));
}
