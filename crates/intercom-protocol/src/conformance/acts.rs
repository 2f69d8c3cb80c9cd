//! What the server of a case does with a request.

use core::time::Duration;

/// What the server does after it has read a whole request.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Sends these bytes and keeps the connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes the connection.
    SendAndClose(Vec<u8>),
    /// Sends these bytes, and then nothing for this long.
    SendAndHang(Vec<u8>, Duration),
}

/// How long a silent server keeps the connection.
pub(super) const SILENCE: Duration = Duration::from_secs(4);

/// The request id of every response.
pub(super) const REQUEST_ID: &str = "conformance-1";

impl Act {
    pub(super) const fn close() -> Self {
        Self::SendAndClose(Vec::new())
    }

    pub(super) const fn hang() -> Self {
        Self::SendAndHang(Vec::new(), SILENCE)
    }

    pub(super) fn ok() -> Self {
        Self::json(200, "{\"type\":\"admin\"}")
    }

    pub(super) fn json(status: u16, body: &str) -> Self {
        Self::Send(response(status, &[], body.as_bytes()))
    }

    pub(super) fn error(status: u16, code: &str, headers: &[(&str, &str)]) -> Self {
        let body = format!(
            r#"{{"type":"error.list","request_id":"{REQUEST_ID}","errors":[{{"code":"{code}","message":"a message"}}]}}"#
        );
        Self::Send(response(status, headers, body.as_bytes()))
    }
}

/// A whole response with a `Content-Length`.
pub(super) fn response(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let mut all = vec![("Content-Length", length.as_str())];
    all.extend(headers);
    let mut bytes = head(status, &all);
    bytes.extend_from_slice(body);
    bytes
}

/// A head with these headers, a content type and a request id.
pub(super) fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nX-Request-Id: {REQUEST_ID}\r\n"
    );
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    head.into_bytes()
}
