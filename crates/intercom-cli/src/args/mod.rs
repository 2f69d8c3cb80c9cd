//! The arguments, as clap reads them.

/// The exit statuses of most commands. The modules below use it.
macro_rules! exits {
    () => {
        "Exit status: 0 success, 1 the call failed, 2 wrong usage or configuration"
    };
}

pub(crate) mod contacts;
mod evidence;
pub(crate) mod export;
pub(crate) mod lines;

use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{
    Arg, Command as Program, CommandFactory as _, FromArgMatches as _, Parser, Subcommand,
    ValueEnum,
};
use intercom_protocol::{Pacing, Region, UnixTime};

pub(crate) use self::contacts::Contact;
pub(crate) use self::evidence::{Bundle, Replay, Trace};
pub(crate) use self::export::Export;
pub(crate) use self::lines::{Batch, Import};

/// Explains errors of Intercom's REST API, checks access tokens, and calls the API with waits and retries
#[derive(Debug, Parser)]
#[command(name = "intercom", version, max_term_width = 80, subcommand_required = true, after_help = AFTER)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = concat!(
    "The access token comes from INTERCOM_ACCESS_TOKEN or --token-file. It is never printed.\n",
    exits!(),
    ", 3 not found (`contact find`)."
);
const CONTACT_EXITS: &str = concat!(exits!(), ", 3 not found (`contact find`).");

/// Options that every command accepts.
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
    /// The region that hosts the workspace: us, eu or au [env: INTERCOM_REGION]
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<Region>,
    /// Send this Intercom-Version, like 2.14
    #[arg(long, global = true, value_name = "VERSION")]
    pub(crate) api_version: Option<String>,
    /// Read Intercom's status page at this URL
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) status_url: Option<String>,
    /// The client to use
    #[arg(long, global = true, value_enum, default_value_t = Kind::Blocking, value_name = "CLIENT")]
    pub(crate) client: Kind,
    /// At most this many attempts per call [default: 4]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) max_attempts: Option<u32>,
    /// Give up after this many seconds, waits included
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) deadline: Option<Duration>,
    /// Give up if the server asks for a longer wait than this [default: 90]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) max_wait: Option<Duration>,
    /// Do not pace requests; only a 429 slows them down
    #[arg(long, global = true, conflicts_with_all = ["fleet", "pacing"])]
    pub(crate) no_pacing: bool,
    /// How to spend the quota: steady leaves more for other programs, fast finishes short jobs sooner [default: steady]
    #[arg(long, global = true, value_name = "HOW")]
    pub(crate) pacing: Option<Pacing>,
    /// Share the quota with other processes through this Redis, like redis://localhost:6379 [env: INTERCOM_FLEET_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) fleet: Option<String>,
    /// The name of the shared quota [default: that of the access token]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) fleet_name: Option<String>,
    /// Record the calls in this file, without personal data; an existing file is continued
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Also record the bodies of responses; only the token and e-mail addresses are hidden in them
    #[arg(long, global = true)]
    pub(crate) record_bodies: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

/// A client.
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

/// A shell that completes arguments.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

const DEMO: &str = "Exit status: 0 all calls ended as expected, 1 some did not, 2 wrong usage.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show how both clients handle each kind of error; needs no token
    #[command(after_help = DEMO)]
    Demo,
    /// Explain an error code, an HTTP status or a pasted response
    Explain(Explain),
    /// Check network, token, quota, Intercom's status and the clock
    #[command(after_help = include_str!("../help/doctor.txt"))]
    Doctor,
    /// Collect evidence for Intercom's support in one file, without personal data
    Bundle(Bundle),
    /// Call any endpoint with waits and retries; prints the body
    Api(Api),
    /// Send a file of requests as fast as the rate limit allows
    Batch(Batch),
    /// Create or update what is in a file
    #[command(subcommand)]
    Import(Import),
    /// Write everything to a file, and continue if it was interrupted
    #[command(subcommand)]
    Export(Export),
    /// Find, create or update a contact
    #[command(subcommand, after_help = CONTACT_EXITS)]
    Contact(Contact),
    /// Look at the processes that share a quota through Redis
    #[command(subcommand, after_help = include_str!("../help/fleet.txt"))]
    Fleet(Fleet),
    /// Show whether recorded responses lead to the same decisions today
    #[command(after_help = include_str!("../help/replay.txt"))]
    Replay(Replay),
    /// Show what happened in a recording: errors, waits, slow calls and a timeline
    #[command(after_help = include_str!("../help/trace.txt"))]
    Trace(Trace),
    /// Run a mock of Intercom's API for tests
    Mock(Mock),
    /// Print a script that completes the arguments in a shell
    #[command(after_help = include_str!("../help/completions.txt"))]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

