//! Which scripted answer is next for a request.

use std::collections::VecDeque;

use http::Method;

use super::Scripted;

/// All scripts, in the order in which they were laid down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scripts(Vec<Script>);

#[derive(Clone, Debug)]
struct Script {
    /// `None` is any.
    method: Option<Method>,
    path: String,
    turns: VecDeque<Turn>,
}

/// An answer, and how often it is still to be given.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    answer: Scripted,
    /// `None` is for ever.
    left: Option<u64>,
}

impl Turn {
    pub(crate) fn once(answer: Scripted) -> Self {
        Self::times(answer, 1)
    }

    pub(crate) fn times(answer: Scripted, times: u64) -> Self {
        Self {
            answer,
            left: Some(times),
        }
    }

    pub(crate) fn always(answer: Scripted) -> Self {
        Self { answer, left: None }
    }
}

impl Scripts {
    pub(crate) fn add(
        &mut self,
        method: Option<Method>,
        path: &str,
        turns: impl IntoIterator<Item = Turn>,
    ) {
        self.0.push(Script {
            method,
            path: path.to_owned(),
            turns: turns.into_iter().collect(),
        });
    }

    /// Lays down other scripts behind these.
    pub(crate) fn append(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// How many answers have not been given; those that repeat for ever do not count.
    pub(crate) fn left(&self) -> usize {
        let turns = self.0.iter().flat_map(|script| &script.turns);
        let left = turns
            .filter_map(|turn| turn.left)
            .fold(0, u64::saturating_add);
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// Takes the next answer of the first script that fits and has one.
    pub(crate) fn take(&mut self, method: &Method, path: &str) -> Option<Scripted> {
        let script = self.0.iter_mut().find(|script| script.fits(method, path))?;
        let turn = script.turns.front_mut()?;
        match &mut turn.left {
            Some(1) => return script.turns.pop_front().map(|turn| turn.answer),
            Some(left) => *left -= 1,
            None => {}
        }
        Some(turn.answer.clone())
    }
}

impl Script {
    fn fits(&self, method: &Method, path: &str) -> bool {
        !self.turns.is_empty()
            && self.method.as_ref().is_none_or(|wanted| wanted == method)
            && match self.path.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => self.path == path,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_used_up_in_order_and_then_no_longer_fit() {
        let mut scripts = Scripts::default();
        let once = [500, 501].map(|status| Turn::once(Scripted::status(status)));
        scripts.add(Some(Method::GET), "/contacts/*", once);
        let always = [Turn::always(Scripted::status(502))];
        scripts.add(Some(Method::GET), "/contacts/1", always);
        let statuses: Vec<String> = (0..4)
            .filter_map(|_| scripts.take(&Method::GET, "/contacts/1"))
            .map(|scripted| format!("{:?}", scripted.content))
            .collect();
        assert!(
            statuses[0].contains("500") && statuses[1].contains("501"),
            "{statuses:?}"
        );
        assert!(
            statuses[2].contains("502") && statuses[3].contains("502"),
            "{statuses:?}"
        );
        assert!(scripts.take(&Method::PUT, "/contacts/1").is_none());
        assert!(scripts.take(&Method::GET, "/contacts").is_none());
        assert_eq!(scripts.left(), 0);
    }

    #[test]
    fn an_answer_of_many_times_is_counted_down_and_held_once() {
        let mut scripts = Scripts::default();
        let often = Turn::times(Scripted::status(500), u64::MAX);
        scripts.add(None, "*", [often, Turn::once(Scripted::status(501))]);
        assert_eq!(scripts.left(), usize::MAX);
        let mut twice = Scripts::default();
        twice.add(None, "*", [Turn::times(Scripted::status(500), 2)]);
        scripts.clear();
        scripts.append(twice);
        assert!(scripts.take(&Method::PUT, "/any").is_some() && scripts.left() == 1);
        assert!(scripts.take(&Method::GET, "/thing").is_some() && scripts.left() == 0);
        assert!(scripts.take(&Method::GET, "/thing").is_none());
    }
}
