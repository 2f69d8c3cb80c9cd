//! The one pass over a text.

use super::keys::{self, Key};
use super::pattern::Pattern;
use super::strings::{self, QUOTES};
use super::tree::{Kind, Node, ROOT, Tree, end};

/// How much of a text is read: its last bytes.
const LONGEST: usize = 2 << 20;
/// How deep brackets can be nested. Deeper ones are skipped.
pub(super) const DEEPEST: usize = 64;
/// How deep documents can be nested in strings.
const MOST_LEVELS: usize = 6;

/// A value that is complete, so that the next key needs no comma: a single word, or a constant in any case.
static WORD: Pattern = Pattern::new(r"^\S{0,64}$");
static CONSTANT: Pattern =
    Pattern::new(r"^(?i:true|false|null|nil|none|undefined|-?\d+(?:\.\d+)?),?$");
/// The begin of a value in brackets: a bracket, or the name of a type of one or two words.
static TYPED: Pattern = Pattern::new(r"^[\w.:#&*%$@\\]*\s*[\w.:#&*%$@\\]*\s*[(\[{<]");
/// The prefix of a string, like that of `b"..."` or `<<"...">>`, and the length that PHP prints before it.
static PREFIX: Pattern = Pattern::new(r"^(?:[burfNE@$]|<<|string\((\d+)\)|)$");
/// A value as PHP's `print_r` prints it: the rest of the line, without quotes.
static PRINTED: Pattern = Pattern::new(r"^(?:Array|.* Object|)\s*\n|\] => ");
/// What is skipped as a word.
static SKIPPED: Pattern = Pattern::new(r"^(?:[\w./?#@!*~^-]+|.)");

/// Reads a text. Never fails.
pub(crate) fn parse(text: &str) -> Tree {
    let mut tree = Tree::default();
    let mut scanner = Scanner::new(text, &mut tree, ROOT, 0);
    scanner.at = text.len() - end(text, LONGEST).len();
    scanner.add(None, Kind::Group);
    scanner.run();
    tree
}

/// What a frame is, and so how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A group that ends with this bracket.
    Bracket(u8),
    /// An item of a list with this indentation.
    Item(usize),
    /// The value of a key that begins a line with this indentation: the rest of the line, or lines that are indented more.
    Line(usize),
    /// An element of XML.
    Tag,
    /// A whole text.
    Text,
}

/// A group that has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'t> {
    pub(super) node: usize,
    pub(super) shape: Shape,
    /// Where its content begins, and which node is the first in it.
    pub(super) start: usize,
    pub(super) first: usize,
    /// The value that has not ended: its node, where it begins, and where the last group in it ends.
    pub(super) entry: Option<(usize, usize, usize)>,
    /// Its first key.
    pub(super) key: Option<Key<'t>>,
    /// Whether its values follow their keys directly, as Go prints them: `map[code:conflict message:A contact]`.
    is_go: bool,
    has_commas: bool,
}

pub(super) struct Scanner<'t, 'n> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) tree: &'n mut Tree,
    /// The innermost group, and those around it.
    pub(super) top: Frame<'t>,
    pub(super) outer: Vec<Frame<'t>>,
    /// How many brackets are open beyond the deepest ones.
    pub(super) skipped: usize,
    /// Quotes that occur no more.
    unclosed: Vec<char>,
    level: usize,
    /// The names in the head of the table that is being read.
    pub(super) head: Vec<&'t str>,
}

impl<'t, 'n> Scanner<'t, 'n> {
    fn new(text: &'t str, tree: &'n mut Tree, node: usize, level: usize) -> Self {
        Self {
            text,
            at: 0,
            top: Frame::new(node, Shape::Text, 0, tree),
            tree,
            outer: Vec::new(),
            skipped: 0,
            unclosed: Vec::new(),
            level,
            head: Vec::new(),
        }
    }

