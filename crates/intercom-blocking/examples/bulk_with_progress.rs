//! Creates many contacts on four threads, and shows the progress. The client keeps the threads below the rate limit.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-blocking --example bulk_with_progress -- 40
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`. This creates contacts, so use a test workspace.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use intercom_blocking::{Category, Client, Error, NewContact};

const THREADS: usize = 4;

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let count = count.unwrap_or(40);
    let emails: Vec<_> = (1..=count)
        .map(|n| format!("bulk-{n}@example.org"))
        .collect();
    let client = Client::from_env()?;

    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for sender in vec![sender; THREADS] {
            let (client, emails, next) = (&client, &emails, &next);
            scope.spawn(move || {
                while let Some(email) = emails.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let contact = NewContact::user().email(email);
                    let result = client.contacts().find_or_create(&contact);
                    if sender.send((email, result)).is_err() {
                        break;
                    }
                }
            });
        }
        let mut failed = 0;
        for (done, (email, result)) in (1..).zip(results) {
            match result {
                Ok(_) => {}
                // The other contacts would fail too. Returning drops `results`, which stops the threads.
                Err(error) if error.category() == Some(Category::Authentication) => {
                    return Err(error);
                }
                Err(error) => {
                    println!("{email}: {error}");
                    failed += 1;
                }
            }
            if done % 10 == 0 || done == count {
                println!("{done} of {count} done, {failed} failed");
            }
        }
        Ok(())
    })
}
