//! Explains the words of explanations: categories and actions.

use intercom_errors::{Action, CATALOG, Category, Entry};
use serde::Serialize;

use super::nearest::normalized;
use crate::error::Failure;
use crate::output::Output;
use crate::render::Page;

/// A category or an action, which every explanation contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Action(Action),
    Category(Category),
}

#[derive(Serialize)]
struct Document {
    category: Option<&'static str>,
    action: Option<&'static str>,
    meaning: &'static str,
    /// The actions of a category's codes.
    actions: Option<Vec<&'static str>>,
    causes: Option<&'static [&'static str]>,
    fixes: Option<Vec<String>>,
    codes: Vec<&'static str>,
}

impl Word {
    /// The category or action with this name, which may be written with hyphens, spaces or capitals.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let name = normalized(text);
        let is = |known: &str| normalized(known) == name;
        let category = Category::ALL.iter().find(|known| is(known.as_str()));
        let action = Action::ALL.iter().find(|known| is(known.as_str()));
        let category = category.copied().map(Self::Category);
        category.or_else(|| action.copied().map(Self::Action))
    }

    pub(crate) fn explain(self, output: &mut Output) -> Result<(), Failure> {
        if output.is_json() {
            return output.document(&self.document());
        }
        let mut page = Page::new();
        match self {
            Self::Action(action) => {
                page.title(&format!("{}: {}", action.as_str(), action.meaning()));
                page.points("Causes", action.causes());
                page.steps("Fix", &steps(action));
            }
            Self::Category(category) => {
                page.title(&format!("{}: a category of errors", category.as_str()));
                page.gap();
                page.row("means", category.meaning());
                for action in self.actions() {
                    let what = format!("{}: {}", action.as_str(), action.meaning());
                    page.row("action", &what);
                }
            }
        }
        let codes: Vec<&str> = self.codes().collect();
        if codes.is_empty() {
            page.row(
                "codes",
                "none; it follows from the status or from a missing response",
            );
        } else {
            page.points(
                "Codes (`intercom explain CODE` says more about one)",
                &codes,
            );
        }
        output.page(&page)
    }

    fn document(self) -> Document {
        let codes = self.codes().collect();
        match self {
            Self::Action(action) => Document {
                category: None,
                action: Some(action.as_str()),
                meaning: action.meaning(),
                actions: None,
                causes: Some(action.causes()),
                fixes: Some(steps(action)),
                codes,
            },
            Self::Category(category) => Document {
                category: Some(category.as_str()),
                action: None,
                meaning: category.meaning(),
                actions: Some(
                    self.actions()
                        .iter()
                        .map(|action| action.as_str())
                        .collect(),
                ),
                causes: None,
                fixes: None,
                codes,
            },
        }
    }

    fn entries(self) -> impl Iterator<Item = &'static Entry> {
        CATALOG.iter().filter(move |entry| match self {
            Self::Action(action) => entry.action() == action,
            Self::Category(category) => entry.category() == category,
        })
    }

    fn codes(self) -> impl Iterator<Item = &'static str> {
        self.entries().map(|entry| entry.code().as_str())
    }

    /// The distinct actions, in the order of the codes.
    fn actions(self) -> Vec<Action> {
        let mut actions = Vec::new();
        for action in self.entries().map(Entry::action) {
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
        actions
    }
}

/// The sentences of the steps, with their placeholders not filled in.
fn steps(action: Action) -> Vec<String> {
    let fixes = action.fixes().iter();
    fixes.map(|fix| fix.step().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use intercom_errors::{Action, Category};

    use super::Word;

    #[test]
    fn every_category_and_action_is_found_by_its_name() {
        for &category in Category::ALL {
            assert_eq!(Word::of(category.as_str()), Some(Word::Category(category)));
        }
        for &action in Action::ALL {
            assert_eq!(Word::of(action.as_str()), Some(Word::Action(action)));
        }
        assert_eq!(Word::of("Back-Off"), Some(Word::Action(Action::BackOff)));
        assert_eq!(Word::of("rate_limit_exceeded"), None);
    }
}
