//! The export of message data, on a virtual clock.

use std::sync::Mutex;
use std::time::Duration;

use intercom_protocol::flows::{
    ExportJob, ExportPeriod, ExportStatus, start_export, wait_for_export,
};
use intercom_protocol::{
    ApiRequest, Caller, Error, ErrorKind, Fault, FaultKind, Reply, Tick, UnixTime, ready,
};
use serde_json::{Value, json};

use crate::scripted::{Exchange, ScriptedCaller, json_response, refusal};

const ID: &str = "orzzsbd7hk67xyu";

/// A caller that waits only on the virtual clock, and the waits.
struct Clocked(ScriptedCaller, Mutex<Vec<Duration>>);

impl Clocked {
    fn new(exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        Self(ScriptedCaller::new(exchanges), Mutex::default())
    }

    fn waits(&self) -> Vec<u64> {
        let waits = self.1.lock().unwrap();
        waits.iter().map(Duration::as_secs).collect()
    }
}

impl Caller for Clocked {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        self.0.call(request).await
    }

    fn now(&self) -> Option<Tick> {
        Some(self.0.now().tick())
    }

    async fn sleep_until(&self, tick: Tick) {
        let wait = tick.since(self.0.now().tick());
        self.1.lock().unwrap().push(wait);
        self.0.advance(wait);
    }
}

fn period() -> ExportPeriod {
    let time = |seconds| UnixTime::from_secs(seconds).unwrap();
    ExportPeriod::new(time(1_700_000_000), time(1_700_086_399))
}

fn after(seconds: u64) -> Option<Tick> {
    Some(Tick::new(Duration::from_secs(seconds)))
}

fn job(status: &str) -> Exchange {
    json_response(
        200,
        &json!({ "job_identifier": ID, "status": status, "download_url": "" }),
    )
}

fn other_job() -> Exchange {
    let message = "Exceeded rate limit of 1 pending message data export jobs";
    refusal(429, "rate_limit_exceeded", message)
}

fn start(caller: &impl Caller, deadline: Option<Tick>) -> (Result<ExportJob, Error>, u32) {
    let mut waits = 0;
    let started = ready(start_export(caller, period(), deadline, || waits += 1)).unwrap();
    (started, waits)
}

fn wait(caller: &impl Caller, deadline: Option<Tick>) -> (Result<ExportJob, Error>, Vec<String>) {
    let mut seen = Vec::new();
    let see = |job: &ExportJob| seen.push(job.status_name().to_owned());
    let ended = ready(wait_for_export(caller, ID, deadline, see)).unwrap();
    (ended, seen)
}

#[test]
fn export_is_started_with_its_period() {
    let caller = Clocked::new([job("pending")]);
    let (started, waits) = start(&caller, None);
    assert_eq!((started.unwrap().id(), waits), (ID, 0));
    let sent: Value = serde_json::from_slice(caller.0.requests()[0].body()).unwrap();
    let wanted = json!({ "created_at_after": 1_700_000_000, "created_at_before": 1_700_086_399 });
    assert_eq!(sent, wanted);
}

#[test]
fn active_export_is_waited_for() {
    let caller = Clocked::new([other_job(), other_job(), other_job(), job("pending")]);
    let (started, waits) = start(&caller, None);
    assert!(started.is_ok());
    assert_eq!((waits, caller.waits()), (3, vec![1, 2, 4]));
}

#[test]
fn deadline_ends_the_wait_for_an_active_export() {
    let caller = Clocked::new(std::iter::repeat_with(other_job).take(4));
    let (started, _) = start(&caller, after(10));
    let error = started.unwrap_err();
    assert!(error.is_concurrency_limited() && !error.may_have_been_applied());
    // The next wait would take 8 seconds.
    assert_eq!((caller.waits(), caller.0.unused()), (vec![1, 2, 4], 0));
    insta::assert_snapshot!(error.ending(), @"; gave up: the deadline leaves no time for another attempt");
}

#[test]
fn caller_without_a_clock_does_not_wait() {
    let (started, _) = start(&ScriptedCaller::new([other_job()]), None);
    assert!(started.unwrap_err().is_concurrency_limited());
    let (ended, _) = wait(&ScriptedCaller::new([job("pending")]), None);
    assert!(ended.unwrap().is_running());
}

#[test]
fn start_whose_outcome_is_unknown_is_not_repeated() {
    let lost = Err(Fault::outcome_unknown(FaultKind::Timeout));
    let caller = Clocked::new([lost, job("pending")]);
    let error = start(&caller, None).0.unwrap_err();
    assert!(error.may_have_been_applied());
    assert_eq!(caller.0.unused(), 1);
}

#[test]
fn export_without_an_id_is_an_error() {
    for body in [
        json!({ "status": "pending" }),
        json!({ "job_identifier": "", "status": "pending" }),
    ] {
        let error = start(&Clocked::new([json_response(200, &body)]), None)
            .0
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.may_have_been_applied());
    }
}

#[test]
fn status_is_read_until_the_server_has_ended_the_export() {
    let running = [
        "pending",
        "pending",
        "in_progress",
        "in_progress",
        "in_progress",
        "in_progress",
        "in_progress",
    ];
    for ending in ["completed", "failed", "no_data", "canceled"] {
        let caller = Clocked::new(running.iter().copied().chain([ending]).map(job));
        let (ended, seen) = wait(&caller, None);
        let ended = ended.unwrap();
        assert_eq!(ended.status().map(ExportStatus::as_str), Some(ending));
        assert_eq!(
            (seen.len(), caller.waits()),
            (8, vec![1, 2, 4, 8, 16, 30, 30])
        );
    }
}

#[test]
fn unknown_status_ends_the_wait_and_is_kept() {
    let ended = wait(&Clocked::new([job("queued")]), None).0.unwrap();
    assert_eq!((ended.status(), ended.status_name()), (None, "queued"));
    assert_eq!(format!("{ended:?}"), "ExportJob { status: None, .. }");
}

#[test]
fn deadline_returns_the_running_export() {
    let caller = Clocked::new([job("pending"), job("pending"), job("in_progress")]);
    let ended = wait(&caller, after(5)).0.unwrap();
    assert!(ended.is_running() && ended.status() == Some(ExportStatus::InProgress));
    assert_eq!(caller.waits(), [1, 2]);
}

#[test]
fn deleted_export_is_not_found() {
    let gone = refusal(404, "not_found", "Export job not found");
    assert!(
        wait(&Clocked::new([gone]), None)
            .0
            .unwrap_err()
            .is_not_found()
    );
}
