//! Events as metrics, collected by a recorder.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use intercom_protocol::observe::MetricsObserver;
use intercom_protocol::{ApiRequest, Call, Caller, Config, Fault, FaultKind, Step, ready};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit, with_local_recorder,
};

use crate::scripted::{Exchange, ScriptedCaller, config, moment, refusal, response, response_with};

/// The series that were recorded, by name and labels, each with the sum of its values.
#[derive(Clone, Default)]
struct Series(Arc<Mutex<BTreeMap<String, f64>>>);

/// One series.
struct One(Series, String);

impl Series {
    fn one(&self, key: &Key) -> Arc<One> {
        let labels: Vec<_> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::new(One(self.clone(), name))
    }

    /// A description is kept like a series without labels.
    fn describe(&self, name: &KeyName) {
        self.0.lock().unwrap().insert(name.as_str().to_owned(), 0.0);
    }

    fn lines(&self) -> String {
        let series = self.0.lock().unwrap();
        let lines = series
            .iter()
            .filter(|(name, _)| !name.contains("duration"))
            .map(|(name, value)| format!("{name} {value}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// How many series each metric has.
    fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for name in self.0.lock().unwrap().keys() {
            let metric = name.split('{').next().unwrap().to_owned();
            *counts.entry(metric).or_default() += 1;
        }
        counts
    }
}

impl One {
    fn change(&self, change: impl FnOnce(&mut f64)) {
        change(self.0.0.lock().unwrap().entry(self.1.clone()).or_default());
    }
}

impl CounterFn for One {
    fn increment(&self, by: u64) {
        self.change(|value| *value += by as f64);
    }

    fn absolute(&self, to: u64) {
        self.change(|value| *value = to as f64);
    }
}

impl GaugeFn for One {
    fn increment(&self, by: f64) {
        self.change(|value| *value += by);
    }

    fn decrement(&self, by: f64) {
        self.change(|value| *value -= by);
    }

    fn set(&self, to: f64) {
        self.change(|value| *value = to);
    }
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        self.change(|sum| *sum += value);
    }
}

impl Recorder for Series {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.one(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}

fn measured() -> Config {
    config().observer(MetricsObserver::new())
}

/// Makes one call with these responses.
fn call(request: ApiRequest, responses: impl IntoIterator<Item = Exchange>) {
    let caller = ScriptedCaller::new(responses).with(measured());
    drop(ready(caller.call(request)).unwrap());
}

#[test]
fn calls_requests_errors_and_waits_are_counted() {
    let series = Series::default();
    with_local_recorder(&series, || {
        let quota = [
            ("x-ratelimit-limit", "200"),
            ("x-ratelimit-remaining", "50"),
        ];
        let busy = || response(503, "");
        let contact = |id: &str| ApiRequest::get("/contacts").segment(id);
        call(contact("5f1"), [busy(), response_with(200, &quota, "{}")]);
        call(
            contact("5f2"),
            [refusal(404, "not_found", "User Not Found")],
        );
        call(contact("5f3"), [refusal(400, "made_up_today", "?")]);
        let lost = || Err(Fault::outcome_unknown(FaultKind::Closed));
        call(ApiRequest::post("/messages"), [lost()]);
    });
    insta::assert_snapshot!(series.lines(), @r"
    intercom_api_calls_total{route=/contacts/{id},method=GET,outcome=api} 2
    intercom_api_calls_total{route=/contacts/{id},method=GET,outcome=ok} 1
    intercom_api_calls_total{route=/messages,method=POST,outcome=fault} 1
    intercom_api_errors_total{route=/contacts/{id},code=not_found,status=404} 1
    intercom_api_errors_total{route=/contacts/{id},code=other,status=400} 1
    intercom_api_errors_total{route=/contacts/{id},code=server,status=503} 1
    intercom_api_errors_total{route=/messages,code=connection,status=none} 1
    intercom_api_requests_in_flight{} 0
    intercom_api_requests_total{route=/contacts/{id},method=GET,status=200} 1
    intercom_api_requests_total{route=/contacts/{id},method=GET,status=400} 1
    intercom_api_requests_total{route=/contacts/{id},method=GET,status=404} 1
    intercom_api_requests_total{route=/contacts/{id},method=GET,status=503} 1
    intercom_api_requests_total{route=/messages,method=POST,status=none} 1
    intercom_api_wait_seconds{cause=backoff} 0.5
    intercom_rate_limit_remaining_ratio{} 0.25
    intercom_rate_limit{} 200
    ");
}

#[test]
fn a_thousand_calls_of_fifty_contacts_have_few_series() {
    let series = Series::default();
    with_local_recorder(&series, || {
        for number in 0..1000 {
            let contact = format!("user{}@example.org", number % 50);
            let request = ApiRequest::get("/contacts").segment(&contact);
            match number % 5 {
                0 => call(request, [refusal(404, "not_found", "User Not Found")]),
                1 => call(request, [response(500, ""), response(200, "{}")]),
                _ => call(request, [response(200, "{}")]),
            }
        }
    });
    let counts = series.counts();
    assert!(counts.values().all(|count| *count <= 20), "{counts:?}");
    assert!(!series.lines().contains("example.org"));
}

#[test]
fn a_dropped_call_leaves_no_request_in_flight() {
    let series = Series::default();
    let now = moment(std::time::Duration::ZERO);
    with_local_recorder(&series, || {
        let connection = measured().build().unwrap();
        for sends in [false, true] {
            let mut call = Call::new(&connection, ApiRequest::get("/me"), now);
            let Step::Admit(ask) = call.next(now) else {
                unreachable!("a new call asks the gate");
            };
            if sends {
                call.admitted(ask.free(), now);
                assert!(matches!(call.next(now), Step::Send(_)));
            }
        }
    });
    insta::assert_snapshot!(series.lines(), @r"
    intercom_api_calls_total{route=/me,method=GET,outcome=dropped} 2
    intercom_api_requests_in_flight{} 0
    ");
}

#[test]
fn invented_methods_make_no_series() {
    let series = Series::default();
    with_local_recorder(&series, || {
        for number in 0..30 {
            let method = format!("M{number}").parse().unwrap();
            call(ApiRequest::new(method, "/me"), []);
        }
    });
    assert!(series.counts().values().all(|count| *count == 1));
}

#[test]
fn wait_for_another_scroll_is_measured() {
    use intercom_mock::{Method, MockServer, Scripted};
    use intercom_protocol::observe::Observer;

    use crate::walks::World;

    let series = Series::default();
    with_local_recorder(&series, || {
        let observer = MetricsObserver::new();
        let world = World::observed(MockServer::builder(), move |event| observer.event(event));
        let exists = Scripted::error(400, "scroll_exists", "scroll already exists");
        let scripts = [exists.clone(), exists];
        world
            .server
            .script(Method::GET, "/companies/scroll", scripts);
        let walk = world.walk(ApiRequest::get("/companies/scroll"));
        assert_eq!(walk.count(), 0);
    });
    let lines = series.lines();
    assert!(
        lines.contains("intercom_api_wait_seconds{cause=scroll_idle} 120"),
        "{lines}"
    );
}

#[test]
fn each_metric_is_described() {
    let (described, recorded) = (Series::default(), Series::default());
    with_local_recorder(&described, MetricsObserver::describe);
    with_local_recorder(&recorded, || {
        let quota = [
            ("x-ratelimit-limit", "200"),
            ("x-ratelimit-remaining", "50"),
        ];
        call(
            ApiRequest::get("/me"),
            [response(503, ""), response_with(200, &quota, "{}")],
        );
    });
    let names = |series: &Series| series.counts().into_keys().collect::<Vec<_>>();
    assert_eq!(names(&described), names(&recorded));
}

#[test]
fn limit_of_zero_has_no_ratio() {
    let series = Series::default();
    with_local_recorder(&series, || {
        let none = [("x-ratelimit-limit", "0"), ("x-ratelimit-remaining", "0")];
        call(ApiRequest::get("/me"), [response_with(200, &none, "{}")]);
    });
    let lines = series.lines();
    assert!(lines.contains("intercom_rate_limit{} 0"), "{lines}");
    assert!(!lines.contains("ratio"), "{lines}");
}