impl Command {
    /// Whether its calls can be recorded.
    pub(crate) const fn sends_requests(&self) -> bool {
        matches!(
            self,
            Self::Api(_)
                | Self::Batch(_)
                | Self::Contact(_)
                | Self::Doctor
                | Self::Export(_)
                | Self::Import(_)
                | Self::Replay(_)
        )
    }

    /// Whether it runs for as long as its output is read.
    pub(crate) const fn is_endless(&self) -> bool {
        match self {
            Self::Explain(explain) => explain.lines.is_some(),
            Self::Mock(_) => true,
            _ => false,
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("../help/explain.txt"))]
pub(crate) struct Explain {
    /// An error code, an HTTP status, a category, an action, a response (the output of `curl -i` or `curl -v`, or only the
    /// body), a log line, a file with one of these, or - for stdin
    #[arg(value_name = "CODE|STATUS|RESPONSE|FILE|-", conflicts_with = "lines")]
    pub(crate) subject: Option<String>,
    /// List all known codes and their meanings; with --json also causes and fixes
    #[arg(long, conflicts_with_all = ["subject", "lines", "status", "headers", "method", "path", "now"])]
    pub(crate) all: bool,
    /// Explain each line of a JSONL file; - for stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["status", "headers", "method", "path", "now"])]
    pub(crate) lines: Option<String>,
    /// The status of the response
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub(crate) status: Option<u16>,
    /// A header of the response; can be repeated
    #[arg(long = "header", value_name = "K: V", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// The request's method; decides whether a retry is safe
    #[arg(long, value_name = "METHOD", value_parser = method)]
    pub(crate) method: Option<http::Method>,
    /// The request's path
    #[arg(long, value_name = "PATH", requires = "method")]
    pub(crate) path: Option<String>,
    /// The time of the response in Unix seconds, if it has no Date [default: now]
    #[arg(long, value_name = "UNIX", value_parser = unix_time)]
    pub(crate) now: Option<UnixTime>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = concat!(include_str!("../help/api.txt"), "\n", exits!(), "."))]
pub(crate) struct Api {
    /// GET, POST, PUT, DELETE, ...
    #[arg(value_parser = method)]
    pub(crate) method: http::Method,
    /// The path with its query, like /contacts?per_page=5
    pub(crate) path: String,
    /// The request body: JSON, @FILE, or @- for stdin
    #[arg(long, short, value_name = "JSON|@FILE")]
    pub(crate) data: Option<String>,
    /// A header to send; can be repeated
    #[arg(long = "header", short = 'H', value_name = "K: V", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// Retry even if the request may have been applied
    #[arg(long)]
    pub(crate) replayable: bool,
    /// Accept any response, not only JSON, and print its exact bytes
    #[arg(long)]
    pub(crate) any: bool,
    /// Read all pages of a list or a search, and print each item on a line
    #[arg(long, conflicts_with_all = ["any", "replayable"])]
    pub(crate) paginate: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Fleet {
    /// Show the window, and what each process holds of it
    #[command(after_help = include_str!("../help/fleet.txt"))]
    Status,
}

#[derive(Debug, clap::Args)]
#[command(after_help = include_str!("../help/mock.txt"))]
pub(crate) struct Mock {
    /// Send the responses in this file, one JSON object on each line; - for stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<String>,
    /// The port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The token to accept
    #[arg(long, default_value = "mock-token")]
    pub(crate) token: String,
    /// How many contacts and companies there are from the beginning; lists and scrolls have them
    #[arg(long, value_name = "N")]
    pub(crate) generated: Option<u64>,
    /// Requests per window [default: 1000000]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,
    /// How long a window is
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) window: Duration,
    /// How long until searches find a new contact
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds_or_none, allow_negative_numbers = true)]
    pub(crate) index_lag: Duration,
    /// How many seconds after the real end of the window X-RateLimit-Reset says that it ends
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) reset_offset: u64,
    /// How far the server's clock is ahead, or behind if negative
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub(crate) clock_offset: i64,
    /// A second limit that no header shows, like that of a whole workspace
    #[arg(long, value_name = "N")]
    pub(crate) hidden_limit: Option<u32>,
    /// A scope that the token lacks, like read_users; can be repeated
    #[arg(long = "withhold-scope", value_name = "SCOPE")]
    pub(crate) withheld: Vec<String>,
    /// The incident on the status page: none, minor, major or critical
    #[arg(long, value_name = "INDICATOR", default_value = "none")]
    pub(crate) status: String,
    /// Respond to requests for the status page with 503
    #[arg(long)]
    pub(crate) status_page_down: bool,
    /// Respond to all API requests with 503
    #[arg(long)]
    pub(crate) api_down: bool,
}

