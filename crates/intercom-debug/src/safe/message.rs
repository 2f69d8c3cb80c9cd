//! The server's messages.

use std::borrow::Cow;

use intercom_protocol::ErrorItem;

use super::{HIDDEN, is_member};

/// Returns the message of an item in known words: those of the tables of messages, with `...` for each part that varies, or the
/// sentence about a missing scope. Any other message becomes `...`. `None` for an item without a message.
///
/// In a response with this status, the returned text means the same as the message.
pub(crate) fn message(status: u16, item: &ErrorItem) -> Option<Cow<'static, str>> {
    let said = item.message()?;
    let known = item.known_message(status).or_else(|| missing_scope(said));
    Some(known.map_or(Cow::Borrowed(HIDDEN), Cow::Owned))
}

/// Returns the sentence about a missing scope, if the scope is made of words of the API.
fn missing_scope(said: &str) -> Option<String> {
    const BEFORE: &str = "You do not have the required scope (";
    let (scope, _) = said.strip_prefix(BEFORE)?.split_once(')')?;
    let mut words = scope.split('_');
    let is_verb = matches!(words.next(), Some("read" | "write"));
    let rest = scope.split_once('_').map(|(_, rest)| rest)?;
    let is_noun = is_member(rest)
        || words.all(|word| matches!(word, "list" | "single" | "and") || is_member(word));
    (is_verb && is_noun).then(|| format!("{BEFORE}{scope}) to access this resource"))
}

#[cfg(test)]
mod tests {
    use super::message;
    use intercom_protocol::ErrorItem;

    fn kept(status: u16, said: &str) -> String {
        message(status, &ErrorItem::from_message(said))
            .unwrap()
            .into_owned()
    }

    #[test]
    fn known_messages_keep_their_words_and_lose_what_varies() {
        for (status, said, expected) in [
            (
                409,
                "A contact matching those details already exists with id=5f1",
                "A contact matching those details already exists with id=masked",
            ),
            (
                429,
                "Exceeded rate limit of 5 pending reporting dataset export jobs",
                "Exceeded rate limit of ... pending ... job...",
            ),
            (
                403,
                "You do not have the required scope (read_tags) to access this resource",
                "You do not have the required scope (read_tags) to access this resource",
            ),
            (
                403,
                "You do not have the required scope (read_ada) to access this resource",
                "...",
            ),
            (
                403,
                "You do not have the required scope (ada_tags) to access this resource",
                "...",
            ),
            (404, "ada@example.org not found", "..."),
            (404, "", "..."),
        ] {
            assert_eq!(kept(status, said), expected);
            // Keeping it twice changes nothing more.
            assert_eq!(kept(status, expected), expected);
        }
        assert_eq!(message(404, &ErrorItem::default()), None);
    }
}
