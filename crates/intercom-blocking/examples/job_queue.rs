//! A job queue that keeps the error of a failed job as JSON, and decides later, in another process, what to do.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-blocking --example job_queue -- /messages >failed.json
//! cargo run -p intercom-blocking --example job_queue -- decide <failed.json
//! ```
//!
//! The record contains what the server said, so treat it like the personal data in it.

use std::error::Error as StdError;
use std::io;

use intercom_blocking::{Category, ClientBuilder, Error, RetryPolicy};

fn main() {
    let argument = std::env::args().nth(1);
    let result = match argument.as_deref() {
        Some("decide") => read_and_decide(),
        path => run(path.unwrap_or("/messages")),
    };
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

/// Runs a job. Prints its error as the queue would store it.
fn run(path: &str) -> Result<(), Box<dyn StdError>> {
    // The queue retries, so the client does not.
    let builder = ClientBuilder::from_env()?.policy(RetryPolicy::none());
    let client = builder.build()?;
    if let Err(error) = client.post(path).json(&()).send() {
        println!("{}", serde_json::to_string(&error)?);
    }
    Ok(())
}

fn read_and_decide() -> Result<(), Box<dyn StdError>> {
    let error: Error = serde_json::from_reader(io::stdin())?;
    println!("{}\n{error}", decide(&error));
    Ok(())
}

/// What the queue does with the job.
fn decide(error: &Error) -> String {
    if error.may_have_been_applied() {
        return "ask a person: the job may have been done".to_owned();
    }
    if let Some(time) = error.retry_at() {
        return format!("run it again at {time}");
    }
    match error.category() {
        Some(Category::Authentication | Category::Permission) => "stop the queue".to_owned(),
        _ => "drop the job".to_owned(),
    }
}
