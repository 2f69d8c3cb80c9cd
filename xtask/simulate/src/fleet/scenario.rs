//! The scenarios of a fleet: what its processes do, and what goes wrong.

use intercom_pace::fleet::Part;

use crate::scenario::{FrontEnds, Neighbour, ServerHabits};

/// One scenario: some processes that share a quota for some minutes.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(super) name: &'static str,
    pub(super) limits: Vec<(f64, u32)>,
    /// The groups of processes, and how many each has.
    pub(super) groups: Vec<(usize, Demand)>,
    /// Whether they share a ledger. If not, each paces on its own.
    pub(super) has_ledger: bool,
    pub(super) lasts: f64,
    /// When the figures begin.
    pub(super) from: f64,
    pub(super) starts_within: f64,
    /// How long before the end of a window the first process starts. `None`: any time.
    pub(super) starts_before: Option<f64>,
    pub(super) server: ServerHabits,
    pub(super) slowness: f64,
    pub(super) redis: RedisHabits,
    pub(super) faults: Vec<(f64, Fault)>,
    pub(super) neighbour: Option<Neighbour>,
    /// The part of the algorithm that is taken away.
    pub(super) without: Option<Part>,
    pub(super) seeds: u64,
}

/// What the calls of a process are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Demand {
    /// So many workers, each with one call after another.
    Busy(usize),
    /// Single calls, at random, one in so many seconds.
    Rare(f64),
    /// Workers that work for some seconds and then rest for as many.
    ComesAndGoes(usize, f64),
    /// So many calls at once, at this time.
    Burst(usize, f64),
    /// As `Busy`, but outside the fleet: it has no ledger.
    Outside(usize),
}

/// The network between the processes and Redis.
#[derive(Clone, Copy, Debug)]
pub(super) struct RedisHabits {
    /// The median and the spread of the time one way.
    pub(super) latency: (f64, f64),
    /// The share of messages that take `spike` longer.
    pub(super) spiky: f64,
    pub(super) spike: f64,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// Redis is away for so many seconds.
    Down { lasts: f64, forgets: bool },
    /// Redis stops for so many seconds, and then goes on where it was.
    Stopped(f64),
    /// Redis loses its data.
    Flushed,
    /// A replica takes over that lacks the last second, and whose clock is off by so many seconds.
    FailedOver(f64),
    /// So many processes of a hundred die.
    Killed(usize),
    /// All processes are replaced by new ones within so many seconds. `bye`: they end cleanly.
    Replaced { within: f64, bye: bool },
    /// So many processes of a hundred (at least one) do not reach Redis for so many seconds.
    CutOff(usize, f64),
}

impl Default for RedisHabits {
    fn default() -> Self {
        Self {
            latency: (0.0003, 0.6),
            spiky: 0.001,
            spike: 0.05,
        }
    }
}