impl Args {
    /// Reads the program's arguments. Help and the version are errors too.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let matches = program()
            .try_get_matches()
            .or_else(|error| match error.kind() {
                // `-h`, or no command.
                ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                    if !ask_for_long_help() =>
                {
                    short(program()).try_get_matches()
                }
                _ => Err(error),
            })?;
        Self::from_arg_matches(&matches)
    }
}

/// Whether the arguments contain `--json`, in case they are otherwise invalid.
pub(crate) fn ask_for_json() -> bool {
    // `--json=x` counts too, although the option takes no value.
    std::env::args_os().any(|arg| arg == "--json" || arg.as_encoded_bytes().starts_with(b"--json="))
}

fn ask_for_long_help() -> bool {
    std::env::args_os().any(|arg| arg == "--help" || arg == "help")
}

/// The declared arguments.
///
/// Every command accepts all global options. Commands that send no requests of the user do not list the options for that.
pub(crate) fn program() -> Program {
    let program = Args::command();
    let hidden: Vec<Arg> = program
        .get_arguments()
        .filter(|arg| arg.is_global_set() && !matches!(arg.get_id().as_str(), "json" | "color"))
        .map(|arg| arg.clone().hide(true))
        .collect();
    let hide = |command: Program| command.args(hidden.iter().cloned());
    let program = ["completions", "demo", "explain", "mock", "trace"]
        .iter()
        .fold(program, |program, name| program.mut_subcommand(name, hide));
    // These two look at what this process sees alone, with one attempt.
    ["bundle", "doctor"].iter().fold(program, |program, name| {
        let fleet = |arg: &&Arg| arg.get_id().as_str().starts_with("fleet");
        program.mut_subcommand(name, |command| {
            command.args(hidden.iter().filter(fleet).cloned())
        })
    })
}

/// The program with short help: without global options, details and exit statuses.
fn short(program: Program) -> Program {
    without_details(program.mut_args(|arg| {
        let is_global = arg.is_global_set();
        arg.hide(is_global)
    }))
}

fn without_details(command: Program) -> Program {
    command
        .after_help("--help also shows the global options, details and exit statuses.")
        .mut_subcommands(without_details)
}

fn seconds(text: &str) -> Result<Duration, String> {
    match seconds_or_none(text)? {
        Duration::ZERO => Err("use more than 0 seconds".to_owned()),
        duration => Ok(duration),
    }
}

fn seconds_or_none(text: &str) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok();
    number
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "use a number of seconds, like 2.5".to_owned())
}

fn unix_time(text: &str) -> Result<UnixTime, String> {
    let seconds = text.parse().ok();
    seconds
        .and_then(UnixTime::from_secs)
        .ok_or_else(|| "use whole seconds since 1970, like 1711100060".to_owned())
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("a header has the form 'Name: value'")?;
    let name = name.trim();
    http::HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| "the name before the colon is not a valid header name")?;
    Ok((name.to_owned(), value.trim().to_owned()))
}

fn method(text: &str) -> Result<http::Method, String> {
    http::Method::from_bytes(text.to_ascii_uppercase().as_bytes())
        .map_err(|_| "use a method like GET or POST".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{program, seconds, short, unix_time};

    #[test]
    fn the_declared_arguments_are_consistent() {
        program().debug_assert();
        short(program()).debug_assert();
    }

    #[test]
    fn seconds_may_have_a_fraction_and_must_be_positive() {
        assert_eq!(seconds("0.25").unwrap().as_millis(), 250);
        for bad in ["0", "-1", "NaN", "inf", "1e300", "", "five"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_unix_time_is_whole_seconds_up_to_the_year_9999() {
        assert_eq!(unix_time("1711100060").unwrap().as_secs(), 1_711_100_060);
        for bad in ["-1", "1.5", "1711100060000", "", "now"] {
            assert!(unix_time(bad).is_err(), "{bad}");
        }
    }
}
