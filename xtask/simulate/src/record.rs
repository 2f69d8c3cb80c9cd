//! The events of one run, and its figures.

use std::collections::{BTreeMap, VecDeque};

use super::fluid;
use super::scenario::Scenario;
use super::server::Server;

/// Fairness is measured from this time on, in seconds, because shares need time to settle.
const SETTLED: f64 = 20.0;

/// The events of one run.
#[derive(Debug)]
pub(super) struct Record {
    scenario: Scenario,
    /// The times of all arrivals at the server, and whether each was refused.
    pub(super) arrivals: Vec<(f64, bool)>,
    /// The times at which calls were done, and their processes.
    pub(super) done: Vec<(f64, usize)>,
    ended: Vec<f64>,
    windows: BTreeMap<i64, Counts>,
    neighbour_sent: u32,
    neighbour_refused: u32,
    lately: VecDeque<f64>,
    peak: usize,
    longest_wait: f64,
    first_finish: Option<f64>,
    pub(super) figures: Figures,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    accepted: usize,
    neighbour_wants: usize,
}

/// The figures of one run, or the means of several.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    /// Percent of all sends that were refused.
    pub(super) refused: f64,
    pub(super) refusals: f64,
    /// Percent of the quota left to us that was used, over the windows with enough calls left to use it. Not a number without
    /// such a window.
    pub(super) goodput: f64,
    /// Seconds behind a fluid that uses every slot at once.
    pub(super) late: f64,
    /// The most arrivals in any 100 ms.
    pub(super) peak: f64,
    pub(super) longest_wait: f64,
    /// Jain's index of the calls done by each process.
    pub(super) fairness: f64,
    /// Percent of the calls that were given up.
    pub(super) lost: f64,
    /// Percent of the neighbour's requests that were refused.
    pub(super) neighbour_refused: f64,
}

impl Record {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            scenario: scenario.clone(),
            arrivals: Vec::new(),
            done: Vec::new(),
            ended: Vec::new(),
            windows: BTreeMap::new(),
            neighbour_sent: 0,
            neighbour_refused: 0,
            lately: VecDeque::new(),
            peak: 0,
            longest_wait: 0.0,
            first_finish: None,
            figures: Figures::default(),
        }
    }

    pub(super) fn arrived(&mut self, time: f64, refused: bool, window: i64) {
        self.arrivals.push((time, refused));
        self.lately.push_back(time);
        while self.lately.front().is_some_and(|first| time - first > 0.1) {
            self.lately.pop_front();
        }
        self.peak = self.peak.max(self.lately.len());
        self.windows.entry(window).or_default().accepted += usize::from(!refused);
    }

    pub(super) fn ended(&mut self, process: usize, time: f64, wait: f64, done: bool) {
        self.ended.push(time);
        self.longest_wait = self.longest_wait.max(wait);
        if done {
            self.done.push((time, process));
        }
    }

    pub(super) fn process_finished(&mut self, time: f64) {
        self.first_finish.get_or_insert(time);
    }

    pub(super) fn neighbour(&mut self, refused: bool) {
        self.neighbour_sent += 1;
        self.neighbour_refused += u32::from(refused);
    }

    pub(super) fn neighbour_wants(&mut self, window: i64, requests: usize) {
        self.windows.entry(window).or_default().neighbour_wants = requests;
    }

    pub(super) fn finish(&mut self, time: f64, server: &Server) {
        let refusals = self.arrivals.iter().filter(|(_, refused)| *refused).count();
        let calls = self.ended.len();
        self.figures = Figures {
            refused: percent(refusals, self.arrivals.len()),
            refusals: refusals as f64,
            goodput: self.goodput(server),
            late: time
                - fluid::Curve::new(&self.scenario, server, |window| {
                    self.left_to_us(server, window)
                })
                .end(),
            peak: self.peak as f64,
            longest_wait: self.longest_wait,
            fairness: self.fairness(),
            lost: percent(calls - self.done.len(), calls),
            neighbour_refused: percent(
                self.neighbour_refused as usize,
                self.neighbour_sent as usize,
            ),
        };
    }

    /// The requests that a window grants, minus those that the neighbour wants.
    fn left_to_us(&self, server: &Server, window: i64) -> usize {
        let granted = server.granted(server.opens(window).max(0.0)) as usize;
        let wants = self
            .windows
            .get(&window)
            .map_or(0, |counts| counts.neighbour_wants);
        granted.saturating_sub(wants)
    }

    fn goodput(&self, server: &Server) -> f64 {
        let (mut used, mut left) = (0, 0);
        let last = self.ended.last().map_or(0, |time| server.window_at(*time));
        for window in server.window_at(0.0) + 1..last {
            let ended = self
                .ended
                .partition_point(|time| *time < server.opens(window));
            let ours = self.left_to_us(server, window);
            if self.ended.len() - ended >= ours {
                used += self
                    .windows
                    .get(&window)
                    .map_or(0, |counts| counts.accepted);
                left += ours;
            }
        }
        if left == 0 {
            return f64::NAN;
        }
        percent(used, left)
    }

    /// Jain's index, from the time at which shares have settled until the first process is done.
    fn fairness(&self) -> f64 {
        let until = self.first_finish.unwrap_or(f64::INFINITY);
        let mut done = vec![0.0_f64; self.scenario.processes];
        for (time, process) in &self.done {
            if (SETTLED..until).contains(time) {
                if let Some(done) = done.get_mut(*process) {
                    *done += 1.0;
                }
            }
        }
        let sum: f64 = done.iter().sum();
        let squares: f64 = done.iter().map(|done| done * done).sum();
        if squares > 0.0 {
            sum * sum / (done.len() as f64 * squares)
        } else {
            1.0
        }
    }
}

impl Figures {
    /// The means of all figures except the longest wait, which is the maximum.
    pub(super) fn mean(runs: &[Self]) -> Self {
        let mean = |figure: fn(&Self) -> f64| {
            runs.iter().map(figure).sum::<f64>() / runs.len().max(1) as f64
        };
        Self {
            refused: mean(|run| run.refused),
            refusals: mean(|run| run.refusals),
            goodput: mean(|run| run.goodput),
            late: mean(|run| run.late),
            peak: mean(|run| run.peak),
            longest_wait: runs.iter().map(|run| run.longest_wait).fold(0.0, f64::max),
            fairness: mean(|run| run.fairness),
            lost: mean(|run| run.lost),
            neighbour_refused: mean(|run| run.neighbour_refused),
        }
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    100.0 * part as f64 / whole as f64
}
