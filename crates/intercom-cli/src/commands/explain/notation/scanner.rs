//! The one pass over a text.

use std::ops::Range;

use super::keys::{self, Form, Key, Separator};
use super::strings::{self, QUOTES};
use super::tree::{Kind, Node, ROOT, Tree};

/// How deep brackets can be nested. Deeper ones are skipped.
pub(super) const DEEPEST: usize = 64;
/// How deep documents can be nested in strings.
const MOST_LEVELS: usize = 6;
/// The longest value that can be followed by the next key without a comma, in bytes.
const LONGEST_WORD: usize = 64;

/// Reads a text. Never fails.
pub(crate) fn parse(text: &str) -> Tree {
    let mut tree = Tree::default();
    let (key, kind, text_of_root) = (None, Kind::Group, String::new());
    tree.push(Node {
        parent: ROOT,
        key,
        kind,
        text: text_of_root,
        span: 0..usize::MAX,
    });
    Scanner::new(text, &mut tree, ROOT, 0, None).run();
    tree
}

/// What a frame is, and so how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A group that ends with this bracket.
    Bracket(u8),
    /// The value of a key that begins a line, or an item of a list: the rest of the line, or lines that are indented more.
    Line { indent: usize, is_item: bool },
    /// An element of XML.
    Tag,
    /// A whole text.
    Text,
}

/// A group that has not ended.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) node: usize,
    pub(super) shape: Shape,
    /// Where its content begins, and which node is the first in it.
    pub(super) start: usize,
    pub(super) first: usize,
    /// The value that has not ended.
    pub(super) entry: Option<Entry>,
    /// How its first key is written.
    pub(super) form: Option<(bool, Separator)>,
    /// Whether its values follow their keys directly, as Go prints them: `map[code:conflict message:A contact]`.
    is_go: bool,
    has_commas: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    node: usize,
    start: usize,
    /// Where the last group in it ends.
    closed: usize,
}

pub(super) struct Scanner<'t, 'n> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) tree: &'n mut Tree,
    pub(super) frames: Vec<Frame>,
    /// How many brackets are open beyond the deepest ones.
    pub(super) skipped: usize,
    /// Quotes that occur no more.
    unclosed: Vec<char>,
    level: usize,
    /// The names in the head of the table that is being read.
    pub(super) head: Vec<&'t str>,
    /// The place of the string that contains this text.
    place: Option<Range<usize>>,
}

impl<'t, 'n> Scanner<'t, 'n> {
    fn new(
        text: &'t str,
        tree: &'n mut Tree,
        node: usize,
        level: usize,
        place: Option<Range<usize>>,
    ) -> Self {
        let (frames, unclosed, head) = (Vec::new(), Vec::new(), Vec::new());
        let mut scanner = Self {
            text,
            at: 0,
            tree,
            frames,
            skipped: 0,
            unclosed,
            level,
            head,
            place,
        };
        scanner.push(node, Shape::Text);
        scanner
    }

