//! The arguments, as clap reads them.

use std::path::PathBuf;
use std::time::Duration;

use clap::{
    Arg, ArgGroup, Command as Program, CommandFactory as _, FromArgMatches as _, Parser,
    Subcommand, ValueEnum,
};
use intercom_protocol::flows::OnArchived;
use intercom_protocol::{Pacing, Region, Role, UnixTime};

/// Explains Intercom's errors, checks a token, and calls the API with all the waiting and retrying.
#[derive(Debug, Parser)]
#[command(name = "intercom", version, max_term_width = 100, subcommand_required = true, after_help = AFTER)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the exit statuses of most commands mean.
macro_rules! exits {
    () => {
        "Exit status: 0 done, 1 the API or the network refused, 2 wrong usage or configuration"
    };
}

const AFTER: &str = concat!(
    "The access token is read from INTERCOM_ACCESS_TOKEN or --token-file and never shown.\n",
    exits!(),
    ", 3 not found (`contact find`)."
);
const CONTACT_EXITS: &str = concat!(exits!(), ", 3 not found (`contact find`).");
/// Of the commands that say no more about themselves.
const EXITS: &str = concat!(exits!(), ".");

/// Settings every command understands.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Read the access token from this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Send requests to this URL: https, or http on loopback [env: INTERCOM_BASE_URL]
    #[arg(long, global = true, value_name = "URL", conflicts_with = "region")]
    pub(crate) base_url: Option<String>,
    /// Where the workspace lives: us, eu or au [env: INTERCOM_REGION]
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<Region>,
    /// Ask for this Intercom-Version, such as 2.14
    #[arg(long, global = true, value_name = "VERSION")]
    pub(crate) api_version: Option<String>,
    /// Read the status page at this URL
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) status_url: Option<String>,
    /// Which of the two clients to use
    #[arg(long, global = true, value_enum, default_value_t = Kind::Blocking, value_name = "CLIENT")]
    pub(crate) client: Kind,
    /// How often a request may be sent, the first time included [default: 4]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) max_attempts: Option<u32>,
    /// Stop everything after this many seconds, waits included
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) deadline: Option<Duration>,
    /// How long a wait the server may ask for; a longer one ends the call [default: 90]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) max_wait: Option<Duration>,
    /// Send every request at once, so that only 429s slow it down
    #[arg(long, global = true, conflicts_with = "pacing")]
    pub(crate) no_pacing: bool,
    /// How to spend the quota: steady leaves more to others, fast finishes short jobs sooner [default: steady]
    #[arg(long, global = true, value_name = "HOW")]
    pub(crate) pacing: Option<Pacing>,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

/// The two clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Blocking,
    Async,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Async => "async",
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

const DEMO: &str = "Exit status: 0 all went as it should, 1 something did not, 2 wrong usage.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Walk every kind of error through both clients, against a built-in mock server
    #[command(after_help = DEMO)]
    Demo,
    /// Explain an error code, a status, or an answer pasted from elsewhere
    Explain(Explain),
    /// Check token, quota, Intercom's status and the clocks
    #[command(after_help = EXITS)]
    Doctor,
    /// Call any endpoint, waiting and retrying as needed; the body goes to stdout
    Api(Api),
    /// Send a file of requests, as fast as the rate limit allows; can be stopped and continued
    Batch(Batch),
    /// Find one contact, or create it
    #[command(subcommand, after_help = CONTACT_EXITS)]
    Contact(Contact),
    /// Run the mock server until it is stopped
    Mock(Mock),
}

impl Command {
    /// Whether it goes on for as long as somebody reads what it prints.
    pub(crate) const fn is_endless(&self) -> bool {
        match self {
            Self::Explain(explain) => explain.lines.is_some(),
            Self::Mock(_) => true,
            _ => false,
        }
    }
}

