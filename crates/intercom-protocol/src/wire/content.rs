//! Decides by its body whether a response is a success.

use std::borrow::Cow;

use memchr::memchr;
use serde::de::IgnoredAny;

/// The kind of a body, found in one pass over its structure.
///
/// The pass finds every body that ends too early. It checks brackets, commas, colons and literals. It skips the inside of
/// strings and numbers, so it accepts an unknown escape, a control character, invalid UTF-8, or a number like `01` or `1.2.3`.
/// Decoding such a body fails later. A body that is a single string, number or literal is checked completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// An error list, whatever the status.
    ///
    /// Intercom has sent errors with a 2xx status, and official SDKs check the type in the body for every status. The type
    /// counts in the outermost object, in an object that is its member `error`, and in an object that is the only element of
    /// a list. Deeper error lists are data.
    Error,
    /// Any other JSON, or an empty body.
    Json,
    /// Anything else.
    Other,
}

impl Content {
    pub(crate) fn of(body: &[u8]) -> Self {
        let body = without_mark(body);
        match body.trim_ascii_start().first() {
            None => Self::Json,
            Some(b'{' | b'[') => outline(body).unwrap_or(Self::Other),
            Some(_) => match serde_json::from_slice(body) {
                Ok(IgnoredAny) => Self::Json,
                Err(_) => Self::Other,
            },
        }
    }
}

/// Reads an object or a list from bracket to bracket. Returns `None` for non-JSON.
fn outline(body: &[u8]) -> Option<Content> {
    let mut cursor = Cursor(body);
    let mut levels = Levels::default();
    let mut envelope = Envelope::NEW;
    'values: loop {
        if levels.in_object() {
            let name = cursor.name()?;
            if levels.depth <= 2 {
                envelope.member(levels.depth, name, cursor);
            }
        }
        loop {
            match cursor.next()? {
                b'"' => drop(cursor.string()?),
                b'{' => {
                    levels.open(true);
                    if cursor.peek()? != b'}' {
                        continue 'values;
                    }
                }
                b'[' => {
                    levels.open(false);
                    if cursor.peek()? != b']' {
                        continue 'values;
                    }
                }
                b'f' => cursor.literal(b"alse")?,
                b'n' => cursor.literal(b"ull")?,
                b't' => cursor.literal(b"rue")?,
                b'-' | b'0'..=b'9' => cursor.number(),
                byte if is_space(byte) => continue,
                _ => return None,
            }
            break;
        }
        loop {
            match cursor.next()? {
                b',' => break,
                bracket if bracket == levels.closing() => {
                    levels.close();
                    if levels.depth == 0 {
                        return cursor.peek().is_none().then(|| envelope.content());
                    }
                }
                byte if is_space(byte) => {}
                _ => return None,
            }
        }
        if levels.depth == 1 && !levels.in_object() {
            envelope = Envelope::OF_MANY;
        }
    }
}

/// Whether the outermost members are those of an error.
struct Envelope {
    /// Whether an object that begins on the second level is the member `error` or the only element of a list.
    wraps: bool,
    is_error: bool,
}

impl Envelope {
    const NEW: Self = Self {
        wraps: true,
        is_error: false,
    };

    /// A list of several elements is data, whatever its first element is.
    const OF_MANY: Self = Self {
        wraps: false,
        is_error: false,
    };

    /// Looks at a member on this level. The cursor is before its value.
    #[inline]
    fn member(&mut self, level: usize, name: &[u8], value: Cursor<'_>) {
        // Few other names begin with the same letter as `error` or `type`.
        let counts = matches!(name, [b'e' | b't' | b'\\', ..]);
        if counts {
            self.relevant_member(level, name, value);
        } else if level == 1 {
            self.wraps = false;
        }
    }

    #[inline(never)]
    fn relevant_member(&mut self, level: usize, name: &[u8], mut value: Cursor<'_>) {
        let name = unescaped(name);
        if level == 1 {
            self.wraps = *name == *b"error";
        }
        if *name == *b"type" && (level == 1 || self.wraps) && value.take(b'"').is_some() {
            let text = value.string().unwrap_or_default();
            self.is_error |= matches!(&*unescaped(text), b"error" | b"error.list");
        }
    }

    fn content(&self) -> Content {
        match self.is_error {
            true => Content::Error,
            false => Content::Json,
        }
    }
}

