//! The lines of the input with their numbers and digests. A separate thread reads them slightly ahead of the sending.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::thread;

use tokio::sync::mpsc::{Receiver, Sender, channel};

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
    /// The text without the line break; `None` if the line is too long.
    pub(crate) text: Option<Vec<u8>>,
    /// Where it ends, in bytes from the beginning of the input.
    pub(crate) end: u64,
}

/// Lines, or why there are no more.
pub(crate) type Portion = io::Result<VecDeque<Line>>;

/// Reads the source on a new thread, to its end or until the receiver is dropped.
pub(crate) fn spawn(source: impl Read + Send + 'static) -> io::Result<Receiver<Portion>> {
    let (sender, receiver) = channel(1);
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || read(Lines::new(source), &sender))?;
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
pub(crate) struct Lines<R> {
    source: BufReader<R>,
    number: u64,
    end: u64,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(PORTION, source),
            number: 0,
            end: 0,
        }
    }

    /// Returns the lines that are available without blocking, at least one; none at the end.
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

    /// Returns the next line that is not blank.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            match self.line()? {
                Some(line) if line.is_blank() => {}
                found => return Ok(found),
            }
        }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        let mut text = Some(Vec::new());
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
            text = text.filter(|text| text.len() + part.len() <= LONGEST);
            if let Some(text) = &mut text {
                text.extend_from_slice(part);
            }
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
        if self.number > MOST_LINES {
            return Err(io::Error::other(format!(
                "it has more than {MOST_LINES} lines"
            )));
        }
        Ok(Some(Line {
            number: self.number,
            digest: digest.0,
            text,
            end: self.end,
        }))
    }
}

impl Line {
    fn is_blank(&self) -> bool {
        let text = self.text.as_ref();
        text.is_some_and(|text| text.trim_ascii().is_empty())
    }
}

/// An FNV-1a hash, which detects changed lines and is the same in every release.
#[derive(Debug)]
struct Digest(u64);

impl Digest {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, LONGEST, Lines};

    #[test]
    fn blank_lines_count_in_the_numbering() {
        let mut lines = Lines::new(b"a\n\n \r\nbb\nccc".as_slice());
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
        let mut lines = Lines::new(input.as_slice());
        let long = lines.line().unwrap().unwrap();
        assert!(long.text.is_none() && long.digest != Digest::new().0);
        let next = lines.line().unwrap().unwrap();
        assert_eq!((next.number, next.text), (2, Some(b"next".to_vec())));
    }

    #[test]
    fn digest_is_fnv_1a() {
        let mut digest = Digest::new();
        digest.add(b"foobar");
        assert_eq!(digest.0, 0x8594_4171_f739_67e8);
    }
}