const EXPLAIN: &str = "Exit status: 0 done, 1 a line of --lines could not be explained, 2 wrong usage or nothing known.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXPLAIN)]
pub(crate) struct Explain {
    /// An error code, an HTTP status, a category or action, an answer as text (`curl -i` or `curl -v`, or its body
    /// alone), a line of a log, a file with one of them, or - for stdin
    #[arg(value_name = "CODE|STATUS|ANSWER|FILE|-", conflicts_with = "lines")]
    pub(crate) subject: Option<String>,
    /// List every known code with its meaning; with --json causes and fixes too
    #[arg(long, conflicts_with_all = ["subject", "lines", "status", "headers", "method", "path", "now"])]
    pub(crate) all: bool,
    /// Explain each line of a JSONL file (- for stdin): {"status", "headers", "body" or "raw", "method", "path", "now"},
    /// of which only "status" is required. Prints how often each kind of error came; with --json a record for each line,
    /// with its number as "line". Bad lines are named on stderr, the rest goes on, and the exit status is 1
    #[arg(long, value_name = "FILE", conflicts_with_all = ["status", "headers", "method", "path", "now"])]
    pub(crate) lines: Option<String>,
    /// The status the answer came with
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub(crate) status: Option<u16>,
    /// A header the answer came with; may be given several times
    #[arg(long = "header", value_name = "K: V", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// The request's method, to say whether it may be sent again
    #[arg(long, value_name = "METHOD", value_parser = method)]
    pub(crate) method: Option<http::Method>,
    /// The request's path
    #[arg(long, value_name = "PATH", requires = "method")]
    pub(crate) path: Option<String>,
    /// The time of the answer as Unix seconds, if it has no Date [default: now]
    #[arg(long, value_name = "UNIX", value_parser = unix_time)]
    pub(crate) now: Option<UnixTime>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = concat!(include_str!("help/api.txt"), "\n", exits!(), "."))]
pub(crate) struct Api {
    /// GET, POST, PUT, DELETE, ...
    #[arg(value_parser = method)]
    pub(crate) method: http::Method,
    /// The path with its query, such as /contacts?per_page=5
    pub(crate) path: String,
    /// The body: JSON, or @FILE, or @- for stdin
    #[arg(long, short, value_name = "JSON|@FILE")]
    pub(crate) data: Option<String>,
    /// A header to send; may be given several times
    #[arg(long = "header", short = 'H', value_name = "K: V", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// Send again even if it may have been carried out already
    #[arg(long)]
    pub(crate) replayable: bool,
    /// Take any answer, not only JSON, and print it byte for byte
    #[arg(long)]
    pub(crate) any: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("help/batch.txt"))]
pub(crate) struct Batch {
    /// A file with a request a line, or - for stdin
    #[arg(value_name = "FILE|-")]
    pub(crate) file: String,
    /// A file for the results, a line each; that of an earlier run is continued
    #[arg(long, value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// How many requests may be under way at once
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
    /// Send again what failed in earlier runs and was not carried out
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Send again what may have been carried out: some of it will be done twice
    #[arg(long)]
    pub(crate) retry_unknown: bool,
}

const CONTACT: &str = concat!(
    include_str!("help/contact.txt"),
    "\n",
    exits!(),
    ", 3 not found (`contact find`)."
);

#[derive(Debug, Subcommand)]
pub(crate) enum Contact {
    /// Read a contact by its id, following merges
    #[command(after_help = CONTACT)]
    Find {
        /// The id Intercom gave
        id: String,
    },
    /// Find the contact with this e-mail or external id, or create it; an existing one is not updated
    FindOrCreate(FindOrCreate),
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("identity").multiple(true), after_help = CONTACT)]
pub(crate) struct FindOrCreate {
    /// The e-mail address
    #[arg(long, group = "identity")]
    pub(crate) email: Option<String>,
    /// Your own id of the contact
    #[arg(long, value_name = "ID", group = "identity")]
    pub(crate) external_id: Option<String>,
    /// The name of a new contact; an existing one keeps its own
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its role: user or lead
    #[arg(long, default_value_t = Role::User)]
    pub(crate) role: Role,
    /// What to do if it is archived: unarchive, return or refuse
    #[arg(long, default_value_t = OnArchived::Unarchive, value_name = "WHAT")]
    pub(crate) on_archived: OnArchived,
}

