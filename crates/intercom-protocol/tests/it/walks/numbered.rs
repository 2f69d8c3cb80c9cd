//! Lists with page numbers.

use intercom_mock::MockServer;
use intercom_protocol::ApiRequest;
use intercom_protocol::walk::SeenIds;

use super::{World, all, assert_each_once, ids, stored};

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
}

#[test]
fn a_company_that_is_deleted_or_created_meanwhile_hides_none() {
    for taken in [0, 1, 49, 50, 51, 99, 100, 130, 149] {
        let (world, mut wanted) = with_companies(150);
        let mut walk = world.walk(companies());
        let mut got: Vec<String> = walk
            .by_ref()
            .take(taken)
            .map(|item| item.unwrap().id)
            .collect();
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
    let (world, wanted) = with_companies(150);
    let mut walk = world.walk(companies());
    let mut got: Vec<String> = walk
        .by_ref()
        .take(70)
        .map(|item| item.unwrap().id)
        .collect();
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
    let mut got: Vec<String> = walk
        .by_ref()
        .take(110)
        .map(|item| item.unwrap().id)
        .collect();
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
