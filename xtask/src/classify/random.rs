//! Random responses, in the form of the vectors: mostly ones that a rule is about, with variations that it may not match.

use intercom_errors::rules::{CASES, EXISTING, MESSAGES, REQUESTS, STATUSES, Statuses};
use intercom_errors::{CATALOG, Entry};
use serde_json::{Map, Value, json};

const METHODS: &[&str] = &["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", "OPTIONS"];

#[rustfmt::skip]
const PATHS: &[&str] = &[
    "/contacts/5f1a", "/contacts/search", "/companies", "/x/../events", "/contacts/a%2F..%2F..%2Fmessages", "//events/", "/news",
    "/companies/%73croll?scroll_param=s1", "/events%3F", "/./messages", "\\messages", "/%6eews/%2e%2E/%zz", "/", "", "companies#x?a=b",
    "/100%/search", "/caf\u{e9}/search", "/messages/5%252F", "https://api.intercom.io",
];

#[rustfmt::skip]
const HEADERS: &[(&str, &[&str])] = &[
    ("X-Request-Id", &["b2i3mhcboc6pcbe33q80", " r1 ", ""]),
    ("x-request-id", &["r2"]),
    ("X-Amzn-WAF-Action", &["captcha", "CHALLENGE", "block", " captcha ", ""]),
    ("Content-Type", &["text/html", "TEXT/HTML; charset=UTF-8", "application/xhtml+xml", "application/json", "text/htmlx", "text/plain"]),
    ("content-encoding", &["br", "identity", "gzip", ""]),
    ("Link", &[
        "</contacts/5f1a>; rel=\"canonical\"", "<https://api.intercom.io/contacts/5f1a>; rel=canonical", "</x>; rel=next, </contacts/a_b-c>; REL=\"next canonical\"",
        "</contacts/5f1a>; rel=\"next\"", "</admins/contacts/5f1>; rel=\"canonical\"", "</contacts/>; rel=canonical", "</contacts/5f1>; a=b; rel = \"canonical\"; c",
    ]),
];

#[rustfmt::skip]
const RAW: &[&str] = &[
    "", " \r\n", "Service Unavailable", "<html>\r\n<head><title>502 Bad Gateway</title></head></html>", "\n<!DOCTYPE html><p>Log in</p>", "<p>no page</p>",
    "{\"type\":\"error.list\",\"errors\":[{\"code\":\"not_fou", "{} trailing", "[1,]", "NaN", "null", "\"conflict\"", "12", "true", "[]", "{}", "{\"a\":\"\u{1}\"}",
];

/// Values that are easy to misread as a code, a message or an id.
#[rustfmt::skip]
const ODD: &[&str] = &[
    "null", "true", "false", "0", "-1.50", "1e3", "99999999999999999999", "\"\"", "\" \"", "\"true\"", "\"error.list\"", "\"error\"", "\"caf\u{e9} \\ud83d\\ude00 \\\"q\\\"\\n\"",
    "\"a_code\"", "\"A message.\"", "\"NOT_FOUND\"", "\"Conflict\"", "[]", "{}", "[\"rate_limit_exceeded\",7,null]", "{\"email\":\"is taken\"}", "[[\"conflict\"]]",
];

/// Generates the same responses in each run.
pub(super) fn responses() -> impl Iterator<Item = Value> {
    let mut random = Random(0x1c2e);
    std::iter::repeat_with(move || random.response())
}

