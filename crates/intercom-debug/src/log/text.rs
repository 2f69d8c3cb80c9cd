//! A file as text: its end if it is large, in whatever encoding.

use std::io::{self, Read, Seek, SeekFrom};

/// How much of an input without a length is read, like a pipe. Only its end is kept.
const LONGEST_STREAM: u64 = 1 << 30;

/// The end of a file, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// How long the file is, in bytes.
    pub(crate) len: u64,
    /// How much of it was read. Less than `len` if the file is larger than the limit.
    pub(crate) read: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Be,
    Utf16Le,
}

impl Text {
    /// Reads the last `limit` bytes. A line that begins before them is left out.
    ///
    /// Text in UTF-16 is decoded if it starts with a byte order mark. Bytes that are not text become the replacement character.
    pub(crate) fn read(mut file: impl Read + Seek, limit: u64) -> io::Result<Self> {
        // The length of a pipe is not known, and that of a file in /proc is 0.
        let len = file.seek(SeekFrom::End(0)).unwrap_or(0);
        if len == 0 {
            return Self::of_stream(file, limit);
        }
        file.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        file.by_ref().take(4).read_to_end(&mut head)?;
        let start = len.saturating_sub(limit) & !1;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(Self::of(&head, &bytes, len))
    }

    fn of_stream(file: impl Read, limit: u64) -> io::Result<Self> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).max(2);
        let mut file = file.take(LONGEST_STREAM);
        let (mut head, mut bytes, mut len) = (Vec::new(), Vec::new(), 0_u64);
        let mut piece = vec![0; 64 * 1024];
        loop {
            let count = match file.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let read = piece.get(..count).unwrap_or_default();
            if head.len() < 4 {
                head.extend_from_slice(read.get(..count.min(4)).unwrap_or_default());
            }
            bytes.extend_from_slice(read);
            len += count as u64;
            // Twice the limit, so that the end is moved seldom. An even number of bytes goes, for UTF-16.
            if bytes.len() > limit.saturating_mul(2) {
                let surplus = (bytes.len() - limit) & !1;
                bytes.drain(..surplus);
            }
        }
        let surplus = bytes.len().saturating_sub(limit) & !1;
        bytes.drain(..surplus);
        Ok(Self::of(&head, &bytes, len))
    }

    fn of(head: &[u8], bytes: &[u8], len: u64) -> Self {
        let read = bytes.len() as u64;
        let mut text = decoded(encoding(head), bytes);
        if read < len {
            // The first line is torn.
            text = text
                .split_once('\n')
                .map_or_else(String::new, |(_, rest)| rest.to_owned());
        }
        Self { text, len, read }
    }
}

fn encoding(head: &[u8]) -> Encoding {
    match head {
        [0xFF, 0xFE, ..] => Encoding::Utf16Le,
        [0xFE, 0xFF, ..] => Encoding::Utf16Be,
        _ => Encoding::Utf8,
    }
}

fn decoded(encoding: Encoding, bytes: &[u8]) -> String {
    let join: fn([u8; 2]) -> u16 = match encoding {
        Encoding::Utf8 => return String::from_utf8_lossy(bytes).replace('\u{feff}', ""),
        Encoding::Utf16Be => u16::from_be_bytes,
        Encoding::Utf16Le => u16::from_le_bytes,
    };
    let pairs = bytes
        .chunks_exact(2)
        .filter_map(|pair| pair.try_into().ok());
    let chars = char::decode_utf16(pairs.map(join));
    let chars = chars.map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
    chars.filter(|char| *char != '\u{feff}').collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Seek, SeekFrom};

    use super::Text;

    /// A pipe: it has no length.
    struct Pipe<'b>(&'b [u8]);

    impl Read for Pipe<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Seek for Pipe<'_> {
        fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
            Err(std::io::ErrorKind::NotSeekable.into())
        }
    }

    fn both(bytes: &[u8], limit: u64) -> String {
        let file = Text::read(Cursor::new(bytes), limit).unwrap();
        let pipe = Text::read(Pipe(bytes), limit).unwrap();
        assert_eq!(file, pipe);
        assert_eq!(file.len, bytes.len() as u64);
        file.text
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn only_whole_lines_at_the_end_of_a_large_file_are_read() {
        assert_eq!(both(b"one\ntwo\nthree\n", 100), "one\ntwo\nthree\n");
        assert_eq!(both(b"one\ntwo\nthree\n", 8), "three\n");
        assert_eq!(both(b"one and only", 4), "");
        assert_eq!(both(b"", 4), "");
    }

    #[test]
    fn utf16_is_decoded_and_its_end_too() {
        for bytes in [u16::to_be_bytes, u16::to_le_bytes] {
            let text = utf16("\u{feff}one\ntwö\n", bytes);
            assert_eq!(both(&text, 100), "one\ntwö\n");
            assert_eq!(both(&text, 11), "twö\n");
        }
    }

    #[test]
    fn bytes_that_are_not_text_do_not_stop_the_rest() {
        assert_eq!(both(b"\xff\x00\x80 a\nb", 100), "\u{fffd}\0\u{fffd} a\nb");
        assert_eq!(both(b"\xef\xbb\xbfa\n", 100), "a\n");
        assert_eq!(both(b"\xff\xfea", 100), "");
    }
}
