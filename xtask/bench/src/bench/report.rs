//! The report: Markdown tables, what does not depend on the machine first.

use super::{Measured, PATHS};

/// All that was measured.
pub(super) struct Figures {
    pub(super) answers: Vec<Measured>,
    pub(super) decide: Vec<Measured>,
    pub(super) pace: Vec<Measured>,
    pub(super) blocking: Vec<Measured>,
    pub(super) r#async: Vec<Measured>,
    pub(super) compiler: String,
    pub(super) valgrind: Option<String>,
}

const OPENING: &str = "\
# Benchmarks

`cargo xtask bench` writes this page; it takes some minutes and wants valgrind. `cargo bench -p intercom-retry` and the \
like print times and allocations alone.

Instructions and allocations are those of one round or call on the program's side, and differ little from machine to \
machine. Times are medians from whatever machine wrote this page, shared with other work: compare them within a table, \
not with others. Instructions are counted by callgrind as the difference between a long and a short run; the kernel's \
are not among them, and the server is another process. An instruction that copies any number of bytes would be counted \
once for each, so glibc is told to do without. An allocation is a call of the allocator that may hand out \
memory, growing included.
";

const CALLS: &str = "
## A call

GETs one after another over one connection to the mock server, plain HTTP on loopback: the client's own part is nowhere \
larger in proportion, for there is no TLS and no way to go. *bare* is the HTTP library alone, as a careful program uses it: same \
settings, headers, time-outs and limits. *transport* is our adapter around it, *unpaced* the client without pacing, \
*client* the client as it is. The rows with *json* also read the answer as a `serde_json::Value`, and the client's is \
compared with the library's.
";

const LIMIT: &str = "
What a client does beyond its library: it makes the request, reads the quota's headers and `Date`, asks the gate and tells \
it the answer, reads the clock, and keeps the history of the call. That is the same for every answer, a microsecond or two. \
And it reads the whole answer once, to see that it is JSON and no error in disguise before it counts as one: about 12 \
instructions a byte, far from the time that a byte takes on its way here. An answer that broke off or went wrong in the \
middle is thus asked for again where that is allowed, and never taken for what was wanted. There are about as many \
allocations as the library needs alone, because the answer's head is moved instead of copied and its body is read into one \
buffer of its length.
";

const STEPS: &str = "
### Step by step

The allocations of the blocking client's call to `/me`. Beginning makes the request: its path and its headers (two). \
Sending copies it, so that a retry sends the same: the headers again, and the mark by which copies of the path share it. \
Checking the response's JSON keeps a stack, and the history keeps the request id.
";

const DECIDE: &str = "
## Deciding

*question* classifies a failure and reads when the server said to come back, *decision* decides, *session* does both \
and writes the history of the call. *pacer* is one request through the pacer: admission, sending, answer. The delays are \
what [backon](https://docs.rs/backon) and [retry-policies](https://docs.rs/retry-policies) compute for callers who have \
decided already, beside our back-off. They roll dice, and retry-policies reads the clock; ours gets both as arguments. \
Rounds of *session* and *pacer* prepare something, so their instructions are not counted.
";

const ANSWERS: &str = "
## Reading an error

*error* is `ApiError`, *typed* a struct that serde derives for the documented shape alone, *value* a \
`serde_json::Value`. All keep the status, the texts and a copy of the first 64 KiB of the body. *error* classifies as well.
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
        LIMIT,
        STEPS,
        "\n",
        &table("step", &steps),
        DECIDE,
        "\n",
        &table("round", &deciding),
        ANSWERS,
        "\n",
        &table("round", &figures.answers.iter().collect::<Vec<_>>()),
    ]
    .concat()
}

fn of(measured: &Measured, group: &str) -> bool {
    measured.row.path.first().is_some_and(|name| name == group)
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
    // Whole ones: a median may lie between two.
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

/// A number with its thousands apart.
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
    fn thousands_stand_apart() {
        assert_eq!(number(Some(7)), "7");
        assert_eq!(number(Some(123_456)), "123 456");
    }
}
