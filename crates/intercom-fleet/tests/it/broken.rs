//! A script that breaks while the process has a lease: the calls go on after its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use ::redis::Connection;
use intercom_async::async_trait;
use intercom_fleet::{LEDGER, Trouble, blocking, tokio};
use intercom_mock::MockServer;

use crate::callers::{Caller, api};
use crate::events::Events;
use crate::redis::Redis;

/// More calls than the windows of a lease have room for.
const CALLS: usize = 180;

/// A connection of a program's own, which breaks when the test says so.
struct Breaking {
    connection: Connection,
    is_broken: Arc<AtomicBool>,
    /// What it waits for when it is broken. Without it, it panics.
    release: Option<Receiver<()>>,
}

impl Breaking {
    fn ask(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        if self.is_broken.load(Ordering::Relaxed) {
            let release = self.release.as_ref().expect("it panics");
            let _ = release.recv();
            return Err(Trouble::Unreachable);
        }
        let mut command = ::redis::cmd("EVAL");
        command.arg(LEDGER).arg(1).arg(key).arg(arguments);
        Ok(command.query(&mut self.connection).unwrap())
    }
}

impl blocking::Script for Breaking {
    fn run(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        self.ask(key, arguments)
    }
}

#[async_trait]
impl tokio::Script for Breaking {
    async fn run(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        self.ask(key, arguments)
    }
}

/// Joins, breaks the script, and makes more calls than the lease has room for.
fn outlives(events: &Events, caller: &Caller, is_broken: &AtomicBool) {
    caller.call_until(|| events.has_joined());
    is_broken.store(true, Ordering::Relaxed);
    for _ in 0..CALLS {
        caller.call();
    }
}

fn breaking(redis: &Redis, release: Option<Receiver<()>>) -> (Breaking, Arc<AtomicBool>) {
    let is_broken = Arc::new(AtomicBool::new(false));
    let script = Breaking {
        connection: redis.connect(),
        is_broken: Arc::clone(&is_broken),
        release,
    };
    (script, is_broken)
}

fn of_threads(api: &MockServer, script: Breaking, events: &Events) -> Caller {
    let gate = blocking::FleetGate::with_script(script, events.settings()).unwrap();
    Caller::threads(api, gate)
}

#[test]
fn calls_outlive_a_lease_whose_thread_hangs() {
    let Some(redis) = Redis::start() else { return };
    let (api, events) = (api(), Events::default());
    let (release, released) = channel();
    let (script, is_broken) = breaking(&redis, Some(released));
    outlives(&events, &of_threads(&api, script, &events), &is_broken);
    drop(release);
}

#[test]
fn calls_outlive_a_lease_whose_thread_panics() {
    let Some(redis) = Redis::start() else { return };
    let (api, events) = (api(), Events::default());
    let (script, is_broken) = breaking(&redis, None);
    outlives(&events, &of_threads(&api, script, &events), &is_broken);
}

#[test]
fn calls_outlive_a_lease_whose_task_panics() {
    let Some(redis) = Redis::start() else { return };
    let (api, events) = (api(), Events::default());
    let (script, is_broken) = breaking(&redis, None);
    let gate = tokio::FleetGate::with_script(script, events.settings()).unwrap();
    outlives(&events, &Caller::tasks(&api, gate), &is_broken);
}
