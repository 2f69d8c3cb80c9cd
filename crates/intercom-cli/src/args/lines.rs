//! The arguments of `batch` and `import`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("../help/batch.txt"))]
pub(crate) struct Batch {
    /// A file with one request on each line, or - for stdin
    #[arg(value_name = "FILE|-")]
    pub(crate) file: String,
    #[command(flatten)]
    pub(crate) options: BatchOptions,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BatchOptions {
    /// The results file, with one record on each line; an existing one is continued
    #[arg(long, value_name = "OUT", required_unless_present = "dry_run")]
    pub(crate) out: Option<PathBuf>,
    /// How many requests may be in flight
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
    /// Retry lines that failed in earlier runs and were not applied
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Retry lines that may have been applied: some will be applied twice
    #[arg(long)]
    pub(crate) retry_unknown: bool,
    /// Check each line of FILE, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Create or update the contacts in a file
    #[command(after_help = include_str!("../help/import.txt"))]
    Contacts(ImportContacts),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImportContacts {
    /// A table (.csv) with a header, or a file with one JSON object on each line (.ndjson); - for stdin
    #[arg(value_name = "FILE|-")]
    pub(crate) file: String,
    /// The format [default: csv if the name ends with .csv, else ndjson]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    #[command(flatten)]
    pub(crate) options: BatchOptions,
}

/// The format of a file of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Csv,
    Ndjson,
}
