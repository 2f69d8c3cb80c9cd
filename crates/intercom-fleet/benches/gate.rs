//! Measures what a lease costs a call, beside the gate without a fleet.
//!
//! Run with `cargo bench -p intercom-fleet`. One round is the admission of a call, its sending and its response.

use std::sync::{LazyLock, mpsc};
use std::time::{Duration, UNIX_EPOCH};

use divan::{AllocProfiler, Bencher};
use intercom_blocking::PacerSettings;
use intercom_blocking::gate::{Admission, Answer, Ask, Gate, PacedGate};
use intercom_blocking::transport::{Clock, SystemClock};
use intercom_errors::{RateLimit, UnixTime};
use intercom_fleet::blocking::{FleetGate, Script};
use intercom_fleet::{Change, FleetEvent, FleetSettings, Trouble};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// So many slots that no call waits.
const LIMIT: i64 = 5_000_000;

/// The length of a window, in seconds: one that has just begun, and does not end during a run. Late in a window, a member would
/// return what it has not used.
static LENGTH: LazyLock<u64> = LazyLock::new(|| {
    let now = seconds();
    let lengths = (3600..80_000).step_by(60);
    lengths.min_by_key(|length| now % length).unwrap_or(3600)
});

fn main() {
    divan::main();
}

#[divan::bench]
fn paced(bencher: Bencher<'_, '_>) {
    let gate = PacedGate::new(settings());
    call_by_call(bencher, &gate, || ());
}

#[divan::bench]
fn leased(bencher: Bencher<'_, '_>) {
    let (sender, receiver) = mpsc::channel();
    let settings = FleetSettings::new()
        .with_name("bench")
        .with_pacer(settings())
        .with_observer(move |event| {
            if matches!(event, FleetEvent::Lease(Change::Joined { .. })) {
                // The receiver may be gone at the end.
                let _ = sender.send(());
            }
        });
    if let Ok(gate) = FleetGate::with_script(Granting, settings) {
        call_by_call(bencher, &gate, || {
            // Without the lease, the rounds would show that they wait.
            let _ = receiver.recv();
        });
    }
}

fn settings() -> PacerSettings {
    PacerSettings::new().with_window(Duration::from_secs(*LENGTH))
}

/// Makes a call, waits until the gate is ready, and then measures others.
fn call_by_call(bencher: Bencher<'_, '_>, gate: &dyn Gate, wait: impl FnOnce()) {
    let clock = SystemClock::default();
    let answer = answer();
    let call = || {
        let now = clock.now();
        let Admission::Go(mut permit) = gate.admit(Ask::new(now, now.tick(), 1)) else {
            return false;
        };
        permit.sent();
        permit.responded(&answer, now);
        true
    };
    call();
    wait();
    bencher.bench_local(call);
}

/// The response to the first request.
fn answer() -> Answer {
    let (now, end) = (seconds(), end() / 1000);
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(now));
    let [limit, remaining, reset] = [LIMIT, LIMIT - 1, end].map(|number| number.to_string());
    let headers = [
        ("X-RateLimit-Limit", limit.as_bytes()),
        ("X-RateLimit-Remaining", remaining.as_bytes()),
        ("X-RateLimit-Reset", reset.as_bytes()),
        ("Date", date.as_bytes()),
    ];
    Answer::new(RateLimit::from_headers(headers), 200)
}

fn seconds() -> u64 {
    let now = SystemClock::default().now().wall();
    now.map_or(0, UnixTime::as_secs)
}

/// The end of the window, in milliseconds.
fn end() -> i64 {
    (seconds() / *LENGTH * *LENGTH + *LENGTH) as i64 * 1000
}

/// A ledger that grants all that there is.
struct Granting;

impl Script for Granting {
    fn run(&mut self, _: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        let seq = arguments
            .get(1)
            .and_then(|text| std::str::from_utf8(text).ok());
        let seq = seq
            .and_then(|text| text.parse().ok())
            .ok_or(Trouble::Unreachable)?;
        let (end, length) = (end(), *LENGTH as i64 * 1000);
        let clock = seconds() as i64 * 1_000_000;
        let until = end + 2 * length;
        // In the order of the script's reply: of two members, this one holds everything.
        Ok(vec![
            seq, 0, end, length, LIMIT, end, LIMIT, LIMIT, until, 0, 2, clock, 2, LIMIT, 0, 0, 0,
        ])
    }
}
