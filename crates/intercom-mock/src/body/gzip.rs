//! Gzip streams of any length that need little memory: one compressed block of spaces, repeated.

use std::collections::VecDeque;
use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::Part;

const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty final block, on a byte boundary.
const END: [u8; 2] = [3, 0];
const PAD: usize = 1 << 20;

/// A gzip stream of a body, padded with spaces.
pub(crate) struct Gzip {
    parts: VecDeque<Part>,
}

impl Gzip {
    pub(crate) fn new(body: &[u8], spaces: u64) -> Self {
        let pad = vec![b' '; PAD];
        let (times, rest) = (
            spaces / PAD as u64,
            usize::try_from(spaces % PAD as u64).unwrap_or_default(),
        );
        let rest = pad.get(..rest).unwrap_or_default();
        let mut check = Crc::new();
        check.update(body);
        let mut one = Crc::new();
        one.update(&pad);
        for _ in 0..times {
            check.combine(&one);
        }
        check.update(rest);
        let mut tail = block(rest);
        tail.extend_from_slice(&END);
        tail.extend_from_slice(&check.sum().to_le_bytes());
        tail.extend_from_slice(&check.amount().to_le_bytes());
        let mut first = HEAD.to_vec();
        first.extend_from_slice(&block(body));
        let parts = [
            Part::Send(first.into()),
            Part::Repeat(block(&pad).into(), times),
            Part::Send(tail.into()),
        ];
        Self {
            parts: parts.into(),
        }
    }

    pub(crate) fn into_parts(self) -> VecDeque<Part> {
        self.parts
    }
}

/// Compresses the bytes to deflate blocks that end on a byte boundary and do not refer to earlier blocks.
fn block(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to a vector cannot fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.flush());
    debug_assert!(written.is_ok());
    std::mem::take(encoder.get_mut())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn decompress(gzip: Gzip) -> Vec<u8> {
        let mut compressed = Vec::new();
        for part in gzip.into_parts() {
            match part {
                Part::Send(bytes) => compressed.extend_from_slice(&bytes),
                Part::Repeat(bytes, times) => {
                    (0..times).for_each(|_| compressed.extend_from_slice(&bytes))
                }
                Part::File(..) | Part::Pause(_) | Part::Break => {}
            }
        }
        let mut plain = Vec::new();
        GzDecoder::new(compressed.as_slice())
            .read_to_end(&mut plain)
            .unwrap();
        plain
    }

    #[test]
    fn decompresses_to_the_body_and_its_padding() {
        for spaces in [0, 1, 3 * PAD as u64 + 17] {
            let plain = decompress(Gzip::new(b"{\"id\":1}", spaces));
            assert_eq!(plain.len() as u64, 8 + spaces);
            assert!(
                plain.starts_with(b"{\"id\":1}") && plain.iter().skip(8).all(|&byte| byte == b' ')
            );
        }
        assert!(decompress(Gzip::new(b"", 0)).is_empty());
    }

    #[test]
    fn two_gigabytes_compress_to_about_two_megabytes() {
        let length: u64 = Gzip::new(b"{}", 2 << 30)
            .into_parts()
            .iter()
            .map(Part::length)
            .sum();
        assert!(length < 4 << 20, "{length}");
    }
}
