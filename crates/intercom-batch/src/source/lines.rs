//! The lines of the input with their numbers and digests. A separate thread reads them slightly ahead of the sending.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::thread;

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Format;
use super::mistaken::refuse_table;

/// The most lines in a batch. A journal with a higher line number is damaged.
pub(crate) const MOST_LINES: u64 = 1_000_000_000;
/// The length of the longest valid line: the API accepts no larger bodies.
pub(crate) const LONGEST: usize = 16 * 1024 * 1024;
/// How many bytes are read at a time. Only one such portion waits, so memory is bounded for any input.
const PORTION: usize = 64 * 1024;

/// One line that is not blank.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its number, from 1; blank lines count.
    pub(crate) number: u64,
    pub(crate) digest: u64,
    /// The text without the line break, or why there is none.
    pub(crate) text: Result<Vec<u8>, Unreadable>,
    /// Where it ends, in bytes from the beginning of the input.
    pub(crate) end: u64,
}

/// Why a line has no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// A row of a table is not like its header.
    #[cfg(feature = "csv")]
    #[error("{0}")]
    Row(String),
    #[error("the line is longer than {} MiB", LONGEST >> 20)]
    TooLong,
}

/// Lines, or why there are no more.
pub(crate) type Portion = io::Result<VecDeque<Line>>;

/// Reads the source on a new thread, to its end or until the receiver is dropped.
pub(crate) fn spawn(
    source: impl Read + Send + 'static,
    format: Format,
) -> io::Result<Receiver<Portion>> {
    let (sender, receiver) = channel(1);
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || read(Lines::new(source, format), &sender))?;
    Ok(receiver)
}

fn read<R: Read>(mut lines: Lines<R>, sender: &Sender<Portion>) {
    loop {
        let (portion, more) = match lines.portion() {
            Ok(portion) => {
                let more = !portion.is_empty();
                (Ok(portion), more)
            }
            Err(error) => (Err(error), false),
        };
        if sender.blocking_send(portion).is_err() || !more {
            return;
        }
    }
}

/// The lines of a source, one after another.
#[derive(Debug)]
pub(crate) enum Lines<R> {
    Json(JsonLines<R>),
    #[cfg(feature = "csv")]
    Csv(Box<super::csv::Rows<R>>),
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(source: R, format: Format) -> Self {
        match format {
            #[cfg(feature = "csv")]
            Format::Csv => Self::Csv(Box::new(super::csv::Rows::new(source))),
            Format::Contacts | Format::Requests => Self::Json(JsonLines::new(source, format)),
        }
    }

    /// Returns the lines that are available without blocking, at least one; none at the end.
    fn portion(&mut self) -> Portion {
        match self {
            Self::Json(lines) => lines.portion(),
            #[cfg(feature = "csv")]
            Self::Csv(rows) => rows.portion(),
        }
    }

    /// Returns the next line that is not blank.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        match self {
            Self::Json(lines) => lines.next(),
            #[cfg(feature = "csv")]
            Self::Csv(rows) => rows.next(),
        }
    }
}

/// The lines of a text.
#[derive(Debug)]
pub(crate) struct JsonLines<R> {
    source: BufReader<R>,
    /// Whether the next line that is not blank may be the header of a table by mistake.
    may_be_table: bool,
    number: u64,
    end: u64,
}

impl<R: Read> JsonLines<R> {
    fn new(source: R, format: Format) -> Self {
        Self {
            may_be_table: format == Format::Contacts,
            source: BufReader::with_capacity(PORTION, source),
            number: 0,
            end: 0,
        }
    }

    fn portion(&mut self) -> Portion {
        let mut lines = VecDeque::new();
        loop {
            match self.line()? {
                None => return Ok(lines),
                Some(line) if line.is_blank() => {}
                Some(line) => lines.push_back(line),
            }
            // Go on only if a whole line is buffered: reading the rest of a partial line may block.
            if !lines.is_empty() && !self.source.buffer().contains(&b'\n') {
                return Ok(lines);
            }
        }
    }

    fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            match self.line()? {
                Some(line) if line.is_blank() => {}
                found => return Ok(found),
            }
        }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        let mut text = Ok(Vec::new());
        let mut digest = Digest::new();
        let start = self.end;
        loop {
            let buffer = match self.source.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let break_at = buffer.iter().position(|&byte| byte == b'\n');
            let part = buffer
                .get(..break_at.unwrap_or(buffer.len()))
                .unwrap_or_default();
            digest.add(part);
            text = text.and_then(|mut text: Vec<u8>| {
                text.extend_from_slice(part);
                match text.len() {
                    ..=LONGEST => Ok(text),
                    _ => Err(Unreadable::TooLong),
                }
            });
            let used = part.len() + usize::from(break_at.is_some());
            self.source.consume(used);
            self.end += used as u64;
            if used == 0 && self.end == start {
                return Ok(None);
            }
            if used == 0 || break_at.is_some() {
                break;
            }
        }
        self.number += 1;
        bounded(self.number)?;
        let line = Line {
            number: self.number,
            digest: digest.0,
            text,
            end: self.end,
        };
        if self.may_be_table && !line.is_blank() {
            self.may_be_table = false;
            let text = line.text.as_deref().unwrap_or_default();
            refuse_table(unmarked(text, line.number))?;
        }
        Ok(Some(line))
    }
}

/// Fails if no line can have this number.
pub(super) fn bounded(number: u64) -> io::Result<()> {
    match number {
        ..=MOST_LINES => Ok(()),
        _ => Err(io::Error::other(format!(
            "it has more than {MOST_LINES} lines"
        ))),
    }
}

impl Line {
    fn is_blank(&self) -> bool {
        let text = self.text.as_ref();
        text.is_ok_and(|text| unmarked(text, self.number).trim_ascii().is_empty())
    }
}

/// Removes the byte order mark at the beginning of the first line.
pub(super) fn unmarked(bytes: &[u8], number: u64) -> &[u8] {
    match number {
        1 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
        _ => bytes,
    }
}

/// An FNV-1a hash, which detects changed lines and is the same in every release.
#[derive(Debug)]
pub(super) struct Digest(pub(super) u64);

impl Digest {
    pub(super) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, Format, JsonLines, LONGEST, Unreadable};

    #[test]
    fn blank_lines_count_in_the_numbering() {
        let mut lines = JsonLines::new(b"a\n\n \r\nbb\nccc".as_slice(), Format::Requests);
        let mut seen = Vec::new();
        loop {
            let portion = lines.portion().unwrap();
            if portion.is_empty() {
                break;
            }
            seen.extend(portion.into_iter().map(|line| (line.number, line.end)));
        }
        assert_eq!(seen, [(1, 2), (4, 9), (5, 12)]);
    }

    #[test]
    fn line_that_is_too_long_has_a_digest_and_no_text() {
        let mut input = vec![b'x'; LONGEST + 1];
        input.extend_from_slice(b"\nnext\n");
        let mut lines = JsonLines::new(input.as_slice(), Format::Requests);
        let long = lines.line().unwrap().unwrap();
        assert!(long.text == Err(Unreadable::TooLong) && long.digest != Digest::new().0);
        let next = lines.line().unwrap().unwrap();
        assert_eq!((next.number, next.text), (2, Ok(b"next".to_vec())));
    }

    #[test]
    fn digest_is_fnv_1a() {
        let mut digest = Digest::new();
        digest.add(b"foobar");
        assert_eq!(digest.0, 0x8594_4171_f739_67e8);
    }
}
