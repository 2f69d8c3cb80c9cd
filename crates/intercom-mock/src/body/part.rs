//! One step of sending a body, and how to insert a step between two bytes.

use std::collections::VecDeque;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;

/// One step of sending a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Send(Bytes),
    /// Sends the same bytes this many times.
    Repeat(Bytes, u64),
    /// Sends the bytes of a [file](file_part) from the first offset to the second.
    File(u64, u64),
    Pause(Duration),
    /// Closes the connection once the earlier parts have been sent.
    Break,
}

impl Part {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Send(bytes) => bytes.len() as u64,
            Self::Repeat(bytes, times) => (bytes.len() as u64).saturating_mul(*times),
            Self::File(from, to) => to.saturating_sub(*from),
            Self::Pause(_) | Self::Break => 0,
        }
    }

    /// Splits the part after `at` bytes. The part must be longer than that.
    fn split(self, at: u64) -> [Vec<Self>; 2] {
        match self {
            Self::Send(mut bytes) => {
                let first =
                    bytes.split_to(usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len()));
                [vec![Self::Send(first)], vec![Self::Send(bytes)]]
            }
            Self::Repeat(bytes, times) => {
                let size = (bytes.len() as u64).max(1);
                let [mut before, mut after] = Self::Send(bytes.clone()).split(at % size);
                before.insert(0, Self::Repeat(bytes.clone(), at / size));
                after.push(Self::Repeat(bytes, times.saturating_sub(at / size + 1)));
                [before, after]
            }
            Self::File(from, to) => {
                let middle = from.saturating_add(at);
                [vec![Self::File(from, middle)], vec![Self::File(middle, to)]]
            }
            other => [vec![], vec![other]],
        }
    }
}

/// What each block of a file has after its number.
static REST_OF_BLOCK: LazyLock<Vec<u8>> = LazyLock::new(|| (8..=250).cycle().take(4088).collect());

/// Returns a part of an endless file. Each 4 KiB begin with their number, so that a part in the wrong place is noticed.
pub(crate) fn file_part(from: u64, to: u64) -> Vec<u8> {
    let length = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
    let skipped = usize::try_from(from % 4096).unwrap_or_default();
    let mut bytes = Vec::new();
    for number in (from / 4096)..to.div_ceil(4096) {
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&REST_OF_BLOCK);
    }
    bytes.drain(..skipped.min(bytes.len()));
    bytes.truncate(length);
    bytes
}

/// Leaves out the first bytes.
pub(crate) fn skip(parts: VecDeque<Part>, bytes: u64) -> VecDeque<Part> {
    let mut parts = insert_at(parts, bytes, Part::Break);
    let end = parts.iter().position(|part| *part == Part::Break);
    parts.drain(..=end.unwrap_or_default());
    parts
}

/// Inserts a part after `offset` bytes, or at the end if there are not that many.
pub(crate) fn insert_at(parts: VecDeque<Part>, offset: u64, part: Part) -> VecDeque<Part> {
    let mut all = VecDeque::with_capacity(parts.len() + 4);
    let (mut waiting, mut passed) = (Some(part), 0_u64);
    for old in parts {
        let end = passed.saturating_add(old.length());
        if let Some(part) = waiting.take_if(|_| offset < end) {
            let [before, after] = old.split(offset - passed);
            all.extend(before);
            all.push_back(part);
            all.extend(after);
        } else {
            all.push_back(old);
        }
        passed = end;
    }
    all.extend(waiting);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(parts: VecDeque<Part>) -> String {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Send(bytes) => text.extend(bytes.iter().map(|byte| char::from(*byte))),
                Part::Repeat(bytes, times) => {
                    (0..times).for_each(|_| text.push_str(std::str::from_utf8(&bytes).unwrap()))
                }
                Part::File(from, to) => file_part(from, to)
                    .iter()
                    .for_each(|byte| text.push(char::from(*byte))),
                Part::Pause(_) => text.push('|'),
                Part::Break => text.push('!'),
            }
        }
        text
    }

    #[test]
    fn a_part_of_a_file_is_the_same_wherever_the_file_is_split() {
        let whole = file_part(0, 9000);
        for from in [0, 1, 9, 4095, 4096, 4097, 8192, 8999] {
            let [before, after] = Part::File(0, 9000).split(from);
            let both = flat(before.into_iter().chain(after).collect());
            assert_eq!(both, flat([Part::Send(whole.clone().into())].into()));
            let rest = skip([Part::File(0, 9000)].into(), from);
            let start = usize::try_from(from).unwrap();
            assert_eq!(
                flat(rest),
                flat([Part::Send(whole[start..].to_vec().into())].into())
            );
        }
    }

    #[test]
    fn part_is_inserted_at_the_given_offset() {
        let parts = VecDeque::from([
            Part::Send("ab".into()),
            Part::Repeat("xyz".into(), 2),
            Part::Send("c".into()),
        ]);
        let whole = "abxyzxyzc";
        for offset in 0..=whole.len() {
            let text = flat(insert_at(parts.clone(), offset as u64, Part::Break));
            assert_eq!(text, format!("{}!{}", &whole[..offset], &whole[offset..]));
        }
        assert_eq!(flat(insert_at(parts, u64::MAX, Part::Break)), "abxyzxyzc!");
        assert_eq!(flat(insert_at(VecDeque::new(), 0, Part::Break)), "!");
    }
}
