//! The report: Markdown tables, with figures that do not depend on the machine first.

use super::{Measured, PATHS};

/// All measurements.
pub(super) struct Figures {
    pub(super) answers: Vec<Measured>,
    pub(super) decide: Vec<Measured>,
    pub(super) pace: Vec<Measured>,
    pub(super) fleet: Vec<Measured>,
    pub(super) blocking: Vec<Measured>,
    pub(super) r#async: Vec<Measured>,
    pub(super) compiler: String,
    pub(super) valgrind: Option<String>,
}

const OPENING: &str = "\
<!-- Written by `cargo xtask bench`; edit xtask/bench/src/bench/report.rs instead. -->

# Benchmarks

`cargo xtask bench` writes this page. It takes some minutes and needs valgrind. `cargo bench -p intercom-retry` and the \
like print only times and allocations.

Instructions and allocations are those of one round or call in the client program, and differ little between machines. \
Times are medians on the machine that wrote this page, which was shared with other work: compare them within a table only. \
Callgrind counts the instructions as the difference between a long and a short run, without the kernel's; the server is \
another process. Callgrind would count an instruction that copies many bytes once for each byte, so glibc is configured not \
to use those. An allocation is a call of the allocator that may return memory, including a call that grows an allocation.
";

const CALLS: &str = "
## A call

Consecutive GETs over one connection to the mock server, with plain HTTP on loopback. Without TLS and a network, the share of \
the client itself is as large as it can be. *bare* is the HTTP library alone, as a careful program uses it, with the same \
settings, headers, time-outs and limits. *transport* is our adapter around it, *unpaced* the client without pacing, and \
*client* the client with its defaults. The rows with *json* also read the response as a `serde_json::Value`; they are \
compared with *bare-json*.
";

const JSON: &str = "
### What the client costs a program that reads JSON

*client-json* over *bare-json*: what the client adds to the HTTP library and `serde_json::from_slice`, before and after \
successes were made cheaper. Before, serde_json read each success body to check it. The body of `/contacts?per_page=50` has \
110 KB, that of `/me` has 481 bytes. The aims were set with the change. The rows for `/me` vary by two percentage points from \
run to run, because those of the bare library do.

| call | before | now | now, instructions | aim |
|---|--:|--:|--:|--:|
";

/// What the client added to the library and serde_json when a success body was read by serde_json first, in percent.
const BEFORE: [Comparison; 4] = [
    Comparison::new("blocking", 1, 15.2, 5),
    Comparison::new("async", 1, 16.4, 8),
    Comparison::new("blocking", 0, 19.6, 10),
    Comparison::new("async", 0, 36.6, 20),
];

/// One row of the table before and after.
struct Comparison {
    client: &'static str,
    /// The position among [`PATHS`].
    path: usize,
    before: f64,
    aim: u32,
}

impl Comparison {
    const fn new(client: &'static str, path: usize, before: f64, aim: u32) -> Self {
        Self {
            client,
            path,
            before,
            aim,
        }
    }
}

const LIMIT: &str = "
Apart from the check of the body, the client does the same work for every response, in addition to the work of its library.

- The check costs about 5 instructions a byte. It finds a response that broke off. Such a response is never treated as a \
success, and the request is retried where that is allowed. Half of the cost is the search for the end of each string, on average 11 bytes away, where a call of `memchr` \
costs more than a look at eight bytes at once. The rest checks what stands between strings. That keeps 50 contacts above \
the aim of the blocking client. Counting brackets alone would cost less, but would miss a body that is damaged in the middle.
- `/me`, in the blocking client, in instructions: the check 3 400, the gate 2 500, the headers of the rate limit and `Date` \
2 000, the request and its headers 1 900, the steps of the call 1 500, whether the request is idempotent 700, the length and \
encoding of the body 700, the clock 700. The adapter itself is cheaper than the bare library.
- `/me`, in the async client, also: 3 300 to move the request, the response and the futures, 2 500 for nine allocations (the \
boxed call, the boxed futures of transport and gate, the counter of interim responses), 1 300 for room for 128 header lines \
instead of 100, 1 200 to read the clock, 600 to count interim responses.

