//! The arguments of `bundle`, `replay` and `trace`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("../help/bundle.txt"))]
pub(crate) struct Bundle {
    /// A log; its lines about Intercom are redacted; can be repeated
    #[arg(long = "log", value_name = "FILE")]
    pub(crate) logs: Vec<PathBuf>,
    /// An environment file like .env; only names are kept; can be repeated
    #[arg(long = "env", value_name = "FILE")]
    pub(crate) env_files: Vec<PathBuf>,
    /// A recording of calls; can be repeated
    #[arg(long = "recording", value_name = "FILE")]
    pub(crate) recordings: Vec<PathBuf>,
    /// The file to write; an existing one is replaced
    #[arg(long, short, value_name = "FILE.tar.gz")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// A recording, or - for stdin
    #[arg(value_name = "FILE|-")]
    pub(crate) file: String,
    /// Print the script with which `intercom mock --script` sends the recorded responses
    #[arg(long, conflicts_with = "against")]
    pub(crate) as_script: bool,
    /// Send the recorded reads to this URL, and compare the responses
    #[arg(long, value_name = "URL")]
    pub(crate) against: Option<String>,
    /// Also send writes, with empty bodies; only to loopback
    #[arg(long, requires = "against")]
    pub(crate) writes: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Trace {
    /// Recordings; - for stdin
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    /// Show the call with this request id
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: Option<String>,
    /// Show the call with this number, like 12, or 5f1a#12 if there are several runs
    #[arg(long, value_name = "N")]
    pub(crate) call: Option<String>,
    /// Show the calls of this route, like /contacts/{id}
    #[arg(long, value_name = "ROUTE")]
    pub(crate) route: Option<String>,
}
