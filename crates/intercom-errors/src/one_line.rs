//! Untrusted text, escaped for printing.

use core::fmt;

/// Untrusted text on a single line, at most this many characters long.
///
/// Escapes control characters, and characters that break the line or change the direction of text. The other crates of
/// the workspace use it too.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is not part of the documented interface"
)]
pub struct OneLine<'t>(pub &'t str, pub usize);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.chars();
        for char in shown.by_ref().take(self.1) {
            if char.is_control()
                || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            {
                write!(f, "{}", char.escape_default())?;
            } else {
                write!(f, "{char}")?;
            }
        }
        if shown.next().is_some() {
            f.write_str("…")
        } else {
            Ok(())
        }
    }
}