There are about as many allocations as the library needs alone, because the head of the response is moved instead of copied \
and its body is read into one buffer of its length.
";

const STEPS: &str = "
### Step by step

The allocations of one call to `/me` with the blocking client. Step 2 makes the request: its path and its headers (two). \
Step 5 copies it, so that a retry sends the same request: the headers again, and the reference count that copies of the path \
share. Step 7 stores the request id in the history.
";

const DECIDE: &str = "
## Deciding

*question* classifies a failure and reads the server's hint, *decision* decides, and *session* does both and writes the \
history of the call. *pacer* is one request through the pacer: admission, sending, response. *delay* compares our back-off with \
those of [backon](https://docs.rs/backon) and [retry-policies](https://docs.rs/retry-policies), which compute a wait for callers \
that have already decided to retry. Both draw random numbers, and retry-policies reads the clock; ours takes both as \
arguments. The rounds of *session* and *pacer* include preparations, so their instructions are not counted.
";

const FLEET: &str = "
## A lease

One call through a gate: admission, sending, response. *paced* is the gate of a client by default, and *leased* the gate of a \
fleet while its lease lasts. Redis is asked neither before nor after.
";

const ANSWERS: &str = "
## Reading an error

*error* is `ApiError`, *typed* a struct with derived serde code for the documented shape only, and *value* a \
`serde_json::Value`. All keep the status, the strings and a copy of the first 64 KiB of the body. *error* also classifies.
";

/// The whole page.
pub(super) fn page(figures: &Figures) -> String {
    let versions = match &figures.valgrind {
        Some(valgrind) => format!("Written with {} and {valgrind}.", figures.compiler),
        None => format!(
            "Written with {}. Valgrind was missing, so instructions were not counted.",
            figures.compiler
        ),
    };
    let (calls, steps): (Vec<_>, Vec<_>) = figures
        .blocking
        .iter()
        .partition(|measured| of(measured, "call"));
    let deciding: Vec<_> = figures.decide.iter().chain(&figures.pace).collect();
    let asynchronous: Vec<_> = figures.r#async.iter().collect();
    [
        OPENING,
        "\n",
        &versions,
        "\n",
        CALLS,
        "\n### `intercom-blocking` and ureq\n\n",
        &call_table(&calls),
        "\n### `intercom-async` and hyper\n\n",
        &call_table(&asynchronous),
        JSON,
        &comparisons(&calls, &asynchronous),
        LIMIT,
        STEPS,
        "\n",
        &table("step", &steps),
        DECIDE,
        "\n",
        &table("round", &deciding),
        FLEET,
        "\n",
        &table("round", &figures.fleet.iter().collect::<Vec<_>>()),
        ANSWERS,
        "\n",
        &table("round", &figures.answers.iter().collect::<Vec<_>>()),
    ]
    .concat()
}

fn of(measured: &Measured, group: &str) -> bool {
    measured.row.path.first().is_some_and(|name| name == group)
}

fn comparisons(blocking: &[&Measured], asynchronous: &[&Measured]) -> String {
    let line = |comparison: &Comparison| {
        let rows = match comparison.client {
            "async" => asynchronous,
            _ => blocking,
        };
        let count = |who: &str| {
            let row = rows.iter().find(|row| last(row) == who)?;
            row.instructions.get(comparison.path).copied().flatten()
        };
        let counts = count("client-json").zip(count("bare-json"));
        let more = counts.map(|(client, bare)| (client as f64 / bare as f64 - 1.0) * 100.0);
        let path = PATHS.get(comparison.path).copied().unwrap_or_default();
        format!(
            "| {}, `{path}` | {:+.1} % | {} | {} | +{} % |\n",
            comparison.client,
            comparison.before,
            more.map_or_else(unknown, |more| format!("{more:+.1} %")),
            number(counts.map(|(client, bare)| client.saturating_sub(bare))),
            comparison.aim,
        )
    };
    BEFORE.iter().map(line).collect()
}