/// The rest of a body.
#[derive(Clone, Copy)]
struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    /// Reads the next byte.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// Returns the next byte that is not white space, without reading it.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        if self.0.first().is_some_and(|byte| is_space(*byte)) {
            self.0 = without_space(self.0);
        }
        self.0.first().copied()
    }

    /// Reads this byte if it is the next one that is not white space.
    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        if self.0.first() != Some(&byte) {
            self.0 = without_space(self.0);
            if self.0.first() != Some(&byte) {
                return None;
            }
        }
        self.0 = self.0.get(1..)?;
        Some(())
    }

    /// Reads the name of a member and the colon.
    #[inline]
    fn name(&mut self) -> Option<&'b [u8]> {
        self.take(b'"')?;
        let name = self.string()?;
        self.take(b':')?;
        Some(name)
    }

    /// Reads the rest of a string after its first quote. Returns the inside with its escapes.
    #[inline(always)]
    fn string(&mut self) -> Option<&'b [u8]> {
        let (inside, rest) = match near_end(self.0) {
            Some(split) => split,
            None => far_end(self.0)?,
        };
        self.0 = rest;
        Some(inside)
    }

    /// Reads the rest of a literal.
    #[inline]
    fn literal(&mut self, rest: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(rest)?;
        Some(())
    }

    /// Skips the rest of a number.
    #[inline]
    fn number(&mut self) {
        while let [b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[inline(never)]
fn without_space(mut text: &[u8]) -> &[u8] {
    while let Some((_, rest)) = text.split_first().filter(|(first, _)| is_space(**first)) {
        text = rest;
    }
    text
}

/// Splits a string from what follows it, if its last quote is one of the next 32 bytes.
///
/// Most strings are short, and this is faster than calling `memchr`.
#[inline(always)]
fn near_end(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let near: &[u8; 32] = text.first_chunk()?;
    let quote_of = |sixteen: &[u8; 16]| {
        let sixteen = u128::from_le_bytes(*sixteen);
        first_quote(sixteen as u64).or_else(|| first_quote((sixteen >> 64) as u64).map(|at| 8 + at))
    };
    let end = match quote_of(near.first_chunk()?) {
        Some(end) => end,
        None => 16 + quote_of(near.last_chunk()?)?,
    };
    if near.get(end.wrapping_sub(1)) == Some(&b'\\') {
        return None;
    }
    Some((text.get(..end)?, text.get(end + 1..)?))
}

#[inline(always)]
fn first_quote(eight: u64) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST_BITS: u64 = ONES << 7;
    let other = eight ^ u64::from_le_bytes([b'"'; 8]);
    // The lowest mark is at the first byte that is zero. The marks above it may be wrong.
    let marks = other.wrapping_sub(ONES) & !other & HIGHEST_BITS;
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

#[inline(never)]
fn far_end(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = 0;
    loop {
        end += memchr(b'"', text.get(end..)?)?;
        let (inside, rest) = text.split_at_checked(end)?;
        if !ends_in_escape(inside) {
            return Some((inside, rest.get(1..)?));
        }
        end += 1;
    }
}

/// Whether the text ends with an odd number of backslashes.
#[inline]
fn ends_in_escape(text: &[u8]) -> bool {
    let is_backslash = |byte: &&u8| **byte == b'\\';
    text.last() == Some(&b'\\') && text.iter().rev().take_while(is_backslash).count() % 2 == 1
}

/// Returns the text of a string, or its inside unchanged if an escape is invalid.
fn unescaped(inside: &[u8]) -> Cow<'_, [u8]> {
    if inside.contains(&b'\\') {
        let quoted = [b"\"", inside, b"\""].concat();
        if let Ok(text) = serde_json::from_slice::<String>(&quoted) {
            return text.into_bytes().into();
        }
    }
    inside.into()
}

/// One bit for each open bracket: whether it is a brace.
///
/// The memory is at most an eighth of the body's length, however deeply it is nested. Usual nesting needs no allocation.
#[derive(Debug, Default)]
struct Levels {
    depth: usize,
    /// The innermost levels, with the last one in the lowest bit.
    innermost: u64,
    /// The levels around them, in full words.
    outer: Vec<u64>,
}

impl Levels {
    const BITS: usize = u64::BITS as usize;

    fn open(&mut self, object: bool) {
        if self.depth > 0 && self.depth % Self::BITS == 0 {
            self.outer.push(self.innermost);
        }
        self.innermost = self.innermost << 1 | u64::from(object);
        self.depth += 1;
    }

    fn close(&mut self) {
        self.innermost >>= 1;
        self.depth = self.depth.saturating_sub(1);
        if self.depth % Self::BITS == 0 {
            self.innermost = self.outer.pop().unwrap_or_default();
        }
    }

    #[inline]
    fn closing(&self) -> u8 {
        if self.in_object() { b'}' } else { b']' }
    }

    fn in_object(&self) -> bool {
        self.innermost & 1 == 1
    }
}

/// Returns the body without a UTF-8 byte order mark, which JSON does not allow.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{
        ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
    };
    use proptest::sample::{Index, select};
    use proptest::{collection::vec, option};
    use serde::de::IgnoredAny;

    use super::Content;

    #[test]
    fn an_error_is_found_wherever_its_type_is_and_however_it_is_escaped() {
        for body in [
            r#"{"type":"error.list","errors":[]}"#,
            r#" { "type" : "error" } "#,
            r#"{"errors":[],"type":"error.list"}"#,
            r#"{"type":"\u0065rror"}"#,
            r#"{"\u0074ype":"error"}"#,
            r#"{"type":"list","type":"error"}"#,
            "\u{feff}{\"type\":\"error\"}",
            r#"{"error":{"type":"error.list","errors":[]}}"#,
            r#"{"a":{"error":1},"error":{"errors":[],"type":"error.list"}}"#,
            r#"{"\u0065rror":{"type":"error\u002elist"}}"#,
            r#"[{"type":"error.list","errors":[]}]"#,
            r#" [ {"errors":[{}],"type":"error"} ] "#,
        ] {
            assert_eq!(Content::of(body.as_bytes()), Content::Error, "{body}");
        }
    }

    #[test]
    fn a_deeper_error_is_data() {
        for body in [
            r#"{"type":"list","data":[{"type":"error.list"}]}"#,
            r#"{"data":{"type":"error"}}"#,
            r#"{"error":1,"data":{"type":"error"}}"#,
            r#"{"error":[{"type":"error"}]}"#,
            r#"{"error":{"error":{"type":"error"}}}"#,
            r#"{"errors":{"type":"error"}}"#,
            r#"{"type":"event"}"#,
            r#"{"type":["error"]}"#,
            r#"["error"]"#,
            r#"["type","error"]"#,
            r#"[{"type":"error"},{"type":"error"}]"#,
            r#"[1,{"type":"error"}]"#,
            r#"[[{"type":"error"}]]"#,
            r#"[{"error":{"type":"error"}}]"#,
            r#"{"type":null}"#,
            "1e999",
            " \n",
            "",
        ] {
            assert_eq!(Content::of(body.as_bytes()), Content::Json, "{body}");
        }
    }

    #[test]
    fn anything_but_one_whole_document_is_not_json() {
        for body in [
            "<html>",
            "Bad gateway",
            "tru",
            "\"open",
            "\u{c}{}",
            "[ERROR] no upstream",
            "{error: true}",
            r#"{"type":"list""#,
            r#"{"type":"list"} x"#,
            // Cut off after an inner bracket, or rendered incorrectly.
            r#"{"type":"list","data":[{"type":"tag"}"#,
            r#"{"type":"list","data":[{]}"#,
            "[{]}",
            "[}",
            "{]",
            r#"["\"]"#,
            r#"{"type":"contact"}{"type":"error.list","errors":[]}"#,
            r#"{"type":"error"} x"#,
            "[][]",
            r#"{"a":tru}"#,
            r#"{"a" 1}"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":1,}"#,
            "[1,]",
            "[,1]",
            "[1 2]",
            "[nan]",
        ] {
            assert_eq!(Content::of(body.as_bytes()), Content::Other, "{body}");
        }
    }

    #[test]
    fn invalid_strings_and_numbers_are_accepted() {
        for body in [
            b"[\"\\x\"]".as_slice(),
            b"[\"\n\"]",
            b"[\"\xff\"]",
            b"[01]",
            b"[1.2.3]",
            b"[-]",
        ] {
            assert_eq!(Content::of(body), Content::Json);
            assert!(serde_json::from_slice::<serde_json::Value>(body).is_err());
        }
    }

    #[test]
    fn a_usual_body_needs_no_allocation_and_a_deep_one_an_eighth_of_its_length() {
        let ordinary = r#"{"type":"list","data":[{"name":"a \"b\"","n":[1,{"x":null}]}]}"#;
        let allocated = allocation_counter::measure(|| {
            assert_eq!(Content::of(ordinary.as_bytes()), Content::Json);
        });
        assert_eq!(allocated.count_total, 0);

        const DEEP: usize = 1 << 20;
        let open = "[".repeat(DEEP);
        let whole = [open.as_str(), &"]".repeat(DEEP)].concat();
        let mixed = [r#"{"":["#.repeat(DEEP), "]}".repeat(DEEP)].concat();
        for (body, content) in [
            (open, Content::Other),
            (whole, Content::Json),
            (mixed, Content::Json),
        ] {
            let allocated = allocation_counter::measure(|| {
                assert_eq!(Content::of(body.as_bytes()), content);
            });
            // While a vector doubles, its old half still exists.
            assert!(allocated.bytes_max <= body.len() as u64 / 8 * 3);
        }
    }

    /// JSON as a tree that keeps escapes and repeated members.
    #[derive(Clone, Debug)]
    enum Tree {
        Scalar(&'static str),
        List(Vec<Tree>),
        Object(Vec<(&'static str, Tree)>),
    }

    const NAMES: [&str; 8] = [
        r#""type""#,
        r#""error""#,
        r#""t\u0079pe""#,
        r#""\u0065rror""#,
        r#""errors""#,
        r#""data""#,
        r#""""#,
        r#""\"]}\\""#,
    ];

    const SCALARS: [&str; 18] = [
        r#""error""#,
        r#""error.list""#,
        r#""error\u002elist""#,
        r#""contact""#,
        r#""Baile Átha Cliath 😀""#,
        r#""\ud83d\ude00\\""#,
        r#""{\"type\":\"error\"}""#,
        r#""]}[{,:""#,
        r#""""#,
        "0",
        "-1.5e+7",
        "1711100000",
        "1e999",
        "true",
        "false",
        "null",
        "[]",
        "{}",
    ];

    fn tree() -> impl Strategy<Value = Tree> {
        let scalar = select(SCALARS.as_slice()).prop_map(Tree::Scalar);
        scalar.prop_recursive(5, 24, 6, |inner| {
            let member = (select(NAMES.as_slice()), inner.clone());
            prop_oneof![
                3 => vec(member, 0..7).prop_map(Tree::Object),
                1 => vec(inner, 0..5).prop_map(Tree::List),
            ]
        })
    }

    fn space() -> impl Strategy<Value = &'static str> {
        select(["", "", " ", "\r\n\t"].as_slice())
    }

    impl Tree {
        fn render(&self, space: &str) -> String {
            let text = match self {
                Self::Scalar(text) => (*text).to_owned(),
                Self::List(values) => {
                    let values: Vec<_> = values.iter().map(|value| value.render(space)).collect();
                    format!("[{space}{}]", values.join(","))
                }
                Self::Object(members) => {
                    let member = |(name, value): &(&str, Self)| {
                        format!("{space}{name}{space}:{}", value.render(space))
                    };
                    let members: Vec<_> = members.iter().map(member).collect();
                    format!("{{{}{space}}}", members.join(","))
                }
            };
            format!("{space}{text}{space}")
        }

        /// The expected result: the type counts in the document, in its member `error` and in a single element.
        fn is_error(&self) -> bool {
            let typed = |tree: &Self| tree.members("type").any(Self::is_type_of_error);
            let only = match self {
                Self::List(values) if values.len() == 1 => values.first(),
                _ => None,
            };
            typed(self) || self.members("error").any(typed) || only.is_some_and(typed)
        }

        fn members(&self, named: &'static str) -> impl Iterator<Item = &Self> {
            let members = match self {
                Self::Object(members) => members.as_slice(),
                _ => &[],
            };
            let is_named = move |name: &str| serde_json::from_str::<String>(name).unwrap() == named;
            members
                .iter()
                .filter(move |(name, _)| is_named(name))
                .map(|(_, value)| value)
        }

        fn is_type_of_error(&self) -> bool {
            matches!(self, Self::Scalar(text) if matches!(
                serde_json::from_str::<String>(text).as_deref(),
                Ok("error" | "error.list")
            ))
        }
    }

    /// One level around an error list, with the values before and after it.
    #[derive(Clone, Debug)]
    enum Layer {
        Element(Vec<Tree>, Vec<Tree>),
        Member(&'static str, Vec<Tree>, Vec<Tree>),
    }

    fn layer() -> impl Strategy<Value = Layer> {
        let others = || vec(tree(), 0..2);
        prop_oneof![
            (others(), others()).prop_map(|(before, after)| Layer::Element(before, after)),
            (select(NAMES.as_slice()), others(), others())
                .prop_map(|(name, before, after)| Layer::Member(name, before, after)),
        ]
    }

    impl Layer {
        fn around(self, tree: Tree) -> Tree {
            let data = |tree| (r#""data""#, tree);
            match self {
                Self::Element(before, after) => {
                    Tree::List(before.into_iter().chain([tree]).chain(after).collect())
                }
                Self::Member(name, before, after) => Tree::Object(
                    before
                        .into_iter()
                        .map(data)
                        .chain([(name, tree)])
                        .chain(after.into_iter().map(data))
                        .collect(),
                ),
            }
        }

        /// Whether an error list inside this level, and no other, counts as an error.
        fn keeps_error(&self) -> bool {
            match self {
                Self::Element(before, after) => before.is_empty() && after.is_empty(),
                Self::Member(name, ..) => matches!(*name, r#""error""# | r#""\u0065rror""#),
            }
        }
    }

    fn error_list() -> impl Strategy<Value = Tree> {
        any::<bool>().prop_map(|type_last| {
            let mut members = vec![
                (r#""type""#, Tree::Scalar(r#""error.list""#)),
                (r#""errors""#, Tree::List(vec![Tree::Scalar("{}")])),
            ];
            if type_last {
                members.reverse();
            }
            Tree::Object(members)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_body_cut_anywhere_is_refused(tree in tree(), space in space()) {
            let body = tree.render(space);
            let content = Content::of(body.as_bytes());
            let expected = if tree.is_error() { Content::Error } else { Content::Json };
            prop_assert_eq!(content, expected, "{}", body);
            let whole = body.trim_ascii();
            // A number can end anywhere, and an empty body is valid.
            let may_end = whole.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            for end in 0..body.trim_ascii_end().len() {
                let cut = &body.as_bytes()[..end];
                if !may_end && !cut.trim_ascii().is_empty() {
                    prop_assert_eq!(Content::of(cut), Content::Other, "{} at {}", body, end);
                }
            }
        }

        #[test]
        fn an_error_list_counts_outermost_and_one_level_down(
            list in error_list(), layers in vec(layer(), 0..4), space in space(),
        ) {
            let is_error = match layers.as_slice() {
                [] => true,
                [only] => only.keeps_error(),
                _ => false,
            };
            let around = |inner: Tree, layer: Layer| layer.around(inner);
            let body = layers.into_iter().fold(list, around).render(space);
            let expected = if is_error { Content::Error } else { Content::Json };
            prop_assert_eq!(Content::of(body.as_bytes()), expected, "{}", body);
        }

        #[test]
        fn serde_json_accepts_nothing_else_and_refuses_only_the_inside_of_scalars(
            tree in tree(),
            space in space(),
            changes in vec((any::<Index>(), option::of(select(br#"[]{}:,"\ 0.-+eutrn"#.as_slice()))), 0..4),
        ) {
            let mut body = tree.render(space).into_bytes();
            for (at, byte) in changes {
                if !body.is_empty() {
                    let at = at.index(body.len());
                    body.splice(at..=at, byte);
                }
            }
            let is_json = Content::of(&body) != Content::Other;
            match serde_json::from_slice::<IgnoredAny>(&body) {
                Ok(_) => prop_assert!(is_json, "{}", body.escape_ascii()),
                Err(error) if is_json && !body.trim_ascii().is_empty() => {
                    let why = error.to_string();
                    let in_string = why.starts_with("invalid escape") || why.starts_with("control character");
                    let line = body.split(|byte| *byte == b'\n').nth(error.line() - 1);
                    let at = line.and_then(|line| line.get(error.column().max(1) - 1));
                    let in_number = why.starts_with("invalid number") || at.is_some_and(|at| b"0123456789+-.eE".contains(at));
                    prop_assert!(in_string || in_number, "{}: {why}", body.escape_ascii());
                }
                Err(_) => {}
            }
        }
    }
}
