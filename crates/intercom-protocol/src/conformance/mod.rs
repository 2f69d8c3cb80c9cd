//! A test kit for drivers and transports: does yours keep what calls promise?
//!
//! Each [`Case`] starts a server on loopback that behaves in a certain way, lets your driver make one call, and checks both the
//! result and what the server saw. It finds the mistakes that adapters of HTTP libraries make: a fault in the wrong phase, a request
//! that is rebuilt for its retry, a response that is lost, a clock that stands still.
//!
//! It uses real sockets and real time. All cases run at the same time and take about three seconds.
//!
//! ```
//! use intercom_protocol::conformance;
//! # mod my_sdk {
//! #     use intercom_protocol::{ApiRequest, Config, Error, Reply};
//! #     pub fn call(config: Config, _: ApiRequest) -> Result<Reply, Error> { config.build().map(|_| todo!()) }
//! # }
//!
//! # fn test() {
//! // In a test of your own. An async driver blocks on its runtime here.
//! let report = conformance::run(|config, request| my_sdk::call(config, request));
//! assert!(report.is_ok(), "{report}");
//! # }
//! ```

#![expect(
    clippy::disallowed_methods,
    reason = "the server of a case lives in real time"
)]

mod acts;
mod cases;
mod check;
mod server;

use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

pub use self::cases::CASES;
use crate::{ApiRequest, Config, Error, Reply};

/// How long a case may take. Most take milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// A driver under test: makes one call with these settings.
type Driver = dyn Fn(Config, ApiRequest) -> Result<Reply, Error> + Send + Sync;

/// One case of the kit.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Case {
    /// What the driver has to do.
    pub name: &'static str,
    /// The mistake that the case finds.
    pub finds: &'static str,
    check: fn(&Driver) -> Result<(), String>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The outcome of all cases. `Display` lists them, with what is wrong and the mistake that usually causes it.
#[derive(Clone, Debug)]
#[must_use = "assert that the report is ok"]
pub struct Report {
    outcomes: Vec<(Case, Result<(), String>)>,
}

impl Report {
    /// Returns whether the driver passed every case.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.failures().next().is_none()
    }

    /// Returns the cases that failed, and what is wrong.
    pub fn failures(&self) -> impl Iterator<Item = (&Case, &str)> {
        let failed = self.outcomes.iter();
        failed.filter_map(|(case, outcome)| Some((case, outcome.as_ref().err()?.as_str())))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.failures().count();
        writeln!(f, "{} of {} cases failed", failed, self.outcomes.len())?;
        for (case, outcome) in &self.outcomes {
            match outcome {
                Ok(()) => writeln!(f, "ok      {}", case.name)?,
                Err(problem) => writeln!(
                    f,
                    "FAILED  {}\n        {problem}\n        usual mistake: {}",
                    case.name, case.finds
                )?,
            }
        }
        Ok(())
    }
}

/// Runs every case with this driver.
///
/// The driver builds a client with the settings and makes one call. It must not change the settings. It is called from several
/// threads at the same time. A driver that does not return within 30 s fails its case, and its thread is left behind.
pub fn run(
    driver: impl Fn(Config, ApiRequest) -> Result<Reply, Error> + Send + Sync + 'static,
) -> Report {
    let driver: Arc<Driver> = Arc::new(driver);
    let started: Vec<_> = CASES
        .iter()
        .map(|case| (*case, start(*case, Arc::clone(&driver))))
        .collect();
    let outcomes = started
        .into_iter()
        .map(|(case, outcome)| (case, wait(&outcome)))
        .collect();
    Report { outcomes }
}

fn start(case: Case, driver: Arc<Driver>) -> Receiver<Result<(), String>> {
    let (report, outcome) = channel();
    thread::spawn(move || report.send((case.check)(&*driver)));
    outcome
}

fn wait(outcome: &Receiver<Result<(), String>>) -> Result<(), String> {
    match outcome.recv_timeout(PATIENCE) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Err(format!(
            "the call had not ended after {} s",
            PATIENCE.as_secs()
        )),
        Err(RecvTimeoutError::Disconnected) => Err("the driver panicked".to_owned()),
    }
}
