//! Fuzzes the headers, one per line: a name, a colon and a value. The first two bytes are the status.

#![no_main]

use intercom_errors::{ApiError, Category, Resend, UnixTime};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((status, lines)) = data.split_first_chunk() else {
        return;
    };
    let status = u16::from_le_bytes(*status);
    let headers: Vec<(&str, &[u8])> = lines
        .split(|&byte| byte == b'\n')
        .filter_map(header)
        .collect();
    let error = ApiError::from_parts(status, headers.iter().copied(), b"");
    assert_eq!(error.status(), status);

    for text in [error.request_id(), error.location(), error.merged_into()]
        .into_iter()
        .flatten()
    {
        let contains = |value: &[u8]| {
            value
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        assert!(
            !text.is_empty() && headers.iter().any(|(_, value)| contains(value)),
            "{text:?}"
        );
    }
    assert!(error.merged_into().is_none() || error.class().category() == Category::Merged);

    // There is no hint if sending again does not help. The reset is a hint only if the quota of the window is used up. A
    // firewall's challenge has a hint with any status.
    let hint = error.hint(UnixTime::from_secs(1_711_100_053));
    assert!(hint.is_none() || error.class().resend() != Resend::Never);
    if status >= 500 && error.retry_after().is_none() && !error.is_blocked() {
        assert_eq!(hint, None);
    }
    if error.rate_limit().date().is_some() {
        assert_eq!(error.hint(None), hint, "only the server's clock counts");
    }

    // The case of names does not matter.
    let upper: Vec<(String, &[u8])> = headers
        .iter()
        .map(|(name, value)| (name.to_ascii_uppercase(), *value))
        .collect();
    let again = ApiError::from_parts(
        status,
        upper.iter().map(|(name, value)| (name.as_str(), *value)),
        b"",
    );
    assert_eq!(again.rate_limit(), error.rate_limit());
    assert_eq!(again.request_id(), error.request_id());

    let line = error.to_string();
    assert!(
        line.chars().count() < 1_000 && !line.chars().any(char::is_control),
        "{line:?}"
    );
});

fn header(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    Some((
        std::str::from_utf8(&line[..colon]).ok()?,
        &line[colon + 1..],
    ))
}
