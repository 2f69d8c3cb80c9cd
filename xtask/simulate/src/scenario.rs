//! The scenarios: servers, networks and jobs.

use fastrand::Rng;

/// Latencies to the server, in the server and back: median in seconds, and spread of the logarithm.
pub(super) const FORWARD: (f64, f64) = (0.030, 0.5);
pub(super) const WORK: (f64, f64) = (0.035, 0.6);
pub(super) const BACK: (f64, f64) = (0.030, 0.5);

/// The mean round trip of the latencies above, in seconds.
pub(super) const MEAN_ROUND_TRIP: f64 = 0.110;

/// One scenario: a job of calls against a server with certain habits.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    /// The group's letter in the report.
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    /// The limits, each with the time from which it holds.
    pub(super) limits: Vec<(f64, u32)>,
    pub(super) processes: usize,
    /// Workers of each process; each runs one call at a time.
    pub(super) workers: usize,
    /// Processes start at random times within this many seconds.
    pub(super) starts_within: f64,
    /// Calls of all processes together.
    pub(super) calls: usize,
    pub(super) server: ServerHabits,
    pub(super) network: Network,
    /// The error of the clients' wall clock, in seconds.
    pub(super) wall_skew: f64,
    pub(super) neighbour: Option<Neighbour>,
    pub(super) seeds: u64,
}

/// How the server counts, and which headers it sends.
#[derive(Clone, Debug)]
pub(super) struct ServerHabits {
    pub(super) window: f64,
    /// Where windows begin, modulo their length.
    pub(super) phase: f64,
    pub(super) reset_offset: f64,
    pub(super) remaining_after: bool,
    pub(super) refusals_count: bool,
    pub(super) sends_date: bool,
    pub(super) sends_quota: bool,
    /// `Date` is stamped when the request arrives, instead of when the response leaves.
    pub(super) date_at_arrival: bool,
    pub(super) front_ends: FrontEnds,
    /// Seconds that its clock gains each second.
    pub(super) drift: f64,
    /// The share of the limit that it really grants.
    pub(super) hidden: f64,
    /// The share of the first window that is used before the job starts.
    pub(super) gone: f64,
    pub(super) server_errors: f64,
}

/// The clocks of the machines that stamp `Date`.
#[derive(Clone, Copy, Debug)]
pub(super) enum FrontEnds {
    /// Two machines: one is ahead by this many seconds, one is behind.
    Two(f64),
    /// Many machines, each wrong by up to this many seconds.
    Many(f64),
}

impl FrontEnds {
    /// By how many seconds the next response's clock is ahead.
    pub(super) fn skew(self, rng: &mut Rng) -> f64 {
        let either_way = 2.0 * rng.f64() - 1.0;
        match self {
            Self::Two(seconds) => seconds * either_way.signum(),
            Self::Many(seconds) => seconds * either_way,
        }
    }
}

impl Default for ServerHabits {
    fn default() -> Self {
        Self {
            window: 10.0,
            phase: 0.0,
            reset_offset: 0.0,
            remaining_after: false,
            refusals_count: false,
            sends_date: true,
            sends_quota: true,
            date_at_arrival: false,
            front_ends: FrontEnds::Two(0.0),
            drift: 0.0,
            hidden: 1.0,
            gone: 0.0,
            server_errors: 0.0,
        }
    }
}

/// Latency, losses and stalls of the network.
#[derive(Clone, Debug)]
pub(super) struct Network {
    pub(super) slowness: f64,
    /// The share of responses that are lost.
    pub(super) lost: f64,
    /// Requests that would arrive in these spans (start, length) arrive at their end.
    pub(super) stalls: Vec<(f64, f64)>,
    /// The same within this many seconds of each turn.
    pub(super) stall_at_turns: f64,
}

/// Another program with the same quota that does not pace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neighbour {
    /// The share of each window that it wants: a random number between the two.
    pub(super) share: (f64, f64),
    /// Bursts in a window; 0 for a steady stream.
    pub(super) bursts: usize,
}

