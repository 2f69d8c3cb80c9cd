//! Reads a response from standard input, as `curl -si` prints it, and says what it means.
//!
//! ```sh
//! curl -si https://api.intercom.io/me | cargo run -p intercom-errors --example read_response
//! ```

use std::io::{self, Read as _};

use intercom_errors::ApiError;

fn main() -> io::Result<()> {
    let mut response = Vec::new();
    io::stdin().read_to_end(&mut response)?;
    let Some((status, headers, body)) = split(&response) else {
        eprintln!("this is not an HTTP response: it does not begin with a line like HTTP/1.1 404");
        std::process::exit(2);
    };

    let error = ApiError::from_parts(status, headers, body);
    println!("{error}");
    println!("category: {}", error.class().category());
    println!("send it again: {}", error.class().resend());
    for fix in error.fixes() {
        println!("- {fix}");
    }
    Ok(())
}

type Parts<'r> = (u16, Vec<(&'r str, &'r [u8])>, &'r [u8]);

/// Splits a response into status, headers and body.
fn split(response: &[u8]) -> Option<Parts<'_>> {
    let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let (head, body) = response.split_at(end);
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name, value.as_bytes()));
    Some((status, headers.collect(), body.get(4..)?))
}
