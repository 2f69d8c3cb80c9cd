//! Parses numbers of seconds.

/// Parses seconds with an optional fraction, rounded up. A number that is too large becomes the largest one.
pub(crate) fn seconds(text: &[u8]) -> Option<u64> {
    let mut parts = text.trim_ascii().splitn(2, |&byte| byte == b'.');
    let (whole, fraction) = (parts.next()?, parts.next().unwrap_or_default());
    let are_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let is_number = are_digits(whole) && are_digits(fraction);
    (is_number && !(whole.is_empty() && fraction.is_empty())).then(|| {
        let whole = whole.iter().fold(0_u64, |sum, digit| {
            sum.saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        });
        let has_rest = fraction.iter().any(|digit| *digit != b'0');
        whole.saturating_add(has_rest.into())
    })
}
