//! The script in Redis does what the ledger in Rust does.

use std::collections::BTreeMap;
use std::env;

use ::redis::Connection;
use intercom_fleet::wire;
use intercom_pace::fleet::{ClosedWindow, LeaseReply, LeaseRequest, LeaseStatus, Ledger, Slack};

use crate::crowd::{Crowd, Event};
use crate::redis::Redis;

const KEY: &str = "intercom-fleet:1:{test}:q";

/// How many requests are sent at a time.
pub(crate) const BATCH: usize = 100;

/// The script of one connection.
pub(crate) struct Script {
    connection: Connection,
    sha: String,
}

impl Script {
    pub(crate) fn load(redis: &Redis) -> Self {
        let mut connection = redis.connect();
        let load = ::redis::cmd("SCRIPT")
            .arg("LOAD")
            .arg(wire::SCRIPT)
            .to_owned();
        let sha = load.query(&mut connection).unwrap();
        Self { connection, sha }
    }

    fn call(&self, arguments: &[Vec<u8>]) -> ::redis::Cmd {
        let mut call = ::redis::cmd("EVALSHA");
        call.arg(&self.sha).arg(1).arg(KEY).arg(arguments);
        call
    }

    /// The replies to requests at these times of Redis's clock.
    fn replies(&mut self, asks: &[(LeaseRequest, i64)]) -> Vec<Vec<i64>> {
        let mut pipe = ::redis::pipe();
        for (request, now) in asks {
            let mut arguments = wire::arguments(request);
            arguments.push(now.to_string().into_bytes());
            pipe.add_command(self.call(&arguments));
        }
        pipe.query(&mut self.connection).unwrap()
    }

    /// Puts requests to the script, and checks that it replies as expected.
    pub(crate) fn agrees(
        &mut self,
        asks: &mut Vec<(LeaseRequest, i64)>,
        expected: &mut Vec<LeaseReply>,
    ) {
        if asks.is_empty() {
            return;
        }
        let replies = self.replies(asks);
        for ((ask, reply), expected) in asks.drain(..).zip(&replies).zip(expected.drain(..)) {
            assert_eq!(wire::reply(reply), Some(expected), "{ask:?}");
        }
    }

    pub(crate) fn forget(&mut self) {
        ::redis::cmd("DEL")
            .arg(KEY)
            .exec(&mut self.connection)
            .unwrap();
    }

    fn query<T: ::redis::FromRedisValue>(&mut self, words: &[&str]) -> ::redis::RedisResult<T> {
        let mut command = ::redis::cmd(words[0]);
        command.arg(&words[1..]).query(&mut self.connection)
    }

    /// The mean time of a script since the last call of this, in microseconds.
    fn mean_time(&mut self) -> f64 {
        let stats: String = self.query(&["INFO", "commandstats"]).unwrap();
        let (_, stats) = stats.split_once("cmdstat_evalsha:").unwrap();
        let (_, mean) = stats.split_once("usec_per_call=").unwrap();
        let mean = mean.split(',').next().unwrap().parse().unwrap();
        let () = self.query(&["CONFIG", "RESETSTAT"]).unwrap();
        mean
    }
}

