//! Advice on what a diagnosis found.

use core::fmt;

use intercom_errors::{FilledFix, OneLine};

use crate::{Error, Region, ServiceStatus};

/// One piece of advice from a [`Diagnosis`](super::Diagnosis). Match on it, or show it as a sentence.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub enum Advice<'d> {
    /// The server's clock is this many milliseconds ahead of this machine's.
    ClockOffset(i64),
    /// A step towards making the API usable again.
    Fix(FilledFix<'d>),
    /// The status page reports a major incident.
    Incident(&'d ServiceStatus),
    /// The connection has no access token.
    NoToken,
    /// The API was not called because of this error.
    NotCalled(&'d Error),
    /// This region hosts the workspace, but requests go to the host of another region.
    OtherRegion(Region),
    /// The status page could not be read because of this error.
    StatusPageUnreadable(&'d Error),
}

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockOffset(offset) => write!(
                f,
                "This machine's clock is {} s {} Intercom's: synchronize it (NTP). Waits use the server's clock, so they are still correct.",
                offset.unsigned_abs().saturating_add(500) / 1000,
                if *offset > 0 { "behind" } else { "ahead of" },
            ),
            Self::Fix(step) => step.fmt(f),
            Self::Incident(status) => {
                let indicator = status.indicator().as_str();
                let what = OneLine(status.description().unwrap_or(indicator), 200);
                write!(
                    f,
                    "Intercom reports an incident ({what}): wait for it to end. Until then, reads and idempotent writes are retried."
                )
            }
            Self::NoToken => f.write_str(
                "app.intercom.com > Settings > Developer Hub > your app > Authentication: copy the access token.",
            ),
            Self::NotCalled(error) => write!(f, "The API was not called: {error}."),
            Self::OtherRegion(region) => write!(
                f,
                "The workspace is hosted in the region {region}: send requests to {}.",
                region.base_url()
            ),
            Self::StatusPageUnreadable(_) => {
                f.write_str("The status page could not be read: open it in a browser.")
            }
        }
    }
}
