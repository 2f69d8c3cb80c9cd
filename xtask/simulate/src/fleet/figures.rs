//! What is measured in a run of a fleet.

use std::collections::{BTreeMap, VecDeque};

use super::scenario::{Demand, Scenario};
use crate::server::Server;

/// The figures of one run, or of several together.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    /// When measuring begins and ends.
    from: f64,
    to: f64,
    windows: BTreeMap<i64, Counts>,
    lately: VecDeque<f64>,
    /// Whether each process works all the time.
    works: Vec<bool>,
    rare_waits: Vec<f64>,
    sent: usize,
    sent_later: usize,
    refused: usize,
    trips: usize,
    neighbour: (usize, usize),
    /// Percent of all sends that were refused, the warm-up included.
    pub(super) refused_percent: f64,
    /// Refusals after the warm-up.
    pub(super) refused_later: f64,
    /// Percent of the quota left to us that was used, in all windows and in the worst.
    pub(super) used: f64,
    pub(super) worst: f64,
    /// Jain's index of the calls done by each process that works all the time.
    pub(super) fairness: f64,
    /// Messages to Redis for each request.
    pub(super) trips_each: f64,
    /// The most arrivals in any 100 ms.
    pub(super) peak: f64,
    pub(super) longest_wait: f64,
    /// The longest wait of the process outside the fleet.
    pub(super) longest_outside: f64,
    /// The median and the 99th percentile of the waits of single calls for their admission.
    pub(super) rare_median: f64,
    pub(super) rare_99: f64,
    /// Percent of the neighbour's requests that were refused.
    pub(super) neighbour_refused: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    accepted: usize,
    neighbour_wants: usize,
}

impl Figures {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let works = |demand: &Demand| matches!(demand, Demand::Busy(_));
        let groups = scenario.groups.iter();
        let all = groups.flat_map(|(count, demand)| vec![works(demand); *count]);
        Self {
            from: scenario.from,
            to: scenario.lasts,
            works: all.collect(),
            ..Self::default()
        }
    }

    /// A call was admitted after this wait.
    pub(super) fn admitted(&mut self, demand: Demand, time: f64, wait: f64) {
        if matches!(demand, Demand::Rare(_) | Demand::Burst(..)) && time >= self.from {
            self.rare_waits.push(wait);
        }
    }

    pub(super) fn arrived(&mut self, time: f64, refused: bool, window: i64, outside: bool) {
        self.lately.push_back(time);
        while self.lately.front().is_some_and(|first| time - first > 0.1) {
            self.lately.pop_front();
        }
        if !outside {
            self.sent += 1;
            self.refused += usize::from(refused);
        }
        if time >= self.from {
            self.peak = self.peak.max(self.lately.len() as f64);
            self.sent_later += usize::from(!outside);
            self.refused_later += f64::from(u8::from(refused && !outside));
        }
        if !refused {
            self.windows.entry(window).or_default().accepted += 1;
        }
    }

    pub(super) fn ended(&mut self, time: f64, wait: f64, outside: bool) {
        if time >= self.from {
            let longest = if outside {
                &mut self.longest_outside
            } else {
                &mut self.longest_wait
            };
            *longest = longest.max(wait);
        }
    }

    pub(super) fn tripped(&mut self, time: f64) {
        self.trips += usize::from(time >= self.from);
    }

    pub(super) fn neighbour(&mut self, refused: bool) {
        self.neighbour.0 += 1;
        self.neighbour.1 += usize::from(refused);
    }

    pub(super) fn neighbour_wants(&mut self, window: i64, requests: usize) {
        self.windows.entry(window).or_default().neighbour_wants = requests;
    }

    /// Computes the figures. `done` has the calls that each process has done after the warm-up.
    pub(super) fn finish(&mut self, server: &Server, done: &[usize]) {
        self.refused_percent = percent(self.refused, self.sent);
        self.trips_each = self.trips as f64 / self.sent_later.max(1) as f64;
        self.neighbour_refused = percent(self.neighbour.1, self.neighbour.0);
        let (mut used, mut left) = (0, 0);
        self.worst = 100.0;
        for window in server.window_at(self.from) + 1..server.window_at(self.to) {
            let counts = self.windows.get(&window).copied().unwrap_or_default();
            let granted = server.granted(server.opens(window)) as usize;
            let ours = granted.saturating_sub(counts.neighbour_wants);
            used += counts.accepted;
            left += ours;
            self.worst = self.worst.min(percent(counts.accepted, ours));
        }
        self.used = percent(used, left);
        let works = done.iter().zip(&self.works).filter(|(_, works)| **works);
        self.fairness = jain(works.map(|(done, _)| *done as f64));
        self.rare_waits.sort_by(f64::total_cmp);
        self.rare_median = self.quantile(0.5);
        self.rare_99 = self.quantile(0.99);
    }

    fn quantile(&self, part: f64) -> f64 {
        let place = (part * self.rare_waits.len() as f64) as usize;
        self.rare_waits.get(place).copied().unwrap_or(f64::NAN)
    }

    /// The figures of several runs: refusals are added up, extremes are extremes, all others are means.
    pub(super) fn together(runs: &[Self]) -> Self {
        let values = |figure: fn(&Self) -> f64| runs.iter().map(figure).filter(|it| !it.is_nan());
        let mean = |figure: fn(&Self) -> f64| {
            // Without a value, this is not a number.
            values(figure).sum::<f64>() / values(figure).count() as f64
        };
        let most = |figure: fn(&Self) -> f64| values(figure).fold(0.0, f64::max);
        Self {
            refused_percent: mean(|it| it.refused_percent),
            refused_later: values(|it| it.refused_later).sum(),
            used: mean(|it| it.used),
            worst: values(|it| it.worst).fold(100.0, f64::min),
            fairness: mean(|it| it.fairness),
            trips_each: mean(|it| it.trips_each),
            peak: most(|it| it.peak),
            longest_wait: most(|it| it.longest_wait),
            longest_outside: most(|it| it.longest_outside),
            rare_median: mean(|it| it.rare_median),
            rare_99: mean(|it| it.rare_99),
            neighbour_refused: mean(|it| it.neighbour_refused),
            ..Self::default()
        }
    }
}

fn jain(done: impl Iterator<Item = f64> + Clone) -> f64 {
    let (sum, squares, count) = done.fold((0.0, 0.0, 0.0), |(sum, squares, count), done| {
        (sum + done, squares + done * done, count + 1.0)
    });
    if squares > 0.0 {
        sum * sum / (count * squares)
    } else {
        f64::NAN
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
