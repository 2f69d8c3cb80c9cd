//! The one pass over a text.

use std::ops::Range;

use super::keys::{self, Key, Separator};
use super::quoted;
use super::strings::{self, Delimiter};
use super::tree::{Kind, ROOT, Tree};

/// How deep brackets can be nested. Deeper ones are skipped.
pub(super) const DEEPEST: usize = 64;
/// How deep documents can be nested in strings.
pub(super) const MOST_LEVELS: usize = 6;
/// The longest value that can be followed by the next key without a comma, in bytes.
const LONGEST_WORD: usize = 64;

/// Reads a text. Never fails.
pub(crate) fn parse(text: &str) -> Tree {
    let mut tree = Tree::new();
    Scanner::new(text, &mut tree, ROOT, 0, None).run();
    tree
}

/// What a frame is, and so how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Angle,
    /// Lines with the same indentation, or with more.
    Block {
        indent: usize,
        is_list: bool,
    },
    Curly,
    /// The value of a key that begins a line.
    Line,
    Round,
    Square,
    Tag,
    Text,
}

impl Shape {
    const fn of(bracket: u8) -> Self {
        match bracket {
            b'(' | b')' => Self::Round,
            b'[' | b']' => Self::Square,
            b'{' | b'}' => Self::Curly,
            _ => Self::Angle,
        }
    }

    pub(super) const fn is_prose(self) -> bool {
        !matches!(self, Self::Angle | Self::Curly | Self::Round | Self::Square)
    }
}

/// A group that has not ended.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) node: usize,
    pub(super) shape: Shape,
    /// Where its content begins.
    pub(super) start: usize,
    /// The value without quotes that has not ended.
    pub(super) entry: Option<Entry>,
    /// The form of its first key.
    first: Option<(bool, Separator)>,
    /// Whether its values follow their keys directly, as Go prints them: `map[code:conflict message:A contact]`.
    is_go: bool,
    has_commas: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) node: usize,
    pub(super) start: usize,
    /// Where the last group in it ends.
    pub(super) closed: usize,
}

pub(super) struct Scanner<'t, 'n> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) tree: &'n mut Tree,
    pub(super) frames: Vec<Frame>,
    /// How many brackets are open beyond the deepest ones.
    pub(super) skipped: usize,
    /// Quotes that have no end.
    pub(super) unclosed: Vec<(Delimiter, bool)>,
    pub(super) level: usize,
    /// The names in the head of the table that is being read.
    pub(super) head: Vec<&'t str>,
    /// The place of the string that contains this text.
    pub(super) place: Option<Range<usize>>,
}

impl<'t, 'n> Scanner<'t, 'n> {
    pub(super) fn new(
        text: &'t str,
        tree: &'n mut Tree,
        node: usize,
        level: usize,
        place: Option<Range<usize>>,
    ) -> Self {
        let mut scanner = Self {
            text,
            at: 0,
            tree,
            frames: Vec::new(),
            skipped: 0,
            unclosed: Vec::new(),
            level,
            head: Vec::new(),
            place,
        };
        scanner.push(node, Shape::Text);
        scanner
    }

