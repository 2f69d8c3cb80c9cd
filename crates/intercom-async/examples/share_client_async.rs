//! Shares one client among tasks. They share its connections, its retry budget, and its place below the rate limit.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-async --example share_client_async
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use intercom_async::{Client, Error, Reply};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Error> {
    let client = Client::from_env()?;

    // Futures on the same task borrow the client.
    let (me, contacts) = tokio::join!(client.get("/me").send(), client.get("/contacts").send());
    report("/me", me);
    report("/contacts", contacts);

    // A spawned task owns a clone. It is cheap, and shares everything with the client.
    let mut tasks = JoinSet::new();
    for path in ["/me", "/tags"] {
        let clone = client.clone();
        tasks.spawn(async move { report(path, clone.get(path).await) });
    }
    tasks.join_all().await;
    Ok(())
}

fn report(what: &str, result: Result<Reply, Error>) {
    match result {
        Ok(reply) => println!("{what}: {}", reply.status()),
        Err(error) => println!("{what}: {error}"),
    }
}
