//! What stands around an error in a tree: its status, headers, request and request id.

use super::list::List;
use crate::commands::explain::notation::{Kind, Node, Tree};

/// Headers that count wherever they are. Others are only looked for in a group of headers.
#[rustfmt::skip]
const HEADERS: &[&str] = &[
    "retry-after", "x-amzn-waf-action", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset",
    "x-request-id", "proxy-authenticate",
];
/// Headers that change how the body is read. It has been read already.
const ENCODINGS: &[&str] = &["contentencoding", "contentlength", "transferencoding"];
const MOST_HEADERS: usize = 64;
#[rustfmt::skip]
const STATUSES: &[&str] = &[
    "status", "statuscode", "httpstatus", "httpstatuscode", "httpcode", "responsecode", "responsestatus",
    "responsestatuscode",
];
#[rustfmt::skip]
const URLS: &[&str] = &[
    "url", "urlfull", "uri", "path", "requesturl", "requesturi", "requestpath", "endpoint",
];

/// What languages write for no value.
#[rustfmt::skip]
pub(super) const NULLS: &[&str] = &[
    "", "(nil)", "<nil>", "NULL", "None", "Null", "interface {}(nil)", "nil", "null", "undef", "undefined", "~",
];

/// A key in lower case without separators: `statusCode`, `Status-Code` and `status_code` are the same.
pub(super) fn normal(key: &str) -> String {
    let letters = key.bytes().filter(u8::is_ascii_alphanumeric);
    letters
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}

/// Whether a key has one of the names, also as the last part: `error.code`, `http.response.status_code`.
pub(super) fn is_named(key: Option<&str>, names: &[&str]) -> bool {
    let is = |key: &str| names.contains(&normal(key).as_str());
    key.filter(|key| key.len() < 40)
        .is_some_and(|key| is(key) || key.rsplit_once('.').is_some_and(|(_, last)| is(last)))
}

/// The facts nearest to a node, or the last ones in the tree.
#[derive(Debug)]
pub(super) struct Context<'t> {
    tree: &'t Tree,
    /// The groups around the node, the innermost first.
    around: Vec<usize>,
    /// The error list. What is in it are not facts about the response.
    errors: Option<usize>,
}

