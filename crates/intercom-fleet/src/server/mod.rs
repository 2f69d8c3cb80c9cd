//! Redis itself: its URL, the commands that run the script, and what its errors mean.

#[cfg(feature = "blocking")]
mod blocking;
mod refusal;
#[cfg(feature = "tokio")]
mod tokio;
mod url;

use std::time::Duration;

use ::redis::{Client, Cmd, Connection, RedisError, RedisResult, Value};
use intercom_pace::fleet::Member;

use self::refusal::trouble;
use crate::LEDGER;
use crate::error::FleetError;
use crate::event::Trouble;

/// How long a connection may take to open. A TLS handshake and a password need several round trips, each of which may take as long as
/// a request. No call waits for it.
const CONNECT: Duration = Duration::from_secs(1);

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

    /// Opens a connection of the calling thread. Each read and each write has a time limit.
    fn open(&self) -> RedisResult<Connection> {
        let connection = self.client.get_connection_with_timeout(CONNECT)?;
        connection.set_read_timeout(Some(Member::TIMEOUT))?;
        connection.set_write_timeout(Some(Member::TIMEOUT))?;
        Ok(connection)
    }

    /// Runs another script with this key, on a connection of its own.
    pub(crate) fn evaluate(&self, script: &str, key: &str) -> Result<Vec<i64>, Trouble> {
        let command = command("EVAL", script, key, &[]);
        let reply = self
            .open()
            .and_then(|mut connection| command.query(&mut connection));
        integers(reply.map_err(|error| trouble(&error))?)
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

/// A connection that is opened when it is needed, and dropped after any failure: a late reply must not be read as the next one.
pub(crate) struct Link<C> {
    server: Server,
    connection: Option<C>,
}

impl<C> Link<C> {
    pub(crate) fn new(server: Server) -> Self {
        Self {
            server,
            connection: None,
        }
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
    let Value::Array(values) = reply else {
        return Err(Trouble::Unreadable);
    };
    let integers = values.into_iter().map(|value| match value {
        Value::Int(value) => Some(value),
        _ => None,
    });
    integers.collect::<Option<_>>().ok_or(Trouble::Unreadable)
}
