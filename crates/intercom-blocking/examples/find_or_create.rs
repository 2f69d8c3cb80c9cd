//! Finds a contact by its email address, or creates it. Run it twice to see both.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-blocking --example find_or_create -- ada@example.org
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use intercom_blocking::{Client, Error, NewContact, Outcome};

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let email = std::env::args().nth(1);
    let email = email.unwrap_or_else(|| "ada@example.org".to_owned());
    let client = Client::from_env()?;

    let wanted = NewContact::user().email(&email).name("Ada Lovelace");
    let resolved = client.contacts().find_or_create(&wanted)?;

    let id = resolved.contact().id();
    match resolved.outcome() {
        Outcome::Created => println!("created {email} as {id}"),
        // Also if another program created the contact after the search.
        Outcome::Found | Outcome::Existing => println!("{email} already existed as {id}"),
        other => println!("{email} is {id} ({other})"),
    }
    Ok(())
}
