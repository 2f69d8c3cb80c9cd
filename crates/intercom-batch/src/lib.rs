//! Sends a file of requests to Intercom. If it is killed, no line is lost, and no write that must not be repeated is sent
//! twice.
//!
//! In scope: a [`Source`] of lines, each of which is a request; sending them with retries at the pace of the rate limit; a
//! journal and a file of results, from which a run that was stopped or killed at any moment is continued.
//!
//! Out of scope: what a request means and when it is sent again ([`intercom_protocol`]), and arguments, signals and progress
//! bars (the `intercom` command, which runs on this crate).
//!
//! With the feature `hyper`, on tokio:
//!
//! ```
//! # #[cfg(feature = "hyper")] {
//! use intercom_batch::{Batch, Config, Ending, Source};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("intercom-batch-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let (requests, results) = (folder.join("requests.ndjson"), folder.join("results.ndjson"));
//! # let mock = intercom_mock::MockServer::start()?;
//! # let token = mock.token();
//! std::fs::write(&requests, r#"
//! {"method": "POST", "path": "/contacts", "body": {"role": "user", "email": "ada@example.org"}, "id": "ada"}
//! {"method": "GET", "path": "/contacts/none"}
//! "#)?;
//!
//! let config = Config::new(token);
//! # let config = config.base_url(mock.base_url());
//! let run = Batch::new(config.clone())?.start(Source::open(&requests)?, &results)?;
//! let tally = run.finish().await?;
//! assert_eq!((tally.ok, tally.failed), (1, 1));
//! assert_eq!(tally.lines(Ending::Refused).first().collect::<Vec<_>>(), [3]);
//!
//! // A second run has nothing left to do: both lines have a record in the results.
//! let run = Batch::new(config)?.start(Source::open(&requests)?, &results)?;
//! let tally = run.finish().await?;
//! assert_eq!((tally.skipped, tally.attempts), (2, 0));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(()) }
//! # main().unwrap(); }
//! ```
//!
//! # Lines
//!
//! A line is a JSON object with the members `method` and `path` and, if wanted, `query`, `headers`, `body`, `id`,
//! `replayable` and `any`. Blank lines are skipped and count in the numbering. The results have a record for each line, in the
//! order of completion; where a line has several, the last one holds. [The page of the command][page] lists the members of
//! both.
//!
//! # Continuing
//!
//! A line is noted in the journal right before its first request leaves, and recorded in the results once its response is
//! there. A later run skips what is recorded. What is noted and not recorded may have been carried out: reads and idempotent
//! writes are sent again, other writes are recorded as [`Ending::Unknown`]. [`Ending`] says what a later run does with each
//! line. A killed process loses nothing that it has written. A machine that loses power may lose the last seconds, because
//! nothing is forced to the disk.
//!
//! A run stops early when [`Run::stop`] is called, at the [deadline](Batch::deadline), or when nothing succeeds any more
//! ([`Stopped`]). It then begins no more lines and finishes what is on its way; at the deadline, that is cut off.
//!
//! The results hold what the API answered, personal data included. The journal holds digests only. New files are readable for
//! their owner alone, on Unix. A [`Wording`] keeps the access token out of the results, should a response repeat it.
//!
//! [page]: https://github.com/intercom-rs/intercom-rs/blob/main/docs/BATCH.md

mod ending;
mod error;
mod source;

mod wording;

mod record;

mod files;

mod stopped;

mod sender;
mod settings;
mod tally;

mod run;

mod batch;

pub use batch::Batch;
pub use ending::Ending;
pub use error::{Error, ErrorKind};
pub use run::{Event, Position, Run};
pub use source::{Invalid, Source};
pub use stopped::Stopped;
pub use tally::{LineNumbers, Tally};
pub use wording::{Failure, Wording};

pub use intercom_protocol::Config;
pub use {intercom_async, intercom_protocol};