impl Scenario {
    /// All processes busy, against a server whose front ends are up to 50 ms wrong and whose resets are 2 s late.
    pub(super) fn new(name: &'static str, limit: u32, groups: &[(usize, Demand)]) -> Self {
        Self {
            name,
            limits: vec![(0.0, limit)],
            groups: groups.to_vec(),
            has_ledger: true,
            lasts: 660.0,
            from: 60.0,
            starts_within: 10.0,
            starts_before: None,
            server: ServerHabits {
                reset_offset: 2.0,
                front_ends: FrontEnds::Many(0.05),
                drift: 50e-6,
                ..ServerHabits::default()
            },
            slowness: 1.0,
            redis: RedisHabits::default(),
            faults: Vec::new(),
            neighbour: None,
            without: None,
            seeds: 3,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The same scenario without a ledger.
    pub(super) fn uncoordinated(&self) -> Self {
        let reaches = |fault: &Fault| matches!(fault, Fault::Killed(_) | Fault::Replaced { .. });
        self.clone().with(|it| {
            it.has_ledger = false;
            it.faults.retain(|(_, fault)| reaches(fault));
        })
    }

    /// The same scenario without a part of the algorithm.
    pub(super) fn without(&self, part: Part) -> Self {
        self.clone().with(|it| it.without = Some(part))
    }

    pub(super) fn processes(&self) -> usize {
        self.groups.iter().map(|(count, _)| count).sum()
    }

    /// Whether all processes are busy all the time, for eleven minutes.
    pub(super) fn is_busy(&self) -> bool {
        let busy = |demand: &Demand| matches!(demand, Demand::Busy(_));
        let alike = self.groups.iter().all(|(_, demand)| busy(demand));
        alike && self.neighbour.is_none() && self.lasts == 660.0
    }

    /// The limit at the start.
    pub(super) fn limit(&self) -> u32 {
        self.limits.first().map_or(0, |(_, limit)| *limit)
    }

    /// Whether it has processes that call now and then, whose waits are of interest.
    pub(super) fn has_rare(&self) -> bool {
        let is_rare = |demand: &Demand| matches!(demand, Demand::Rare(_) | Demand::Burst(..));
        self.groups.iter().any(|(_, demand)| is_rare(demand))
    }
}

/// The two limits of all tables: 1,000 a minute, and the 10,000 that Intercom documents.
pub(super) const SMALL: u32 = 167;
pub(super) const LARGE: u32 = 1667;

/// The scenarios of steady work.
pub(super) fn steady() -> Vec<Scenario> {
    let busy = |name, processes, limit| {
        Scenario::new(
            name,
            limit,
            &[(processes, Demand::Busy(workers(processes)))],
        )
    };
    let rare = |name, limit: u32| {
        let groups = [(1, Demand::Busy(100)), (99, Demand::Rare(50.0))];
        Scenario::new(name, limit, &groups).with(|it| it.from = 160.0)
    };
    let part = |name, limit: u32| {
        // The 99 take 40 % of the limit.
        let each = 99.0 * 10.0 / (0.4 * f64::from(limit));
        let groups = [(1, Demand::Busy(200)), (99, Demand::Rare(each))];
        Scenario::new(name, limit, &groups)
    };
    let mixed = |name, limit| {
        let groups = [(10, Demand::Busy(20)), (10, Demand::ComesAndGoes(20, 60.0))];
        Scenario::new(name, limit, &groups)
    };
    let beside = |name, from, to, bursts| {
        Scenario::new(name, LARGE, &[(20, Demand::Busy(20))]).with(|it| {
            it.neighbour = Some(Neighbour {
                share: (from, to),
                bursts,
            });
        })
    };
    vec![
        busy("1 busy, L=167", 1, SMALL),
        busy("1 busy, L=1667", 1, LARGE),
        busy("2 busy, L=167", 2, SMALL),
        busy("2 busy, L=1667", 2, LARGE),
        busy("10 busy, L=167", 10, SMALL),
        busy("10 busy, L=1667", 10, LARGE),
        busy("20 busy, L=167", 20, SMALL),
        busy("20 busy, L=1667", 20, LARGE),
        busy("100 busy, L=167", 100, SMALL),
        busy("100 busy, L=1667", 100, LARGE),
        busy("200 busy, L=167", 200, SMALL),
        busy("200 busy, L=1667", 200, LARGE),
        rare("1 busy, 99 call once in 50 s, L=167", SMALL),
        rare("1 busy, 99 call once in 50 s, L=1667", LARGE),
        part("1 busy, 99 take 40 %, L=167", SMALL),
        part("1 busy, 99 take 40 %, L=1667", LARGE),
        mixed("10 busy, 10 come and go, L=167", SMALL),
        mixed("10 busy, 10 come and go, L=1667", LARGE),
        beside("20 busy, neighbour takes 30 %", 0.3, 0.3, 0),
        beside("20 busy, neighbour takes half in a burst", 0.5, 0.5, 1),
        beside("20 busy, neighbour takes 10-90 % in 2 bursts", 0.1, 0.9, 2),
        Scenario::new(
            "20 busy, 1 outside the fleet",
            LARGE,
            &[(20, Demand::Busy(20)), (1, Demand::Outside(20))],
        ),
        Scenario::new(
            "50 at quarter load, 1,000 calls at once",
            LARGE,
            &[(50, Demand::Rare(1.2)), (1, Demand::Burst(1000, 300.0))],
        ),
        busy("100 busy, L=1667, 1 h", 100, LARGE).with(hour),
        busy("100 busy, L=167, 1 h", 100, SMALL).with(hour),
    ]
}

fn hour(scenario: &mut Scenario) {
    scenario.lasts = 3660.0;
    scenario.server.front_ends = FrontEnds::Many(0.2);
    scenario.seeds = 1;
}

/// Enough workers for a process to use its part of the large limit in a quarter of a window.
fn workers(processes: usize) -> usize {
    match processes {
        1 => 100,
        2 => 50,
        _ => 20,
    }
}

/// The scenarios that show what a part of the algorithm is worth: the part, what takes it away, and the scenario's name and number
/// of processes.
pub(super) const PARTS: [(Part, &str, &str, usize); 20] = [
    (
        Part::Quarantine,
        "no quarantine",
        "FLUSHALL, three times",
        20,
    ),
    (
        Part::Quarantine,
        "no quarantine",
        "FLUSHALL, three times",
        100,
    ),
    (
        Part::Grace,
        "no grace",
        "failover six times, last second lost",
        20,
    ),
    (
        Part::Grace,
        "no grace",
        "failover six times, last second lost",
        100,
    ),
    (
        Part::Neighbours,
        "neighbours ignored",
        "20 busy, neighbour takes 30 %",
        20,
    ),
    (
        Part::Returns,
        "nothing returned",
        "1 busy, 99 take 40 %, L=1667",
        100,
    ),
    (
        Part::Returns,
        "nothing returned",
        "10 busy, 10 come and go, L=167",
        20,
    ),
    (
        Part::LastReturn,
        "no last return",
        "1 busy, 99 take 40 %, L=1667",
        100,
    ),
    (
        Part::LastReturn,
        "no last return",
        "10 busy, 10 come and go, L=167",
        20,
    ),
    (
        Part::Reserve,
        "no reserve",
        "1 busy, 99 call once in 50 s, L=1667",
        100,
    ),
    (
        Part::Reserve,
        "no reserve",
        "1 busy, 99 call once in 50 s, L=167",
        100,
    ),
    (Part::Guard, "no guard", "round trip four times as long", 20),
    (
        Part::StandingShares,
        "shares of one window",
        "100 busy, L=1667",
        100,
    ),
    (
        Part::StandingShares,
        "shares of one window",
        "100 busy, L=167",
        100,
    ),
    (
        Part::StaggeredRenewal,
        "all renewed together",
        "100 busy, L=167",
        100,
    ),
    (
        Part::Credit,
        "first come, first served",
        "200 busy, L=167",
        200,
    ),
    (Part::NewestLimit, "any limit believed", CUT, 200),
    (Part::Sentinels, "no sentinels", "100 busy, L=167", 100),
    (
        Part::WaitingForWord,
        "probe not followed by a wait",
        "1 busy, L=1667",
        1,
    ),
    (
        Part::WaitingForWord,
        "probe not followed by a wait",
        "all start at once",
        20,
    ),
];

/// The scenarios with faults: each for 20 processes at the large limit, and for 100 at the small one.
pub(super) fn faulty() -> Vec<Scenario> {
    let thrice = |fault: Fault| vec![(100.0, fault), (180.0, fault), (260.0, fault)];
    let faults: Vec<(&'static str, Vec<(f64, Fault)>)> = vec![
        ("none", vec![]),
        (
            "Redis away for 100 s at the start",
            vec![(0.0, down(100.0, true))],
        ),
        (
            "Redis away for 60 s, memory lost",
            vec![(120.0, down(60.0, true))],
        ),
        (
            "Redis away for 60 s, memory kept",
            vec![(120.0, down(60.0, false))],
        ),
        (
            "Redis stopped for 5 s, three times",
            thrice(Fault::Stopped(5.0)),
        ),
        (
            "Redis stopped for 30 s",
            vec![(120.0, Fault::Stopped(30.0))],
        ),
        ("FLUSHALL, three times", thrice(Fault::Flushed)),
        (
            "failover six times, last second lost",
            (0..6).map(failover).collect(),
        ),
        ("30 % killed", vec![(120.0, Fault::Killed(30))]),
        (
            "all replaced in 40 s, killed",
            vec![(120.0, replaced(false))],
        ),
        (
            "all replaced in 40 s, with bye",
            vec![(120.0, replaced(true))],
        ),
        (
            "one cut off for 120 s",
            vec![(120.0, Fault::CutOff(0, 120.0))],
        ),
        (
            "half cut off for 120 s",
            vec![(120.0, Fault::CutOff(50, 120.0))],
        ),
    ];
    let faults = faults.into_iter().flat_map(|(name, faults)| {
        pair(name).map(|it| it.with(|it| it.faults.clone_from(&faults)))
    });
    let crowd = Scenario::new(CUT, SMALL, &[(200, Demand::Busy(20))]).with(cut);
    let late = Scenario::new(LATE_START, SMALL, &[(20, Demand::Busy(20))]).with(|it| {
        (it.starts_within, it.starts_before) = (0.3, Some(2.0));
        it.lasts = 360.0;
    });
    faults.chain(changed()).chain([crowd, late]).collect()
}

pub(super) const LATE_START: &str = "all start 2 s before a turn";

const CUT: &str = "limit halves in a window";

fn cut(scenario: &mut Scenario) {
    let limit = scenario.limit();
    scenario.limits.push((203.0, limit / 2));
}

/// A change to a scenario.
type Change = (&'static str, fn(&mut Scenario));

/// The scenarios with other conditions.
fn changed() -> impl Iterator<Item = Scenario> {
    let changes: [Change; 10] = [
        ("all start at once", |it| it.starts_within = 0.0),
        (CUT, cut),
        ("round trip four times as long", |it| it.slowness = 4.0),
        ("2 % of responses are 500", |it| {
            it.server.server_errors = 0.02
        }),
        ("Remaining after", |it| it.server.remaining_after = true),
        ("front ends up to 1 s wrong", |it| {
            it.server.front_ends = FrontEnds::Many(1.0)
        }),
        ("two front ends 2 s apart", |it| {
            it.server.front_ends = FrontEnds::Two(1.0)
        }),
        ("Redis 20 ms away", |it| {
            it.redis = RedisHabits {
                latency: (0.02, 0.3),
                spiky: 0.05,
                spike: 0.05,
            };
        }),
        ("Redis 50 ms away, with spikes", |it| {
            it.redis = RedisHabits {
                latency: (0.05, 0.4),
                spiky: 0.3,
                spike: 0.05,
            };
        }),
        ("hidden limit of 60 %", |it| it.server.hidden = 0.6),
    ];
    let changes = changes.into_iter();
    changes.flat_map(|(name, change)| pair(name).map(|it| it.with(change)))
}

fn pair(name: &'static str) -> [Scenario; 2] {
    [(20, LARGE), (100, SMALL)].map(|(processes, limit)| {
        Scenario::new(
            name,
            limit,
            &[(processes, Demand::Busy(workers(processes)))],
        )
        .with(|it| it.lasts = 360.0)
    })
}

/// One of several failovers, at different phases of a window, to a machine with another clock.
fn failover(number: u32) -> (f64, Fault) {
    let clock = if number % 2 == 0 { 180.0 } else { -300.0 };
    (100.0 + 23.0 * f64::from(number), Fault::FailedOver(clock))
}

fn down(lasts: f64, forgets: bool) -> Fault {
    Fault::Down { lasts, forgets }
}

fn replaced(bye: bool) -> Fault {
    Fault::Replaced { within: 40.0, bye }
}
