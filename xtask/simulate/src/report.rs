//! The report: Markdown tables of the figures.

use std::fmt::Write as _;

use super::policy::{self, Policy};
use super::record::Figures;
use super::scenario::Scenario;

/// A scenario and the figures of every policy, in the order of [`policy::ALL`].
pub(super) type Row = (Scenario, Vec<Figures>);

const OPENING: &str = "\
<!-- Written by `cargo xtask simulate`; edit xtask/simulate/src/report.rs instead. -->

# Simulation

`cargo xtask simulate` writes this page and its plots. Time is virtual and chance is seeded, so every run gives the \
same figures. The simulation runs the real code of `intercom-pace` and `intercom-retry`: `Pacer` decides when a request goes, and \
`RetrySession` what follows a failure. [PACING.md](PACING.md) explains how the pacing works and why.

## The model

- The server counts requests in fixed windows as they arrive: 10 s aligned to the clock, unless the row says otherwise. Its \
responses carry `X-RateLimit-Limit`, `-Remaining` (before subtraction), `-Reset` and `Date`, all in whole seconds.
- The latencies to the server, in the server and back are log-normal, with medians of 30, 35 and 30 ms (sigma 0.5, 0.6, 0.5). \
Most round trips take 60 to 300 ms.
- L is the limit of a window, and C the number of workers of a process; each worker runs one call at a time. A job fills 20.5 \
windows (200 for several processes, 60 in ten minutes, 360 in an hour) and starts at a random time in a window. Several \
processes start within 10 s of each other, unless they start at once.
- Figures are means of three seeds (eight for short jobs, one for jobs of an hour and of 100,000 workers).

## The loops that are compared

- *wait for Reset*: the loop found in guides. After a 429 it sleeps until `X-RateLimit-Reset` by its own wall clock, plus a \
second, and at least one second. It retries three times, or without end.
- *Node SDK*: the rule of the official client. It retries twice after 408, 429 and 5xx. It waits until `Reset` plus up to a fifth, \
at most 60 s; without a reset it waits 1 s, then doubles.
- *full jitter*: exponential back-off from 1 s to 60 s, times a random number; ten retries.
- *token bucket*: knows the limit, sends at its even rate with bursts of a tenth of it, and waits for `Reset` after a 429.
- *ours*: `Pacer` with the default settings and the default retry policy without its spread; *fast* is `Pacing::Fast`.

![Arrivals at the server over time](simulation/arrivals.svg)

![Share of refused sends by policy](simulation/refusals.svg)

![How much of a job is done over time](simulation/completion.svg)
";

/// The whole page.
pub(super) fn page(rows: &[Row]) -> String {
    let mut page = OPENING.to_owned();
    let all = |_: &Scenario| true;
    table(
        &mut page,
        "Refused sends and goodput",
        "Percent of all sends that were refused / percent of the quota left to us that was used, over the windows with enough \
         calls left to use it. Above 100, some of the neighbour's requests were refused.",
        rows,
        all,
        |figures| {
            let goodput = short(figures.goodput);
            let lost = match short(figures.lost).as_str() {
                "0" => String::new(),
                lost => format!(" (loses {lost} %)"),
            };
            format!("{} / {goodput}{lost}", short(figures.refused))
        },
    );
    table(
        &mut page,
        "Time and herds",
        "Seconds longer than an ideal client that uses every slot at once / most arrivals in any 100 ms / longest wait of \
         one call in seconds. The first number is negative for a loop that gives up calls.",
        rows,
        all,
        |figures| {
            let late = short(figures.late);
            format!("{late} / {:.0} / {:.0}", figures.peak, figures.longest_wait)
        },
    );
    table(
        &mut page,
        "Several processes: fairness",
        "Jain's index of the calls done by each process (1: equal shares; 1/n: one process has all), from 20 s until the first \
         process is done. Ten minutes show how fast shares become equal, an hour whether they stay equal.",
        rows,
        |scenario| scenario.processes > 1,
        |figures| format!("{:.2}", figures.fairness),
    );
    table(
        &mut page,
        "A neighbour that does not pace",
        "Percent of the neighbour's requests that were refused.",
        rows,
        |scenario| scenario.neighbour.is_some(),
        |figures| short(figures.neighbour_refused),
    );
    page
}

fn table(
    page: &mut String,
    title: &str,
    about: &str,
    rows: &[Row],
    wanted: impl Fn(&Scenario) -> bool,
    cell: impl Fn(&Figures) -> String,
) {
    let names = policy::ALL.map(Policy::name).join(" | ");
    let dashes = " --- |".repeat(policy::ALL.len() + 1);
    // Writing to a `String` cannot fail.
    let _ = write!(
        page,
        "\n## {title}\n\n{about}\n\n| scenario | {names} |\n|{dashes}\n"
    );
    for (scenario, figures) in rows.iter().filter(|(scenario, _)| wanted(scenario)) {
        let cells: Vec<_> = figures.iter().map(&cell).collect();
        let _ = writeln!(page, "| {} | {} |", scenario.name, cells.join(" | "));
    }
}

/// A number with at most one decimal, where space is short.
pub(super) fn brief(number: f64) -> String {
    if (0.05..10.0).contains(&number) {
        format!("{number:.1}")
    } else {
        short(number)
    }
}

/// A number with its significant digits; a dash for not-a-number.
pub(super) fn short(number: f64) -> String {
    let size = number.abs();
    let text = if number.is_nan() {
        return "–".to_owned();
    } else if size < 0.005 {
        return "0".to_owned();
    } else if size < 1.0 {
        format!("{number:.2}")
    } else if size < 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