    fn run(mut self) {
        self.begin_line();
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'\n' => self.end_line(),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b')' | b']' | b'}' | b'>' => self.close(byte),
                _ if self.key() => {}
                b'(' | b'[' | b'{' | b'%' if self.encoded() => {}
                b'(' => self.open(b')', Kind::Group),
                b'[' => self.open(b']', Kind::List),
                b'{' => self.open(b'}', Kind::Group),
                b'<' if self.last() == b'#' => self.open(b'>', Kind::Group),
                b'<' => self.tag(),
                _ if self.string() => {}
                _ => self.word(byte),
            }
        }
        self.end_all();
    }

    /// Ends all groups.
    pub(super) fn end_all(&mut self) {
        while !self.outer.is_empty() {
            self.pop();
        }
        self.finish();
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The byte before the current place.
    fn last(&self) -> u8 {
        self.since(0).bytes().next_back().unwrap_or(b'\n')
    }

    pub(super) fn is_prose(&self) -> bool {
        !matches!(self.top.shape, Shape::Bracket(_) | Shape::Tag)
    }

    pub(super) fn push(&mut self, node: usize, shape: Shape) {
        let frame = Frame::new(node, shape, self.at, self.tree);
        self.outer.push(std::mem::replace(&mut self.top, frame));
    }

    /// Adds a node to the innermost group.
    pub(super) fn add(&mut self, key: Option<&str>, kind: Kind) -> usize {
        let parent = self.top.node;
        let place = self.tree.node(parent).map_or(self.at, |node| node.start);
        self.tree.nodes.push(Node {
            parent,
            key: key.map(str::to_owned),
            kind,
            text: String::new(),
            start: if self.level > 0 { place } else { self.at },
        });
        self.tree.nodes.len() - 1
    }

    /// The value that is being read, as far as it is known.
    fn so_far(&self) -> Option<&'t str> {
        self.top.entry.map(|(_, start, _)| self.since(start).trim())
    }

    /// Reads a key.
    fn key(&mut self) -> bool {
        let begins = self.last().is_ascii_whitespace() || b"{([<,;|&\"'`>".contains(&self.last());
        let is_counted = self
            .so_far()
            .is_some_and(|value| value.starts_with("string("));
        let is_skipped = is_counted || self.skipped > 0 || self.top.shape == Shape::Tag;
        let is_read = begins && !is_skipped;
        let key = is_read.then(|| keys::key(self.rest())).flatten();
        let Some(key) = key.filter(|key| self.may_begin(key)) else {
            return false;
        };
        self.finish();
        let node = self.add(Some(key.name), Kind::Bare);
        self.at = self.text.len() - key.rest.len();
        self.top.entry = Some((node, self.at, self.at));
        if self.top.key.is_none() {
            let is_bare = key.is_plain && key.is_attached && key.separator == ":";
            self.top.is_go = is_bare && !begins_string(key.rest);
            self.top.key = Some(key);
        }
        let line = key.rest.split_inclusive('\n').next().unwrap_or_default();
        if key.is_bracketed
            && key.separator == "=>"
            && line.ends_with('\n')
            && !PRINTED.is_match(line)
        {
            self.at += line.trim_end().len();
        }
        true
    }

    /// Whether a key can begin here, or else what looks like one belongs to a value.
    fn may_begin(&self, key: &Key<'_>) -> bool {
        let is_keyword = key.separator.is_empty();
        let Some((so_far, (_, start, closed))) = self.so_far().zip(self.top.entry) else {
            return !is_keyword || self.top.shape == Shape::Bracket(b'}');
        };
        let before = self.since(0).trim_end_matches([' ', '\t', '\r']);
        let is_separated = before.ends_with([',', ';', '\n']);
        let is_after_blank = self.last().is_ascii_whitespace();
        let is_alike = self.top.key.is_some_and(|first| {
            (first.is_bracketed, first.separator) == (key.is_bracketed, key.separator)
        });
        if self.is_prose() {
            return !is_keyword && (is_after_blank || is_separated);
        }
        if self.top.is_go {
            return is_after_blank && key.is_plain && key.separator == ":";
        }
        if is_separated {
            let is_other = self.top.has_commas && before.ends_with(';');
            return is_alike && !is_other && !(is_keyword && so_far.is_empty());
        }
        let is_closed = start < closed && closed == before.len();
        let is_word = WORD.is_match(so_far) && !self.top.has_commas && (is_alike || is_keyword);
        is_after_blank && !so_far.is_empty() && (is_closed || is_word || CONSTANT.is_match(so_far))
    }

    /// Ends the value that is being read.
    pub(super) fn finish(&mut self) {
        if let Some((node, start, closed)) = self.top.entry.take() {
            let text = self
                .since(start)
                .trim_end()
                .trim_end_matches([',', ';'])
                .trim_end();
            let is_group = start < closed && closed == start + text.len();
            if !is_group || !TYPED.is_match(text) {
                self.tree.set(node, Kind::Bare, text.trim_start());
            }
        }
    }

    fn open(&mut self, end: u8, kind: Kind) {
        self.at += 1;
        if self.outer.len() >= DEEPEST {
            self.skipped += 1;
            return;
        }
        let is_value = !self.is_prose() || self.so_far().is_some_and(|value| value.len() == 1);
        let node = match self.top.entry.filter(|_| is_value) {
            Some((node, ..)) => node,
            None => self.add(None, kind),
        };
        self.tree.set(node, kind, "");
        self.push(node, Shape::Bracket(end));
    }

    fn close(&mut self, byte: u8) {
        let is_arrow = byte == b'>' && matches!(self.last(), b'-' | b'=');
        let is_it = |frame: &Frame<'_>| frame.shape == Shape::Bracket(byte);
        let is_open = is_it(&self.top) || self.outer.iter().any(is_it);
        if self.skipped > 0 && byte != b'>' {
            self.skipped -= 1;
        } else if is_open && !is_arrow {
            while !is_it(&self.top) {
                self.pop();
            }
            self.pop();
            self.top.entry = self
                .top
                .entry
                .map(|(node, start, _)| (node, start, self.at + 1));
        }
        self.at += 1;
    }

    /// Ends the innermost group.
    pub(super) fn pop(&mut self) {
        self.finish();
        let Some(outer) = self.outer.pop() else {
            return;
        };
        let Frame {
            node,
            shape,
            start,
            first,
            ..
        } = std::mem::replace(&mut self.top, outer);
        let is_empty = self.tree.nodes.len() == first;
        let kind = self.tree.node(node).map_or(Kind::Group, |node| node.kind);
        let text = match shape {
            Shape::Line(_) => self.since(start).lines().next().unwrap_or_default(),
            Shape::Bracket(_) if is_empty => self.since(start),
            _ => "",
        };
        // The value in a type around it: `Some("x")`.
        let only = self
            .tree
            .only(node)
            .filter(|_| shape == Shape::Bracket(b')'));
        match only.map(str::to_owned) {
            Some(only) => self.tree.set(node, Kind::Quoted, &only),
            None => self.tree.set(node, kind, text.trim()),
        }
    }

    /// Reads a string. Its content is read again.
    fn string(&mut self) -> bool {
        if !begins_string(self.rest()) || self.top.shape == Shape::Tag {
            return false;
        }
        let prefix = PREFIX.captures(self.so_far().unwrap_or_default());
        let is_part = if self.is_prose() {
            self.is_apostrophe()
        } else {
            prefix.is_none()
        };
        if is_part {
            return false;
        }
        let length = prefix
            .as_ref()
            .and_then(|prefix| prefix.get(1)?.as_str().parse().ok());
        let counted = length.and_then(|length| self.counted(length));
        let Some((text, rest)) = counted.or_else(|| self.joined()) else {
            return false;
        };
        let entry = self.top.entry.filter(|_| prefix.is_some());
        let node = entry.map_or_else(|| self.add(None, Kind::Quoted), |(node, ..)| node);
        self.top.entry = self.top.entry.filter(|_| entry.is_none());
        self.at = self.text.len() - rest.len();
        self.value(node, &text);
        true
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
            let next = after.trim_start().strip_prefix('+').map(str::trim_start);
            match next.filter(|next| begins_string(next)) {
                Some(next) => rest = next,
                None => return Some((text, after)),
            }
        }
    }

    /// Whether the quote is inside or at the end of a word, and not after the prefix of a string.
    fn is_apostrophe(&self) -> bool {
        let word = self
            .since(0)
            .rsplit(|char: char| !char.is_alphanumeric())
            .next();
        word.is_some_and(|word| !PREFIX.is_match(word))
    }

    /// Sets the value of a node to a text that is read again.
    pub(super) fn value(&mut self, node: usize, text: &str) {
        let kind = if text.is_empty() {
            Kind::Bare
        } else {
            Kind::Quoted
        };
        self.tree.set(node, kind, text);
        if self.level < MOST_LEVELS && text.contains(['{', '[', '=', ':', '<', '(', '%']) {
            Scanner::new(text, self.tree, node, self.level + 1).run();
        }
    }

    /// Reads a document in another encoding.
    fn encoded(&mut self) -> bool {
        let Some((text, len)) = strings::encoded(self.rest()) else {
            return false;
        };
        let node = self.add(None, Kind::Quoted);
        self.value(node, &text);
        self.at += len;
        true
    }

    /// Skips a word, or one other character.
    fn word(&mut self, byte: u8) {
        self.top.has_commas |= byte == b',';
        self.at += SKIPPED.find(self.rest()).map_or(1, |word| word.len());
    }
}

impl Frame<'_> {
    fn new(node: usize, shape: Shape, start: usize, tree: &Tree) -> Self {
        Self {
            node,
            shape,
            start,
            first: tree.nodes.len(),
            entry: None,
            key: None,
            is_go: false,
            has_commas: false,
        }
    }
}

fn begins_string(text: &str) -> bool {
    QUOTES.iter().any(|(open, _)| text.starts_with(*open))
}
