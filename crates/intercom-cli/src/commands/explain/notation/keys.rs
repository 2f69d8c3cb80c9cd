//! Keys: `"code":`, `code=`, `:code =>`, `[code] =>`, `@code=`, `<<"code">> =>`, `code ->`, `:code "value"`.

use super::pattern::Pattern;
use super::tree::begin;

/// The longest key, in bytes.
const LONGEST: usize = 80;

/// A name in square brackets, in quotes, or as it is; the blanks after it; and the separator with blanks. No byte can be
/// read in two ways, so the pattern takes one fast pass.
static KEY: Pattern = Pattern::new(concat!(
    r#"^(?:\[["']?([[:word:]$.-]+)["']?(?::[a-z:]+)?\]|(?:<<)?"([^\n"'\\{\[]+)"(?:>>)?|'([^\n"'\\{\[]+)'|"#,
    r#"`([^\n`\\{\[]+)`|[\x{201c}\x{201e}]([^\n"\x{201c}\x{201d}\\{\[]+)[\x{201c}\x{201d}]|"#,
    r"([@:$]?)([A-Za-z_][[:word:].$-]*)|([0-9]+))(?:([ \t]+)(?:(=>|->|[:=])([ \t]*))?|(=>|[:=])([ \t]*))",
));

/// A key with its separator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'t> {
    pub(super) name: &'t str,
    pub(super) is_bracketed: bool,
    /// Whether it is without quotes and marks.
    pub(super) is_plain: bool,
    /// What is between the key and its value. It is empty only after a keyword: `:code "value"`.
    pub(super) separator: &'t str,
    /// Whether the value follows directly.
    pub(super) is_attached: bool,
    /// The text after the key.
    pub(super) rest: &'t str,
}

/// Reads the key at the beginning of the text.
pub(super) fn key(text: &str) -> Option<Key<'_>> {
    let found = KEY.captures(begin(text, LONGEST))?;
    let group = |index| found.get(index).map(|group| group.as_str());
    let (bracketed, plain, number) = (group(1), group(7), group(8));
    let name = (1..=5).chain([7, 8]).find_map(group)?;
    let (separator, after) = (
        group(10).or(group(12)).unwrap_or(""),
        group(11).or(group(13)),
    );
    let rest = text.get(found.get(0)?.end()..)?;
    let is_end = rest.is_empty() || rest.starts_with(['\n', '\r']);
    let is_key = match separator {
        "=" => !rest.starts_with(['=', '~']),
        ":" => !rest.starts_with(':') && !rest.starts_with("//") && bracketed.is_none(),
        "" => group(6) == Some(":") && !is_end && !rest.starts_with([',', '}', ']', ')', ';']),
        _ => true,
    };
    // A number is a key only where nothing else can be meant: `0 => 'a'`, `[1] = {`, `"404": 5`.
    (is_key && (number.is_none() || separator == "=>")).then_some(Key {
        name,
        is_bracketed: bracketed.is_some(),
        is_plain: plain.is_some() && group(6) == Some(""),
        separator,
        is_attached: after == Some("") && !is_end,
        rest,
    })
}
