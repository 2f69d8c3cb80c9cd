//! An error response.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{StoredBytes, StoredClass, Version};
use crate::api_error::Inner;
use crate::classify::{Response, classify};
use crate::parse::headers::{Headers, Limits};
use crate::parse::scope;
use crate::{ApiError, Body, BodyKind, ErrorItem, RateLimit, RequestLine, RequestPath, UnixTime};

/// What an error must remember to be classified again, besides what its methods return.
#[derive(Clone)]
pub(crate) struct Origin {
    request: Option<Request>,
    /// The class in the record, if the error was read from one.
    pub(super) class: Option<StoredClass>,
}

impl Origin {
    pub(crate) fn of(request: Option<&RequestLine<'_>>) -> Self {
        Self {
            request: request.map(Request::of),
            class: None,
        }
    }
}

/// The parts of a request that can change the class. Of the query, these are the names of the parameters.
#[derive(Clone, Serialize, Deserialize)]
struct Request {
    method: Box<str>,
    path: Box<str>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    parameters: String,
}

impl Request {
    fn of(line: &RequestLine<'_>) -> Self {
        let names = line.query.split('&');
        let names = names.map(|part| part.split('=').next().unwrap_or_default());
        Self {
            method: line.method.into(),
            path: line.path.as_str().into(),
            parameters: names.collect::<Vec<_>>().join("&"),
        }
    }

    fn line(&self) -> RequestLine<'_> {
        RequestLine {
            method: &self.method,
            path: RequestPath::new(&self.path),
            query: &self.parameters,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Record<'e> {
    v: Version,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<StoredClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Request>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Cow<'e, str>>,
    #[serde(default, skip_serializing_if = "is_default")]
    errors: Cow<'e, [ErrorItem]>,
    #[serde(default, skip_serializing_if = "is_default")]
    error_list: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    html: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    headers: HeadersRecord<'e>,
    body: BodyRecord<'e>,
}

/// What the headers say.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct HeadersRecord<'e> {
    #[serde(default, skip_serializing_if = "is_default")]
    rate_limit: RateLimit,
    #[serde(default, skip_serializing_if = "is_default")]
    other_resets: Cow<'e, [UnixTime]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_time: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<Cow<'e, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Cow<'e, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_encoding: Option<Cow<'e, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waf_action: Option<Cow<'e, str>>,
}

#[derive(Serialize, Deserialize)]
struct BodyRecord<'e> {
    kind: BodyKind,
    len: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<StoredBytes<'e>>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl<'e> Record<'e> {
    fn of(error: &'e ApiError) -> Self {
        let ApiError(inner) = error;
        let stored = error.stored_class().cloned();
        Self {
            v: Version,
            status: inner.status,
            class: Some(stored.unwrap_or_else(|| error.class().into())),
            request: inner.origin.request.clone(),
            request_id: inner.request_id.as_deref().map(Cow::from),
            errors: Cow::from(&inner.items),
            error_list: inner.has_error_list,
            html: inner.is_html,
            headers: HeadersRecord::of(&inner.headers),
            body: BodyRecord::of(&inner.body),
        }
    }

    /// Classifies the response again, and keeps the stored class beside the new one.
    fn into_error(self) -> ApiError {
        let request_id = self.request_id.map(Box::from);
        let items = self.errors.into_owned();
        let headers = Headers {
            is_html: self.html,
            ..self.headers.into_headers()
        };
        let response = Response {
            status: self.status,
            items: &items,
            has_error_list: self.error_list,
            body: (&headers, self.body.kind, b""),
            has_request_id: request_id.is_some(),
            waf_action: headers.waf_action.as_deref(),
            links_to_contact: headers.merged_into.is_some(),
        };
        let line = self.request.as_ref().map(Request::line);
        ApiError(Box::new(Inner {
            status: self.status,
            verdict: classify(&response, line.as_ref()),
            has_error_list: self.error_list,
            is_html: self.html,
            origin: Origin {
                request: self.request.clone(),
                class: self.class,
            },
            request_id,
            required_scope: scope::required_scope(&items),
            items,
            headers,
            body: self.body.into_body(),
        }))
    }
}

impl<'e> HeadersRecord<'e> {
    fn of(headers: &'e Headers) -> Self {
        let text = |value: &'e Option<Box<str>>| value.as_deref().map(Cow::from);
        Self {
            rate_limit: headers.limits.rate_limit,
            other_resets: Cow::from(&headers.limits.others),
            retry_after: headers.longest_delay,
            retry_after_time: headers.latest_time,
            merged_into: text(&headers.merged_into),
            location: text(&headers.location),
            content_encoding: text(&headers.content_encoding),
            waf_action: text(&headers.waf_action),
        }
    }

    fn into_headers(self) -> Headers {
        Headers {
            limits: Limits {
                rate_limit: self.rate_limit,
                others: self.other_resets.into_owned(),
            },
            longest_delay: self.retry_after,
            latest_time: self.retry_after_time,
            merged_into: self.merged_into.map(Box::from),
            location: self.location.map(Box::from),
            content_encoding: self.content_encoding.map(Box::from),
            waf_action: self.waf_action.map(Box::from),
            ..Headers::default()
        }
    }
}

impl<'e> BodyRecord<'e> {
    fn of(body: &'e Body) -> Self {
        let bytes = Some(body.bytes()).filter(|bytes| !bytes.is_empty());
        Self {
            kind: body.kind(),
            len: body.len(),
            bytes: bytes.map(|bytes| StoredBytes(bytes.into())),
        }
    }

    fn into_body(self) -> Body {
        let bytes = self.bytes.map(|StoredBytes(bytes)| bytes);
        Body::new(self.kind, &bytes.unwrap_or_default()).with_len(self.len)
    }
}

/// Writes the response with the server's messages and its body, which contain personal data.
///
/// ```
/// use intercom_errors::ApiError;
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let error = ApiError::from_parts(404, [], br#"{"type":"error.list","errors":[{"code":"not_found"}]}"#);
/// let stored = serde_json::to_string(&error)?;
/// let read: ApiError = serde_json::from_str(&stored)?;
/// assert_eq!((read.class(), read.to_string()), (error.class(), error.to_string()));
/// # Ok(())
/// # }
/// ```
impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Record::of(self).serialize(serializer)
    }
}

/// Classifies the response again. [`stored_class`](ApiError::stored_class) is the class in the record.
impl<'de> Deserialize<'de> for ApiError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Record::deserialize(deserializer).map(Record::into_error)
    }
}
