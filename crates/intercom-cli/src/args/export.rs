//! The arguments of `export`.

use std::path::PathBuf;

use clap::Subcommand;
use intercom_protocol::UnixTime;

#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    #[command(flatten)]
    Items(Items),
    /// Write all messages of a period to a file, as a table (CSV)
    #[command(after_help = include_str!("../help/export_messages.txt"))]
    Messages(Messages),
}

/// What is read from lists and searches.
#[derive(Debug, Subcommand)]
pub(crate) enum Items {
    /// Write all contacts to a file, or those that a search finds
    #[command(after_help = include_str!("../help/export.txt"))]
    Contacts(Found),
    /// Write all companies to a file
    #[command(after_help = include_str!("../help/export.txt"))]
    Companies(ExportTo),
    /// Write all conversations to a file, or those that a search finds
    #[command(after_help = include_str!("../help/export.txt"))]
    Conversations(Found),
}

/// Which items.
#[derive(Debug, clap::Args)]
pub(crate) struct Found {
    #[command(flatten)]
    pub(crate) to: ExportTo,
    /// Only what was updated on this day or later; contacts: a day of the workspace's time zone, conversations: of UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) since: Option<UnixTime>,
    /// Only what this search finds: a file like {"field": "role", "operator": "=", "value": "user"}
    #[arg(long, value_name = "FILE")]
    pub(crate) query: Option<PathBuf>,
}

/// Which messages, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Messages {
    /// The first day, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) since: UnixTime,
    /// The last day, in UTC; by default, the table ends now
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) until: Option<UnixTime>,
    /// The table to write; an export that was not finished is continued
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExportTo {
    /// The file to write, with one JSON object on each line; an export that was not finished is continued
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// The beginning of a day in UTC.
fn day(text: &str) -> Result<UnixTime, String> {
    UnixTime::from_date(text).ok_or_else(|| "use a day like 2026-03-29".to_owned())
}
