//! A line of the input as a request.

use std::borrow::Cow;
use std::collections::BTreeMap;

use intercom_protocol::ApiRequest;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::input::{LONGEST, Line};
use crate::json;

/// The members of a line. An unknown one is refused: a misspelt `body` would be a request without one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members<'l> {
    #[serde(borrow, rename = "id")]
    _id: Option<&'l RawValue>,
    #[serde(borrow)]
    method: Cow<'l, str>,
    #[serde(borrow)]
    path: Cow<'l, str>,
    #[serde(borrow)]
    query: Option<BTreeMap<String, &'l RawValue>>,
    #[serde(borrow)]
    headers: Option<BTreeMap<String, &'l RawValue>>,
    #[serde(borrow)]
    body: Option<&'l RawValue>,
    replayable: Option<bool>,
    any: Option<bool>,
}

#[derive(Deserialize)]
struct OnlyId {
    id: Option<Box<RawValue>>,
}

/// What a line asks for, or why it asks for nothing.
pub(crate) fn read(line: &Line) -> Result<ApiRequest, String> {
    let Some(bytes) = &line.text else {
        return Err(format!("the line is longer than {} MiB", LONGEST >> 20));
    };
    let text = std::str::from_utf8(unmarked(bytes, line.number))
        .map_err(|_| "not UTF-8".to_owned())?
        .trim();
    if !text.starts_with('{') {
        return Err("not a JSON object".to_owned());
    }
    let members: Members<'_> = serde_json::from_str(text).map_err(|error| json::broken(&error))?;
    members.request()
}

/// What the author calls the line, if it is JSON at all.
pub(crate) fn id(line: &Line) -> Option<Box<RawValue>> {
    let bytes = line.text.as_deref()?;
    serde_json::from_slice::<OnlyId>(unmarked(bytes, line.number))
        .ok()?
        .id
}

/// A file may begin with a byte order mark.
fn unmarked(bytes: &[u8], number: u64) -> &[u8] {
    match number {
        1 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
        _ => bytes,
    }
}

impl Members<'_> {
    fn request(&self) -> Result<ApiRequest, String> {
        let method = http::Method::from_bytes(self.method.to_ascii_uppercase().as_bytes())
            .map_err(|_| format!("{:?} is not a method", self.method))?;
        let mut request = ApiRequest::new(method, &self.path);
        for (name, value) in self.query.iter().flatten() {
            for value in plain(name, value)? {
                request = request.query(name, value);
            }
        }
        for (name, value) in self.headers.iter().flatten() {
            for value in plain(name, value)? {
                request = request.header(name, &value);
            }
        }
        if let Some(body) = self.body {
            request = request.json_bytes(body.get().as_bytes().to_vec());
        }
        if let Some(yes) = self.replayable {
            request = request.replayable(yes);
        }
        if self.any == Some(true) {
            request = request.expect_any();
        }
        Ok(request)
    }
}

/// Text, numbers as they are written, truths; each of a list; nothing for null.
fn plain(name: &str, value: &RawValue) -> Result<Vec<String>, String> {
    let text = value.get();
    let unfit = |error: serde_json::Error| format!("{name:?}: {}", json::broken(&error));
    match text.as_bytes().first() {
        Some(b'"') => Ok(vec![serde_json::from_str(text).map_err(unfit)?]),
        Some(b'n') => Ok(Vec::new()),
        Some(b'{') => Err(format!(
            "{name:?} is an object; give text, numbers or a list"
        )),
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(text).map_err(unfit)?;
            let each = values.into_iter().map(|value| match value.get() {
                inner if inner.starts_with('[') => Err(format!("{name:?} is a list of lists")),
                _ => plain(name, value),
            });
            Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
        }
        _ => Ok(vec![text.to_owned()]),
    }
}

#[cfg(test)]
mod tests {
    use super::{id, read};
    use crate::commands::batch::input::Line;

    fn line(number: u64, text: &str) -> Line {
        Line {
            number,
            digest: 0,
            text: Some(text.as_bytes().to_vec()),
            end: 0,
        }
    }

    #[test]
    fn members_become_a_request() {
        let text = r#"{"id":7,"method":"post","path":"/contacts/search","query":{"n":1.10,"l":["a b",true,null]},"body":{"x":12345678901234567890123}}"#;
        let request = read(&line(2, text)).unwrap();
        assert_eq!(
            request.path_and_query(),
            "/contacts/search?l=a%20b&l=true&n=1.10"
        );
        assert_eq!(
            request.body().unwrap().as_ref(),
            br#"{"x":12345678901234567890123}"#
        );
        assert_eq!(id(&line(2, text)).unwrap().get(), "7");
        assert!(read(&line(1, &format!("\u{feff}{text}\r"))).is_ok());
    }

    #[test]
    fn what_is_no_request_says_why() {
        for (text, why) in [
            ("[1]", "not a JSON object"),
            ("{\"method\":\"GET\"", "EOF"),
            (r#"{"method":"GET"}"#, "missing field `path`"),
            (r#"{"method":"GET","path":"/me","payload":1}"#, "payload"),
            (r#"{"method":"G T","path":"/me"}"#, "not a method"),
            (
                r#"{"method":"GET","path":"/me","query":{"q":{}}}"#,
                "an object",
            ),
            (
                r#"{"method":"GET","path":"/me","query":{"q":[[1]]}}"#,
                "list of lists",
            ),
            (
                r#"{"method":"GET","path":"/me","replayable":"yes"}"#,
                "boolean",
            ),
        ] {
            let said = read(&line(2, text)).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
        assert_eq!(id(&line(2, r#"{"id":"a","x":1}"#)).unwrap().get(), r#""a""#);
        assert!(id(&line(2, "nonsense")).is_none());
    }
}
