//! The `intercom` command: explains errors, checks access tokens, and calls the API with waits and retries.
//!
//! ```text
//! args ──▶ commands ──▶ client (either one) ──▶ explanation ──▶ output (text or JSON)
//! ```
//!
//! In scope: arguments, the token, text for people, JSON for programs, exit statuses. Out of scope: what a response means,
//! when a request is retried, and what is sent. The other crates decide that.

mod args;
mod clean;
mod client;
mod clock;
mod commands;
mod error;
mod explanation;
mod fleet;
mod json;
mod output;
mod progress;
mod redact;
mod render;
mod signals;
mod token;
mod waits;
mod words;

use std::process::ExitCode;

use crate::args::{Args, Command};
use crate::error::{Exit, Failure};
use crate::output::Output;
use crate::redact::Redactor;
use crate::token::Token;

fn main() -> ExitCode {
    let from_environment = Redactor::new(&token::variable().to_string_lossy());
    let exit = match Args::read() {
        Ok(args) => run(&args),
        Err(error) => output::fail_early(&error, args::ask_for_json(), &from_environment),
    };
    exit.into()
}

/// Runs the command. Turns each failure into one line and an exit status.
fn run(args: &Args) -> Exit {
    let token = Token::read(&args.global);
    let redactor = match &token {
        Ok(Some(token)) => token.redactor(),
        _ => Redactor::new(&token::variable().to_string_lossy()),
    };
    let redactor = match &args.command {
        // The mock has to print its own token.
        Command::Mock(mock) if redactor.text(&mock.token) != mock.token => Redactor::default(),
        _ => redactor,
    };
    let mut output = Output::new(args, redactor);
    let done = commands::run(args, token, &mut output).and_then(|exit| {
        output.flush()?;
        Ok(exit)
    });
    done.unwrap_or_else(|failure: Failure| output.fail(&failure))
}