impl<'t> Context<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        let around = Vec::new();
        Self {
            tree,
            around,
            errors: None,
        }
    }

    pub(super) fn of(tree: &'t Tree, list: &List) -> Self {
        let around = tree.path(list.group).collect();
        Self {
            tree,
            around,
            errors: Some(list.errors),
        }
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.nearest(STATUSES, |text| {
            // `409`, `409 Conflict`, `Some(409)`, `HTTP/1.1 409 Conflict`.
            let words = text
                .split(|char: char| !char.is_ascii_alphanumeric())
                .take(5);
            let mut numbers = words
                .filter(|word| word.len() == 3)
                .filter_map(|word| word.parse().ok());
            numbers.find(|status| (100..=599).contains(status))
        })
    }

    pub(super) fn request(&self) -> Option<(http::Method, String)> {
        let method = self.nearest(&["method", "requestmethod", "httpmethod", "verb"], |text| {
            let name = text.to_ascii_uppercase();
            let is_known =
                ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"].contains(&name.as_str());
            is_known.then(|| http::Method::from_bytes(name.as_bytes()).ok())?
        })?;
        Some((method, self.target().unwrap_or_default()))
    }

    /// The path or URL of the request.
    pub(super) fn target(&self) -> Option<String> {
        self.nearest(URLS, |text| {
            let is_target = text.starts_with('/')
                || text.starts_with("http://")
                || text.starts_with("https://");
            is_target.then(|| text.to_owned())
        })
    }

    pub(super) fn request_id(&self) -> Option<String> {
        self.nearest(&["requestid", "xrequestid"], |text| {
            let is_id = !text.contains(char::is_whitespace) && text.len() < 200;
            (is_id && !NULLS.contains(&text)).then(|| text.to_owned())
        })
    }

    /// All headers that are known to matter. Of the same name, the nearest counts.
    pub(super) fn headers(&self) -> Vec<(String, Vec<u8>)> {
        let mut best: Vec<(String, String, usize)> = Vec::new();
        for (index, node) in self.tree.nodes().iter().enumerate() {
            let Some((name, value)) = self.header(index, node) else {
                continue;
            };
            let Some(distance) = self.distance(index) else {
                continue;
            };
            let name = name.to_ascii_lowercase().replace('_', "-");
            let at = best.iter().position(|found| found.0 == name);
            match at.and_then(|at| best.get_mut(at)) {
                Some(found) if found.2 >= distance => *found = (name, value.to_owned(), distance),
                Some(_) => {}
                None => best.push((name, value.to_owned(), distance)),
            }
            best.truncate(MOST_HEADERS);
        }
        best.into_iter()
            .map(|(name, value, _)| (name, value.into_bytes()))
            .collect()
    }

    /// The name and value of a header: a member, `{"name": .., "value": ..}` in an archive, or a pair of strings.
    fn header(&self, index: usize, node: &'t Node) -> Option<(&'t str, &'t str)> {
        let value = self.text(index, node);
        let (name, depth) = match node.key.as_deref() {
            Some(key)
                if HEADERS
                    .iter()
                    .any(|header| header.eq_ignore_ascii_case(key)) =>
            {
                return Some((key, value));
            }
            Some(key) if key.eq_ignore_ascii_case("value") => {
                (self.sibling(node, "name").unwrap_or(key), 4)
            }
            Some(key) => (key, 2),
            None => (self.first_of_pair(index, node)?, 3),
        };
        let in_group = self.tree.path(node.parent).take(depth).any(|index| {
            let key = self.tree.node(index).and_then(|node| node.key.as_deref());
            key.is_some_and(|key| normal(key).ends_with("headers"))
        });
        (in_group && !ENCODINGS.contains(&normal(name).as_str())).then_some((name, value))
    }

    /// The string before another one in the same group: `{"x-request-id", "r1"}`, `('x-request-id', 'r1')`.
    fn first_of_pair(&self, index: usize, node: &Node) -> Option<&'t str> {
        let name = self.tree.node(index.checked_sub(1)?)?;
        let is_string = |node: &Node| node.kind == Kind::Quoted && node.key.is_none();
        let is_pair = name.parent == node.parent && is_string(name) && is_string(node);
        is_pair.then_some(&name.text)
    }

    /// The text of a node, or of the only string in it: the value of a repeated header is a list.
    fn text(&self, index: usize, node: &'t Node) -> &'t str {
        let is_group = |node: &Node| node.text.is_empty() || node.text.starts_with('[');
        let inner = self.tree.nodes().iter().skip(index + 1).take(2);
        let mut inner = inner.filter(|_| node.text.starts_with('['));
        inner
            .find(|inner| !is_group(inner))
            .map_or(&node.text, |inner| &inner.text)
    }

    fn sibling(&self, node: &Node, name: &str) -> Option<&'t str> {
        let mut siblings = self.tree.children(node.parent);
        let (_, found) = siblings.find(|(_, node)| {
            node.key
                .as_deref()
                .is_some_and(|key| key.eq_ignore_ascii_case(name))
        })?;
        Some(&found.text)
    }

    /// The value with one of the names that is nearest. Of several, the last counts.
    fn nearest<T>(&self, names: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let mut best: Option<(usize, T)> = None;
        for (index, node) in self.tree.nodes().iter().enumerate() {
            let value = is_named(node.key.as_deref(), names)
                .then(|| read(node.text.trim().trim_matches(['"', '\'', '`', ':'])))
                .flatten();
            if let (Some(value), Some(distance)) = (value, self.distance(index)) {
                if best.as_ref().is_none_or(|(least, _)| distance <= *least) {
                    best = Some((distance, value));
                }
            }
        }
        best.map(|(_, value)| value)
    }

    /// How many groups must be left to reach the node. `None` if it belongs to another element of a list.
    fn distance(&self, index: usize) -> Option<usize> {
        if self
            .errors
            .is_some_and(|errors| self.tree.path(index).any(|above| above == errors))
        {
            return None;
        }
        if self.around.is_empty() {
            return Some(0);
        }
        let mut below = index;
        for above in self.tree.path(index).skip(1) {
            if let Some(distance) = self.around.iter().position(|&group| group == above) {
                let is_item = self.tree.node(below).is_some_and(|node| node.key.is_none());
                return (distance == 0 || !is_item).then_some(distance);
            }
            below = above;
        }
        Some(self.around.len())
    }
}
