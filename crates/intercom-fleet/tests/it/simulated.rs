//! The script in Redis replies to whole simulated fleets as the ledger in Rust does.

use std::env;

use xtask_simulate::fleet::{self, Seen};

use crate::ledger::{BATCH, Script};
use crate::redis::Redis;

/// Simulated fleets: the scenario, and its number of processes. Each has some faults, or processes that come and go.
const FLEETS: [(&str, usize); 6] = [
    ("FLUSHALL, three times", 20),
    ("FLUSHALL, three times", 100),
    ("all replaced in 40 s, killed", 20),
    ("half cut off for 120 s", 20),
    ("10 busy, 10 come and go, L=167", 20),
    ("20 busy, neighbour takes half in a burst", 20),
];

/// Puts the requests of a simulated fleet to the script. Returns how many there were.
fn follow(script: &mut Script, name: &str, processes: usize, seed: u64) -> usize {
    let scenario = fleet::named(name, processes).expect("a scenario of this name");
    let (mut asks, mut expected, mut count) = (Vec::new(), Vec::new(), 0);
    script.forget();
    fleet::follow(&scenario, seed, &mut |seen| {
        if let Seen::Asked(request, now, reply) = seen {
            asks.push((request.clone(), now));
            expected.push(reply.clone());
            count += 1;
        }
        let forgets = matches!(seen, Seen::Forgot);
        if forgets || asks.len() == BATCH {
            script.agrees(&mut asks, &mut expected);
        }
        if forgets {
            script.forget();
        }
    });
    script.agrees(&mut asks, &mut expected);
    count
}

/// `INTERCOM_TEST_SEEDS` sets how often each fleet is simulated.
#[test]
fn script_replies_to_simulated_fleets_as_the_ledger_in_rust_does() {
    let Some(redis) = Redis::start() else { return };
    let mut script = Script::load(&redis);
    let seeds = env::var("INTERCOM_TEST_SEEDS").ok();
    let seeds: u64 = seeds.map_or(1, |seeds| seeds.parse().expect("a number"));
    for seed in 1..=seeds {
        let counts = FLEETS.map(|(name, processes)| follow(&mut script, name, processes, seed));
        println!("seed {seed}: {counts:?} requests");
        assert!(counts.iter().all(|count| *count > 500), "{counts:?}");
    }
}
