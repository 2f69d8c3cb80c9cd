//! A script or an observer that breaks while the process has a lease: the calls go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

use ::redis::Connection;
use intercom_async::async_trait;
use intercom_fleet::{FleetSettings, LEDGER, Trouble, blocking, tokio};
use intercom_pace::PacerSettings;

use crate::callers::{Caller, WINDOW, api};
use crate::events::Events;
use crate::redis::Redis;

/// More calls than the windows of a lease have room for.
const CALLS: usize = 180;

/// A connection of a program's own, which breaks when the test says so.
struct Breaking {
    connection: Connection,
    is_broken: Arc<AtomicBool>,
    /// What it waits for when it is broken. Without it, it does not break.
    release: Option<Receiver<()>>,
}

impl Breaking {
    fn ask(&mut self, key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        if let Some(release) = self
            .release
            .as_ref()
            .filter(|_| self.is_broken.load(Ordering::Relaxed))
        {
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

fn breaking(redis: &Redis, is_broken: &Arc<AtomicBool>, release: Option<Receiver<()>>) -> Breaking {
    Breaking {
        connection: redis.connect(),
        is_broken: Arc::clone(is_broken),
        release,
    }
}

#[test]
fn calls_outlive_a_lease_whose_script_hangs() {
    let Some(redis) = Redis::start() else { return };
    let (api, events, is_broken) = (api(), Events::default(), Arc::default());
    let (release, released) = channel();
    let script = breaking(&redis, &is_broken, Some(released));
    let gate = blocking::FleetGate::with_script(script, events.settings()).unwrap();
    outlives(&events, &Caller::threads(&api, gate), &is_broken);
    drop(release);
}

/// Settings with an observer that panics when the test says so, and counts that.
fn panicking(
    events: &Events,
    is_broken: &Arc<AtomicBool>,
    panics: &Arc<AtomicUsize>,
) -> FleetSettings {
    let (events, is_broken) = (events.clone(), Arc::clone(is_broken));
    let panics = Arc::clone(panics);
    FleetSettings::new()
        .with_pacer(PacerSettings::new().with_window(WINDOW))
        .with_observer(move |event| {
            events.add(*event);
            if is_broken.load(Ordering::Relaxed) {
                panics.fetch_add(1, Ordering::Relaxed);
                panic!("expected by the test");
            }
        })
}

#[test]
fn the_fleet_outlives_an_observer_that_panics() {
    let Some(redis) = Redis::start() else { return };
    let api = api();
    for of_tasks in [false, true] {
        let (events, is_broken) = (Events::default(), Arc::default());
        let panics = Arc::default();
        let script = breaking(&redis, &is_broken, None);
        let settings = panicking(&events, &is_broken, &panics);
        let caller = if of_tasks {
            Caller::tasks(
                &api,
                tokio::FleetGate::with_script(script, settings).unwrap(),
            )
        } else {
            Caller::threads(
                &api,
                blocking::FleetGate::with_script(script, settings).unwrap(),
            )
        };
        outlives(&events, &caller, &is_broken);
        let panics = panics.load(Ordering::Relaxed);
        assert!(panics > 1, "events go on: {panics}");
    }
}
