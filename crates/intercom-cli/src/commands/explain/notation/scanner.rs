//! The one pass over a text.

use std::iter;

use super::keys::{self, Key, Style};
use super::pattern::{Pattern, group, pattern};
use super::strings::{self, QUOTES};
use super::tree::{Kind, Node, ROOT, Tree, begin, end};

/// How much of a text is read: its last bytes.
const LONGEST: usize = 1 << 20;
/// How deep groups can be nested. Where text is nested more deeply, the groups around it are taken for prose and end.
const DEEPEST: usize = 64;
/// How deep documents can be nested in strings.
const MOST_LEVELS: usize = 6;

/// A value that is complete, so that the next key needs no comma: a single word.
static WORD: Pattern = pattern!(r"^\S{1,64}$");
/// The begin of a value in brackets: a bracket, or the name of a type of one or two words.
static TYPED: Pattern = pattern!(r"^[\w.:#&*%$@\\]*\s*[\w.:#&*%$@\\]*\s*[(\[{<]");
/// The prefix of a string, like that of `b"..."` or `<<"...">>`, and the length that PHP prints before it.
static PREFIX: Pattern = pattern!(r"^(?:[burfNE@$]|<<|string\((\d+)\)|)$");
/// A bracket of a group, which begins with a line break, a string, or another group. A key can begin it, too.
static GROUP: Pattern = pattern!(r#"^.[ \t]*(?:$|[\r\n"'`\x{201c}\x{201e}]|[\w.:&#%]*[(\[{<])"#);
/// A string and the sign before the next part, as Node prints long strings.
static JOIN: Pattern = pattern!(r#"^(\s*\+\s*)["'`]"#);
/// What is skipped as a word.
static SKIPPED: Pattern = pattern!(r"^(?:[\w./?#@!*~^-]+|.)");

/// Reads a text. Never fails.
pub(crate) fn parse(text: &str) -> Tree {
    let mut scanner = Scanner::new(text, Tree::default(), ROOT, 0);
    scanner.at = text.len() - end(text, LONGEST).len();
    scanner.add(None);
    scanner.run()
}

/// What a frame is, and so how it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape<'t> {
    /// A group that ends with this bracket.
    Bracket(u8),
    /// An item of a list with this level.
    Item(usize),
    /// The value of a key that begins a line with this level: the rest of the line, or lines that are indented more.
    Line(usize),
    /// An element of XML with this name.
    Tag(&'t str),
    /// A whole text.
    #[default]
    Text,
}

/// A group that has not ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame<'t> {
    pub(super) node: usize,
    pub(super) shape: Shape<'t>,
    /// Where its content begins.
    start: usize,
    /// The value that has not ended: its node, where it begins, and where the last group in it ends.
    entry: Option<(usize, usize, usize)>,
    /// How its first key is written.
    style: Option<Style<'t>>,
    has_commas: bool,
}

#[derive(Debug, Default)]
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) tree: Tree,
    /// The innermost group, and those around it.
    pub(super) top: Frame<'t>,
    outer: Vec<Frame<'t>>,
    /// Quotes that occur no more.
    unclosed: Vec<char>,
    level: usize,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str, tree: Tree, node: usize, level: usize) -> Self {
        let mut scanner = Self::default();
        (scanner.text, scanner.tree, scanner.level) = (text, tree, level);
        scanner.top.node = node;
        scanner
    }

    fn run(mut self) -> Tree {
        self.begin_line();
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'\n' => self.end_line(),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b')' | b']' | b'}' | b'>' => self.close(byte),
                _ if self.key().is_some() => {}
                b'(' | b'[' | b'{' | b'%' if self.encoded().is_some() => {}
                b'(' | b'[' | b'{' if self.is_stray() => self.at += 1,
                b'(' => self.open(b')'),
                b'[' => self.open(b']'),
                b'{' => self.open(b'}'),
                b'<' if self.last() == b'#' => self.open(b'>'),
                b'<' if self.tag().is_some() => {}
                _ if self.string().is_some() => {}
                _ => self.word(byte),
            }
        }
        self.end_all();
        self.tree
    }

    /// Ends all groups.
    fn end_all(&mut self) {
        (0..self.outer.len()).for_each(|_| self.pop());
        self.finish();
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The byte before the current place.
    fn last(&self) -> u8 {
        self.since(0).bytes().next_back().unwrap_or(b'\n')
    }

    /// What the innermost group has on its first line.
    pub(super) fn line(&self) -> &'t str {
        let mut lines = self.since(self.top.start).lines();
        lines.next().unwrap_or_default().trim()
    }

    pub(super) fn is_prose(&self) -> bool {
        !matches!(self.top.shape, Shape::Bracket(_))
    }

    pub(super) fn push(&mut self, node: usize, shape: Shape<'t>) {
        if self.outer.len() >= DEEPEST {
            self.end_all();
            if let Some(node) = self.tree.nodes.get_mut(node) {
                node.parent = self.top.node;
            }
        }
        self.outer.push(std::mem::take(&mut self.top));
        (self.top.node, self.top.shape) = (node, shape);
        self.top.start = self.at;
    }

    /// Adds a node to the innermost group.
    pub(super) fn add(&mut self, key: Option<&str>) -> usize {
        let outer = self.tree.node(self.top.node).filter(|_| self.level > 0);
        let start = outer.map_or(self.at, |outer| outer.start);
        self.tree.nodes.push(Node {
            parent: self.top.node,
            key: key.map(str::to_owned),
            start,
            ..Node::default()
        });
        self.tree.nodes.len() - 1
    }

    /// The value that is being read, as far as it is known.
    fn so_far(&self) -> Option<&'t str> {
        self.top.entry.map(|(_, start, _)| self.since(start).trim())
    }

    /// Reads a key.
    fn key(&mut self) -> Option<()> {
        let last = self.last();
        let begins = last.is_ascii_whitespace() || b"{([<,;|&\"'`>".contains(&last);
        let is_counted = self.so_far().unwrap_or_default().starts_with("string(");
        if !begins || is_counted {
            return None;
        }
        let key = keys::key(self.rest()).filter(|key| self.may_begin(key))?;
        self.finish();
        let node = self.add(Some(key.name));
        self.at = self.text.len() - key.rest.len();
        self.top.entry = Some((node, self.at, self.at));
        self.top.style.get_or_insert(key.style);
        Some(())
    }

    /// Whether a key can begin here, or else what looks like one belongs to a value.
    fn may_begin(&self, key: &Key<'_>) -> bool {
        let is_keyword = key.style.1.is_empty();
        let Some((so_far, (_, start, closed))) = self.so_far().zip(self.top.entry) else {
            return !is_keyword || self.top.shape == Shape::Bracket(b'}');
        };
        let before = self.since(0).trim_end_matches([' ', '\t', '\r']);
        let is_separated = before.ends_with([',', ';', '\n']);
        let is_after_blank = self.last().is_ascii_whitespace();
        let has_commas = self.top.has_commas;
        let is_alike = self.top.style == Some(key.style);
        if self.is_prose() {
            return !is_keyword && (is_after_blank || is_separated);
        }
        if is_separated {
            let is_other = has_commas && before.ends_with(';');
            return is_alike && !is_other && !(is_keyword && so_far.is_empty());
        }
        let is_word = !has_commas && WORD.is_match(so_far) && (is_alike || is_keyword);
        let is_closed = start < closed && closed == before.len();
        is_after_blank && (is_closed || is_word)
    }

    /// Ends the value that is being read.
    pub(super) fn finish(&mut self) {
        if let Some((node, start, closed)) = self.top.entry.take() {
            let text = self.since(start).trim_end_matches(is_end);
            let is_group = start < closed && closed == start + text.len();
            if !is_group || !TYPED.is_match(text) {
                self.tree.set(node, Kind::Bare, text.trim_start());
            }
        }
    }

    /// Whether the bracket here is one of prose. Other brackets are values, or contain keys, strings or groups.
    fn is_stray(&self) -> bool {
        let rest = begin(self.rest(), 200);
        let inner = rest.get(1..).unwrap_or_default().trim_start();
        let is_group = || GROUP.is_match(rest) || keys::key(inner).is_some();
        self.is_prose() && self.so_far() != Some("") && !is_group()
    }

    fn open(&mut self, end: u8) {
        let is_value = !self.is_prose() || self.so_far() == Some("");
        let entry = self.top.entry.filter(|_| is_value);
        let node = entry.map_or_else(|| self.add(None), |(node, ..)| node);
        self.at += 1;
        self.push(node, Shape::Bracket(end));
    }

    fn close(&mut self, byte: u8) {
        let is_arrow = byte == b'>' && matches!(self.last(), b'-' | b'=');
        let is_closed = !is_arrow && self.end(Shape::Bracket(byte)).is_some();
        if let Some((.., closed)) = self.top.entry.as_mut().filter(|_| is_closed) {
            *closed = self.at + 1;
        }
        self.at += 1;
    }

    /// Ends the innermost group of this shape, and those in it.
    pub(super) fn end(&mut self, shape: Shape<'_>) -> Option<()> {
        let mut frames = iter::once(&self.top).chain(self.outer.iter().rev());
        let inner = frames.position(|frame| frame.shape == shape)?;
        (0..=inner).for_each(|_| self.pop());
        Some(())
    }

    /// Ends the innermost group.
    pub(super) fn pop(&mut self) {
        self.finish();
        let line = self.line();
        let frame = std::mem::take(&mut self.top);
        self.top = self.outer.pop().unwrap_or_default();
        let only = self.tree.only(frame.node).map(str::to_owned);
        let is_leaf = self.tree.children(frame.node).next().is_none();
        let (kind, text) = match (frame.shape, only) {
            // The value in a type around it: `Some("x")`.
            (Shape::Bracket(b')'), Some(only)) => (Kind::Quoted, only),
            (Shape::Bracket(_), _) if is_leaf => {
                (Kind::Group, self.since(frame.start).trim().into())
            }
            (Shape::Line(_), _) => (Kind::Bare, line.into()),
            _ => (Kind::Group, String::new()),
        };
        self.tree.set(frame.node, kind, &text);
    }

    /// Reads a string. Its content is read again.
    fn string(&mut self) -> Option<()> {
        let is_string = self.rest().starts_with(QUOTES);
        let so_far = self.so_far().filter(|_| is_string).unwrap_or_default();
        let may_have_prefix = so_far.is_empty() || self.rest().starts_with(['"', '\'']);
        let prefix = PREFIX.captures(so_far).filter(|_| may_have_prefix);
        let is_inside = !self.is_prose() && prefix.is_none();
        if !is_string || is_inside || (self.is_prose() && self.is_apostrophe()) {
            return None;
        }
        let entry = self.top.entry.filter(|_| prefix.is_some());
        let length = || prefix?.get(1)?.as_str().parse().ok();
        let counted = length().and_then(|length| self.counted(length));
        let (text, rest) = counted.or_else(|| self.joined())?;
        let node = entry.map_or_else(|| self.add(None), |(node, ..)| node);
        self.top.entry = self.top.entry.filter(|_| entry.is_none());
        self.at = self.text.len() - rest.len();
        self.value(node, &text);
        Some(())
    }

    /// The string here, as PHP prints it with its length, and the text after it.
    fn counted(&self, length: usize) -> Option<(String, &'t str)> {
        let (text, rest) = self.rest().strip_prefix('"')?.split_at_checked(length)?;
        Some((text.to_owned(), rest.strip_prefix('"')?))
    }

    /// The string here and those that follow with a `+`, as Node prints long ones. Also the text after it.
    fn joined(&mut self) -> Option<(String, &'t str)> {
        let (mut text, mut rest) = (String::new(), self.rest());
        loop {
            let open = rest.chars().next();
            let open = open.filter(|open| !self.unclosed.contains(open))?;
            let Some((part, after)) = strings::literal(rest) else {
                self.unclosed.push(open);
                return None;
            };
            text.push_str(&part);
            let Some(join) = group(&JOIN, after) else {
                return Some((text, after));
            };
            rest = after.get(join.len()..)?;
        }
    }

    /// Whether the quote is inside or at the end of a word, and not after the prefix of a string.
    fn is_apostrophe(&self) -> bool {
        let mut words = self.since(0).rsplit(|char: char| !char.is_alphanumeric());
        words.next().is_some_and(|word| !PREFIX.is_match(word))
    }

    /// Sets the value of a node to a text that is read again.
    pub(super) fn value(&mut self, node: usize, text: &str) {
        self.tree.set(node, Kind::Quoted, text);
        if self.level < MOST_LEVELS && text.contains(['{', '[', '=', ':', '<', '(', '%']) {
            let tree = std::mem::take(&mut self.tree);
            self.tree = Scanner::new(text, tree, node, self.level + 1).run();
        }
    }

    /// Reads a document in another encoding.
    fn encoded(&mut self) -> Option<()> {
        let (text, len) = strings::encoded(self.rest())?;
        let node = self.add(None);
        self.value(node, &text);
        self.at += len;
        Some(())
    }

    /// Skips a word, or one other character.
    fn word(&mut self, byte: u8) {
        self.top.has_commas |= byte == b',';
        self.at += SKIPPED.find(self.rest()).map_or(1, |word| word.len());
    }
}

/// Whether a character after a value does not belong to it.
fn is_end(char: char) -> bool {
    char.is_whitespace() || matches!(char, ',' | ';')
}
