//! Finds planted values in a text. It shares no code with the redaction.

use std::collections::HashSet;

use super::encoding::ENCODINGS;
use super::secret::{Kind, Secret};

/// The shortest part of a value that is a leak, in bytes, and the shortest part of an encoded value.
const PART: usize = 6;
const ENCODED_PART: usize = 8;

/// A text in small letters, prepared to be searched for many values.
pub(super) struct Scanner {
    text: String,
    parts: HashSet<[u8; PART]>,
    encoded_parts: HashSet<[u8; ENCODED_PART]>,
    /// Parts of the digits of each line, without what stands between the groups of a telephone number.
    digits: HashSet<[u8; PART]>,
    /// The words, with one space around each.
    words: String,
}

impl Scanner {
    pub(super) fn new(text: &str) -> Self {
        // A value that is split over two lines, too.
        let joined: String = text.lines().map(str::trim_start).collect();
        let digits = text.lines().chain(joined.lines());
        let digits = digits.flat_map(|line| parts(&without_separators(line)).collect::<Vec<_>>());
        let both = format!("{text}\n{joined}").to_lowercase();
        Self {
            parts: parts(&both).collect(),
            encoded_parts: parts(&both).collect(),
            digits: digits.collect(),
            words: words(&both),
            text: both,
        }
    }

    /// The part of the value that is in the text, in whatever encoding.
    pub(super) fn find(&self, secret: &Secret) -> Option<String> {
        let unique = secret.unique.to_lowercase();
        let plain = match secret.kind {
            Kind::Name => self.words.contains(&words(&unique)).then(|| unique.clone()),
            Kind::Phone => {
                let digits: String = unique.chars().filter(char::is_ascii_digit).collect();
                parts(&digits)
                    .find(|part| self.digits.contains(part))
                    .map(text_of)
            }
            // Six random letters or digits are in any text by chance, given enough values.
            Kind::ClientSecret | Kind::ContactId | Kind::Token => parts(&unique)
                .find(|part| self.encoded_parts.contains(part))
                .map(text_of),
            _ => parts(&unique)
                .find(|part| self.parts.contains(part))
                .map(text_of),
        };
        plain
            .or_else(|| self.encoded(&secret.unique, &unique))
            .or_else(|| self.encoded(&secret.value, &unique))
    }

    /// A part of the encoded value. What an encoding leaves as it is, is found without this.
    fn encoded(&self, value: &str, unique: &str) -> Option<String> {
        ENCODINGS.iter().find_map(|encode| {
            let line = on_one_line(&encode(value));
            if line.contains(unique) {
                return None;
            }
            // The start of some encodings is the same for every value.
            let other = on_one_line(&encode("~"));
            let same = line
                .chars()
                .zip(other.chars())
                .take_while(|(one, two)| one == two);
            let line: String = line.chars().skip(same.count()).collect();
            let len = line.len();
            if len <= ENCODED_PART {
                return self.text.contains(&line).then_some(line);
            }
            // As much as encodes a part of the value.
            let enough = (PART * len / value.len()).clamp(ENCODED_PART, len);
            let added = on_one_line(&encode(""));
            let mut longer = line.as_bytes().windows(enough);
            longer.find_map(|part| {
                // Its start is looked up first, because that is quick.
                let start: &[u8; ENCODED_PART] = part.first_chunk()?;
                let part = self
                    .encoded_parts
                    .contains(start)
                    .then(|| std::str::from_utf8(part).ok())??;
                let is_own = !added.contains(part) && !part.contains("---");
                (is_own && self.text.contains(part)).then(|| part.to_owned())
            })
        })
    }
}

fn on_one_line(encoded: &str) -> String {
    encoded
        .to_lowercase()
        .lines()
        .map(str::trim_start)
        .collect()
}

fn without_separators(line: &str) -> String {
    line.chars()
        .filter(|char| !" -.()/+\t".contains(*char))
        .collect()
}

fn words(text: &str) -> String {
    let words = text.split(|char: char| !char.is_alphanumeric());
    words.fold(" ".to_owned(), |all, word| all + word + " ")
}

/// All parts of this many bytes.
fn parts<const N: usize>(text: &str) -> impl Iterator<Item = [u8; N]> + '_ {
    text.as_bytes()
        .windows(N)
        .filter_map(|part| part.try_into().ok())
}

fn text_of<const N: usize>(part: [u8; N]) -> String {
    String::from_utf8_lossy(&part).into_owned()
}
