//! The queue of scripted responses.

use std::collections::VecDeque;
use std::time::Duration;

use http::Method;

use super::Scripted;

/// All scripts, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scripts(Vec<Script>);

#[derive(Clone, Debug)]
struct Script {
    /// `None` matches any method.
    method: Option<Method>,
    path: String,
    entries: VecDeque<Entry>,
}

/// A response, and how often to send it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    response: Scripted,
    left: Left,
}

/// How often a response is still sent.
#[derive(Clone, Copy, Debug)]
enum Left {
    Always,
    /// Until this much time has passed since the server first sent the response.
    For(Duration),
    Times(u64),
    /// Until this time since the server's start.
    Until(Duration),
}

impl Entry {
    pub(crate) fn once(response: Scripted) -> Self {
        Self::times(response, 1)
    }

    pub(crate) fn times(response: Scripted, times: u64) -> Self {
        Self {
            response,
            left: Left::Times(times),
        }
    }

    pub(crate) fn always(response: Scripted) -> Self {
        Self {
            response,
            left: Left::Always,
        }
    }

    pub(crate) fn lasting(response: Scripted, length: Duration) -> Self {
        Self {
            response,
            left: Left::For(length),
        }
    }

    /// Whether the server no longer sends the response at this time, which counts from the server's start.
    fn is_over(&self, at: Duration) -> bool {
        matches!(self.left, Left::Until(end) if at >= end)
    }
}

impl Scripts {
    pub(crate) fn add(
        &mut self,
        method: Option<Method>,
        path: &str,
        entries: impl IntoIterator<Item = Entry>,
    ) {
        self.0.push(Script {
            method,
            path: path.to_owned(),
            entries: entries.into_iter().collect(),
        });
    }

    /// Adds other scripts after these.
    pub(crate) fn append(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns how many responses have not been sent. Those that repeat without end do not count.
    pub(crate) fn left(&self) -> usize {
        let entries = self.0.iter().flat_map(|script| &script.entries);
        let left = entries
            .map(|entry| match entry.left {
                Left::Times(times) => times,
                _ => 0,
            })
            .fold(0, u64::saturating_add);
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// Takes the next response of the first script that matches and is not used up. `at` is the time since the server's start.
    pub(crate) fn take(&mut self, method: &Method, path: &str, at: Duration) -> Option<Scripted> {
        for script in &mut self.0 {
            script.entries.retain(|entry| !entry.is_over(at));
        }
        let script = self
            .0
            .iter_mut()
            .find(|script| script.matches(method, path))?;
        let entry = script.entries.front_mut()?;
        match &mut entry.left {
            Left::Times(1) => return script.entries.pop_front().map(|entry| entry.response),
            Left::Times(left) => *left -= 1,
            Left::For(length) => entry.left = Left::Until(at.saturating_add(*length)),
            Left::Always | Left::Until(_) => {}
        }
        Some(entry.response.clone())
    }
}

impl Script {
    fn matches(&self, method: &Method, path: &str) -> bool {
        !self.entries.is_empty()
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
    fn scripts_are_used_in_order_and_stop_matching_when_used_up() {
        let mut scripts = Scripts::default();
        let once = [500, 501].map(|status| Entry::once(Scripted::status(status)));
        scripts.add(Some(Method::GET), "/contacts/*", once);
        let always = [Entry::always(Scripted::status(502))];
        scripts.add(Some(Method::GET), "/contacts/1", always);
        let statuses: Vec<String> = (0..4)
            .filter_map(|_| scripts.take(&Method::GET, "/contacts/1", Duration::ZERO))
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
        assert!(
            scripts
                .take(&Method::PUT, "/contacts/1", Duration::ZERO)
                .is_none()
        );
        assert!(
            scripts
                .take(&Method::GET, "/contacts", Duration::ZERO)
                .is_none()
        );
        assert_eq!(scripts.left(), 0);
    }

    #[test]
    fn repeated_response_is_stored_once_and_counted_down() {
        let mut scripts = Scripts::default();
        let repeated = Entry::times(Scripted::status(500), u64::MAX);
        scripts.add(None, "*", [repeated, Entry::once(Scripted::status(501))]);
        assert_eq!(scripts.left(), usize::MAX);
        let mut twice = Scripts::default();
        twice.add(None, "*", [Entry::times(Scripted::status(500), 2)]);
        scripts.clear();
        scripts.append(twice);
        assert!(
            scripts.take(&Method::PUT, "/any", Duration::ZERO).is_some() && scripts.left() == 1
        );
        assert!(
            scripts
                .take(&Method::GET, "/thing", Duration::ZERO)
                .is_some()
                && scripts.left() == 0
        );
        assert!(
            scripts
                .take(&Method::GET, "/thing", Duration::ZERO)
                .is_none()
        );
    }

    #[test]
    fn a_response_for_a_time_ends_that_long_after_it_was_first_sent() {
        let mut scripts = Scripts::default();
        let lasting = Entry::lasting(Scripted::status(500), Duration::from_secs(20));
        scripts.add(None, "*", [lasting, Entry::once(Scripted::status(501))]);
        assert_eq!(scripts.left(), 1);
        let mut at = |seconds| {
            let taken = scripts.take(&Method::GET, "/me", Duration::from_secs(seconds));
            taken.map(|scripted| format!("{:?}", scripted.content))
        };
        for seconds in [7, 8, 26] {
            assert!(at(seconds).unwrap().contains("500"), "{seconds}");
        }
        assert!(at(27).unwrap().contains("501"));
        assert_eq!(at(28), None);
    }
}
