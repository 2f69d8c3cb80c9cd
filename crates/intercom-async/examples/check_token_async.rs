//! Checks an access token: whether it works, whose it is, and how much quota is left.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-async --example check_token_async
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use intercom_async::{Client, Error};
use serde::Deserialize;

/// What the example reads of the response.
#[derive(Deserialize)]
struct Me {
    email: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Error> {
    let client = Client::from_env()?;
    let reply = client.me().await?;
    let me: Me = reply.json()?;
    println!("the token works; it belongs to {}", me.email);

    let quota = reply.rate_limit();
    if let (Some(remaining), Some(limit)) = (quota.remaining(), quota.limit()) {
        println!("{remaining} of {limit} requests are left in this window");
    }
    Ok(())
}