#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("help/mock.txt"))]
pub(crate) struct Mock {
    /// Give the answers of this file, a JSON object a line; - for stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<String>,
    /// The port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The only token that is accepted
    #[arg(long, default_value = "mock-token")]
    pub(crate) token: String,
    /// How many requests a window admits [default: 1000000]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,
    /// How long a window is
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) window: Duration,
    /// How long new contacts stay out of searches
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds_or_none, allow_negative_numbers = true)]
    pub(crate) index_lag: Duration,
    /// How far X-RateLimit-Reset lies behind the end of the window
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) reset_offset: u64,
    /// How far the server's clock is ahead; behind if negative
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub(crate) clock_offset: i64,
    /// A second limit that no header shows, as that of a whole workspace is
    #[arg(long, value_name = "N")]
    pub(crate) hidden_limit: Option<u32>,
    /// Withhold a scope, such as read_users; may be given several times
    #[arg(long = "withhold-scope", value_name = "SCOPE")]
    pub(crate) withheld: Vec<String>,
    /// What the status page says: none, minor, major or critical
    #[arg(long, value_name = "INDICATOR", default_value = "none")]
    pub(crate) status: String,
    /// Answer the status page with 503
    #[arg(long)]
    pub(crate) status_page_down: bool,
    /// Answer every path of the API with 503
    #[arg(long)]
    pub(crate) api_down: bool,
}

impl Args {
    /// Reads the program's arguments; the error is also what asks for help or the version.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let matches = program().try_get_matches()?;
        Self::from_arg_matches(&matches)
    }
}

/// Whether the arguments ask for JSON, for when they cannot be read.
pub(crate) fn ask_for_json() -> bool {
    // Also where it is given a value, which it does not take.
    std::env::args_os().any(|arg| arg == "--json" || arg.as_encoded_bytes().starts_with(b"--json="))
}

/// The arguments as they are declared, with help that shows each command's own.
///
/// Every command takes the global options, wherever they stand; those that send nothing of a user's do not show how.
fn program() -> Program {
    let program = Args::command();
    let hidden: Vec<Arg> = program
        .get_arguments()
        .filter(|arg| arg.is_global_set() && !matches!(arg.get_id().as_str(), "json" | "color"))
        .map(|arg| arg.clone().hide(true))
        .collect();
    let hide = |command: Program| command.args(hidden.iter().cloned());
    ["demo", "explain", "mock"]
        .iter()
        .fold(program, |program, name| program.mut_subcommand(name, hide))
}

fn seconds(text: &str) -> Result<Duration, String> {
    match seconds_or_none(text)? {
        Duration::ZERO => Err("give more than 0 seconds".to_owned()),
        duration => Ok(duration),
    }
}

fn seconds_or_none(text: &str) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok();
    number
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "give a number of seconds, such as 2.5".to_owned())
}

fn unix_time(text: &str) -> Result<UnixTime, String> {
    let seconds = text.parse().ok();
    seconds
        .and_then(UnixTime::from_secs)
        .ok_or_else(|| "give whole seconds since 1970, such as 1711100060".to_owned())
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("a header has the form 'Name: value'")?;
    let name = name.trim();
    http::HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| "the part before the colon is not a header name")?;
    Ok((name.to_owned(), value.trim().to_owned()))
}

fn method(text: &str) -> Result<http::Method, String> {
    http::Method::from_bytes(text.to_ascii_uppercase().as_bytes())
        .map_err(|_| "a method is a word such as GET or POST".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{program, seconds, unix_time};

    #[test]
    fn the_arguments_are_consistent() {
        program().debug_assert();
    }

    #[test]
    fn fractions_of_seconds_are_seconds_and_nonsense_is_not() {
        assert_eq!(seconds("0.25").unwrap().as_millis(), 250);
        for bad in ["0", "-1", "NaN", "inf", "1e300", "", "five"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_unix_time_is_whole_seconds_until_the_year_9999() {
        assert_eq!(unix_time("1711100060").unwrap().as_secs(), 1_711_100_060);
        for bad in ["-1", "1.5", "1711100060000", "", "now"] {
            assert!(unix_time(bad).is_err(), "{bad}");
        }
    }
}
