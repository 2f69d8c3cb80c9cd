//! Finds a contact by its email address, or creates it. Run it twice to see both.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-async --example find_or_create_async -- ada@example.org
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use intercom_async::{Client, Error, NewContact, Outcome};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Error> {
    let email = std::env::args().nth(1);
    let email = email.unwrap_or_else(|| "ada@example.org".to_owned());
    let client = Client::from_env()?;

    let wanted = NewContact::user().email(&email).name("Ada Lovelace");
    let resolved = client.contacts().find_or_create(&wanted).await?;

    let id = resolved.contact().id();
    match resolved.outcome() {
        Outcome::Created => println!("created {email} as {id}"),
        // Also if another program created the contact after the search.
        Outcome::Found | Outcome::Existing => println!("{email} already existed as {id}"),
        other => println!("{email} is {id} ({other})"),
    }
    Ok(())
}
