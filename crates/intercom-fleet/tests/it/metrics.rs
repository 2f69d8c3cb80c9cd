//! Events as metrics, collected by a recorder.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit, with_local_recorder,
};
use intercom_fleet::metrics::{describe, record};
use intercom_fleet::{Change, FleetEvent, Trouble};

/// The series that were recorded, by name and label, each with its value or the sum of its values.
#[derive(Clone, Default)]
struct Series(Arc<Mutex<BTreeMap<String, f64>>>);

struct One(Series, String);

impl Series {
    fn one(&self, key: &Key) -> Arc<One> {
        let labels = key
            .labels()
            .map(|label| format!(" {}={}", label.key(), label.value()));
        let name = key.name().to_owned() + &labels.collect::<String>();
        Arc::new(One(self.clone(), name))
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

    fn absolute(&self, _: u64) {}
}

impl GaugeFn for One {
    fn increment(&self, _: f64) {}

    fn decrement(&self, _: f64) {}

    fn set(&self, to: f64) {
        self.change(|value| *value = to);
    }
}

impl HistogramFn for One {
    fn record(&self, sample: f64) {
        self.change(|value| *value += sample);
    }
}

impl Recorder for Series {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().insert(name.as_str().to_owned(), 0.0);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe_counter(name, unit, text);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe_counter(name, unit, text);
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

#[test]
fn every_event_is_counted_or_measured() {
    let series = Series::default();
    with_local_recorder(&series, || {
        for event in [
            FleetEvent::RoundTrip(Duration::from_millis(2)),
            FleetEvent::Lease(Change::Joined {
                hold: 12,
                share: 16,
            }),
            FleetEvent::Lease(Change::Granted { slots: 3 }),
            FleetEvent::Lease(Change::Granted { slots: 4 }),
            FleetEvent::Lease(Change::Returned { slots: 5 }),
            FleetEvent::Lease(Change::Renewed { share: 20 }),
            FleetEvent::Trouble(Trouble::TimedOut),
            FleetEvent::Lease(Change::LostLedger),
            FleetEvent::Lease(Change::FellBack),
            FleetEvent::Recovered,
        ] {
            record(&event);
        }
    });
    let lines = series.0.lock().unwrap();
    let lines: Vec<_> = lines
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    intercom_fleet_borrowed_slots_total 7
    intercom_fleet_lease_changes_total change=borrowed 2
    intercom_fleet_lease_changes_total change=fell_back 1
    intercom_fleet_lease_changes_total change=joined 1
    intercom_fleet_lease_changes_total change=lost_ledger 1
    intercom_fleet_lease_changes_total change=renewed 1
    intercom_fleet_lease_changes_total change=returned 1
    intercom_fleet_leased 0
    intercom_fleet_returned_slots_total 5
    intercom_fleet_round_trip_seconds 0.002
    intercom_fleet_share 20
    intercom_fleet_troubles_total trouble=timed_out 1
    ");
}

#[test]
fn a_process_that_borrows_has_a_lease() {
    let series = Series::default();
    with_local_recorder(&series, || {
        record(&FleetEvent::Lease(Change::FellBack));
        record(&FleetEvent::Lease(Change::Granted { slots: 1 }));
    });
    assert_eq!(series.0.lock().unwrap()["intercom_fleet_leased"], 1.0);
}

#[test]
fn every_metric_is_described_under_the_name_in_the_documentation() {
    let series = Series::default();
    with_local_recorder(&series, describe);
    let documentation = include_str!("../../src/metrics.rs");
    let documented = |name: &&String| documentation.contains(&format!("//! | `{name}` |"));
    let described = series.0.lock().unwrap();
    assert_eq!(described.keys().filter(documented).count(), described.len());
    assert_eq!(
        documentation.matches("//! | `intercom_fleet_").count(),
        described.len()
    );
}
