//! Keys: `"code":`, `code=`, `:code =>`, `[code] =>`, `@code=`, `<<"code">> =>`, `code ->`, `:code "value"`.

use super::strings::Delimiter;
use super::tree::begin;

/// The longest key, in bytes.
const LONGEST: usize = 80;

/// What is between a key and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Arrow,
    Colon,
    Equals,
    /// Only after a keyword: `:code "value"`.
    Space,
}

/// A key with its separator.
#[derive(Debug)]
pub(super) struct Key<'t> {
    pub(super) name: &'t str,
    pub(super) separator: Separator,
    /// Whether it is in square brackets.
    pub(super) bracketed: bool,
    /// Whether it is without quotes and marks.
    pub(super) plain: bool,
    /// Whether the value follows directly.
    pub(super) attached: bool,
    /// The length, with the separator.
    pub(super) len: usize,
}

/// Reads the key at the beginning of the text.
pub(super) fn key(text: &str) -> Option<Key<'_>> {
    let near = begin(text, LONGEST);
    let (name, rest, form) = bracketed(near)
        .or_else(|| binary(near))
        .or_else(|| quoted(near))
        .or_else(|| plain(near))?;
    let is_keyword = form == Form::Marked(':');
    let after = rest.trim_start_matches([' ', '\t']);
    let (separator, value) = match separator(after) {
        Some(found) => found,
        None if is_keyword && after.len() < rest.len() && !after.starts_with(is_end) => {
            (Separator::Space, after)
        }
        None => return None,
    };
    // A number is a key only where nothing else can be meant: `0 => 'a'`, `[1] = {`, `"404": 5`.
    let is_number = name.starts_with(|char: char| char.is_ascii_digit());
    if is_number && form == Form::Plain && separator != Separator::Arrow {
        return None;
    }
    Some(Key {
        name,
        separator,
        bracketed: form == Form::Bracketed,
        plain: form == Form::Plain,
        attached: !value.is_empty() && !value.starts_with(char::is_whitespace),
        len: near.len() - value.len(),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Bracketed,
    Marked(char),
    Plain,
    Quoted,
}

const fn is_end(char: char) -> bool {
    matches!(char, ',' | '}' | ']' | ')' | '\n' | '\r' | ';')
}

fn is_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '$')
}

fn separator(text: &str) -> Option<(Separator, &str)> {
    let arrow = text.strip_prefix("=>").or_else(|| text.strip_prefix("->"));
    if let Some(rest) = arrow {
        return Some((Separator::Arrow, rest));
    }
    if let Some(rest) = text.strip_prefix('=') {
        return (!rest.starts_with(['=', '~'])).then_some((Separator::Equals, rest));
    }
    let rest = text.strip_prefix(':')?;
    (!rest.starts_with(':') && !rest.starts_with("//")).then_some((Separator::Colon, rest))
}

/// `[code]`, `["code"]`, `[code:protected]`.
fn bracketed(text: &str) -> Option<(&str, &str, Form)> {
    let (name, rest) = text.strip_prefix('[')?.split_once(']')?;
    let (name, access) = name.split_once(':').unwrap_or((name, ""));
    let name = name.trim_matches(['"', '\'']);
    let is_access = access
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b':');
    let is_key = !name.is_empty() && name.chars().all(is_name) && is_access;
    let arrow = rest.trim_start();
    let is_key = is_key && (arrow.starts_with("=>") || arrow.starts_with('='));
    is_key.then_some((name, rest, Form::Bracketed))
}

/// `<<"code">>`.
fn binary(text: &str) -> Option<(&str, &str, Form)> {
    let (name, rest) = text.strip_prefix("<<\"")?.split_once("\">>")?;
    Some((name, rest, Form::Quoted))
}

fn quoted(text: &str) -> Option<(&str, &str, Form)> {
    let delimiter = Delimiter::at(text)?;
    let rest = text.get(delimiter.len()..)?;
    let (name, rest) = rest.split_once(delimiter.close())?;
    let is_key = !name.is_empty() && !name.contains(['\n', '"', '\'', '\\', '{', '[']);
    is_key.then_some((name, rest, Form::Quoted))
}

fn plain(text: &str) -> Option<(&str, &str, Form)> {
    let mark = text
        .chars()
        .next()
        .filter(|char| matches!(char, '@' | ':' | '$'));
    let text = mark.map_or(text, |mark| text.get(mark.len_utf8()..).unwrap_or_default());
    let end = text.find(|char| !is_name(char)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    // `key->` and `key-` end in a part of the separator.
    let (name, rest) = match name.strip_suffix('-') {
        Some(short) if rest.starts_with('>') => (short, text.get(short.len()..)?),
        _ => (name, rest),
    };
    let begins = name.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_');
    let form = mark.map_or(Form::Plain, Form::Marked);
    begins.then_some((name, rest, form))
}
