//! A retry loop on a plain TCP connection: the crate decides, and the loop sends and sleeps.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! cargo run -p intercom-retry --example own_loop 127.0.0.1:8080
//! ```

#![expect(
    clippy::disallowed_methods,
    reason = "a loop reads the clock and sleeps; the crate does neither"
)]

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use intercom_errors::{ApiError, Fault, FaultKind};
use intercom_retry::{Decision, Failure, Moment, Replay, RetryPolicy, RetrySession, Tick};

fn main() {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:8080");
    let clock = Instant::now();
    // The time, and a random number that spreads the waits.
    let now = || Moment::new(Tick::new(clock.elapsed())).with_roll(RandomState::new().hash_one(0));

    let mut session = RetrySession::new(RetryPolicy::default(), Replay::Read, &now());
    loop {
        session.sending(&now());
        let failure = match get_me(address) {
            Ok(body) => return println!("{body}"),
            Err(failure) => failure,
        };
        match session.failed(&failure, &now()) {
            Decision::Retry(wait) => {
                println!("{failure}; waiting {} ms", wait.duration().as_millis());
                std::thread::sleep(wait.duration());
            }
            Decision::Stop(stop) => {
                eprintln!("{failure}; {stop}");
                std::process::exit(1);
            }
        }
    }
}

fn get_me(address: &str) -> Result<String, Failure> {
    let mut stream = TcpStream::connect(address)
        .map_err(|error| Fault::not_sent(FaultKind::Connect).with_source(error))?;
    let response = exchange(&mut stream, address)
        .map_err(|error| Fault::outcome_unknown(FaultKind::Closed).with_source(error))?;
    let (head, body) = response
        .split_once("\r\n\r\n")
        .ok_or_else(|| Fault::outcome_unknown(FaultKind::Protocol))?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name, value.as_bytes()));
    match status {
        Some(200..=299) => Ok(body.to_owned()),
        Some(status) => Err(ApiError::from_parts(status, headers, body.as_bytes()).into()),
        None => Err(Fault::outcome_unknown(FaultKind::Protocol).into()),
    }
}

/// Sends the request of this example, and reads until the server closes the connection.
fn exchange(stream: &mut TcpStream, host: &str) -> io::Result<String> {
    write!(
        stream,
        "GET /me HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer mock-token\r\n\r\n"
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}
