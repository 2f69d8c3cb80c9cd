//! Keys: `"code":`, `code=`, `:code =>`, `["code"] =>`, `@code=`, `<<"code">> =>`, `code ->`, `:code "value"`.

use super::pattern::{Pattern, pattern};
use super::tree::begin;

/// The longest key, in bytes.
const LONGEST: usize = 80;

/// A name in square brackets, in quotes, or as it is; and the separator with blanks. A name has no opening bracket: what is in
/// quotes would rather be the rest of one value and the beginning of another. No byte can be read in two ways, so the pattern
/// takes one fast pass.
static KEY: Pattern = pattern!(
    r#"^(?:\[["']?([[:word:]$.-]+)["']?(?::[a-z:]+)?\]|(?:<<)?"([^\n"'\\{\[(]+)"(?:>>)?|'([^\n"'\\{\[(]+)'|"#,
    r#"`([^\n`\\{\[(]+)`|[\x{201c}\x{201e}]([^\n"\x{201c}\x{201d}\\{\[(]+)[\x{201c}\x{201d}]|"#,
    r"([@:$]?)([A-Za-z_][[:word:].$-]*)|([0-9]+))(?:[ \t]*(=>|[:=])|[ \t]+(->)?)[ \t]*",
);

/// How a key is written: whether in square brackets, and its separator, which is empty after a keyword: `:code "value"`.
pub(super) type Style<'t> = (bool, &'t str);

/// A key with its separator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'t> {
    pub(super) name: &'t str,
    pub(super) style: Style<'t>,
    /// The text after the key.
    pub(super) rest: &'t str,
}

/// Reads the key at the beginning of the text.
pub(super) fn key(text: &str) -> Option<Key<'_>> {
    let found = KEY.captures(begin(text, LONGEST))?;
    let group = |index| found.get(index).map(|group| group.as_str());
    let (is_bracketed, is_number) = (group(1).is_some(), group(8).is_some());
    let name = (1..=5).chain([7, 8]).find_map(group)?;
    let separator = group(9).or(group(10)).unwrap_or_default();
    let rest = text.get(found.get(0)?.end()..)?;
    let is_end = || rest.is_empty() || rest.starts_with(['\n', '\r', ',', '}', ']', ')', ';']);
    let is_key = match separator {
        "=" => !rest.starts_with(['=', '~']),
        ":" => !rest.starts_with(':') && !rest.starts_with("//") && !is_bracketed,
        "" => group(6) == Some(":") && !is_end(),
        _ => true,
    };
    // A number is a key only where nothing else can be meant: `0 => 'a'`, `[1] = {`, `"404": 5`.
    (is_key && (!is_number || separator == "=>")).then_some(Key {
        name,
        style: (is_bracketed, separator),
        rest,
    })
}
