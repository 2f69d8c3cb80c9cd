//! Parses a line of the input into a request.

use std::borrow::Cow;
use std::collections::BTreeMap;

use intercom_protocol::{ApiRequest, http};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::invalid::{self, Broken, Cause, Invalid};
use super::lines::{Line, unmarked};

/// The members of a line. Unknown members are rejected: otherwise a misspelt `body` would send a request without a
/// body.
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

impl Line {
    /// Returns the request of the line, or why it is not a request.
    pub(crate) fn request(&self) -> Result<ApiRequest, Invalid> {
        Ok(self.members().and_then(|members| members.request())?)
    }

    fn members(&self) -> Result<Members<'_>, Cause> {
        invalid::json(self.object()?)
    }

    /// Returns the text, if it can be a JSON object.
    pub(super) fn object(&self) -> Result<&str, Cause> {
        let bytes = self.text.as_deref().map_err(Clone::clone)?;
        let text = std::str::from_utf8(unmarked(bytes, self.number));
        let text = text.map_err(|_| Cause::NotUtf8)?.trim();
        if !text.starts_with('{') {
            return Err(Cause::NotAnObject);
        }
        Ok(text)
    }

    /// Returns the `id` of the line, if the line is JSON and has one.
    pub(crate) fn id(&self) -> Option<Box<RawValue>> {
        let bytes = unmarked(self.text.as_deref().ok()?, self.number);
        serde_json::from_slice::<OnlyId>(bytes).ok()?.id
    }
}

impl Members<'_> {
    fn request(&self) -> Result<ApiRequest, Cause> {
        let method = http::Method::from_bytes(self.method.to_ascii_uppercase().as_bytes())
            .map_err(|_| Cause::Method(self.method.to_string()))?;
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

/// Returns a value as strings: numbers as they are written, each element of a list, and nothing for null.
fn plain(name: &str, value: &RawValue) -> Result<Vec<String>, Cause> {
    let text = value.get();
    let name = || name.to_owned();
    let unfit = |error| Cause::Member(name(), Broken::from(error));
    match text.as_bytes().first() {
        Some(b'"') => Ok(vec![serde_json::from_str(text).map_err(unfit)?]),
        Some(b'n') => Ok(Vec::new()),
        Some(b'{') => Err(Cause::Object(name())),
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(text).map_err(unfit)?;
            let each = values.into_iter().map(|value| match value.get() {
                inner if inner.starts_with('[') => Err(Cause::ListOfLists(name())),
                _ => plain(&name(), value),
            });
            Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
        }
        _ => Ok(vec![text.to_owned()]),
    }
}

#[cfg(test)]
mod tests {
    use crate::source::Line;

    fn line(number: u64, text: &str) -> Line {
        Line {
            number,
            digest: 0,
            text: Ok(text.as_bytes().to_vec()),
            end: 0,
        }
    }

    #[test]
    fn members_become_a_request() {
        let text = r#"{"id":7,"method":"post","path":"/contacts/search","query":{"n":1.10,"l":["a b",true,null]},"body":{"x":12345678901234567890123}}"#;
        let request = line(2, text).request().unwrap();
        assert_eq!(
            request.path_and_query(),
            "/contacts/search?l=a%20b&l=true&n=1.10"
        );
        assert_eq!(
            request.body().unwrap().as_ref(),
            br#"{"x":12345678901234567890123}"#
        );
        assert_eq!(line(2, text).id().unwrap().get(), "7");
        assert!(line(1, &format!("\u{feff}{text}\r")).request().is_ok());
    }

    #[test]
    fn invalid_line_says_why_it_is_not_a_request() {
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
            let message = line(2, text).request().unwrap_err().to_string();
            assert!(message.contains(why), "{text}: {message}");
        }
        let id = line(2, r#"{"id":"a","x":1}"#).id();
        assert_eq!(id.unwrap().get(), r#""a""#);
        assert!(line(2, "nonsense").id().is_none());
    }
}
