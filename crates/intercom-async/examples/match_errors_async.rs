//! Reads some paths, and matches the errors by category.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-async --example match_errors_async -- /contacts/none /me
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use intercom_async::{Category, ClientBuilder, Error, RetryPolicy};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Error> {
    // Without retries, so that each error shows at once.
    let builder = ClientBuilder::from_env()?.policy(RetryPolicy::none());
    let client = builder.build()?;
    let mut paths: Vec<_> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        paths.push("/contacts/none".to_owned());
    }
    for path in paths {
        match client.get(&path).await {
            Ok(reply) => println!("{path}: {}", reply.status()),
            Err(error) => println!("{path}: {}\n    {error}", reaction(&error)),
        }
    }
    Ok(())
}

fn reaction(error: &Error) -> String {
    let reaction = match error.category() {
        Some(Category::Authentication) => "get a new access token",
        Some(Category::Permission) => "add the scope",
        Some(Category::NotFound) => "go on without it",
        Some(Category::Conflict) => {
            let existing = error.api().and_then(|api| api.existing_contact());
            return existing.map_or_else(
                || "use the one that exists".to_owned(),
                |contact| format!("use contact {}", contact.id()),
            );
        }
        Some(Category::Validation) => "correct the input",
        Some(Category::RateLimit | Category::Overload | Category::Server | Category::Timeout) => {
            return error.retry_at().map_or_else(
                || "come back later".to_owned(),
                |time| format!("come back at {time}"),
            );
        }
        Some(Category::Connection | Category::Blocked) => "check the network",
        _ => "report it",
    };
    reaction.to_owned()
}
