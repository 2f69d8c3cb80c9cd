//! `cargo xtask goodput fleet [LIMIT] [PROCESSES] [SECONDS] [calm]`: real processes share a quota through a real Redis, while things go wrong.
//!
//! Half of the processes use `intercom-blocking`, half `intercom-async` on tokio, with 20 workers each. The mock server counts. Redis
//! stands behind a forwarder, which is switched over to a replica at the end.

#![expect(
    clippy::disallowed_methods,
    reason = "the processes and Redis run in real time"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use anyhow::{Context as _, Result, bail};
use intercom_fleet::{Change, FleetEvent, FleetSettings};
use intercom_mock::{MockServer, Recorded};
use serde_json::{Value, json};

use super::redis::{Forwarder, Redis};

/// Workers of each process.
const WORKERS: usize = 20;

/// The length of a window.
const WINDOW: Duration = Duration::from_secs(10);

/// The first windows are not judged: processes start.
const WARM_UP: u64 = 2;

/// What goes wrong, and after how many seconds of a run of 180.
const EVENTS: [(&str, f64); 7] = [
    ("SCRIPT FLUSH", 40.0),
    ("SIGSTOP for 5 s", 56.0),
    ("FLUSHALL", 73.0),
    ("kill -9 of Redis, empty after 4 s", 95.0),
    ("kill -9 of 6 processes", 125.0),
    ("replica", 140.0),
    ("failover to the replica", 155.0),
];

pub(crate) fn run() -> Result<()> {
    let number = |place: usize, default: u64| -> Result<u64> {
        let argument = env::args().nth(place);
        Ok(argument
            .map(|text| text.parse())
            .transpose()?
            .unwrap_or(default))
    };
    let limits = match number(3, 0)? {
        0 => vec![167, 1667],
        limit => vec![u32::try_from(limit)?],
    };
    let (processes, seconds) = (number(4, 20)?, number(5, 180)?);
    for limit in limits {
        share(limit, usize::try_from(processes)?, seconds)?;
    }
    Ok(())
}

/// One run.
fn share(limit: u32, count: usize, seconds: u64) -> Result<()> {
    let mock = MockServer::builder()
        .rate_limit(limit, WINDOW)
        .reset_offset(2)
        .start()?;
    let mut redis = Redis::start()?;
    let forwarder = Forwarder::start(redis.port())?;
    let url = format!("redis://127.0.0.1:{}", forwarder.port());
    let mut members = Vec::new();
    for number in 0..count {
        members.push(Member::start(number % 2 == 0, &mock, &url)?);
    }
    println!(
        "Redis: {url}, token {}, base {}",
        mock.token(),
        mock.base_url()
    );
    println!("{count} processes of {WORKERS} workers, {limit} in 10 s, for {seconds} s");

    let began = Instant::now();
    let mut log = Vec::new();
    let mut replica = None;
    let scale = seconds as f64 / 180.0;
    let mut killed = 0;
    let is_calm = env::args().nth(6).is_some_and(|word| word == "calm");
    for (event, at) in EVENTS.into_iter().filter(|_| !is_calm) {
        sleep_until(began, at * scale);
        log.push((event, mock.requests().len()));
        match event {
            "SCRIPT FLUSH" => redis.command("SCRIPT FLUSH")?,
            "SIGSTOP for 5 s" => {
                redis.signal("STOP")?;
                thread::sleep(Duration::from_secs(5));
                redis.signal("CONT")?;
            }
            "FLUSHALL" => redis.command("FLUSHALL")?,
            "replica" => {
                let copy = Redis::start()?;
                copy.command(&format!("REPLICAOF 127.0.0.1 {}", redis.port()))?;
                replica = Some(copy);
            }
            "failover to the replica" => {
                let copy = replica.take().context("no replica")?;
                redis.kill()?;
                copy.command("REPLICAOF NO ONE")?;
                forwarder.switch(copy.port());
                redis = copy;
            }
            _ if event.contains("processes") => {
                killed = 6.min(count / 2);
                for member in members.iter_mut().take(killed) {
                    member.kill()?;
                }
            }
            _ => {
                redis.kill()?;
                thread::sleep(Duration::from_secs(4));
                redis = Redis::start()?;
                forwarder.switch(redis.port());
            }
        }
    }
    sleep_until(began, seconds as f64);
    let requests = mock.requests();
    let mut rest = members.split_off(killed);
    // All stop at the same time, so that none gets what the others leave.
    for member in &mut rest {
        member.stop();
    }
    let reports = rest.into_iter().map(Member::report);
    let reports = reports.collect::<Result<Vec<_>>>()?;
    report(limit, &requests, &reports, &log);
    Ok(())
}

fn sleep_until(began: Instant, seconds: f64) {
    let due = began + Duration::from_secs_f64(seconds);
    thread::sleep(due.saturating_duration_since(Instant::now()));
}

