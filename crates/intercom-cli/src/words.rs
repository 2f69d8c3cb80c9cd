//! Phrases that several commands share.

use intercom_protocol::walk::Report;
use intercom_protocol::{Replay, Resend};

/// Whether a retry of the request is safe. Its name and replay rule may be unknown.
pub(crate) fn resend(resend: Resend, request: Option<(&str, Replay)>) -> String {
    match (resend, request) {
        (Resend::Never, _) => {
            "no: the same request fails again until something changes".to_owned()
        }
        (Resend::Safe, None) => {
            "yes, any request: it was refused before it had any effect".to_owned()
        }
        (Resend::Safe, Some((name, _))) => {
            format!("yes: {name} was refused before it had any effect")
        }
        (Resend::IfReplayable, None) => {
            "only an idempotent request, because it may have been applied; add --method and --path to check yours".to_owned()
        }
        (Resend::IfReplayable, Some((name, Replay::Read))) => {
            format!("yes: {name} only reads")
        }
        (Resend::IfReplayable, Some((name, Replay::Idempotent))) => {
            format!("yes: {name} may have been applied, but is idempotent")
        }
        (Resend::IfReplayable, Some((name, Replay::Allowed))) => {
            format!("yes: you marked {name} as replayable")
        }
        (Resend::IfReplayable, Some((name, Replay::No))) => {
            format!("no: {name} may have been applied, and a retry could apply it twice; check first")
        }
    }
}

/// User input in quotes. A long one ends in an ellipsis.
pub(crate) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(80).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// A number and a noun, like "1 line" or "2 lines".
pub(crate) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// How many items a walk that has ended read more or fewer than the server counted, if they are not as many.
pub(crate) fn compared(report: &Report) -> Option<String> {
    let difference = report.difference().filter(|difference| *difference != 0)?;
    let relation = if difference > 0 { "more" } else { "fewer" };
    let reason = match report.is_short() {
        true => "the list has probably ended too early",
        false => "some may have been created or deleted meanwhile",
    };
    Some(format!(
        "{} {relation} than Intercom counted at the end; {reason}",
        difference.unsigned_abs()
    ))
}
