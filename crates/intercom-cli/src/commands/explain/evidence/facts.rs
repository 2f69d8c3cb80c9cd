//! What stands around an error in a tree: its status, headers, request and request id.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use http::Method;

use super::list::{List, NULLS};
use super::{vocabulary as known, words};
use crate::commands::explain::notation::{Node, Pattern, Tree, begin};

/// The longest key with a meaning, and how much of a value is examined, in bytes.
const LONGEST_KEY: usize = 40;
const LONGEST_VALUE: usize = 2048;

/// Whether the key of a node matches.
pub(super) fn is_named(node: &Node, names: &Pattern) -> bool {
    let key = node.key.as_deref().filter(|key| key.len() < LONGEST_KEY);
    key.is_some_and(|key| names.is_match(key))
}

/// The facts nearest to an error list, or the last ones in the tree.
#[derive(Debug)]
pub(super) struct Facts<'t> {
    tree: &'t Tree,
    /// How many groups must be left to reach each node. `None` in the list, and in another element of a list around it.
    distances: Vec<Option<usize>>,
}

impl<'t> Facts<'t> {
    pub(super) fn new(tree: &'t Tree, list: Option<&List>) -> Self {
        let around = list.iter().flat_map(|list| tree.path(list.errors).skip(1));
        let around: Vec<usize> = around.collect();
        let of = |index: &usize| around.iter().position(|group| group == index);
        let mut distances = vec![Some(around.len())];
        for (index, node) in tree.nodes.iter().enumerate().skip(1) {
            let outer = distances.get(node.parent).copied().flatten();
            let is_item = node.key.is_none();
            let is_other = is_item && of(&node.parent).is_some_and(|distance| distance > 0);
            let is_list = list.is_some_and(|list| list.errors == index);
            distances.push(of(&index).or(outer.filter(|_| !is_other && !is_list)));
        }
        Self { tree, distances }
    }

    /// The nearest value that can be read, with its key. Of several, the last counts.
    fn nearest<T>(&self, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let nodes = self.tree.nodes.iter().zip(&self.distances);
        let found = nodes.filter_map(|(node, distance)| {
            let (key, distance) = (node.key.as_deref()?, (*distance)?);
            let line = format!("{key}={}", begin(&node.text, LONGEST_VALUE));
            Some((distance, read(&line).filter(|_| key.len() < LONGEST_KEY)?))
        });
        let nearest = found.rev().min_by_key(|(distance, _)| *distance);
        nearest.map(|(_, value)| value)
    }

    fn matching(&self, pattern: &Pattern) -> Option<String> {
        self.nearest(|line| Some(pattern.captures(line)?[1].to_owned()))
    }

    /// The number with a name like `status`, or in a text like `HTTP/1.1 409 Conflict`.
    pub(super) fn status(&self) -> Option<u16> {
        self.nearest(|line| Some(words::status(begin(line, LONGEST_KEY + 40))?.number))
    }

    /// The method and the path or URL of the request. A text with only a URL names no method, except where only one is
    /// possible.
    pub(super) fn request(&self, text: &str) -> Option<(Method, String)> {
        let in_text = || Some(known::URL.find_iter(text).last()?.as_str().to_owned());
        let target = self.matching(&known::TARGET).or_else(in_text);
        let target = target.unwrap_or_default();
        let is_scroll = target.contains("/companies/scroll");
        let only = is_scroll.then(|| "GET".to_owned());
        let method = self.matching(&known::METHOD).or(only)?;
        Some((method.to_ascii_uppercase().parse().ok()?, target))
    }

    pub(super) fn request_id(&self) -> Option<String> {
        let id = self.matching(&known::REQUEST_ID);
        id.filter(|id| !NULLS.contains(&id.as_str()))
    }

    /// The member `name` directly before another member.
    fn name_before(&self, index: usize) -> Option<&str> {
        let before = self.tree.node(index - 1)?;
        (before.key.as_deref() == Some("name")).then_some(&before.text)
    }

    /// All headers. Of the same name, the nearest counts.
    pub(super) fn headers(&self) -> Vec<(String, Vec<u8>)> {
        let nodes = self.tree.nodes.iter().enumerate().zip(&self.distances);
        let headers = nodes.filter_map(|((index, node), distance)| {
            let distance = (*distance)?;
            let parent = self.tree.node(node.parent)?;
            let (key, group) = match node.key.as_deref()? {
                // Recordings of browsers have a list of objects.
                "value" => (self.name_before(index)?, self.tree.node(parent.parent)?),
                key => (key, parent),
            };
            let is_header = is_named(node, &known::HEADER) || is_named(group, &known::HEADERS);
            let name = key.to_ascii_lowercase().replace('_', "-");
            let value = self.tree.only(index).unwrap_or(&node.text);
            let is_kept = is_header && !known::ENCODING.is_match(&name);
            is_kept.then(|| (distance, name, value.into()))
        });
        let mut headers: Vec<_> = headers.collect();
        headers.sort_by_key(|(distance, ..)| Reverse(*distance));
        let named = headers.into_iter().map(|header| (header.1, header.2));
        BTreeMap::from_iter(named).into_iter().collect()
    }
}
