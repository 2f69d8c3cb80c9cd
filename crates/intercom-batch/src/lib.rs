//! Sends a file of requests to Intercom, imports contacts, and exports everything. If the process is killed, nothing is lost, and no
//! write is sent twice unless that is safe.
//!
//! In scope: a [`Source`] of lines, each of which is a request or a contact; sending them with retries, paced by the rate limit; a
//! journal and a file of results, from which a later run continues, no matter where the earlier one stopped or crashed; an
//! [`Export`] of all items of a walk, which continues in the same way.
//!
//! Out of scope: what a request means and when it is retried ([`intercom_protocol`](https://docs.rs/intercom-protocol));
//! arguments, signals and progress bars (the `intercom` command, which uses this crate).
//!
//! An example with the feature `hyper`, on tokio:
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
//! A line is a JSON object with the members `method` and `path`, and optionally `query`, `headers`, `body`, `id`,
//! `replayable` and `any`. Blank lines are skipped, but they count in the line numbers. The results contain a record
//! for each line, in order of completion. If a line has several records, the last one counts. [The command's
//! page][page] describes the members of lines and records.
//!
//! # Continuing
//!
//! The batch writes each line's number and digest to the journal right before it sends the line's first request, and a
//! record to the results once it has the response. A later run skips lines that have a record. A line in the journal
//! without a record may have been applied: reads and idempotent writes are sent again, and other writes are
//! recorded as [`Ending::Unknown`]. See [`Ending`] for what a later run does with each line. A killed process loses
//! nothing that it has written. A power failure may lose the last seconds, because the files are not synced to disk.
//!
//! A run stops early when [`Run::stop`] is called, at the [deadline](Batch::deadline), or when it is pointless to go
//! on, for example because the token was refused ten times in a row. [`Stopped`] lists the reasons. The run then starts
//! no more lines and finishes the requests in flight, except at the deadline, which cuts them off.
//!
//! The results contain the API's responses, including personal data. The journal contains only line numbers and
//! digests. On Unix, only the owner can read the new files. A response might repeat the access token. To remove
//! the token from the results, pass a [`Wording`].
//!
//! [page]: https://github.com/intercom-crates/intercom-crates/blob/main/docs/BATCH.md

#![cfg_attr(docsrs, feature(doc_cfg))]

mod ending;
mod error;
mod source;

mod stopped;

mod sender;
mod work;

mod wording;

mod record;

mod files;

mod outcomes;
mod settings;
mod tally;

mod run;

mod batch;

mod export;

mod ahead;

pub use ahead::{ReadAhead, ReadAheadError, ReadAheadLimits};
pub use batch::Batch;
pub use ending::Ending;
pub use error::{Error, ErrorKind};
pub use export::{
    Export, ExportError, MessageExport, MessageExportError, MessagePeriod, MessagePhase,
    MessageProgress, SeenInFile,
};
pub use outcomes::OutcomeCount;
pub use run::{Event, Position, Run};
pub use source::{Invalid, Source};
pub use stopped::Stopped;
pub use tally::{LineNumbers, Tally};
pub use wording::{Failure, Wording};

pub use intercom_protocol::Config;
pub use {intercom_async, intercom_protocol, serde_json};
