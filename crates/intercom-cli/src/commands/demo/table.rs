//! The demonstration as text: two lines a scenario, the clients side by side.

use super::Walked;
use crate::render::{BAD, DIM, GOOD, PLAIN, Page};

pub(super) fn head() -> Page {
    let mut page = Page::new();
    page.title("Every kind of error, through both clients, against a mock on loopback.");
    page.paragraph(
        "The waits are real: this takes a few seconds. \"2 sent, 1.4 s\" is two requests with a wait of 1.4 seconds between them.",
    );
    page.gap();
    let line = row("  ", "what came back", "it ended", "blocking", "async");
    page.line(&[(DIM, line.trim_end())]);
    page
}

/// Two and two belong together: the same scenario through either client.
pub(super) fn body(walked: &[Walked]) -> Page {
    let mut page = Page::new();
    for pair in walked.chunks(2) {
        let Some(one) = pair.first() else { continue };
        let ok = pair.iter().all(|walked| walked.amiss.is_none());
        let mark = if ok { GOOD } else { BAD };
        let ended = match pair {
            [one, other] if one.outcome != other.outcome => "differently",
            _ => one.outcome.as_str(),
        };
        let cell = |n: usize| pair.get(n).map(sent).unwrap_or_default();
        let line = row(" ", one.name, ended, &cell(0), &cell(1));
        page.line(&[mark, (PLAIN, line.trim_end())]);
        page.line(&[(DIM, &format!("    {}", verdict(one)))]);
    }
    page.gap();
    for walked in walked {
        if let Some(amiss) = &walked.amiss {
            page.paragraph(&format!("✗ {} ({}): {amiss}", walked.name, walked.client));
        }
    }
    let good = walked
        .iter()
        .filter(|walked| walked.amiss.is_none())
        .count();
    page.paragraph(&format!("{good} of {} ended as they should.", walked.len()));
    page
}

fn row(mark: &str, name: &str, ended: &str, blocking: &str, asynchronous: &str) -> String {
    format!("{mark}{name:<26}{ended:<13}{blocking:<17}{asynchronous}")
}

fn sent(walked: &Walked) -> String {
    let seconds = std::time::Duration::from_millis(walked.waited_ms).as_secs_f64();
    match walked.waited_ms {
        0 => format!("{} sent", walked.attempts),
        _ => format!("{} sent, {seconds:.1} s", walked.attempts),
    }
}

/// What it means, whether it may be sent again, what to do.
fn verdict(walked: &Walked) -> String {
    let [category, action] = [walked.category, walked.action].map(|word| word.unwrap_or("-"));
    let resend = match walked.resend {
        Some("safe") => "any request is sent again",
        Some("if_replayable") => "sent again if it may be applied twice",
        _ => "not sent again",
    };
    format!("{category}: {resend}; {action}")
}