    pub(super) fn run(mut self) {
        self.begin_line();
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b'\n' => self.end_line(),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.is_escaped_space() => self.at += 2,
                b')' | b']' | b'}' | b'>' => self.close(byte),
                _ if self.key() => {}
                b'(' | b'[' | b'{' => self.open(byte),
                b'<' => self.tag(),
                _ if self.string() => {}
                _ => self.word(byte),
            }
            if self.tree.is_full(2) && self.level > 0 {
                break;
            }
            if self.tree.is_full(if self.frames.len() > 1 { 2 } else { 1 }) && self.level == 0 {
                self.end_all();
                self.tree.forget();
            }
        }
        self.end_all();
    }

    /// Ends all groups.
    pub(super) fn end_all(&mut self) {
        while self.frames.len() > 1 {
            self.pop(false);
        }
        self.finish(self.at);
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub(super) fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    pub(super) fn shape(&self) -> Shape {
        self.frames.last().map_or(Shape::Text, |frame| frame.shape)
    }

    pub(super) fn push(&mut self, node: usize, shape: Shape) {
        self.frames.push(Frame {
            node,
            shape,
            start: self.at,
            entry: None,
            first: None,
            is_go: false,
            has_commas: false,
        });
    }

    /// Adds a node to the innermost group, or to the value that is being read.
    pub(super) fn add(&mut self, key: Option<&str>, kind: Kind) -> usize {
        let top = self.frames.last();
        let entry = top.and_then(|top| top.entry).filter(|_| key.is_none());
        let parent = entry.map_or(top.map_or(ROOT, |top| top.node), |entry| entry.node);
        let span = self.place.clone().unwrap_or(self.at..self.at);
        self.tree.push(parent, key.map(str::to_owned), kind, span)
    }

    pub(super) fn place_of(&self, at: usize) -> usize {
        self.place.as_ref().map_or(at, |place| place.end)
    }

    /// Whether a line break or a tab is written as an escape, as in JSON that was quoted.
    fn is_escaped_space(&self) -> bool {
        let inner = matches!(self.shape(), Shape::Curly | Shape::Square | Shape::Round);
        let escape = self.byte(self.at + 1);
        let after = self.rest().get(2..).unwrap_or_default();
        inner
            && matches!(escape, Some(b'n' | b'r' | b't'))
            && after.starts_with([' ', '\\', '}', ']', '{', '"'])
    }

    /// The last byte before the current place that is not blank.
    fn before(&self) -> u8 {
        let before = self.text.as_bytes().get(..self.at).unwrap_or_default();
        let mut before = before.iter().rev().filter(|byte| !b" \t\r".contains(byte));
        before.next().copied().unwrap_or(b'\n')
    }

    fn is_after_blank(&self) -> bool {
        self.last().is_none_or(|byte| byte.is_ascii_whitespace())
    }

    /// The byte before the current place.
    pub(super) fn last(&self) -> Option<u8> {
        self.byte(self.at.checked_sub(1)?)
    }

    /// The value that is being read, as far as it is known.
    pub(super) fn so_far(&self) -> Option<&'t str> {
        let entry = self.frames.last()?.entry?;
        Some(self.text.get(entry.start..self.at)?.trim())
    }

    /// Reads a key and the begin of its value.
    fn key(&mut self) -> bool {
        let before = self.text.as_bytes().get(..self.at).unwrap_or_default();
        let begins = before
            .last()
            .is_none_or(|byte| byte.is_ascii_whitespace() || b"{([<,;|&\"'`>".contains(byte))
            || before.ends_with(b"\\n");
        let is_counted = self.so_far().is_some_and(quoted::is_counted);
        let is_read = begins && self.skipped == 0 && !is_counted;
        let Some(key) = is_read.then(|| keys::key(self.rest())).flatten() else {
            return false;
        };
        if !self.may_begin(&key) {
            return false;
        }
        self.finish(self.at);
        let node = self.add(Some(key.name), Kind::Bare);
        self.at += key.len;
        let blanks = self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        self.at += blanks;
        let is_quote = Delimiter::at(self.rest()).is_some();
        let start = self.at;
        if let Some(top) = self.top() {
            if top.first.is_none() {
                top.first = Some((key.bracketed, key.separator));
                top.is_go =
                    key.plain && key.attached && key.separator == Separator::Colon && !is_quote;
            }
            top.entry = Some(Entry {
                node,
                start,
                closed: start,
            });
        }
        if is_quote {
            self.string();
        } else if key.bracketed && key.separator == Separator::Arrow {
            self.skip_printed();
        }
        true
    }

    /// Skips a value as PHP's `print_r` prints it: the rest of the line, without quotes.
    fn skip_printed(&mut self) {
        let line = self.rest().split_inclusive('\n').next().unwrap_or_default();
        let value = line.trim_end();
        let is_group = value.is_empty() || value == "Array" || value.ends_with(" Object");
        if line.ends_with('\n') && !is_group && !value.contains("] => ") {
            self.at += value.len();
        }
    }

    /// Whether a key can begin here, or else what looks like one belongs to a value.
    fn may_begin(&self, key: &Key<'_>) -> bool {
        let (Some(top), Some(so_far)) = (self.frames.last(), self.so_far()) else {
            return self.shape() == Shape::Curly || key.separator != Separator::Space;
        };
        let before = self.before();
        if top.shape.is_prose() {
            return key.separator != Separator::Space
                && (self.is_after_blank() || b",;".contains(&before));
        }
        // Go separates keys by spaces alone.
        if top.is_go && !self.is_after_blank() {
            return false;
        }
        let is_single = so_far.len() <= LONGEST_WORD && !so_far.contains(char::is_whitespace);
        let is_alike = top.first == Some((key.bracketed, key.separator))
            || is_literal(so_far)
            || so_far.starts_with(':');
        match before {
            b';' if top.has_commas => false,
            b',' | b';' | b'\n' => {
                is_alike && !(so_far.is_empty() && key.separator == Separator::Space)
            }
            _ if !self.is_after_blank() => false,
            b'}' | b']' | b')' | b'>' if self.has_groups(top) => true,
            _ if top.is_go => self.is_go_key(key),
            _ if so_far.is_empty() || !is_single => false,
            _ => {
                let value = self.rest().get(key.len..).unwrap_or_default();
                key.separator == Separator::Space
                    || (key.bracketed && is_alike)
                    || is_literal(so_far)
                    || (key.separator == Separator::Equals && key.attached && !top.has_commas)
                    || (is_alike && !top.has_commas && value.trim_start().starts_with(['"', '\'']))
            }
        }
    }

    /// Whether a key is one of Go's. The next key follows directly if its value is empty.
    fn is_go_key(&self, key: &Key<'_>) -> bool {
        let is_go = |key: &Key<'_>| key.plain && key.separator == Separator::Colon;
        let value = self.rest().get(key.len..).unwrap_or_default().trim_start();
        let next = || keys::key(value).is_some_and(|next| next.attached && is_go(&next));
        is_go(key) && (key.attached || value.starts_with(']') || next())
    }

    /// Whether the value that is being read contains groups with content.
    fn has_groups(&self, top: &Frame) -> bool {
        let Some(entry) = top.entry else { return false };
        self.tree.nodes().len() > entry.node + 2
    }

    /// Ends the value that is being read.
    pub(super) fn finish(&mut self, end: usize) {
        let Some(entry) = self.top().and_then(|top| top.entry.take()) else {
            return;
        };
        let value = self.text.get(entry.start..end).unwrap_or_default();
        let text = value.trim().trim_end_matches([',', ';']).trim_end();
        let begin = entry.start + (value.len() - value.trim_start().len());
        let end = self.place_of(end);
        let is_group = entry.closed == begin + text.len();
        match is_group.then(|| self.wrapped(entry.node, text)).flatten() {
            Some((kind, inner)) => self.tree.set(entry.node, kind, &inner, end),
            None => self.tree.set(entry.node, Kind::Bare, text, end),
        }
    }

    /// The value in a type around a single value: `Some("x")`, `Some(409)`, `<<"x">>`.
    fn wrapped(&self, node: usize, text: &str) -> Option<(Kind, String)> {
        let name = text.get(..text.find(['(', '<', '['])?)?;
        let group = self
            .tree
            .node(node + 1)
            .filter(|group| group.parent == node)?;
        let inner = self
            .tree
            .node(node + 2)
            .filter(|inner| inner.parent == node + 1);
        let (kind, value) = match inner {
            Some(inner) if inner.kind == Kind::Quoted => (Kind::Quoted, &inner.text),
            Some(_) => return None,
            None if group.kind == Kind::Group => (Kind::Bare, &group.text),
            None => return None,
        };
        let is_only =
            self.tree.children(node).count() == 1 && self.tree.children(node + 1).count() < 2;
        (is_only && WRAPPERS.contains(&name) && group.kind == Kind::Group)
            .then(|| (kind, value.clone()))
    }

    pub(super) fn open(&mut self, byte: u8) {
        let inner = self.rest().get(1..).unwrap_or_default().trim_start();
        if ["&quot;", "&#34;", "&#x22;"]
            .iter()
            .any(|quote| inner.starts_with(quote))
        {
            let rest = self.rest();
            let run = rest
                .get(..rest.find('<').unwrap_or(rest.len()))
                .unwrap_or_default();
            return self.decoded(run, &strings::html_decoded(run));
        }
        let shape = Shape::of(byte);
        if self.frames.len() >= DEEPEST {
            self.skipped += 1;
            self.at += 1;
            return;
        }
        let kind = if byte == b'[' {
            Kind::List
        } else {
            Kind::Group
        };
        let node = self.add(None, kind);
        self.at += 1;
        self.push(node, shape);
    }

    fn close(&mut self, byte: u8) {
        let shape = Shape::of(byte);
        let is_binary =
            |top: &Frame| top.shape == Shape::Angle && self.byte(top.start) == Some(b'<');
        if byte == b'>' && self.frames.last().is_some_and(is_binary) {
            self.at += 1;
            if self.byte(self.at) != Some(b'>') {
                return;
            }
        }
        let is_arrow = byte == b'>' && matches!(self.last(), Some(b'-' | b'='));
        if self.skipped > 0 && byte != b'>' {
            self.skipped -= 1;
        } else if !is_arrow && self.frames.iter().any(|frame| frame.shape == shape) {
            while self.shape() != shape {
                self.pop(false);
            }
            self.pop(true);
        }
        self.at += 1;
    }

    /// Ends the innermost group. If it is not closed properly, its bracket was a part of a value.
    pub(super) fn pop(&mut self, properly: bool) {
        self.finish(self.at);
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let end = self.place_of(self.at + usize::from(!frame.shape.is_prose()));
        let text = self
            .text
            .get(frame.start..self.at)
            .unwrap_or_default()
            .trim();
        let is_empty = self.tree.nodes().len() == frame.node + 1;
        if let Some(node) = self.tree.get(frame.node) {
            node.span.end = end;
        }
        if is_empty || matches!(frame.shape, Shape::Line | Shape::Tag) {
            let kind = match frame.shape {
                Shape::Square => Kind::List,
                Shape::Tag if is_empty && !text.is_empty() => Kind::Quoted,
                shape if shape.is_prose() => Kind::Bare,
                _ => Kind::Group,
            };
            let text = match frame.shape {
                Shape::Tag => strings::html_decoded(text),
                _ => text.into(),
            };
            self.tree.set(frame.node, kind, &text, end);
        }
        let closed = self.at + 1;
        let outer = self.top().and_then(|top| top.entry.as_mut());
        if let Some(outer) = outer.filter(|_| !frame.shape.is_prose()) {
            outer.closed = closed;
        }
        let entry = self
            .frames
            .last()
            .and_then(|top| Some((top.node, top.entry?)));
        let entry =
            entry.filter(|_| !properly && !frame.shape.is_prose() && !self.shape().is_prose());
        if let Some((node, entry)) = entry {
            let begin = self.tree.give(frame.node, node);
            if let Some(begin) = begin.filter(|begin| self.place.is_none() && *begin > entry.start)
            {
                self.finish(begin);
            }
        }
    }

    /// Skips a word, or one other character.
    fn word(&mut self, byte: u8) {
        if byte == b','
            && let Some(top) = self.top()
        {
            top.has_commas = true;
        }
        let rest = self.rest();
        let codes = ["%7B", "%7b", "%5B", "%5b", "%22"];
        if byte == b'%' && codes.iter().any(|code| rest.starts_with(code)) {
            return self.percent_encoded();
        }
        let is_part = |char: char| char.is_alphanumeric() || "_-./?#@!*~^".contains(char);
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        self.at += end.max(rest.chars().next().map_or(1, char::len_utf8));
    }
}

/// Names of types around a single value.
#[rustfmt::skip]
const WRAPPERS: &[&str] = &[
    "", "Int", "Just", "Optional", "Some", "String", "bool", "float", "int", "string",
];
/// Whether a value is complete because it is a number or a constant.
fn is_literal(value: &str) -> bool {
    if value.len() > LONGEST_WORD {
        return false;
    }
    let constants = ["true", "false", "null", "nil", "none", "undefined"];
    constants
        .iter()
        .any(|constant| value.eq_ignore_ascii_case(constant))
        || value.parse::<f64>().is_ok()
}
