//! Redis itself: its URL, the commands that run the script, and what its errors mean.

#[cfg(feature = "blocking")]
pub(crate) mod blocking;
mod refusal;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;
mod url;

use ::redis::{Client, Cmd, RedisError, Value};

use self::refusal::trouble;
use crate::LEDGER;
use crate::error::FleetError;
use crate::event::Trouble;

/// The most integers that a reply can have.
const MOST_VALUES: usize = 64;

/// A Redis server, and the script that it runs.
pub(crate) struct Server {
    client: Client,
    script: ::redis::Script,
}

impl Server {
    /// Reads the URL. No error contains any part of it.
    pub(crate) fn parse(url: &str) -> Result<Self, FleetError> {
        Ok(Self {
            client: url::client(url)?,
            script: ::redis::Script::new(LEDGER),
        })
    }

    /// The command that runs the script if Redis knows it.
    fn run_known(&self, key: &str, arguments: &[Vec<u8>]) -> Cmd {
        command("EVALSHA", self.script.get_hash(), key, arguments)
    }

    /// The command that sends the script and runs it.
    fn run_new(key: &str, arguments: &[Vec<u8>]) -> Cmd {
        command("EVAL", LEDGER, key, arguments)
    }
}

fn command(name: &str, script: &str, key: &str, arguments: &[Vec<u8>]) -> Cmd {
    let mut command = ::redis::cmd(name);
    command.arg(script).arg(1).arg(key).arg(arguments);
    command
}

/// Whether Redis has lost the script, or never had it.
fn is_unknown_script(error: &RedisError) -> bool {
    error.code() == Some("NOSCRIPT")
}

/// The integers of a reply.
fn integers(reply: Value) -> Result<Vec<i64>, Trouble> {
    let values = match reply {
        Value::Array(values) if values.len() <= MOST_VALUES => values,
        _ => return Err(Trouble::Unreadable),
    };
    let integers = values.into_iter().map(|value| match value {
        Value::Int(value) => Some(value),
        _ => None,
    });
    integers.collect::<Option<_>>().ok_or(Trouble::Unreadable)
}
