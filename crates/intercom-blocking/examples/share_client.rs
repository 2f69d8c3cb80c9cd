//! Shares one client among threads. They share its connections, its retry budget, and its place below the rate limit.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-blocking --example share_client
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use std::thread;

use intercom_blocking::{Client, Error, Reply};

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let client = Client::from_env()?;

    // Scoped threads borrow the client.
    thread::scope(|scope| {
        for path in ["/me", "/contacts", "/tags"] {
            let client = &client;
            scope.spawn(move || report(path, client.get(path).send()));
        }
    });

    // Other threads own a clone. It is cheap, and shares everything with the client.
    let clone = client.clone();
    let thread = thread::spawn(move || report("clone: /me", clone.me()));
    if thread.join().is_err() {
        eprintln!("the thread panicked");
    }
    Ok(())
}

fn report(what: &str, result: Result<Reply, Error>) {
    match result {
        Ok(reply) => println!("{what}: {}", reply.status()),
        Err(error) => println!("{what}: {error}"),
    }
}
