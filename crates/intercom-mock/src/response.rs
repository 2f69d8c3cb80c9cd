//! A response of the API: a status, headers and a body.

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_TYPE, HeaderName, LINK};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const VERSION: HeaderName = HeaderName::from_static("intercom-version");

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
const HTML: HeaderValue = HeaderValue::from_static("text/html");

/// A complete response, before a script adds faults to it.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How long the response takes.
    pub(crate) delay: Duration,
}

/// A refused request, with the code and message of its error list.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: String,
    message: String,
    link: Option<String>,
    /// Leaves the request id out of the body, as Intercom does for some errors.
    anonymous: bool,
}

/// The result of a route.
pub(crate) type Outcome = Result<Response, Refusal>;

impl Response {
    pub(crate) fn json(status: StatusCode, value: &Value) -> Self {
        // A `Value` always serializes.
        let body = serde_json::to_vec(&TypeFirst(value)).unwrap_or_default();
        Self::with_body(status, JSON, Bytes::from(body))
    }

    /// The text of a JSON value, whose objects begin with their type.
    pub(crate) fn text(value: &Value) -> String {
        serde_json::to_string(&TypeFirst(value)).unwrap_or_default()
    }

    /// A list: an object, to which the items are added under this name.
    pub(crate) fn list(envelope: &Value, name: &str, items: &[String]) -> Self {
        let mut body = Self::text(envelope);
        body.pop();
        body.push_str(&format!(",\"{name}\":["));
        body.push_str(&items.join(","));
        body.push_str("]}");
        Self::with_body(StatusCode::OK, JSON, Bytes::from(body))
    }

    /// A compressed file, which is not marked as compressed, because it is to stay so.
    pub(crate) fn gzip(file: &[u8]) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        // Writing to a vector cannot fail.
        let written = encoder.write_all(file).and_then(|()| encoder.try_finish());
        debug_assert!(written.is_ok());
        let file = std::mem::take(encoder.get_mut());
        Self::with_body(StatusCode::OK, BYTES, Bytes::from(file))
    }

    pub(crate) fn ok(value: &Value) -> Self {
        Self::json(StatusCode::OK, value)
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            delay: Duration::ZERO,
        }
    }

    /// The page that an edge server shows when its backend is down.
    pub(crate) fn edge(status: StatusCode) -> Self {
        let title = format!(
            "{} {}",
            status.as_u16(),
            status.canonical_reason().unwrap_or_default()
        );
        let page = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::with_body(status, HTML, Bytes::from(page))
    }

    fn with_body(status: StatusCode, kind: HeaderValue, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind);
        Self {
            status,
            headers,
            body,
            delay: Duration::ZERO,
        }
    }
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            link: None,
            anonymous: false,
        }
    }

    pub(crate) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// A value that the API does not take: 422.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "parameter_invalid",
            message,
        )
    }

    /// A missing parameter: a 400, although its code says `not_found`.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "parameter_not_found", message)
    }

    pub(crate) fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn with_link(mut self, link: String) -> Self {
        self.link = Some(link);
        self
    }

    pub(crate) fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn response(&self, request_id: &str) -> Response {
        let mut response = Response::json(self.status, &self.body(request_id));
        if let Some(link) = self
            .link
            .as_deref()
            .and_then(|link| HeaderValue::from_str(link).ok())
        {
            response.headers.insert(LINK, link);
        }
        response
    }

    fn body(&self, request_id: &str) -> Value {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!("error.list"));
        if !self.anonymous {
            body.insert("request_id".to_owned(), json!(request_id));
        }
        body.insert(
            "errors".to_owned(),
            json!([{ "code": self.code, "message": self.message }]),
        );
        Value::Object(body)
    }
}

/// JSON whose objects begin with their `type`, as Intercom writes them.
struct TypeFirst<'v>(&'v Value);

impl Serialize for TypeFirst<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(values) => serializer.collect_seq(values.iter().map(TypeFirst)),
            Value::Object(members) => {
                let is_type = |(name, _): &(&String, &Value)| *name == "type";
                let first = members.iter().filter(is_type);
                let rest = members.iter().filter(|member| !is_type(member));
                let members = first.chain(rest);
                serializer.collect_map(members.map(|(name, value)| (name, TypeFirst(value))))
            }
            plain => plain.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;

    use super::Response;

    #[test]
    fn objects_begin_with_their_type() {
        let list = json!({ "data": [{ "id": "1", "type": "tag", "at": 1.5 }], "type": "list" });
        let response = Response::json(StatusCode::OK, &list);
        let written = br#"{"type":"list","data":[{"type":"tag","at":1.5,"id":"1"}]}"#;
        assert_eq!(response.body.as_ref(), written);
    }
}
