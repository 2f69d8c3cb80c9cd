//! Uploads a file as `multipart/form-data`, with a body that is built by hand.
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=...
//! cargo run -p intercom-blocking --example upload_file -- /path/of/an/endpoint people.csv
//! ```

use std::error::Error;
use std::path::Path;

use intercom_blocking::Client;

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;
    let mut arguments = std::env::args().skip(1);
    let (Some(endpoint), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("pass the path of an endpoint and a file".into());
    };
    let file = Path::new(&file);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let (body, content_type) = multipart(&name, &std::fs::read(file)?);

    // Whether a POST may be sent twice depends on the endpoint. If it may, `.replayable(true)` retries it after any failure.
    let upload = client.post(&endpoint).body_bytes(body, &content_type);
    println!("uploaded {name}: {}", upload.send()?.status());
    Ok(())
}

/// Builds a form of one file. Every retry sends these same bytes, so the boundary stays the same too.
fn multipart(name: &str, file: &[u8]) -> (Vec<u8>, String) {
    // The boundary must not occur in the file.
    let boundary = (0_u64..)
        .map(|number| format!("part-{number:016x}"))
        .find(|boundary| !contains(file, boundary.as_bytes()))
        .unwrap_or_default();
    let name = name.replace(['"', '\r', '\n'], "_");
    let mut body = format!(
        "--{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend(format!("\r\n--{boundary}--\r\n").bytes());
    (body, format!("multipart/form-data; boundary={boundary}"))
}

fn contains(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}
