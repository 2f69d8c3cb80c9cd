//! Which scripted answer is next for a request.

use std::collections::VecDeque;

use http::Method;

use super::Scripted;

/// All scripts, in the order in which they were laid down.
#[derive(Debug, Default)]
pub(crate) struct Scripts(Vec<Script>);

#[derive(Debug)]
struct Script {
    method: Method,
    path: String,
    answers: VecDeque<Scripted>,
    forever: bool,
}

impl Scripts {
    pub(crate) fn add(
        &mut self,
        method: Method,
        path: &str,
        answers: impl IntoIterator<Item = Scripted>,
    ) {
        self.0.push(Script {
            method,
            path: path.to_owned(),
            answers: answers.into_iter().collect(),
            forever: false,
        });
    }

    pub(crate) fn add_forever(&mut self, method: Method, path: &str, answer: Scripted) {
        self.0.push(Script {
            method,
            path: path.to_owned(),
            answers: VecDeque::from([answer]),
            forever: true,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// How many answers have not been given; those that repeat for ever do not count.
    pub(crate) fn left(&self) -> usize {
        self.0
            .iter()
            .filter(|script| !script.forever)
            .map(|script| script.answers.len())
            .sum()
    }

    /// Takes the next answer of the first script that fits and has one.
    pub(crate) fn take(&mut self, method: &Method, path: &str) -> Option<Scripted> {
        let script = self.0.iter_mut().find(|script| script.fits(method, path))?;
        if script.forever {
            script.answers.front().cloned()
        } else {
            script.answers.pop_front()
        }
    }
}

impl Script {
    fn fits(&self, method: &Method, path: &str) -> bool {
        !self.answers.is_empty()
            && self.method == *method
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
        scripts.add(
            Method::GET,
            "/contacts/*",
            [Scripted::status(500), Scripted::status(501)],
        );
        scripts.add_forever(Method::GET, "/contacts/1", Scripted::status(502));
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
}
