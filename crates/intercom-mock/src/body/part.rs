//! One step of sending a body, and how to insert a step between two bytes.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

/// One step of sending a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Send(Bytes),
    /// Sends the same bytes this many times.
    Repeat(Bytes, u64),
    Pause(Duration),
    /// Closes the connection once the earlier parts have been sent.
    Break,
}

impl Part {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Send(bytes) => bytes.len() as u64,
            Self::Repeat(bytes, times) => (bytes.len() as u64).saturating_mul(*times),
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
            other => [vec![], vec![other]],
        }
    }
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
                Part::Send(bytes) => text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Part::Repeat(bytes, times) => {
                    (0..times).for_each(|_| text.push_str(std::str::from_utf8(&bytes).unwrap()))
                }
                Part::Pause(_) => text.push('|'),
                Part::Break => text.push('!'),
            }
        }
        text
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