impl Neighbour {
    /// The times of its requests in a window, which opens and closes at these times.
    pub(super) fn requests(
        self,
        (opens, closes): (f64, f64),
        limit: u32,
        rng: &mut Rng,
    ) -> Vec<f64> {
        let (from, to) = self.share;
        let share = from + (to - from) * rng.f64();
        let wanted = (share * f64::from(limit)) as usize;
        let starts: Vec<f64> = (0..self.bursts)
            .map(|_| opens + (closes - opens) * rng.f64())
            .collect();
        let time = |request: usize| match starts.get(request % self.bursts.max(1)) {
            Some(start) => (start + 0.005 * (request / self.bursts) as f64).min(closes - 0.001),
            None => opens + (closes - opens) * rng.f64(),
        };
        (0..wanted).map(time).collect()
    }
}

impl Scenario {
    /// A job of 20.5 windows for one process, against a well-behaved server.
    fn new(group: &'static str, name: &'static str, limit: u32, workers: usize) -> Self {
        Self {
            group,
            name,
            limits: vec![(0.0, limit)],
            processes: 1,
            workers,
            starts_within: 0.0,
            calls: (f64::from(limit) * 20.5) as usize,
            server: ServerHabits::default(),
            network: Network {
                slowness: 1.0,
                lost: 0.0,
                stalls: Vec::new(),
                stall_at_turns: 0.0,
            },
            wall_skew: 0.0,
            neighbour: None,
            seeds: 3,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn calls(self, calls: usize) -> Self {
        self.with(|it| it.calls = calls)
    }

    fn processes(self, processes: usize) -> Self {
        self.with(|it| it.processes = processes)
    }

    fn server(self, change: impl FnOnce(&mut ServerHabits)) -> Self {
        self.with(|it| change(&mut it.server))
    }

    fn network(self, change: impl FnOnce(&mut Network)) -> Self {
        self.with(|it| change(&mut it.network))
    }

    fn neighbour(self, from: f64, to: f64, bursts: usize) -> Self {
        self.with(|it| {
            it.neighbour = Some(Neighbour {
                share: (from, to),
                bursts,
            });
        })
    }

    /// Sets the number of calls to fill this many windows.
    fn windows(self, windows: usize) -> Self {
        let limit = self.limits.first().map_or(0, |(_, limit)| *limit as usize);
        self.calls(windows * limit)
    }

    fn hour(self) -> Self {
        self.windows(360).with(|it| it.seeds = 1)
    }

    /// The limit at this time.
    pub(super) fn limit(&self, time: f64) -> u32 {
        limit_at(&self.limits, time)
    }
}

/// The limit at this time, of limits that each hold from a time on.
pub(super) fn limit_at(limits: &[(f64, u32)], time: f64) -> u32 {
    let passed = limits.iter().rev().find(|(from, _)| *from <= time);
    passed.or(limits.first()).map_or(0, |(_, limit)| *limit)
}

/// All scenarios, in the order of the report.
pub(super) fn all() -> Vec<Scenario> {
    [
        alone(),
        habits(),
        changes(),
        trouble(),
        neighbours(),
        tight(),
        cold(),
        short(),
        processes(),
    ]
    .concat()
}

/// A few scenarios that run quickly.
pub(super) fn quick() -> Vec<Scenario> {
    let names = [
        "L=167 C=100",
        "L=1667 C=5000",
        "Reset 2 s late, Remaining after",
        "stalls of 5 s",
        "turns in a stall, round trip 1 s",
        "half, in one burst",
        "10 processes, L=167 C=20",
    ];
    let mut quick = all();
    quick.retain(|scenario| names.contains(&scenario.name));
    for scenario in &mut quick {
        scenario.seeds = 1;
    }
    quick
}

fn alone() -> Vec<Scenario> {
    let new = |name, limit, workers| Scenario::new("A", name, limit, workers);
    vec![
        new("L=83 C=1", 83, 1).calls(200),
        new("L=83 C=20", 83, 20),
        new("L=167 C=100", 167, 100),
        new("L=1667 C=100", 1667, 100),
        new("L=1667 C=1000", 1667, 1000),
        new("L=83 C=1000", 83, 1000),
        new("L=1667 C=5000", 1667, 5000),
        new("L=1667 C=100000", 1667, 100_000)
            .calls(100_000)
            .with(|it| it.seeds = 1),
    ]
}

fn habits() -> Vec<Scenario> {
    let new = |name| Scenario::new("B", name, 167, 100);
    vec![
        new("wall clock 180 s fast").with(|it| it.wall_skew = 180.0),
        new("wall clock 180 s slow").with(|it| it.wall_skew = -180.0),
        new("drift 100 ppm, 1 h")
            .hour()
            .server(|it| it.drift = 1e-4),
        new("Reset 2 s late").server(|it| it.reset_offset = 2.0),
        new("Remaining after").server(|it| it.remaining_after = true),
        new("Reset 2 s late, Remaining after").server(|it| {
            it.reset_offset = 2.0;
            it.remaining_after = true;
        }),
        new("refusals count").server(|it| it.refusals_count = true),
        new("Date at arrival").server(|it| it.date_at_arrival = true),
        new("front ends 50 ms apart").server(|it| it.front_ends = FrontEnds::Two(0.05)),
        new("front ends 300 ms apart").server(|it| it.front_ends = FrontEnds::Two(0.3)),
        new("front ends 1 s apart").server(|it| it.front_ends = FrontEnds::Two(1.0)),
        new("windows turn at :02").server(|it| it.phase = 2.0),
        new("no Date").server(|it| it.sends_date = false),
        new("no quota headers").server(|it| it.sends_quota = false),
        new("no quota headers, 1 h")
            .hour()
            .server(|it| it.sends_quota = false),
    ]
}

fn changes() -> Vec<Scenario> {
    let new = |name, from, to, workers, calls| {
        Scenario::new("D", name, from, workers)
            .with(|it| it.limits.push((33.0, to)))
            .calls(calls)
    };
    vec![
        new("limit 167 to 83 at 33 s", 167, 83, 100, 1900),
        new("limit 1667 to 167 at 33 s", 1667, 167, 1000, 8000),
        new("limit 83 to 1667 at 33 s", 83, 1667, 100, 28_000),
    ]
}

fn trouble() -> Vec<Scenario> {
    let new = |name| Scenario::new("E", name, 167, 100);
    let stalls = || vec![(33.0, 5.0), (78.0, 5.0), (123.0, 5.0)];
    vec![
        new("stalls of 5 s").network(|it| it.stalls = stalls()),
        Scenario::new("E", "stalls of 5 s, L=1667 C=1000", 1667, 1000)
            .network(|it| it.stalls = stalls()),
        new("2 % get a 500").server(|it| it.server_errors = 0.02),
        new("0.5 % of responses lost").network(|it| it.lost = 0.005),
        new("round trip 1 s").network(|it| it.slowness = 10.0),
        new("turns in a stall, round trip 1 s").network(|it| {
            it.slowness = 10.0;
            it.stall_at_turns = 1.5;
        }),
        Scenario::new("E", "turns in a stall, L=1667 C=1000", 1667, 1000).network(|it| {
            it.slowness = 10.0;
            it.stall_at_turns = 1.5;
        }),
        new("everything at once")
            .with(|it| it.wall_skew = 20.0)
            .server(|it| {
                it.reset_offset = 2.0;
                it.remaining_after = true;
                it.server_errors = 0.01;
                it.front_ends = FrontEnds::Two(0.05);
                it.drift = -1e-4;
            })
            .network(|it| {
                it.lost = 0.001;
                it.stalls = stalls();
            }),
        new("hidden limit of 60 %").server(|it| it.hidden = 0.6),
    ]
}

fn neighbours() -> Vec<Scenario> {
    let new = |name| Scenario::new("N", name, 167, 100);
    vec![
        new("a tenth, in one burst").neighbour(0.1, 0.1, 1),
        new("half, in one burst").neighbour(0.5, 0.5, 1),
        new("10-90 %, in two bursts").neighbour(0.1, 0.9, 2),
        new("half, steadily").neighbour(0.5, 0.5, 0),
        Scenario::new("N", "10-90 %, in two bursts, L=1667 C=1000", 1667, 1000)
            .neighbour(0.1, 0.9, 2),
    ]
}

fn tight() -> Vec<Scenario> {
    let minute = |name, limit| {
        Scenario::new("T", name, limit, 100)
            .calls(limit as usize * 5)
            .server(|it| it.window = 60.0)
    };
    vec![
        Scenario::new("T", "L=1 C=10", 1, 10),
        Scenario::new("T", "L=2 C=10", 2, 10),
        Scenario::new("T", "L=5 C=20", 5, 20),
        Scenario::new("T", "L=16 C=50", 16, 50),
        Scenario::new("T", "windows of 2 s, not set, L=50", 50, 50)
            .calls(300)
            .server(|it| it.window = 2.0)
            .with(|it| it.seeds = 8),
        minute("windows of a minute, L=1000", 1000),
        minute("windows of a minute, L=10000", 10_000),
    ]
}

fn cold() -> Vec<Scenario> {
    vec![
        Scenario::new("K", "cold start, L=83 C=1000", 83, 1000).calls(1000),
        Scenario::new("K", "cold start, L=1667 C=5000", 1667, 5000).calls(5000),
        Scenario::new("K", "nine tenths gone, L=167 C=1000", 167, 1000)
            .calls(1000)
            .server(|it| it.gone = 0.9),
    ]
}

fn short() -> Vec<Scenario> {
    let new = |name, calls, workers, limit| {
        Scenario::new("S", name, limit, workers)
            .calls(calls)
            .with(|it| it.seeds = 8)
    };
    vec![
        new("50 calls, L=167 C=50", 50, 50, 167),
        new("one window's worth, L=167 C=100", 167, 100, 167),
        new("one window's worth, L=83 C=20", 83, 20, 83),
        new("half a window's worth, L=1667 C=500", 833, 500, 1667),
        new("one window's worth, L=1667 C=500", 1667, 500, 1667),
        new("three windows' worth, L=1667 C=500", 5000, 500, 1667),
    ]
}

fn processes() -> Vec<Scenario> {
    let new = |name, processes, limit, workers| {
        Scenario::new("P", name, limit, workers)
            .processes(processes)
            .windows(200)
            .with(|it| it.starts_within = 10.0)
    };
    vec![
        new("2 processes, L=167 C=50", 2, 167, 50),
        new("10 processes, L=167 C=20", 10, 167, 20),
        new("10 processes, L=1667 C=50", 10, 1667, 50),
        new("100 processes, L=1667 C=10", 100, 1667, 10),
        new("100 processes, L=167 C=10", 100, 167, 10),
        new("200 processes, L=1667 C=5", 200, 1667, 5),
        new("10 processes, 10 min", 10, 167, 20).windows(60),
        new("100 processes, 10 min", 100, 167, 10).windows(60),
        new("2 processes, 1 h", 2, 167, 50).hour(),
        new("10 processes, 1 h", 10, 167, 20).hour(),
        new("100 processes, 1 h", 100, 167, 10).hour(),
        new("10 at once, L=167 C=20", 10, 167, 20).with(|it| it.starts_within = 0.0),
        new("100 at once, L=1667 C=10", 100, 1667, 10).with(|it| it.starts_within = 0.0),
        new("100 at once, L=167 C=10", 100, 167, 10).with(|it| it.starts_within = 0.0),
    ]
}
