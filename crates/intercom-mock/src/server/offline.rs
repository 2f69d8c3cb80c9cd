//! Requests without a socket, on a clock that stands still.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::MockServer;
use crate::body::{Part, file_part};
use crate::request::Request;

/// What [`MockServer::exchange`] returns.
#[derive(Debug)]
#[non_exhaustive]
pub struct Exchanged {
    /// How long the response takes. Nothing has waited for it.
    pub delay: Duration,
    /// The response; `None` if the connection is closed before the whole response has been sent.
    pub response: Option<http::Response<Bytes>>,
}

impl MockServer {
    /// Responds to a request without a socket and without waiting.
    ///
    /// It works for every server. With [`MockBuilder::offline`](crate::MockBuilder::offline), tests of hours and of millions of
    /// objects take seconds.
    ///
    /// ```
    /// use intercom_mock::{MockServer, bytes::Bytes, http};
    ///
    /// let server = MockServer::builder().offline();
    /// let request = http::Request::get("/me").header("authorization", "Bearer mock-token");
    /// let exchanged = server.exchange(request.body(Bytes::new())?);
    /// assert_eq!(exchanged.response.unwrap().status(), 200);
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn exchange(&self, request: http::Request<Bytes>) -> Exchanged {
        let (head, body) = request.into_parts();
        let request = Request {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head.headers,
            body,
            too_long: false,
        };
        let delivery = self.with(|state| state.respond(request));
        let response = delivery.message.and_then(|message| {
            let mut response = http::Response::new(whole(message.parts)?);
            *response.status_mut() = message.status;
            *response.headers_mut() = message.headers;
            Some(response)
        });
        Exchanged {
            delay: delivery.delay,
            response,
        }
    }
}

/// The body, unless it breaks off.
fn whole(parts: VecDeque<Part>) -> Option<Bytes> {
    let mut parts: Vec<Part> = parts.into();
    if let [Part::Send(body)] = parts.as_mut_slice() {
        return Some(core::mem::take(body));
    }
    let mut body = Vec::new();
    for part in parts {
        match part {
            Part::Send(bytes) => body.extend(bytes),
            Part::Repeat(bytes, times) => (0..times).for_each(|_| body.extend(&bytes)),
            Part::File(from, to) => body.extend(file_part(from, to)),
            Part::Pause(_) => {}
            Part::Break => return None,
        }
    }
    Some(body.into())
}
