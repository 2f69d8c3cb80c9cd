//! `intercom mock`: the mock server, for programs in any language.

use intercom_mock::{MockBuilder, MockServer};
use serde_json::json;

use crate::args::Mock;
use crate::error::{Exit, Failure};
use crate::output::Output;

/// Serves until the program is stopped.
pub(crate) fn run(args: &Mock, output: &mut Output) -> Result<Exit, Failure> {
    let server = builder(args).start().map_err(|error| {
        Failure::usage(format!(
            "port {} of 127.0.0.1 cannot be opened: {error}; choose another with --port",
            args.port
        ))
    })?;
    let (base_url, token) = (server.base_url(), server.token());
    if output.is_json() {
        output.document(&json!({ "base_url": base_url, "token": token }))?;
    } else {
        output.text(&format!("{base_url} {token}\n"))?;
        if output.is_terminal() {
            output.text(&next(server.base_url(), &token))?;
        }
    }
    output.flush()?;
    loop {
        std::thread::park();
    }
}

/// What to do with it, for a person who started it.
fn next(base_url: &str, token: &str) -> String {
    format!(
        "\nServing until Ctrl-C. From another terminal:\n  \
         INTERCOM_ACCESS_TOKEN='{token}' intercom api GET /me --base-url {base_url}\n"
    )
}

fn builder(args: &Mock) -> MockBuilder {
    let mut builder = MockServer::builder()
        .port(args.port)
        .token(&args.token)
        .index_lag(args.index_lag)
        .reset_offset(args.reset_offset)
        .clock_offset(args.clock_offset)
        .rate_limit(args.limit.unwrap_or(1_000_000), args.window)
        .status_page_down(args.status_page_down)
        .api_down(args.api_down);
    if let Some(limit) = args.hidden_limit {
        builder = builder.hidden_workspace_limit(limit);
    }
    for scope in &args.withheld {
        builder = builder.withhold_scope(scope);
    }
    match args.status.as_str() {
        "none" => builder,
        word => builder.service_status(word, format!("The status page says {word}")),
    }
}