/// What a comparison has met: the rarer a case, the easier it is missed.
#[derive(Debug, Default)]
struct Met(BTreeMap<&'static str, usize>);

/// What every comparison must meet.
const CASES: usize = 16;

impl Met {
    fn count(&mut self, reply: &LeaseReply) {
        let mut met = |name| *self.0.entry(name).or_default() += 1;
        match reply.status {
            LeaseStatus::Ok => met("ok"),
            LeaseStatus::Probe => met("probe"),
            LeaseStatus::Wait => met("wait"),
            LeaseStatus::Stale => met("stale"),
            LeaseStatus::Conflict => met("conflict"),
            _ => met("unknown"),
        }
        if reply.status != LeaseStatus::Ok {
            return;
        }
        match reply.slack {
            Slack::None => met("none"),
            Slack::Late => met("late"),
            Slack::Now => met("now"),
            _ => met("unknown"),
        }
        for (is, name) in [
            (reply.quiet, "quiet"),
            (reply.look, "look"),
            (reply.gentle, "gentle"),
            (reply.others_hungry, "others hungry"),
            (reply.free > 0, "free"),
            (reply.share > 0, "share"),
            (reply.hold > 0, "hold"),
            (reply.server_at_least > 0, "time"),
        ] {
            if is {
                met(name);
            }
        }
    }
}

/// Puts the requests of a fleet to both ledgers.
fn compare(script: &mut Script, seed: u64, count: usize, met: &mut Met) {
    let (mut crowd, mut ledger) = (Crowd::new(seed), Ledger::new());
    script.forget();
    let (mut asks, mut expected) = (Vec::new(), Vec::new());
    for asked in 1..=count {
        let lost = match crowd.next() {
            Event::Loss => true,
            Event::Ask(request, now) => {
                let reply = ledger.ask(&request, now);
                crowd.replied(&request, &reply);
                met.count(&reply);
                asks.push((request, now));
                expected.push(reply);
                false
            }
        };
        if lost || asks.len() == BATCH || asked == count {
            script.agrees(&mut asks, &mut expected);
        }
        if lost {
            ledger = Ledger::new();
            script.forget();
        }
    }
}

/// `INTERCOM_TEST_ASKS` sets how many requests are compared.
#[test]
fn script_gives_the_same_replies_as_the_ledger_in_rust() {
    let Some(redis) = Redis::start() else { return };
    let mut script = Script::load(&redis);
    let count = env::var("INTERCOM_TEST_ASKS").ok();
    let count: usize = count.map_or(50_000, |count| count.parse().expect("a number"));
    let mut met = Met::default();
    for seed in 0..count.div_ceil(500) as u64 {
        compare(&mut script, seed, 500, &mut met);
    }
    println!("{met:?}");
    let often = met
        .0
        .values()
        .filter(|times| **times >= count / 2000)
        .count();
    assert_eq!(often, CASES, "{met:?}");
}

/// An error of the script that leaves the key as it was.
fn refuses(script: &mut Script, arguments: &[Vec<u8>]) -> String {
    let dump = |script: &mut Script| script.query::<Vec<u8>>(&["DUMP", KEY]).ok();
    let before = dump(script);
    let result: ::redis::RedisResult<Vec<i64>> =
        script.call(arguments).query(&mut script.connection);
    assert!(dump(script) == before);
    result.unwrap_err().to_string()
}

#[test]
fn state_of_another_version_or_kind_is_an_error_and_stays() {
    let Some(redis) = Redis::start() else { return };
    let mut script = Script::load(&redis);
    let mut request = LeaseRequest::default();
    (request.seq, request.window, request.length) = (1, 20_000, 10_000);
    let asks = [(request.clone(), 15_000_000)];
    request.seq = 2;
    let arguments = wire::arguments(&request);
    let id = "0000000000000000";

    script.replies(&asks);
    let account = script.query::<String>(&["HGET", KEY, "_"]).unwrap();
    let member = script.query::<String>(&["HGET", KEY, id]).unwrap();
    let newer = account.replacen('1', "2", 1);
    let nested = account.replacen(',', ",[],", 1);
    let broken = [
        ("_", newer.as_str()),
        ("_", "1"),
        ("_", ""),
        ("_", "1,,2"),
        ("_", &nested),
        (id, ""),
        (id, "1 2 3"),
        (id, &member[1..]),
    ];
    for (field, value) in broken {
        script.replies(&asks);
        let () = script.query(&["HSET", KEY, field, value]).unwrap();
        let error = refuses(&mut script, &arguments);
        assert!(
            error.contains("LEDGER") && error.contains("delete the key"),
            "{error}"
        );
        script.forget();
    }

    // Another member is read only when a window opens.
    script.replies(&asks);
    let () = script
        .query(&["HSET", KEY, "0000000000000001", "?"])
        .unwrap();
    request.window = 30_000;
    let error = refuses(&mut script, &wire::arguments(&request));
    assert!(error.contains("LEDGER"), "{error}");
    script.forget();

    let () = script.query(&["SET", KEY, "a string"]).unwrap();
    let error = refuses(&mut script, &arguments);
    assert!(error.contains("WRONGTYPE"), "{error}");
}

#[test]
fn request_of_another_form_is_an_error() {
    let Some(redis) = Redis::start() else { return };
    let mut script = Script::load(&redis);
    let mut request = LeaseRequest::default();
    (request.seq, request.window, request.length) = (1, 20_000, 10_000);
    request.closed = vec![ClosedWindow::new(10_000, 1, 2)];
    let good = wire::arguments(&request);
    let mut wrong = vec![
        Vec::new(),
        good[..5].to_vec(),
        good[..good.len() - 1].to_vec(),
    ];
    for (index, value) in [
        (0, "5eed"),
        (0, "000000000000000G"),
        (3, "1e5"),
        (4, ""),
        (5, "0x10"),
        (6, "nan"),
    ] {
        let mut arguments = good.clone();
        arguments[index] = value.into();
        wrong.push(arguments);
    }
    wrong.push([&good[..], &[b"1".to_vec(), b"2".to_vec()]].concat());
    for arguments in wrong {
        let error = refuses(&mut script, &arguments);
        assert!(
            error.contains("LEDGER") && error.contains("update"),
            "{error}"
        );
    }
    let reply: Vec<i64> = script.call(&good).query(&mut script.connection).unwrap();
    assert_eq!(wire::reply(&reply).unwrap().status, LeaseStatus::Ok);
}

#[test]
fn every_script_leaves_a_key_that_expires() {
    let Some(redis) = Redis::start() else { return };
    let mut script = Script::load(&redis);
    for seed in 0..20 {
        let mut crowd = Crowd::new(seed);
        script.forget();
        for _ in 0..50 {
            if let Event::Ask(request, now) = crowd.next() {
                let reply = script.replies(&[(request.clone(), now)]);
                crowd.replied(&request, &wire::reply(&reply[0]).unwrap());
            }
            // -2: there is no key, because nothing was taken in.
            let left = script.query::<i64>(&["PTTL", KEY]).unwrap();
            assert!(left > 100_000 || left == -2, "{left} ms");
        }
    }
}

/// A busy fleet of so many members, in its third window: the numbers are as long as they get.
struct Busy {
    script: Script,
    now: i64,
    window: i64,
    asks: Vec<LeaseRequest>,
}

impl Busy {
    fn new(redis: &Redis, members: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(members);
        let asker = |_| {
            let mut request = LeaseRequest::default();
            (request.id, request.seq, request.length) = (rng.u64(..), 10_000, 10_000);
            (request.limit, request.need, request.hungry, request.want) = (1667, 40, true, 5);
            request.keep_max = 3;
            request
        };
        let mut busy = Self {
            script: Script::load(redis),
            now: 1_700_000_000_000_000,
            window: 1_700_000_010_000,
            asks: (0..members).map(asker).collect(),
        };
        for _ in 0..3 {
            busy.window += 10_000;
            busy.now += 10_000_000;
            busy.round();
        }
        busy
    }

    /// All members ask once.
    fn round(&mut self) {
        for index in 0..self.asks.len() {
            self.one(index);
        }
    }

    fn one(&mut self, index: usize) {
        self.now += 7_000;
        let request = &mut self.asks[index];
        request.seq += 1;
        (request.window, request.limit_window) = (self.window, self.window);
        request.server_at_least = self.now + 5_000_000;
        request.closed = vec![ClosedWindow::new(self.window - 10_000, 1, 1667)];
        let asks = [(request.clone(), self.now)];
        let reply = wire::reply(&self.script.replies(&asks)[0]).unwrap();
        assert_eq!(reply.status, LeaseStatus::Ok);
        let request = &mut self.asks[index];
        (request.claim, request.claim_until, request.hold) =
            (reply.share, reply.until, reply.share);
    }
}

#[test]
fn member_takes_less_than_200_bytes() {
    let Some(redis) = Redis::start() else { return };
    for members in [100, 1000] {
        let mut busy = Busy::new(&redis, members);
        let usage = busy
            .script
            .query::<u64>(&["MEMORY", "USAGE", KEY, "SAMPLES", "0"]);
        let usage = usage.unwrap() / members;
        busy.script.mean_time();
        busy.round();
        let asks = busy.script.mean_time();
        busy.window += 10_000;
        busy.one(0);
        let opening = busy.script.mean_time();
        println!(
            "{members} members: {usage} bytes each; an ask {asks} us, an opening {opening} us"
        );
        assert!(usage < 200, "{usage} bytes");
        busy.script.forget();
    }
}
