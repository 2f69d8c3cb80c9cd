//! The values in a bundle. Each is safe to send.

use intercom_protocol::UnixTime;
use serde::{Serialize, Serializer};

use crate::log::Variable;

/// Everything that was found. `summary.json` is this, without the lines of the files.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Collected {
    #[serde(serialize_with = "time")]
    pub(super) collected_at: UnixTime,
    pub(super) versions: Versions,
    pub(super) token: Token,
    pub(super) me: Me,
    pub(super) host: Host,
    pub(super) rate_limit: Option<Limits>,
    /// How far the server's clock is ahead.
    pub(super) clock_offset_ms: Option<i64>,
    pub(super) network: Network,
    pub(super) requests: Vec<Request>,
    pub(super) service: Service,
    pub(super) logs: Vec<Log>,
    pub(super) env_files: Vec<EnvFile>,
    pub(super) recordings: Vec<Recording>,
    /// The steps that failed, in the order of this document.
    pub(super) problems: Vec<Problem>,
    #[serde(skip)]
    pub(super) unread_files: usize,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Versions {
    pub(super) intercom_debug: &'static str,
    pub(super) os: &'static str,
    pub(super) arch: &'static str,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Token {
    pub(super) is_set: bool,
    /// In characters. `None` if there is none, or if the program can replace it while it runs.
    pub(super) length: Option<usize>,
    /// `accepted`, `refused`, `missing` or `unchecked`.
    pub(super) state: &'static str,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Me {
    pub(super) status: Option<u16>,
    /// The region of the workspace.
    pub(super) region: Option<&'static str>,
    /// Who sent the response: `api`, `intermediary` or `unknown`.
    pub(super) answered_by: Option<&'static str>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Host {
    /// The URL that requests go to; `...` stands for a host that is not Intercom's.
    pub(super) url: String,
    pub(super) region: Option<&'static str>,
    pub(super) fits_workspace: Option<bool>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Limits {
    pub(super) limit: Option<u32>,
    pub(super) remaining: Option<u32>,
    pub(super) reset_at: Option<u64>,
}

/// How long each step to the first byte of a response took.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Network {
    pub(super) dns: Step,
    pub(super) tcp: Step,
    pub(super) tls: Step,
    pub(super) first_byte: Step,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Step {
    pub(super) ms: Option<u64>,
    pub(super) error: Option<String>,
}

/// A read, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Request {
    pub(super) route: &'static str,
    pub(super) ms: Option<u64>,
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<String>,
    pub(super) error: Option<Failure>,
}

/// An error without the words of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Failure {
    /// What happened, on one line.
    pub(super) summary: String,
    pub(super) code: Option<String>,
    pub(super) category: Option<&'static str>,
    pub(super) resend: Option<&'static str>,
    pub(super) action: Option<&'static str>,
    pub(super) fault: Option<&'static str>,
    /// What the code means, as `intercom explain` says it.
    pub(super) meaning: Option<&'static str>,
    pub(super) causes: &'static [&'static str],
    pub(super) fixes: Vec<&'static str>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Service {
    pub(super) indicator: Option<String>,
    pub(super) description: Option<String>,
    pub(super) incidents: Vec<Incident>,
    /// The components with a problem.
    pub(super) components: Vec<Component>,
    pub(super) error: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Incident {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) impact: String,
    pub(super) components: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Component {
    pub(super) name: String,
    pub(super) status: String,
}

/// A log. Its name is left out, because a path can name a person.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Log {
    pub(super) bytes: u64,
    pub(super) bytes_read: u64,
    pub(super) lines_read: usize,
    pub(super) lines_kept: usize,
    #[serde(skip)]
    pub(super) lines: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct EnvFile {
    #[serde(serialize_with = "names")]
    pub(super) variables: Vec<Variable>,
    pub(super) other_names: usize,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Recording {
    pub(super) lines_kept: usize,
    pub(super) lines_left_out: u64,
    #[serde(skip)]
    pub(super) lines: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    pub(super) step: String,
    pub(super) error: String,
}

fn time<S: Serializer>(time: &UnixTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

fn names<S: Serializer>(variables: &[Variable], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        variables
            .iter()
            .map(|variable| (&variable.name, variable.is_set)),
    )
}
