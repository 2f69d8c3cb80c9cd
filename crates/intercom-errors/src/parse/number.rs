//! Parses numbers of seconds.

/// Parses seconds with an optional fraction, rounded up. A number that is too large becomes the largest one.
pub(crate) fn seconds(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii();
    let end = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (whole, fraction) = match text.split_at_checked(end)? {
        (whole, []) => (whole, [].as_slice()),
        (whole, [b'.', fraction @ ..]) => (whole, fraction),
        _ => return None,
    };
    let is_number = fraction.iter().all(u8::is_ascii_digit);
    (is_number && !(whole.is_empty() && fraction.is_empty())).then(|| {
        let whole = whole.iter().fold(0_u64, |sum, digit| {
            sum.saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        });
        let has_rest = fraction.iter().any(|digit| *digit != b'0');
        whole.saturating_add(has_rest.into())
    })
}
