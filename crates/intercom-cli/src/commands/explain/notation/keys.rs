//! Keys: `"code":`, `code=`, `:code =>`, `[code] =>`, `@code=`, `<<"code">> =>`, `code ->`, `:code "value"`.

use super::strings::QUOTES;
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

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bracketed,
    Marked,
    Plain,
    Quoted,
}

/// A key with its separator.
#[derive(Debug)]
pub(super) struct Key<'t> {
    pub(super) name: &'t str,
    pub(super) form: Form,
    pub(super) separator: Separator,
    /// Whether the value follows directly.
    pub(super) attached: bool,
    /// The length, with the separator.
    pub(super) len: usize,
}

/// Reads the key at the beginning of the text.
pub(super) fn key(text: &str) -> Option<Key<'_>> {
    let near = begin(text, LONGEST);
    let (name, form, rest) = name(near)?;
    let is_named = match form {
        Form::Quoted => !name.contains(['\n', '"', '\'', '\\', '{', '[']),
        _ => name.starts_with(is_word) && name.chars().all(is_name),
    };
    let after = rest.trim_start_matches([' ', '\t']);
    let (separator, value) = separator(after).or_else(|| {
        let is_value = near.starts_with(':') && after.len() < rest.len();
        let is_end = after.starts_with([',', '}', ']', ')', '\n', '\r', ';']);
        (is_value && !is_end).then_some((Separator::Space, after))
    })?;
    // A number is a key only where nothing else can be meant: `0 => 'a'`, `[1] = {`, `"404": 5`.
    let is_key = match form {
        Form::Bracketed => matches!(separator, Separator::Arrow | Separator::Equals),
        Form::Plain => {
            separator == Separator::Arrow || !name.starts_with(|c: char| c.is_ascii_digit())
        }
        Form::Marked | Form::Quoted => true,
    };
    (is_key && is_named && !name.is_empty()).then(|| Key {
        name,
        form,
        separator,
        attached: !value.is_empty() && !value.starts_with(char::is_whitespace),
        len: near.len() - value.len(),
    })
}

/// The name at the beginning of the text, and the text after it.
fn name(text: &str) -> Option<(&str, Form, &str)> {
    if let Some(inner) = text.strip_prefix('[') {
        let (name, rest) = inner.split_once(']')?;
        // `[code:protected]`
        let (name, access) = name.split_once(':').unwrap_or((name, ""));
        let is_access = access
            .chars()
            .all(|char| char.is_ascii_alphabetic() || char == ':');
        let name = name.trim_matches(['"', '\'']);
        return is_access.then_some((name, Form::Bracketed, rest));
    }
    if let Some(inner) = text.strip_prefix("<<\"") {
        let (name, rest) = inner.split_once("\">>")?;
        return Some((name, Form::Quoted, rest));
    }
    if let Some((open, close)) = QUOTES.iter().find(|(open, _)| text.starts_with(*open)) {
        let (name, rest) = text.strip_prefix(*open)?.split_once(*close)?;
        return Some((name, Form::Quoted, rest));
    }
    let inner = text.strip_prefix(['@', ':', '$']);
    let form = if inner.is_some() {
        Form::Marked
    } else {
        Form::Plain
    };
    let name = inner.unwrap_or(text);
    let end = name.find(|char| !is_name(char)).unwrap_or(name.len());
    let (name, rest) = name.split_at_checked(end)?;
    Some((name, form, rest))
}

fn separator(text: &str) -> Option<(Separator, &str)> {
    let arrow = text.strip_prefix("=>").or_else(|| text.strip_prefix("->"));
    let equals = || {
        text.strip_prefix('=')
            .filter(|rest| !rest.starts_with(['=', '~']))
    };
    let is_colon = |rest: &&str| !rest.starts_with(':') && !rest.starts_with("//");
    let colon = text.strip_prefix(':').filter(is_colon);
    let found = arrow.map(|rest| (Separator::Arrow, rest));
    let found = found.or_else(|| equals().map(|rest| (Separator::Equals, rest)));
    found.or_else(|| colon.map(|rest| (Separator::Colon, rest)))
}

const fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

const fn is_name(char: char) -> bool {
    is_word(char) || matches!(char, '-' | '.' | '$')
}
