//! The demonstration as text: for each scenario a row with both clients, and the line that a program would print.

use std::time::Duration;

use super::{Pair, Run};
use crate::render::{BAD, DIM, GOOD, PLAIN, Page};

pub(super) fn head() -> Page {
    let mut page = Page::new();
    page.title("Errors from a mock server on this machine, and what both clients do about them");
    page.gap();
    page.paragraph(
        "Indented: the line that a program would print. \"Reported\" means that the program receives the error. The waits are real, so this takes a few seconds.",
    );
    page.gap();
    let line = row_of(
        "  ",
        "response",
        ["blocking client", "async client"],
        "result",
    );
    page.line(&[(DIM, &line)]);
    page
}

pub(super) fn row(pair: &Pair) -> Page {
    let [blocking, asynchronous] = pair;
    let ok = pair.iter().all(|run| run.wrong.is_none());
    let mark = if ok { GOOD } else { BAD };
    let result = if blocking.outcome == asynchronous.outcome {
        result(blocking)
    } else {
        "different"
    };
    let [first, second] = [blocking, asynchronous].map(retried);
    let line = row_of(" ", blocking.name, [&first, &second], result);
    let mut page = Page::new();
    page.line(&[mark, (PLAIN, &line)]);
    page.indented(&blocking.line);
    page
}

/// The end of the table: how many of the runs went wrong, and how.
pub(super) fn summary(runs: usize, wrong: &[String]) -> Page {
    let mut page = Page::new();
    page.gap();
    for complaint in wrong {
        page.paragraph(&format!("✗ {complaint}"));
    }
    page.paragraph(&match wrong.len() {
        0 => format!("All {runs} calls ended as expected."),
        wrong => format!("{wrong} of {runs} calls did not end as expected."),
    });
    page
}

fn row_of(mark: &str, name: &str, clients: [&str; 2], result: &str) -> String {
    let [blocking, asynchronous] = clients;
    format!("{mark}{name:<26}{blocking:<20}{asynchronous:<20}{result}")
}

fn retried(run: &Run) -> String {
    match run.waited_ms {
        0 => "not retried".to_owned(),
        waited => {
            let seconds = Duration::from_millis(waited).as_secs_f64();
            format!("retried after {seconds:.1} s")
        }
    }
}

/// What the program gets in the end.
fn result(run: &Run) -> &str {
    match run.outcome.as_str() {
        "existing" => "found",
        "recovered" => "succeeded",
        outcome => outcome,
    }
}
