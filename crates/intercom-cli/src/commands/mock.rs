//! `intercom mock`: runs the mock server for programs in any language.

use std::fs;
use std::io::{self, IsTerminal as _};

use intercom_mock::{MockBuilder, MockServer};
use serde_json::json;

use crate::args::Mock;
use crate::error::{Exit, Failure};
use crate::output::Output;

/// Serves until the program is stopped.
pub(crate) fn run(args: &Mock, output: &mut Output) -> Result<Exit, Failure> {
    let mut builder = builder(args);
    if let Some(name) = &args.script {
        builder = scripted(builder, name, output)?;
    }
    let server = builder.start().map_err(|error| {
        Failure::usage(format!(
            "port {} of 127.0.0.1 cannot be opened: {error}; use another --port",
            args.port
        ))
    })?;
    let (base_url, status_url, token) = (server.base_url(), server.status_url(), server.token());
    if output.is_json() {
        output
            .document(&json!({ "base_url": base_url, "status_url": status_url, "token": token }))?;
    } else {
        output.text(&format!("{base_url} {token}\n"))?;
        if output.is_terminal() {
            output.text(&next(&server, &token))?;
        }
    }
    output.flush()?;
    loop {
        std::thread::park();
    }
}

/// Commands that use the server, to try at a terminal.
fn next(server: &MockServer, token: &str) -> String {
    let (base_url, status_url) = (server.base_url(), server.status_url());
    format!(
        "\nPress Ctrl-C to stop. To try it in another terminal:\n  \
         export INTERCOM_ACCESS_TOKEN='{token}'\n  \
         intercom api GET /me --base-url {base_url}\n  \
         intercom doctor --base-url {base_url} --status-url {status_url}\n"
    )
}

/// Reads the whole script before the server starts.
fn scripted(builder: MockBuilder, name: &str, output: &Output) -> Result<MockBuilder, Failure> {
    let (lines, name) = if name == "-" {
        if io::stdin().is_terminal() {
            output.note("type the script here, one response on each line, and end it with Ctrl-D");
        }
        (io::read_to_string(io::stdin()), "stdin")
    } else {
        (fs::read_to_string(name), name)
    };
    let lines = lines.map_err(|error| {
        Failure::usage(format!(
            "the script {name} cannot be read: {error}; give a file, or - for stdin"
        ))
    })?;
    if lines.trim().is_empty() {
        return Err(Failure::usage(format!(
            "the script {name} is empty; intercom mock --help shows examples"
        )));
    }
    builder.script_lines(&lines).map_err(|error| {
        Failure::usage(format!(
            "the script {name}, {error}; intercom mock --help describes the lines"
        ))
    })
}

fn builder(args: &Mock) -> MockBuilder {
    let mut builder = MockServer::builder()
        .port(args.port)
        .token(&args.token)
        .keep_requests(false)
        .index_lag(args.index_lag)
        .reset_offset(args.reset_offset)
        .clock_offset(args.clock_offset)
        .rate_limit(args.limit.unwrap_or(1_000_000), args.window)
        .status_page_down(args.status_page_down)
        .api_down(args.api_down);
    if let Some(limit) = args.hidden_limit {
        builder = builder.hidden_workspace_limit(limit);
    }
    if let Some(count) = args.generated {
        builder = builder.generated_contacts(count).generated_companies(count);
    }
    for scope in &args.withheld {
        builder = builder.withhold_scope(scope);
    }
    match args.status.as_str() {
        "none" => builder,
        word => builder.service_status(word, format!("Simulated {word} incident")),
    }
}
