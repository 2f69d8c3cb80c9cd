//! The tables of the fleets in the report.

use std::fmt::Write as _;

use super::figures::Figures;
use super::scenario::Scenario;
use crate::report::short;

/// A scenario, its figures without a ledger and with one.
pub(super) type Row = (Scenario, Figures, Figures);

/// What is taken away from a scenario, and its figures before and after.
pub(super) type Worth = (&'static str, Scenario, Figures, Figures);

const OPENING: &str = "
## Fleets: many processes with one ledger

The tables above show processes that do not know of each other. The next ones show a fleet: each process runs the real `Member` of \
`intercom-pace`, and all of them share the real `Ledger`, the same rules that the script in Redis has. [FLEET.md](FLEET.md) explains \
how it works.

- Runs take 11 minutes, or 6 with faults. Figures begin after a minute (after 160 s if most processes call rarely), except \"refused\", \
which counts from the start. Processes start within 10 s of each other, and each has 20 workers (100 if it is alone, 50 if there are \
two).
- `Reset` is 2 s late, front ends are up to 50 ms wrong and the server's clock gains 50 ppm.
- Redis is 0.3 ms away (log-normal, sigma 0.6), one message of a thousand takes 50 ms more, and its clock is wrong by years.
- *alone* is the same process without a ledger. It finds its part by itself.
- *Refused* is percent of all sends / refusals after the first minute, all seeds together. *Used* is percent of the quota, and in \
brackets the worst window. *Trips* are messages to Redis for each request. *Peak* is the most arrivals in any 100 ms.

![Refused sends, and trips to Redis, over the number of processes](simulation/fleet.svg)

In this plot, all processes are busy. What is below 0.001 is drawn at 0.001.
";

/// The part of the page about fleets.
pub(super) fn page(steady: &[Row], faulty: &[Row], parts: &[Worth]) -> String {
    let mut page = OPENING.to_owned();
    table(
        &mut page,
        "Steady work",
        "| scenario | alone: refused, used, Jain | fleet: refused | used (worst) | Jain | trips | peak |",
        steady,
        |scenario, alone, fleet| {
            format!(
                "| {} | {} / {:.0}, {:.1}, {} | {} / {:.0} | {:.1} ({:.1}) | {} | {} | {:.0} |",
                scenario.name,
                short(alone.refused_percent),
                alone.refused_later,
                alone.used,
                three(alone.fairness),
                short(fleet.refused_percent),
                fleet.refused_later,
                fleet.used,
                fleet.worst,
                three(fleet.fairness),
                three(fleet.trips_each),
                fleet.peak,
            )
        },
    );
    let rare: Vec<_> = steady
        .iter()
        .filter(|(it, ..)| it.has_rare())
        .cloned()
        .collect();
    table(
        &mut page,
        "How long single calls wait",
        "| scenario | alone: median, 99th percentile | fleet: median, 99th percentile |",
        &rare,
        |scenario, alone, fleet| {
            let waits =
                |it: &Figures| format!("{} s, {} s", three(it.rare_median), short(it.rare_99));
            format!(
                "| {} | {} | {} |",
                scenario.name,
                waits(alone),
                waits(fleet)
            )
        },
    );
    table(
        &mut page,
        "Faults",
        "| scenario | processes | alone: refused | fleet: refused | used (worst) | trips |",
        faulty,
        |scenario, alone, fleet| {
            format!(
                "| {} | {} | {} / {:.0} | {} / {:.0} | {:.1} ({:.1}) | {} |",
                scenario.name,
                scenario.processes(),
                short(alone.refused_percent),
                alone.refused_later,
                short(fleet.refused_percent),
                fleet.refused_later,
                fleet.used,
                fleet.worst,
                three(fleet.trips_each),
            )
        },
    );
    without(&mut page, parts);
    page
}

fn table(
    page: &mut String,
    title: &str,
    head: &str,
    rows: &[Row],
    line: impl Fn(&Scenario, &Figures, &Figures) -> String,
) {
    let dashes = " --- |".repeat(head.matches(" | ").count() + 1);
    // Writing to a `String` cannot fail.
    let _ = write!(page, "\n### {title}\n\n{head}\n|{dashes}\n");
    for (scenario, alone, fleet) in rows {
        let _ = writeln!(page, "{}", line(scenario, alone, fleet));
    }
}

/// What each part of the algorithm is worth.
fn without(page: &mut String, parts: &[Worth]) {
    let _ = write!(
        page,
        "\n### What each part is worth\n\nThe same scenarios as above, whole and with one part of the algorithm taken away. Waits are \
         the 99th percentile of single calls.\n\n\
         | scenario | taken away | refused | used (worst) | Jain | trips | waits |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    for (part, scenario, with, without) in parts {
        let both =
            |figure: &dyn Fn(&Figures) -> String| format!("{} → {}", figure(with), figure(without));
        let _ = writeln!(
            page,
            "| {}, {} processes | {part} | {} | {} | {} | {} | {} |",
            scenario.name,
            scenario.processes(),
            both(&|it| format!("{} / {:.0}", short(it.refused_percent), it.refused_later)),
            both(&|it| format!("{:.1} ({:.1})", it.used, it.worst)),
            both(&|it| three(it.fairness)),
            both(&|it| three(it.trips_each)),
            if scenario.has_rare() {
                both(&|it| format!("{} s", short(it.rare_99)))
            } else {
                String::new()
            },
        );
    }
}

/// A number with three digits after the point; a dash for not-a-number.
fn three(number: f64) -> String {
    if number.is_nan() {
        "–".to_owned()
    } else {
        format!("{number:.3}")
    }
}
