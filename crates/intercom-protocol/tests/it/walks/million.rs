//! Long walks with many troubles. `WALK_ITEMS=1000000 cargo test --release walks::million -- --nocapture` runs the long version.

use std::collections::BTreeMap;
use std::time::Duration;

use intercom_mock::MockServer;
use intercom_protocol::ApiRequest;
use intercom_protocol::walk::{Checkpoint, Report, Seen};

use super::{Items, Trouble, World, stored};

/// What happens when this many items have been returned.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The next request meets this.
    Trouble(Trouble),
    /// The consumer does nothing for so long.
    Stall(Duration),
    /// The process ends, and another one goes on from the checkpoint.
    Reopen,
}

/// A generator of numbers without a pattern.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Half of the troubles, drops and stalls of a run.
fn events(items: u64, seed: u64) -> BTreeMap<u64, Event> {
    let mut dice = Dice(seed);
    let mut events = BTreeMap::new();
    // The short version has as many as a tenth.
    let scale = if items < 1_000_000 { 10 } else { 1 };
    let kinds = [
        Trouble::Limited,
        Trouble::NotSent,
        Trouble::Fails,
        Trouble::Lost,
    ];
    for trouble in kinds.into_iter().cycle().take(100 / scale) {
        events.insert(dice.below(items), Event::Trouble(trouble));
    }
    for _ in 0..25 / scale {
        events.insert(dice.below(items), Event::Reopen);
    }
    for n in 0..20 / scale {
        let most = if n % 2 == 0 { 50 } else { 300 };
        events.insert(
            dice.below(items),
            Event::Stall(Duration::from_secs(dice.below(most))),
        );
    }
    events
}

/// Which items came.
struct Came(Vec<u64>);

impl Came {
    /// The number of an item is the end of its id.
    fn add(&mut self, id: &str) {
        let number = usize::from_str_radix(&id[8..], 16).unwrap();
        let bit = 1 << (number % 64);
        let bits = self.0.get_mut(number / 64).unwrap();
        assert_eq!(*bits & bit, 0, "{id} came twice");
        *bits |= bit;
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|bits| u64::from(bits.count_ones())).sum()
    }
}

/// Walks through all items, and returns the report.
fn run(world: &World, first: &ApiRequest, items: u64, seed: u64) -> Report {
    let mut events = events(items, seed);
    let mut came = Came(vec![0; usize::try_from(items / 64 + 1).unwrap()]);
    let open = |from: Option<(Checkpoint, Box<dyn Seen>)>| -> Items<'_> {
        let walk = world.walk(first.clone()).max_restarts(1_000);
        match from {
            // A list with cursors needs no ids.
            Some((checkpoint, seen)) if !seen.is_empty() => walk.resume(&checkpoint).seen(seen),
            Some((checkpoint, _)) => walk.resume(&checkpoint),
            None => walk,
        }
    };
    let mut walk = open(None);
    let mut returned = 0;
    while let Some(item) = walk.next() {
        came.add(&item.unwrap().id);
        returned += 1;
        while let Some(event) = events.first_entry().filter(|event| *event.key() < returned) {
            match event.remove() {
                Event::Trouble(trouble) => world.trouble(world.sent(), trouble),
                Event::Stall(time) => world.advance(time),
                Event::Reopen => {
                    let checkpoint = stored(&walk.checkpoint());
                    // As a store on disk does, the ids survive.
                    walk = open(Some((checkpoint, walk.into_seen())));
                }
            }
        }
    }
    assert_eq!((returned, came.count()), (items, items));
    let report = walk.report().clone();
    assert_eq!(report.items(), items);
    let (sent, pages) = (world.sent(), report.pages());
    println!(
        "{}: {sent} requests, {pages} pages of which {} again, {} restarts ({} expired), {} duplicates dropped",
        first.path(),
        report.pages_read_again(),
        report.restarts(),
        report.expired(),
        report.duplicates()
    );
    // In the short version, the troubles are many for so few pages.
    let spare = if items < 1_000_000 { 20 } else { 0 };
    assert!(
        sent * 100 <= (pages + spare) * 105,
        "{sent} requests for {pages} pages"
    );
    report
}

#[test]
fn long_walks_return_every_item_once_in_bounded_memory() {
    let items = std::env::var("WALK_ITEMS").map_or(20_000, |count| count.parse().unwrap());
    let contacts = ApiRequest::get("/contacts").query("per_page", 150);
    let companies = ApiRequest::get("/companies/scroll");
    let memory = allocation_counter::measure(|| {
        let world = World::new(MockServer::builder().generated_contacts(items));
        run(&world, &contacts, items, 7);
    });
    println!("at most {} KB for the cursors", memory.bytes_max / 1_000);
    assert!(memory.bytes_max < 10_000_000, "{}", memory.bytes_max);
    let memory = allocation_counter::measure(|| {
        let world = World::new(MockServer::builder().generated_companies(items));
        let report = run(&world, &companies, items, 11);
        assert!(report.restarts() > 0);
    });
    println!("at most {} KB for the scroll", memory.bytes_max / 1_000);
    assert!(memory.bytes_max < 100_000_000, "{}", memory.bytes_max);
}
