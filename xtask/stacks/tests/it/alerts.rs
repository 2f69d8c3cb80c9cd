//! The alert rules of docs/alerts.yml, against hours of virtual time.
//!
//! Real calls run through the metrics observer and a Prometheus exporter. `promtool`, which comes with Prometheus, then tests the
//! rules against what a server would have scraped.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use http::Response;
use http::response::Builder;
use intercom_protocol::bytes::Bytes;
use intercom_protocol::observe::MetricsObserver;
use intercom_protocol::{
    ApiRequest, Call, Config, Connection, Fault, FaultKind, Moment, Step, Tick, UnixTime,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

const SCRAPED_EVERY: Duration = Duration::from_secs(15);
const HOUR: Duration = Duration::from_secs(3600);
const WINDOW: Duration = Duration::from_secs(10);
/// Small, so that an hour has few calls. The rules know no absolute numbers.
const LIMIT: u32 = 40;

/// The scraped values of each series.
type Scraped = BTreeMap<String, Vec<String>>;

/// An hour of calls against a server.
struct Hour {
    now: Duration,
    /// How many requests each window still allows.
    left: u32,
    handle: PrometheusHandle,
    scraped: Scraped,
    scrapes: usize,
}

/// What the server does with the request that arrives at this time; the number counts the requests.
type Server = fn(&Hour, u64) -> Result<Builder, Fault>;

impl Hour {
    /// Makes calls for an hour: as many as the quota allows, evenly spread, each after a wait at the gate of `queue`.
    fn run(queue: Duration, server: Server) -> Scraped {
        let recorder = PrometheusBuilder::new().build_recorder();
        let mut hour = Self {
            now: Duration::ZERO,
            left: LIMIT,
            handle: recorder.handle(),
            scraped: Scraped::new(),
            scrapes: 0,
        };
        let config = Config::new("token").observer(MetricsObserver::new());
        let connection = config.without_pacing().build().unwrap();
        metrics::with_local_recorder(&recorder, || {
            let mut number = 0;
            while hour.now < HOUR {
                number += 1;
                hour.call(&connection, queue, number, server);
            }
        });
        hour.scraped
    }

    /// Makes one call. Its waits do not hold up the others, which other tasks make.
    fn call(&mut self, connection: &Connection, queue: Duration, number: u64, server: Server) {
        let path =
            ["/contacts/5f1", "/conversations/7", "/me"][usize::try_from(number % 3).unwrap()];
        let mut waited = Duration::ZERO;
        let began = self.now;
        let at = |waited| {
            let wall = UnixTime::from_secs(1_711_100_000).unwrap();
            let tick = began + waited;
            Moment::new(Tick::new(tick)).with_wall(wall.checked_add(tick).unwrap())
        };
        let mut call = Call::new(connection, ApiRequest::get(path), at(waited));
        loop {
            match call.next(at(waited)) {
                Step::Authorize(_) => unreachable!("the token is never replaced"),
                Step::Admit(ask) => {
                    waited += queue;
                    call.admitted(ask.free(), at(waited));
                }
                Step::Send(_) => {
                    self.pass(WINDOW / LIMIT);
                    let response = server(self, number).map(|response| {
                        let response = response
                            .header("x-ratelimit-limit", LIMIT)
                            .header("x-ratelimit-remaining", self.left);
                        response.body(Bytes::from_static(b"{}")).unwrap()
                    });
                    waited += Duration::from_millis(300);
                    call.received(response, at(waited));
                }
                Step::Sleep(wait) => waited += wait,
                Step::Done(_) => return,
            }
        }
    }

    /// Lets the time pass until the next request, with the windows and the scrapes in it.
    fn pass(&mut self, time: Duration) {
        let before = self.now;
        self.now += time;
        if before.as_nanos() / WINDOW.as_nanos() != self.now.as_nanos() / WINDOW.as_nanos() {
            self.left = LIMIT;
        }
        self.left = self.left.saturating_sub(1);
        if before.as_nanos() / SCRAPED_EVERY.as_nanos()
            != self.now.as_nanos() / SCRAPED_EVERY.as_nanos()
        {
            self.scrape();
        }
    }

    fn scrape(&mut self) {
        for line in self.handle.render().lines() {
            // Quantiles are not needed, and comments are no values.
            if line.is_empty() || line.starts_with('#') || line.contains("quantile=") {
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap();
            let values = self.scraped.entry(series.to_owned()).or_default();
            values.resize(self.scrapes, "_".to_owned());
            values.push(value.to_owned());
        }
        self.scrapes += 1;
    }
}

/// A healthy server under full load: now and then an error, as every day.
fn healthy(_: &Hour, number: u64) -> Result<Builder, Fault> {
    match number {
        number if number.is_multiple_of(400) => Ok(Response::builder().status(404)),
        number if number.is_multiple_of(700) => Ok(Response::builder().status(500)),
        number if number.is_multiple_of(1000) => {
            Ok(Response::builder().status(429).header("retry-after", "3"))
        }
        number if number.is_multiple_of(1300) => Err(Fault::outcome_unknown(FaultKind::Timeout)),
        _ => Ok(Response::builder().status(200)),
    }
}

/// Healthy, except for twenty minutes.
fn with_outage(hour: &Hour, number: u64) -> Result<Builder, Fault> {
    let minute = hour.now.as_secs() / 60;
    match (minute, number % 3) {
        (20..40, 0) => Ok(Response::builder().status(503)),
        (20..40, 1) => Err(Fault::outcome_unknown(FaultKind::Timeout)),
        _ => healthy(hour, number),
    }
}

fn with_revoked_token(hour: &Hour, number: u64) -> Result<Builder, Fault> {
    match hour.now.as_secs() / 60 {
        30.. => Ok(Response::builder().status(401)),
        _ => healthy(hour, number),
    }
}

fn with_captcha(hour: &Hour, number: u64) -> Result<Builder, Fault> {
    match hour.now.as_secs() / 60 {
        30..32 => Ok(Response::builder()
            .status(405)
            .header("x-amzn-waf-action", "captcha")),
        _ => healthy(hour, number),
    }
}

/// Which alerts fire at each minute of the hour.
fn tested(name: &str, scraped: &Scraped, expected: &[(u32, &[&str])]) {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/alerts.yml");
    let rules = rules.canonicalize().unwrap();
    let mut test = format!(
        "rule_files:\n  - {}\ntests:\n  - interval: 15s\n    input_series:\n",
        rules.display()
    );
    for (series, values) in scraped {
        writeln!(
            test,
            "      - series: '{series}'\n        values: '{}'",
            values.join(" ")
        )
        .unwrap();
    }
    test += "    alert_rule_test:\n";
    let all = [
        "IntercomTokenRefused",
        "IntercomFailing",
        "IntercomRefusing",
        "IntercomQuotaTaken",
        "IntercomQuotaTooSmall",
        "IntercomSlow",
        "IntercomBlocked",
    ];
    for (minute, firing) in expected {
        for alert in all {
            writeln!(
                test,
                "      - eval_time: {minute}m\n        alertname: {alert}"
            )
            .unwrap();
            if firing.contains(&alert) {
                let rules = std::fs::read_to_string(&rules).unwrap();
                let rule = rules
                    .split("- alert: ")
                    .find(|rule| rule.starts_with(alert))
                    .unwrap();
                let summary = rule
                    .split("summary: ")
                    .nth(1)
                    .unwrap()
                    .lines()
                    .next()
                    .unwrap();
                writeln!(
                    test,
                    "        exp_alerts:\n          - exp_labels: {{}}\n            exp_annotations:\n              summary: \"{summary}\""
                )
                .unwrap();
            }
        }
    }
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.yml"));
    std::fs::write(&file, test).unwrap();
    let output = Command::new("promtool")
        .args(["test", "rules"])
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {text}");
}

/// Whether the tests can run. Debian's package `prometheus` has promtool.
fn has_promtool() -> bool {
    let found = Command::new("promtool").arg("--version").output().is_ok();
    assert!(
        found || std::env::var_os("INTERCOM_TEST_PROMTOOL").is_none(),
        "promtool is not installed"
    );
    if !found {
        eprintln!("skipped: promtool is not installed");
    }
    found
}

/// Each five minutes of an hour, without an alert.
fn silence() -> Vec<(u32, &'static [&'static str])> {
    (1..=11).map(|part| (5 * part, [].as_slice())).collect()
}

#[test]
fn a_busy_healthy_hour_raises_no_alert() {
    if !has_promtool() {
        return;
    }
    let scraped = Hour::run(Duration::from_secs(4), healthy);
    tested("healthy", &scraped, &silence());
}

#[test]
fn an_outage_raises_an_alert_and_ends_it() {
    if !has_promtool() {
        return;
    }
    let scraped = Hour::run(Duration::from_secs(4), with_outage);
    let expected: &[(u32, &[&str])] = &[
        (19, &[]),
        (27, &["IntercomFailing"]),
        (40, &["IntercomFailing"]),
        (46, &[]),
        (59, &[]),
    ];
    tested("outage", &scraped, expected);
}

#[test]
fn each_other_trouble_raises_its_own_alert() {
    if !has_promtool() {
        return;
    }
    let revoked = Hour::run(Duration::from_secs(4), with_revoked_token);
    tested(
        "revoked",
        &revoked,
        &[(29, &[]), (32, &["IntercomTokenRefused"])],
    );
    let captcha = Hour::run(Duration::from_secs(4), with_captcha);
    tested(
        "captcha",
        &captcha,
        &[(29, &[]), (32, &["IntercomBlocked"]), (50, &[])],
    );
    let slow = Hour::run(Duration::from_secs(45), healthy);
    tested(
        "queue",
        &slow,
        &[(5, &[]), (25, &["IntercomQuotaTooSmall"])],
    );
    let taken = Hour::run(Duration::ZERO, |hour, number| {
        let taken = hour.left.min(LIMIT / 20);
        let response = healthy(hour, number)?;
        Ok(response.header("x-ratelimit-remaining", taken))
    });
    tested("taken", &taken, &[(5, &[]), (25, &["IntercomQuotaTaken"])]);
    let refused = Hour::run(Duration::ZERO, |hour, number| match number % 20 {
        0 => Ok(Response::builder().status(429).header("retry-after", "1")),
        _ => healthy(hour, number),
    });
    tested(
        "refused",
        &refused,
        &[(5, &[]), (25, &["IntercomRefusing"])],
    );
}
