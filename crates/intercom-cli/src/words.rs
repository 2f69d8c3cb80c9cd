//! The few words of this program's own.

use intercom_protocol::{Replay, Resend};

/// Whether the same request may be sent again, of which the method and path may be known.
pub(crate) fn resend(resend: Resend, request: Option<(&str, Replay)>) -> String {
    match (resend, request) {
        (Resend::Never, _) => {
            "no: the same request fails again until something changes".to_owned()
        }
        (Resend::Safe, None) => {
            "yes, any request: it was refused before anything was done".to_owned()
        }
        (Resend::Safe, Some((name, _))) => {
            format!("yes, {name} as well: it was refused before anything was done")
        }
        (Resend::IfReplayable, None) => {
            "only what may be done twice, for it may have been carried out; --method and --path tell whether this request is such a one".to_owned()
        }
        (Resend::IfReplayable, Some((name, Replay::Read))) => {
            format!("yes: {name} only reads")
        }
        (Resend::IfReplayable, Some((name, Replay::Idempotent))) => {
            format!("yes: it may have been carried out, but {name} done twice is the same as once")
        }
        (Resend::IfReplayable, Some((name, Replay::Allowed))) => {
            format!("yes: you said that {name} may be done twice")
        }
        (Resend::IfReplayable, Some((name, Replay::No))) => {
            format!("no: it may have been carried out, and {name} sent twice may be done twice; check first")
        }
    }
}

/// Input of somebody's, between quotes; a long one ends in an ellipsis.
pub(crate) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(80).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// A number of things, such as "1 line" or "2 lines".
pub(crate) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