fn call_table(rows: &[&Measured]) -> String {
    let asked = PATHS.map(|path| format!(" instructions, `{path}` | over bare |"));
    let head = format!(
        "| call |{} allocations | over bare | time |\n|---|{}--:|--:|--:|\n",
        asked.concat(),
        "--:|--:|".repeat(PATHS.len())
    );
    let lines = rows.iter().map(|measured| call_line(measured, rows));
    core::iter::once(head).chain(lines).collect()
}

fn call_line(measured: &Measured, rows: &[&Measured]) -> String {
    let who = last(measured);
    let bare = if who.ends_with("-json") {
        "bare-json"
    } else {
        "bare"
    };
    let bare = rows.iter().find(|other| last(other) == bare);
    let counted = (0..PATHS.len()).map(|path| {
        let count = |measured: &Measured| measured.instructions.get(path).copied().flatten();
        let over = count(measured).zip(bare.and_then(|bare| count(bare)));
        let over = over.map(|(count, bare)| {
            let more = count as f64 / bare as f64 - 1.0;
            format!("{:+.0} %", more * 100.0)
        });
        format!(
            " {} | {} |",
            number(count(measured)),
            over.unwrap_or_else(unknown)
        )
    });
    // Rounded, because a median may lie between two whole numbers.
    let allocations = |measured: &Measured| measured.row.allocations.round() as i64;
    let more = bare.map(|bare| allocations(measured) - allocations(bare));
    format!(
        "| {who} |{} {} | {} | {} |\n",
        counted.collect::<String>(),
        allocations(measured),
        more.map_or_else(unknown, |more| format!("{more:+}")),
        measured.row.time,
    )
}

fn table(what: &str, rows: &[&Measured]) -> String {
    let counted = rows
        .iter()
        .any(|measured| !measured.instructions.is_empty());
    let head = if counted {
        format!("| {what} | instructions | allocations | bytes | time |\n|---|--:|--:|--:|--:|\n")
    } else {
        format!("| {what} | allocations | bytes | time |\n|---|--:|--:|--:|\n")
    };
    let lines = rows.iter().map(|measured| {
        let row = &measured.row;
        let name = if counted {
            row.path.join(": ")
        } else {
            last(measured).to_owned()
        };
        let instructions = measured
            .instructions
            .first()
            .map(|count| format!(" {} |", number(*count)));
        format!(
            "| {name} |{} {:.0} | {} | {} |\n",
            instructions.unwrap_or_default(),
            row.allocations,
            row.bytes,
            row.time
        )
    });
    core::iter::once(head).chain(lines).collect()
}

fn last(measured: &Measured) -> &str {
    measured.row.path.last().map_or("", String::as_str)
}

/// A number with spaces between the thousands.
fn number(count: Option<u64>) -> String {
    let Some(count) = count else {
        return unknown();
    };
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn unknown() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Measured;
    use super::super::divan::Row;
    use super::{call_table, number};

    fn measured(who: &str, allocations: f64, instructions: [Option<u64>; 2]) -> Measured {
        Measured {
            row: Row {
                path: vec!["call".to_owned(), who.to_owned()],
                time: "1 µs".to_owned(),
                allocations,
                bytes: String::new(),
            },
            instructions: instructions.to_vec(),
        }
    }

    #[test]
    fn calls_are_compared_with_the_bare_library_of_their_kind() {
        let rows = [
            measured("bare", 60.0, [Some(50_000), None]),
            measured("client", 61.0, [Some(60_000), None]),
            measured("bare-json", 70.0, [Some(100_000), None]),
            measured("client-json", 70.0, [Some(1_110_000), None]),
        ];
        let table = call_table(&rows.iter().collect::<Vec<_>>());
        let lines: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| bare | 50 000 | +0 % | – | – | 60 | +0 | 1 µs |",
                "| client | 60 000 | +20 % | – | – | 61 | +1 | 1 µs |",
                "| bare-json | 100 000 | +0 % | – | – | 70 | +0 | 1 µs |",
                "| client-json | 1 110 000 | +1010 % | – | – | 70 | +0 | 1 µs |",
            ]
        );
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(number(Some(7)), "7");
        assert_eq!(number(Some(123_456)), "123 456");
    }
}