    fn run(mut self) {
        self.begin_line();
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b'\n' => self.end_line(),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b')' | b']' | b'}' | b'>' => self.close(byte),
                _ if self.key() => {}
                b'(' | b'[' | b'{' => self.open(byte),
                b'<' => self.tag(),
                _ if self.string() => {}
                _ => self.word(byte),
            }
            let is_inside = self.level > 0 || self.frames.len() > 1;
            if self.tree.is_full(if is_inside { 2 } else { 1 }) {
                self.end_all();
                if self.level > 0 {
                    return;
                }
                self.tree.forget();
            }
        }
        self.end_all();
    }

    /// Ends all groups.
    pub(super) fn end_all(&mut self) {
        while self.frames.len() > 1 {
            self.pop();
        }
        self.finish(self.at);
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The byte before the current place.
    pub(super) fn last(&self) -> u8 {
        self.at
            .checked_sub(1)
            .and_then(|at| self.byte(at))
            .unwrap_or(b'\n')
    }

    pub(super) fn shape(&self) -> Shape {
        self.frames.last().map_or(Shape::Text, |frame| frame.shape)
    }

    pub(super) fn is_prose(&self) -> bool {
        matches!(self.shape(), Shape::Line { .. } | Shape::Text)
    }

    pub(super) fn push(&mut self, node: usize, shape: Shape) {
        let (start, first) = (self.at, self.tree.nodes().len());
        let (entry, form, is_go, has_commas) = (None, None, false, false);
        self.frames.push(Frame {
            node,
            shape,
            start,
            first,
            entry,
            form,
            is_go,
            has_commas,
        });
    }

    /// Adds a node to the innermost group.
    pub(super) fn add(&mut self, key: Option<&str>, kind: Kind) -> usize {
        let parent = self.frames.last().map_or(ROOT, |top| top.node);
        let span = self.place.clone().unwrap_or(self.at..self.at);
        self.tree.push(Node {
            parent,
            key: key.map(str::to_owned),
            kind,
            text: String::new(),
            span,
        })
    }

    pub(super) fn set(&mut self, node: usize, kind: Kind, text: &str) {
        let end = self.place.as_ref().map_or(self.at, |place| place.end);
        self.tree.set(node, kind, text, end);
    }

    /// The value that is being read, as far as it is known.
    fn so_far(&self) -> Option<&'t str> {
        let entry = self.frames.last()?.entry?;
        Some(self.text.get(entry.start..self.at)?.trim())
    }

    /// Reads a key.
    fn key(&mut self) -> bool {
        let begins = self.last().is_ascii_whitespace() || b"{([<,;|&\"'`>".contains(&self.last());
        let is_counted = self
            .so_far()
            .is_some_and(|value| value.starts_with("string("));
        let is_read = begins && !is_counted && self.skipped == 0 && self.shape() != Shape::Tag;
        let key = is_read.then(|| keys::key(self.rest())).flatten();
        let Some(key) = key.filter(|key| self.may_begin(key)) else {
            return false;
        };
        self.finish(self.at);
        let node = self.add(Some(key.name), Kind::Bare);
        self.at += key.len;
        let value = self.rest().trim_start_matches([' ', '\t']);
        self.at += self.rest().len() - value.len();
        let (start, closed) = (self.at, self.at);
        if let Some(top) = self.frames.last_mut() {
            if top.form.is_none() {
                let is_bare = key.form == Form::Plain && !value.starts_with(['"', '\'', '`']);
                top.is_go = is_bare && key.attached && key.separator == Separator::Colon;
            }
            top.form
                .get_or_insert((key.form == Form::Bracketed, key.separator));
            top.entry = Some(Entry {
                node,
                start,
                closed,
            });
        }
        if key.form == Form::Bracketed && key.separator == Separator::Arrow {
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
        let is_keyword = key.separator == Separator::Space;
        let (Some(top), Some(so_far)) = (self.frames.last(), self.so_far()) else {
            return !is_keyword || self.shape() == Shape::Bracket(b'}');
        };
        let is_after_blank = self.last().is_ascii_whitespace();
        let before = self
            .text
            .get(..self.at)
            .unwrap_or_default()
            .trim_end_matches([' ', '\t', '\r']);
        let is_separated = before.ends_with([',', ';', '\n']);
        let is_closed = top
            .entry
            .is_some_and(|entry| entry.start < entry.closed && entry.closed == before.len());
        let is_single = so_far.len() <= LONGEST_WORD && !so_far.contains(char::is_whitespace);
        let is_alike = top.form == Some((key.form == Form::Bracketed, key.separator));
        if self.is_prose() {
            return !is_keyword && (is_after_blank || is_separated);
        }
        if top.is_go {
            return is_after_blank && key.form == Form::Plain && key.separator == Separator::Colon;
        }
        if is_separated {
            let is_valid = !(is_keyword && so_far.is_empty());
            return is_alike && is_valid && !(top.has_commas && before.ends_with(';'));
        }
        let is_complete = is_single && !top.has_commas && (is_alike || is_keyword);
        is_after_blank && !so_far.is_empty() && (is_closed || is_complete || is_constant(so_far))
    }

    /// Ends the value that is being read.
    pub(super) fn finish(&mut self, end: usize) {
        let Some(entry) = self.frames.last_mut().and_then(|top| top.entry.take()) else {
            return;
        };
        let value = self.text.get(entry.start..end).unwrap_or_default();
        let text = value.trim_end().trim_end_matches([',', ';']).trim_end();
        let is_group = entry.start < entry.closed && entry.closed == entry.start + text.len();
        let name = text.split(['(', '[', '{', '<']).next().unwrap_or_default();
        let is_part = |char: char| char.is_alphanumeric() || "_.:#&*%$@\\ \n".contains(char);
        let is_type = name.chars().all(is_part) && name.split_whitespace().count() <= 2;
        if !is_group || !is_type {
            self.set(entry.node, Kind::Bare, text.trim_start());
        }
    }

    pub(super) fn open(&mut self, byte: u8) {
        if self.frames.len() >= DEEPEST {
            self.skipped += 1;
            self.at += 1;
            return;
        }
        if self.encoded() {
            return;
        }
        let kind = if byte == b'[' {
            Kind::List
        } else {
            Kind::Group
        };
        let entry = self.frames.last().and_then(|top| top.entry);
        let is_value = !self.is_prose() || self.so_far().is_some_and(str::is_empty);
        let node = match entry.filter(|_| is_value) {
            Some(entry) => entry.node,
            None => self.add(None, kind),
        };
        self.set(node, kind, "");
        self.at += 1;
        let end = match byte {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            _ => b'>',
        };
        self.push(node, Shape::Bracket(end));
    }

    fn close(&mut self, byte: u8) {
        let is_arrow = byte == b'>' && matches!(self.last(), b'-' | b'=');
        let is_it = |frame: &Frame| frame.shape == Shape::Bracket(byte);
        let index = self.frames.iter().rposition(is_it).filter(|_| !is_arrow);
        if self.skipped > 0 && byte != b'>' {
            self.skipped -= 1;
        } else if let Some(index) = index {
            while self.frames.len() > index {
                self.pop();
            }
            let entry = self.frames.last_mut().and_then(|top| top.entry.as_mut());
            entry
                .into_iter()
                .for_each(|entry| entry.closed = self.at + 1);
        }
        self.at += 1;
    }

    /// Ends the innermost group.
    pub(super) fn pop(&mut self) {
        self.finish(self.at);
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let text = self.text.get(frame.start..self.at).unwrap_or_default();
        let inner = self.tree.nodes().len() - frame.first;
        let kind = self
            .tree
            .node(frame.node)
            .map_or(Kind::Group, |node| node.kind);
        let text = match frame.shape {
            Shape::Line { is_item: false, .. } => text.lines().next().unwrap_or_default(),
            Shape::Bracket(_) if inner == 0 => text,
            _ => "",
        };
        self.set(frame.node, kind, text.trim());
        // The value in a type around it: `Some("x")`.
        let only = self
            .tree
            .node(frame.first)
            .filter(|only| only.kind == Kind::Quoted && only.key.is_none());
        if let Some(text) = only
            .filter(|_| frame.shape == Shape::Bracket(b')'))
            .map(|only| only.text.clone())
            && self.tree.children(frame.node).nth(1).is_none()
        {
            self.set(frame.node, Kind::Quoted, &text);
        }
    }

    /// Reads a string. Its content is read again.
    fn string(&mut self) -> bool {
        let so_far = self.so_far().unwrap_or_default();
        let counted = counted(so_far, self.rest());
        let is_value = so_far.is_empty() || is_prefix(so_far) || counted.is_some();
        let is_part = if self.is_prose() {
            self.is_apostrophe()
        } else {
            !is_value
        };
        if !begins_string(self.rest()) || is_part || self.shape() == Shape::Tag {
            return false;
        }
        let Some((text, rest)) = counted.or_else(|| self.joined()) else {
            return false;
        };
        let entry = self
            .frames
            .last()
            .and_then(|top| top.entry)
            .filter(|_| is_value);
        let node = match entry {
            Some(entry) => entry.node,
            None => self.add(None, Kind::Quoted),
        };
        if let Some(top) = self.frames.last_mut().filter(|_| is_value) {
            top.entry = None;
        }
        self.at = self.text.len() - rest.len();
        self.set(node, Kind::Quoted, &text);
        self.read(node, &text);
        true
    }

    /// The string here and those that follow with a `+`, as Node prints long ones. Also the text after it.
    fn joined(&mut self) -> Option<(String, &'t str)> {
        let (mut text, mut rest) = (String::new(), self.rest());
        loop {
            let open = rest
                .chars()
                .next()
                .filter(|open| !self.unclosed.contains(open))?;
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
        let before = self.text.get(..self.at).unwrap_or_default();
        let word = before
            .rsplit(|char: char| !char.is_alphanumeric())
            .next()
            .unwrap_or_default();
        !word.is_empty() && !is_prefix(word)
    }

    /// Reads what is in a string.
    fn read(&mut self, node: usize, text: &str) {
        if self.level < MOST_LEVELS && text.contains(['{', '[', '=', ':', '<', '(', '%']) {
            let place = self.tree.node(node).map(|node| node.span.clone());
            Scanner::new(text, self.tree, node, self.level + 1, place).run();
        }
    }

    /// Adds a text that the next bytes stand for. It is read again.
    pub(super) fn value(&mut self, key: Option<&str>, len: usize, text: &str) {
        let node = self.add(key, Kind::Quoted);
        self.at += len;
        let kind = if text.is_empty() {
            Kind::Bare
        } else {
            Kind::Quoted
        };
        self.set(node, kind, text);
        self.read(node, text);
    }

    /// Reads a document in another encoding.
    fn encoded(&mut self) -> bool {
        let found = strings::encoded(self.rest());
        found.is_some_and(|(text, len)| {
            self.value(None, len, &text);
            true
        })
    }

    /// Skips a word, or one other character.
    fn word(&mut self, byte: u8) {
        if byte == b'%' && self.encoded() {
            return;
        }
        if let Some(top) = self.frames.last_mut() {
            top.has_commas |= byte == b',';
        }
        let is_part = |char: char| char.is_alphanumeric() || "_-./?#@!*~^".contains(char);
        let end = self
            .rest()
            .find(|char| !is_part(char))
            .unwrap_or(self.rest().len());
        self.at += end.max(self.rest().chars().next().map_or(1, char::len_utf8));
    }
}

fn begins_string(text: &str) -> bool {
    QUOTES.iter().any(|(open, _)| text.starts_with(*open))
}

/// Whether a value is the prefix of a string, like that of `b"..."` or `<<"...">>`.
fn is_prefix(value: &str) -> bool {
    value == "<<"
        || (value.len() == 1 && value.starts_with(['b', 'u', 'r', 'f', '@', '$', 'N', 'E']))
}

/// A string as PHP prints it, with its length: `string(8) "conflict"`. Also the text after it.
fn counted<'t>(so_far: &str, text: &'t str) -> Option<(String, &'t str)> {
    let length = so_far.strip_prefix("string(")?.strip_suffix(')')?;
    let (text, rest) = text
        .strip_prefix('"')?
        .split_at_checked(length.parse().ok()?)?;
    Some((text.to_owned(), rest.strip_prefix('"')?))
}

/// Whether a value is complete because it is a number or a constant.
fn is_constant(value: &str) -> bool {
    let constants = ["true", "false", "null", "nil", "none", "undefined"];
    let is = |constant: &&str| value.eq_ignore_ascii_case(constant);
    value.len() <= LONGEST_WORD && (constants.iter().any(is) || value.parse::<f64>().is_ok())
}
