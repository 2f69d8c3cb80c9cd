//! What stands around an error in a tree: its status, headers, request and request id.

use super::list::{List, NULLS};
use super::words;
use crate::commands::explain::notation::{Kind, Node, Tree, begin};

/// Headers that count wherever they are. Others are only looked for in a group of headers.
#[rustfmt::skip]
const HEADERS: &[&str] = &[
    "retryafter", "xamznwafaction", "xratelimitlimit", "xratelimitremaining", "xratelimitreset", "xrequestid",
    "proxyauthenticate",
];
/// Headers that change how the body is read. It has been read already.
const ENCODINGS: &[&str] = &["contentencoding", "contentlength", "transferencoding"];
const MOST_HEADERS: usize = 64;
/// The longest key with a meaning, in bytes.
const LONGEST_KEY: usize = 40;

/// A key in lower case without separators: `statusCode`, `Status-Code` and `status_code` are the same.
pub(super) fn normal(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|char| char.to_ascii_lowercase()).collect()
}

/// Whether a node has one of the names, also as the last part of its key: `error.code`, `http.response.status_code`.
pub(super) fn is_named(node: &Node, names: &[&str]) -> bool {
    let key = node
        .key
        .as_deref()
        .filter(|key| key.len() < LONGEST_KEY)
        .unwrap_or_default();
    let is = |key: &str| names.contains(&normal(key).as_str());
    !key.is_empty() && (is(key) || key.rsplit_once('.').is_some_and(|(_, last)| is(last)))
}

/// The facts nearest to an error list, or the last ones in the tree.
#[derive(Debug)]
pub(super) struct Facts<'t> {
    tree: &'t Tree,
    list: Option<&'t List>,
    /// The groups around the list, the innermost first.
    around: Vec<usize>,
}

impl<'t> Facts<'t> {
    pub(super) fn new(tree: &'t Tree, list: Option<&'t List>) -> Self {
        let around = list
            .into_iter()
            .flat_map(|list| tree.path(list.group))
            .collect();
        Self { tree, list, around }
    }

    /// The number with a name like `status`, or in a text like `HTTP/1.1 409 Conflict`.
    pub(super) fn status(&self) -> Option<u16> {
        self.nearest(|node| {
            let key = node.key.as_deref().filter(|key| key.len() < LONGEST_KEY)?;
            let text = begin(&node.text, LONGEST_KEY);
            let is_number = text.contains(|char: char| char.is_ascii_digit());
            let line = is_number.then(|| format!("{key}={text}"))?;
            words::status(&line).map(|status| status.number)
        })
    }

    pub(super) fn request(&self) -> Option<(http::Method, String)> {
        let method = self.nearest(|node| {
            let is_method = is_named(node, &["method", "requestmethod", "httpmethod", "verb"]);
            let name = node.text.trim_start_matches(':').to_ascii_uppercase();
            let is_known = is_method && words::METHODS.contains(&name.as_str());
            is_known.then(|| name.parse().ok())?
        })?;
        Some((method, self.target().unwrap_or_default()))
    }

    /// The path or URL of the request.
    pub(super) fn target(&self) -> Option<String> {
        let names = [
            "url",
            "urlfull",
            "uri",
            "path",
            "requesturl",
            "requesturi",
            "requestpath",
            "endpoint",
        ];
        self.nearest(|node| {
            let is_target = ["/", "http://", "https://"]
                .iter()
                .any(|begin| node.text.starts_with(begin));
            (is_target && is_named(node, &names)).then(|| node.text.clone())
        })
    }

    pub(super) fn request_id(&self) -> Option<String> {
        self.nearest(|node| {
            let id = node.text.as_str();
            let is_id = !id.contains(char::is_whitespace) && id.len() < 200 && !NULLS.contains(&id);
            (is_id && is_named(node, &["requestid", "xrequestid"])).then(|| id.to_owned())
        })
    }

    /// All headers that are known to matter. Of the same name, the nearest counts.
    pub(super) fn headers(&self) -> Vec<(String, Vec<u8>)> {
        let nodes = self.tree.nodes().iter().enumerate();
        let found = nodes.filter_map(|(index, node)| {
            let (name, value) = self.header(index, node)?;
            Some((
                self.distance(index)?,
                name.to_ascii_lowercase().replace('_', "-"),
                value,
            ))
        });
        let mut found: Vec<_> = found.take(MOST_HEADERS).collect();
        found.reverse();
        found.sort_by_key(|(distance, ..)| *distance);
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        for (_, name, value) in found {
            if !headers.iter().any(|header| header.0 == name) {
                headers.push((name, value.as_bytes().to_vec()));
            }
        }
        headers
    }

    /// The name and value of a header: a member, `{"name": .., "value": ..}` in an archive, or a pair of strings.
    fn header(&self, index: usize, node: &'t Node) -> Option<(&'t str, &'t str)> {
        let value = &self.tree.node(self.tree.only(index))?.text;
        let before = || {
            self.tree
                .node(index.checked_sub(1)?)
                .filter(|name| name.parent == node.parent)
        };
        let name = match node.key.as_deref() {
            Some(_) if is_named(node, HEADERS) => return Some((node.key.as_deref()?, value)),
            Some(key) if normal(key) != "value" => key,
            _ => before()
                .filter(|name| name.kind == Kind::Quoted)?
                .text
                .as_str(),
        };
        let mut groups = self.tree.path(node.parent).take(3);
        let is_header = |index| {
            let key = self.tree.node(index)?.key.as_deref()?;
            Some(normal(key).ends_with("headers"))
        };
        let in_headers = groups.any(|index| is_header(index) == Some(true));
        (in_headers && !ENCODINGS.contains(&normal(name).as_str())).then_some((name, value))
    }

    /// The nearest value that can be read. Of several, the last counts.
    fn nearest<T>(&self, read: impl Fn(&Node) -> Option<T>) -> Option<T> {
        let mut best: Option<(usize, T)> = None;
        for (index, node) in self.tree.nodes().iter().enumerate() {
            let least = best.as_ref().map_or(usize::MAX, |best| best.0);
            let found = read(node).and_then(|value| Some((self.distance(index)?, value)));
            best = found.filter(|(distance, _)| *distance <= least).or(best);
        }
        best.map(|(_, value)| value)
    }

    /// How many groups must be left to reach the node. `None` if it belongs to another element of a list.
    fn distance(&self, index: usize) -> Option<usize> {
        let Some(list) = self.list else {
            return Some(0);
        };
        let path: Vec<usize> = self.tree.path(index).collect();
        let meet = |above: &usize| self.around.iter().position(|group| group == above);
        let met = path
            .iter()
            .skip(1)
            .enumerate()
            .find_map(|(at, above)| Some((at, meet(above)?)));
        let (below, distance) = met.map_or((None, self.around.len()), |(at, distance)| {
            (path.get(at), distance)
        });
        let is_item = below
            .is_some_and(|&below| self.tree.node(below).is_some_and(|node| node.key.is_none()));
        let is_other = is_item && distance > 0;
        (!path.contains(&list.errors) && !is_other).then_some(distance)
    }
}