/// A small generator of random numbers (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = usize::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default();
        mixed.checked_rem(limit).unwrap_or_default()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy + Default>(&mut self, values: &[T]) -> T {
        let index = self.below(values.len());
        values.get(index).copied().unwrap_or_default()
    }

    fn response(&mut self) -> Value {
        let mut status = self.status();
        let raw = match self.below(8) {
            0 => self.pick(RAW).to_owned(),
            1 | 2 => self.object(3, &mut status),
            3 => self.list(3, &mut status),
            _ => self.error_list(2, &mut status),
        };
        let mut row = json!({"status": status, "raw": raw, "headers": self.headers()});
        if let (Some(row), true) = (row.as_object_mut(), self.one_in(2)) {
            let (method, path) = self.request(&mut status);
            row.insert("method".to_owned(), method.into());
            row.insert("path".to_owned(), path.into());
            row.insert("status".to_owned(), status.into());
        }
        row
    }

    /// Any status, or one of a row of the table of statuses.
    fn status(&mut self) -> usize {
        let mut status = 100 + self.below(500);
        let index = self.below(2 * STATUSES.len());
        if let Some(rule) = STATUSES.get(index) {
            self.maybe(rule.statuses, &mut status);
        }
        status
    }

    fn headers(&mut self) -> Value {
        let mut headers = Map::new();
        for (name, values) in HEADERS {
            if self.one_in(8) {
                let count = 1 + self.below(2);
                let values = (0..count).map(|_| self.pick(values).into());
                headers.insert((*name).to_owned(), Value::Array(values.collect()));
            }
        }
        headers.into()
    }

    /// A request: any one, or one of a rule with one of its statuses.
    fn request(&mut self, status: &mut usize) -> (&'static str, String) {
        let rules = REQUESTS
            .iter()
            .map(|rule| (rule.methods, rule.path, rule.statuses));
        let cases = CASES
            .iter()
            .map(|rule| (rule.methods, rule.path.unwrap_or("/*"), rule.statuses));
        let all: Vec<_> = rules.chain(cases).collect();
        let index = self.below(2 * all.len());
        let Some(&(methods, path, statuses)) = all.get(index) else {
            return (self.pick(METHODS), self.pick(PATHS).to_owned());
        };
        self.maybe(statuses, status);
        let methods = if methods.is_empty() || self.one_in(4) {
            METHODS
        } else {
            methods
        };
        let path = path
            .replace("{id}", "5f1a")
            .replace("{resource}", "contacts")
            .replace('*', "items/7");
        let before = self.pick(&["", "", "https://api.eu.intercom.io", "/"]);
        let behind = self.pick(&[
            "",
            "",
            "/",
            "?scroll_param=s1",
            "?a=b&scroll_param#x",
            "?xscroll_param=1",
        ]);
        (self.pick(methods), format!("{before}{path}{behind}"))
    }

    /// Sets the status to one of the set, in most cases.
    fn maybe(&mut self, Statuses(ranges): Statuses, status: &mut usize) {
        let (first, last) = self.pick(ranges);
        if last < 600 && !self.one_in(4) {
            let span = usize::from(last - first) + 1;
            *status = usize::from(first) + self.below(span);
        }
    }

    /// An error list, sometimes with further members and enclosed in other JSON.
    fn error_list(&mut self, depth: usize, status: &mut usize) -> String {
        let list = self.list(depth, status);
        let mut members = vec![("errors", list)];
        if !self.one_in(4) {
            members.push((
                "type",
                self.pick(&[
                    "\"error.list\"",
                    "\"error.list\"",
                    "\"error.list\"",
                    "\"error\"",
                    "1",
                ])
                .to_owned(),
            ));
        }
        for name in ["request_id", "message", "meta"] {
            if self.one_in(5) {
                members.push((name, self.odd(depth, status)));
            }
        }
        let list = self.members(members);
        match self.below(12) {
            0 => format!("{{\"error\":{list}}}"),
            1 => format!("[{list}]"),
            2 => {
                format!("{{\"message\":\"m\",\"data\":{{\"request_id\":\"r3\",\"body\":{list}}}}}")
            }
            _ => list,
        }
    }

    fn list(&mut self, depth: usize, status: &mut usize) -> String {
        let count = self.pick(&[0, 1, 1, 1, 1, 2, 3]);
        let items: Vec<String> = (0..count)
            .map(|_| match self.below(10) {
                0 => self.odd(depth, status),
                _ => self.item(status),
            })
            .collect();
        format!("[{}]", items.join(","))
    }

    /// An object with any of the members that the library knows.
    fn object(&mut self, depth: usize, status: &mut usize) -> String {
        let mut members = Vec::new();
        for name in [
            "type",
            "errors",
            "error",
            "error_key",
            "code",
            "message",
            "request_id",
            "email",
        ] {
            if self.one_in(3) {
                let value = match (name, self.below(3)) {
                    ("errors" | "error", 0) => self.list(depth, status),
                    ("errors" | "error", 1) => self.item(status),
                    _ => self.odd(depth, status),
                };
                members.push((name, value));
            }
        }
        self.members(members)
    }

    fn odd(&mut self, depth: usize, status: &mut usize) -> String {
        match (self.below(6), depth) {
            (0, 1..) => self.object(depth - 1, status),
            (1, 1..) => self.error_list(depth - 1, status),
            (2, _) => quoted(&self.message(status)),
            _ => self.pick(ODD).to_owned(),
        }
    }

    /// An item of an error list: a code, a message, or both.
    fn item(&mut self, status: &mut usize) -> String {
        let mut members = Vec::new();
        let parts = self.below(4);
        if parts != 0 {
            let name = if self.one_in(8) { "type" } else { "code" };
            members.push((name, self.code(status)));
        }
        if parts != 1 {
            members.push(("message", quoted(&self.message(status))));
        }
        for name in ["field", "data", "type"] {
            if self.one_in(8) && members.iter().all(|(known, _)| *known != name) {
                members.push((name, self.pick(ODD).to_owned()));
            }
        }
        self.members(members)
    }

    fn code(&mut self, status: &mut usize) -> String {
        let index = self.below(CATALOG.len() + 20);
        let Some(entry) = CATALOG.get(index) else {
            // Several rules are about these two.
            let odd = self.pick(ODD);
            return self
                .pick(&["\"conflict\"", "\"not_found\"", odd])
                .to_owned();
        };
        if self.one_in(2) && !entry.statuses().is_empty() {
            *status = self.pick(entry.statuses()).into();
        }
        quoted(&self.spelt(entry))
    }

    fn spelt(&mut self, entry: &Entry) -> String {
        let code = entry.code().as_str();
        if self.one_in(10) {
            code.to_uppercase()
        } else {
            code.to_owned()
        }
    }

    /// A message that a rule is about, or a similar one.
    fn message(&mut self, status: &mut usize) -> String {
        let index = self.below(MESSAGES.len() + 2 * EXISTING.len() + 4);
        let message = match (
            MESSAGES.get(index),
            EXISTING.get(index.wrapping_sub(MESSAGES.len()) / 2),
        ) {
            (Some(rule), _) => {
                self.maybe(rule.statuses, status);
                rule.pattern
                    .replace('*', self.pick(&["", "5", "a b", "x.", "job", "\u{e9}\n"]))
            }
            (None, Some(rule)) => {
                if self.one_in(2) {
                    *status = 409;
                }
                format!(
                    "{}{}",
                    rule.before,
                    self.pick(&["5f1a", "5f1a", "a_b-c", "", "a/b", "5f1a."])
                )
            }
            (None, None) => "User Not Found".to_owned(),
        };
        match self.below(12) {
            0 => format!("{message}."),
            1 => format!(" {message} "),
            2 => message.to_lowercase(),
            3 => format!("x{message}"),
            4 => format!("{message} or so"),
            _ => message,
        }
    }

    /// An object with these members in any order.
    fn members(&mut self, mut members: Vec<(&str, String)>) -> String {
        for end in (1..members.len()).rev() {
            let other = self.below(end + 1);
            members.swap(end, other);
        }
        let members = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