/// Prints the figures.
fn report(limit: u32, requests: &[Recorded], members: &[Value], log: &[(&str, usize)]) {
    let window = |request: &Recorded| request.server_time().as_secs() / WINDOW.as_secs();
    let mut windows: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
    for request in requests {
        let (accepted, refused) = windows.entry(window(request)).or_default();
        match request.status() {
            Some(429) => *refused += 1,
            _ => *accepted += 1,
        }
    }
    let first = windows.keys().next().copied().unwrap_or(0);
    let last = windows.keys().next_back().copied().unwrap_or(0);
    let events = |number: u64| {
        let here = log.iter().filter(|(_, place)| {
            requests
                .get(*place)
                .is_some_and(|request| window(request) == number)
        });
        here.map(|(event, _)| *event).collect::<Vec<_>>().join(", ")
    };
    for (number, (accepted, refused)) in &windows {
        println!(
            "  window {:>3}: {accepted:>5} accepted ({:>5.1} %), {refused} refused  {}",
            number - first,
            100.0 * f64::from(*accepted) / f64::from(limit),
            events(*number)
        );
    }
    let judged = windows
        .iter()
        .filter(|(number, _)| (first + WARM_UP..last).contains(number));
    let refused: u32 = windows.values().map(|(_, refused)| refused).sum();
    let least = judged
        .clone()
        .map(|(_, (accepted, _))| *accepted)
        .min()
        .unwrap_or(0);
    let (sum, count) = judged.fold((0, 0), |(sum, count), (_, (accepted, _))| {
        (sum + u64::from(*accepted), count + 1)
    });
    let each = |name: &str| -> Vec<f64> {
        let counts = members.iter().map(|member| member.get(name)?.as_f64());
        counts.map(Option::unwrap_or_default).collect()
    };
    let sum_of = |name: &str| each(name).iter().sum::<f64>();
    let (done, trips) = (sum_of("done"), sum_of("trips"));
    let squares: f64 = each("done").iter().map(|done| done * done).sum();
    println!("  calls of each process: {:?}", each("done"));
    println!(
        "  {} requests, {refused} refused; full windows on average {:.2} % used, the least {:.1} %; trips for each request {:.4}; \
         Jain {:.3}; fell back {}, rejoined {}, troubles {}, failed calls {}",
        requests.len(),
        100.0 * sum as f64 / (count.max(1) as f64 * f64::from(limit)),
        100.0 * f64::from(least) / f64::from(limit),
        trips / done.max(1.0),
        done * done / (squares.max(1.0) * members.len() as f64),
        sum_of("fell_back"),
        sum_of("rejoined"),
        sum_of("troubles"),
        sum_of("failed"),
    );
}

/// A process of the fleet.
struct Member(Child);

impl Member {
    fn start(blocking: bool, mock: &MockServer, redis: &str) -> Result<Self> {
        let kind = if blocking { "blocking" } else { "tokio" };
        let child = Command::new(env::current_exe()?)
            .args(["fleet-member", kind, mock.base_url(), &mock.token(), redis])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self(child))
    }

    fn kill(&mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(drop)
    }

    fn stop(&mut self) {
        drop(self.0.stdin.take());
    }

    /// Waits for the end of the process, and returns its report.
    fn report(mut self) -> Result<Value> {
        let mut output = self.0.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(&mut output).read_line(&mut line)?;
        self.0.wait()?;
        Ok(serde_json::from_str(&line)?)
    }
}

/// What a process counts.
#[derive(Debug, Default)]
struct Counts {
    ends: AtomicBool,
    done: AtomicU64,
    failed: AtomicU64,
    trips: AtomicU64,
    fell_back: AtomicU64,
    rejoined: AtomicU64,
    troubles: AtomicU64,
}

impl Counts {
    fn settings(self: &Arc<Self>) -> FleetSettings {
        let counts = Arc::clone(self);
        FleetSettings::new().with_observer(move |event| {
            let counter = match event {
                FleetEvent::RoundTrip(_) => &counts.trips,
                FleetEvent::Lease(Change::FellBack) => &counts.fell_back,
                FleetEvent::Lease(Change::Rejoined { .. }) => &counts.rejoined,
                FleetEvent::Trouble(_) => &counts.troubles,
                _ => return,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        })
    }

    fn called(&self, ok: bool) {
        let counter = if ok { &self.done } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn ends(&self) -> bool {
        self.ends.load(Ordering::Relaxed)
    }
}

/// `fleet-member KIND BASE_URL TOKEN REDIS`: calls until standard input ends, then writes a report.
pub(crate) fn member() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(2).collect();
    let [kind, base, token, redis] = arguments.as_slice() else {
        bail!("expected KIND BASE_URL TOKEN REDIS");
    };
    let counts = Arc::new(Counts::default());
    let waiting = Arc::clone(&counts);
    thread::spawn(move || {
        // The end of the input is the sign to end, and so is an error.
        let _ = io::stdin().read_to_end(&mut Vec::new());
        waiting.ends.store(true, Ordering::Relaxed);
    });
    if kind == "blocking" {
        on_threads(base, token, redis, &counts)?;
    } else {
        on_tokio(base, token, redis, &counts)?;
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let report = json!({
        "done": count(&counts.done),
        "failed": count(&counts.failed),
        "trips": count(&counts.trips),
        "fell_back": count(&counts.fell_back),
        "rejoined": count(&counts.rejoined),
        "troubles": count(&counts.troubles),
    });
    writeln!(io::stdout(), "{report}")?;
    Ok(())
}

fn on_threads(base: &str, token: &str, redis: &str, counts: &Arc<Counts>) -> Result<()> {
    let gate = intercom_fleet::blocking::FleetGate::connect(redis, counts.settings())?;
    let client = intercom_blocking::Client::builder(token)
        .base_url(base)
        .gate(gate)
        .build()?;
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while !counts.ends() {
                    counts.called(client.get("/me").send().is_ok());
                }
            });
        }
    });
    Ok(())
}

fn on_tokio(base: &str, token: &str, redis: &str, counts: &Arc<Counts>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let gate = intercom_fleet::tokio::FleetGate::connect(redis, counts.settings())?;
    let client = intercom_async::Client::builder(token)
        .base_url(base)
        .gate(gate)
        .build()?;
    runtime.block_on(async {
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                let (client, counts) = (client.clone(), Arc::clone(counts));
                tokio::spawn(async move {
                    while !counts.ends() {
                        counts.called(client.get("/me").send().await.is_ok());
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await?;
        }
        Ok(())
    })
}
