//! The callers that flows run over.

use std::time::Duration;

use intercom_mock::MockServer;
use intercom_protocol::{
    ApiRequest, Caller, Connection, ErrorKind, StopReason, Tick, WithDeadline, ready,
};

use crate::scripted::{ScriptedCaller, response};
use crate::walks::World;

#[test]
fn a_pending_future_is_an_error_and_not_a_panic() {
    let error = ready(std::future::pending::<()>()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStarted);
}

#[test]
fn a_bounded_caller_ends_calls_at_its_tick() {
    let caller = ScriptedCaller::new([]).each_takes(Duration::from_secs(3));
    let until = WithDeadline::new(&caller, Some(Tick::new(Duration::from_secs(2))));
    let error = ready(until.call(ApiRequest::get("/me")))
        .unwrap()
        .unwrap_err();
    assert_eq!(caller.now().tick(), Tick::new(Duration::from_secs(2)));
    assert!(error.is_timeout(), "{error}");
    assert_eq!(
        error.stop().map(|stop| stop.reason()),
        Some(StopReason::DeadlineExceeded)
    );
}

#[test]
fn a_bounded_caller_does_not_extend_the_deadline_of_a_request() {
    let caller = ScriptedCaller::new([]).each_takes(Duration::from_secs(3));
    let until = WithDeadline::new(&caller, Some(Tick::new(Duration::from_secs(60))));
    let request = ApiRequest::get("/me").deadline(Duration::from_secs(2));
    assert!(ready(until.call(request)).unwrap().is_err());
    assert_eq!(caller.now().tick(), Tick::new(Duration::from_secs(2)));
}

#[test]
fn the_earlier_of_two_deadlines_applies() {
    let caller = ScriptedCaller::new([]).each_takes(Duration::from_secs(9));
    let outer = WithDeadline::new(&caller, Some(Tick::new(Duration::from_secs(1))));
    let inner = WithDeadline::new(outer, Some(Tick::new(Duration::from_secs(5))));
    assert!(ready(inner.call(ApiRequest::get("/me"))).unwrap().is_err());
    assert_eq!(caller.now().tick(), Tick::new(Duration::from_secs(1)));
}

#[test]
fn an_unbounded_caller_changes_nothing() {
    let caller = ScriptedCaller::new([response(200, "{}")]);
    let until = WithDeadline::new(&caller, None);
    assert!(ready(until.call(ApiRequest::get("/me"))).unwrap().is_ok());
}

#[test]
fn borrowed_caller_and_one_with_a_deadline_have_the_clock_and_the_connection() {
    let world = World::new(MockServer::builder());
    world.advance(Duration::from_secs(7));
    let now = Some(Tick::new(Duration::from_secs(7)));
    let url = |connection: Option<&Connection>| connection.unwrap().base_url().to_owned();
    let bounded = WithDeadline::new(&world, None);
    assert_eq!([Caller::now(&&world), Caller::now(&bounded)], [now; 2]);
    let urls = [url(Caller::connection(&&world)), url(bounded.connection())];
    assert_eq!(urls, [world.server.base_url(), world.server.base_url()]);
}
