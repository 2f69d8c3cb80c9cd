//! The body of a request.

use bytes::Bytes;
use http::header::HeaderValue;
use serde::Serialize;

use super::request::{ApiRequest, unfit};

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A body and its content type.
#[derive(Clone)]
pub(super) struct Body {
    bytes: Bytes,
    /// `None` for JSON, which nearly all bodies are.
    content_type: Option<Box<HeaderValue>>,
}

impl Body {
    pub(super) const fn json(bytes: Bytes) -> Self {
        Self {
            bytes,
            content_type: None,
        }
    }

    pub(super) fn content_type(&self) -> HeaderValue {
        self.content_type
            .as_deref()
            .map_or(JSON, HeaderValue::clone)
    }
}

impl ApiRequest {
    /// Sends this value as JSON.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => return self.json_bytes(bytes),
            Err(_) => self.problems.push(unfit(
                "body",
                // The words of a `Serialize` of the program can hold anything.
                "the body cannot be serialized; call `serde_json::to_string` on it to see why",
            )),
        }
        self
    }

    /// Sends these bytes, which must already be JSON.
    #[must_use]
    pub fn json_bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(Body::json(body.into()));
        self
    }

    /// Sends these bytes with this content type, like `text/csv`. Every attempt sends the same bytes.
    ///
    /// A file is uploaded as `multipart/form-data`. Its parts are separated by a boundary, a line that occurs in none of them:
    ///
    /// ```
    /// use intercom_protocol::ApiRequest;
    ///
    /// let (boundary, file) = ("3f0a91c27d", b"id,name\n1,Ada\n");
    /// let mut body = Vec::new();
    /// body.extend(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nimport\r\n").bytes());
    /// body.extend(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n").bytes());
    /// body.extend(b"Content-Type: text/csv\r\n\r\n");
    /// body.extend(file);
    /// body.extend(format!("\r\n--{boundary}--\r\n").bytes());
    /// let request = ApiRequest::post("/uploads").body_bytes(body, &format!("multipart/form-data; boundary={boundary}"));
    /// ```
    #[must_use]
    pub fn body_bytes(mut self, body: impl Into<Bytes>, content_type: &str) -> Self {
        // A space is allowed only in the parameters.
        let is_type = content_type
            .split_once(';')
            .map_or(content_type, |(kind, _)| kind)
            .trim()
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
        match HeaderValue::from_str(content_type) {
            Ok(value) if is_type => {
                self.body = Some(Body {
                    bytes: body.into(),
                    content_type: Some(Box::new(value)),
                });
            }
            _ => self.problems.push(unfit(
                "content-type",
                "the content type cannot be sent; use one like text/csv",
            )),
        }
        self
    }

    /// Returns the body, if there is one.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_ref().map(|body| &body.bytes)
    }
}

/// Whether this text is a token, as HTTP defines it. Each half of a content type is a token.
fn is_token(text: &str) -> bool {
    let special = b"!#$%&'*+-.^_`|~";
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || special.contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::ApiRequest;
    use crate::{Config, Error};

    #[test]
    fn an_invalid_content_type_is_refused_before_anything_is_sent() {
        for kind in [
            "",
            "csv",
            "text/",
            "text /csv",
            "text/csv\r\nX: y",
            "text/csv; x=\n",
        ] {
            let request = ApiRequest::post("/x").body_bytes("a,b", kind);
            assert_eq!(
                Error::invalid(request.check().unwrap_err()).to_string(),
                "invalid request: the content type cannot be sent; use one like text/csv",
                "{kind:?}"
            );
        }
    }

    #[test]
    fn the_latest_body_decides_the_content_type_and_a_header_overrides_it() {
        let sent = |request: ApiRequest| {
            let connection = Config::new("t").build().unwrap();
            let http = connection.http_request(&request).unwrap();
            http.headers()["content-type"].to_str().unwrap().to_owned()
        };
        let csv = ApiRequest::post("/x").body_bytes("a,b", "text/csv; charset=utf-8");
        assert_eq!(sent(csv.clone()), "text/csv; charset=utf-8");
        assert_eq!(sent(csv.clone().json(&1)), "application/json");
        assert_eq!(sent(csv.header("content-type", "text/plain")), "text/plain");
        assert_eq!(sent(ApiRequest::post("/x")), "application/json");
    }
}
