//! The ideal: calls as a fluid that uses every slot as soon as it is free.

use super::scenario::{MEAN_ROUND_TRIP, Scenario};
use super::server::Server;

/// The progress of the fluid: straight lines between points of time and calls done.
#[derive(Clone, Debug)]
pub(super) struct Curve(Vec<(f64, f64)>);

impl Curve {
    /// Computes the curve; `left` returns how many requests a window leaves to us.
    pub(super) fn new(scenario: &Scenario, server: &Server, left: impl Fn(i64) -> usize) -> Self {
        let round_trip = MEAN_ROUND_TRIP * scenario.network.slowness;
        let rate = (scenario.processes * scenario.workers) as f64 / round_trip;
        let calls = scenario.calls as f64;
        let first = server.window_at(0.0);
        let (mut points, mut done) = (vec![(0.0, 0.0)], 0.0);
        for window in first..first + 100_000 {
            let (opens, closes) = (server.opens(window).max(0.0), server.opens(window + 1));
            let mut slots = left(window) as f64;
            if window == first {
                slots *= 1.0 - scenario.server.gone;
            }
            let now = slots.min(rate * (closes - opens)).min(calls - done);
            points.push((opens + round_trip, done));
            done += now;
            points.push((opens + now / rate + round_trip, done));
            if done >= calls {
                break;
            }
        }
        Self(points)
    }

    /// The time at which the job is done.
    pub(super) fn end(&self) -> f64 {
        self.0.last().map_or(0.0, |(time, _)| *time)
    }

    /// The points as time and percent of the calls.
    pub(super) fn points(&self, calls: usize) -> impl Iterator<Item = (f64, f64)> {
        let percent = 100.0 / calls as f64;
        self.0
            .iter()
            .map(move |(time, done)| (*time, done * percent))
    }
}
