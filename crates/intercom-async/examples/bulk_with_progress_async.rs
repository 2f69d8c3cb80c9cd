//! Creates many contacts, eight at a time, and shows the progress. The client keeps the calls below the rate limit.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-async --example bulk_with_progress_async -- 40
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`. This creates contacts, so use a test workspace.

use futures_util::{StreamExt as _, stream};
use intercom_async::{Category, Client, Error, NewContact};

const AT_ONCE: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Error> {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let count = count.unwrap_or(40);
    let client = Client::from_env()?;

    let calls = (1..=count).map(|n| {
        let client = &client;
        async move {
            let email = format!("bulk-{n}@example.org");
            let contact = NewContact::user().email(&email);
            (email, client.contacts().find_or_create(&contact).await)
        }
    });
    let mut results = stream::iter(calls).buffer_unordered(AT_ONCE);

    let (mut done, mut failed) = (0, 0);
    while let Some((email, result)) = results.next().await {
        match result {
            Ok(_) => {}
            // The other contacts would fail too. Returning drops the stream, which cancels its calls.
            Err(error) if error.category() == Some(Category::Authentication) => return Err(error),
            Err(error) => {
                println!("{email}: {error}");
                failed += 1;
            }
        }
        done += 1;
        if done % 10 == 0 || done == count {
            println!("{done} of {count} done, {failed} failed");
        }
    }
    Ok(())
}
