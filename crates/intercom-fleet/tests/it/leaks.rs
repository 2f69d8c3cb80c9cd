//! Many calls that end in any way: nothing of them is left, and the lease returns.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ::tokio::runtime::Builder;
use ::tokio::task::JoinSet;
use ::tokio::time::timeout;
use intercom_fleet::{Change, FleetEvent, FleetSettings, FleetStatus, blocking, tokio};
use intercom_mock::MockServer;
use intercom_protocol::Config;

use crate::callers::{self, Caller};
use crate::events::Events;
use crate::redis::Redis;

/// An API with short windows that each hold a part of the calls.
fn api() -> MockServer {
    let api = MockServer::builder().rate_limit(1500, Duration::from_secs(2));
    api.start().unwrap()
}

/// Asserts that no member has a share any more.
#[track_caller]
fn assert_returned(redis: &Redis, api: &MockServer) {
    let connection = Config::new(api.token()).base_url(api.base_url());
    let connection = connection.build().unwrap();
    let status = FleetStatus::read(&redis.url(), &FleetSettings::new(), &connection).unwrap();
    let status = status.expect("a fleet");
    assert_eq!(status.held_next, 0, "{status:?}");
    assert!(
        status.members.iter().all(|member| member.has_left),
        "{status:?}"
    );
}

#[test]
fn a_process_that_leaves_reports_that_it_has_no_lease() {
    let Some(redis) = Redis::start() else { return };
    for (caller, events) in Caller::both(&callers::api(), &redis.url()) {
        caller.call_until(|| events.has_joined());
        caller.end();
        let mut latest = events.all().into_iter().rev();
        let last = latest.find(|event| matches!(event, FleetEvent::Lease(_)));
        assert_eq!(last, Some(FleetEvent::Lease(Change::FellBack)));
        assert_eq!(events.troubles(), []);
    }
}

#[test]
fn two_hundred_threads_leave_nothing_behind() {
    let Some(redis) = Redis::start() else { return };
    let api = api();
    let events = Events::default();
    let gate = blocking::FleetGate::connect(&redis.url(), events.settings()).unwrap();
    let builder = intercom_blocking::Client::builder(api.token()).base_url(api.base_url());
    let client = builder.gate(gate.clone()).build_without_tls().unwrap();
    while !events.has_joined() {
        client.me().unwrap();
    }
    thread::scope(|scope| {
        for _ in 0..200 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let limit = Duration::from_micros(fastrand::u64(1..200_000));
                    // Many end at their deadline: in the queue, or while they are sent.
                    let _ = client.get("/me").deadline(limit).send();
                }
            });
        }
    });
    assert!(format!("{gate:?}").contains("waiting: 0"), "{gate:?}");
    drop((client, gate));
    assert_returned(&redis, &api);
}

#[test]
fn two_thousand_tasks_dropped_at_random_leave_nothing_behind() {
    let Some(redis) = Redis::start() else { return };
    let api = api();
    let events = Events::default();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let gate = tokio::FleetGate::connect(&redis.url(), events.settings()).unwrap();
        let builder = intercom_async::Client::builder(api.token()).base_url(api.base_url());
        let client = Arc::new(builder.gate(gate.clone()).build().unwrap());
        while !events.has_joined() {
            client.me().await.unwrap();
        }
        let mut tasks = JoinSet::new();
        for _ in 0..2000 {
            let client = Arc::clone(&client);
            tasks.spawn(async move {
                let patience = Duration::from_micros(fastrand::u64(1..500_000));
                let _ = timeout(patience, client.me()).await;
            });
        }
        while tasks.join_next().await.is_some() {}
        assert!(format!("{gate:?}").contains("waiting: 0"), "{gate:?}");
        gate.leave().await;
    });
    assert_returned(&redis, &api);
}
