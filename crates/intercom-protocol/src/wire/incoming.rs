//! A response as it arrives from a transport, with the same limits and checks for every HTTP stack.

use core::fmt;
use core::ops::ControlFlow;
use core::task::{Context, Poll};
use std::io::{ErrorKind, Read as _};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{Extensions, HeaderMap, Method, Response, StatusCode};
use intercom_errors::{Fault, FaultKind};

use super::download::{Receiver, Unfit};
use super::reply;

/// How many bytes of an error's body are read.
const ERROR_LIMIT: usize = 1024 * 1024;

/// How many bytes are kept of a body that exceeds its limit.
const PREFIX: usize = 64 * 1024;

/// A download whose body is at most this long is checked before it is written: it can be an error list. JSON may be as long as
/// `PREFIX`.
const SHORT: usize = 4 * 1024;

/// The first bytes of all gzip data.
const GZIP_MAGIC: &[u8] = b"\x1f\x8b";

/// A response whose head has arrived and whose body arrives piece by piece.
///
/// A transport creates one with [`Reception::head`](crate::Reception::head) when it has the head. It passes every piece of the body to
/// [`push`](Self::push), without decoding it, and stops reading when `push` returns `Break`. However the exchange ends, everything that
/// arrived is kept.
///
/// The body of a download is written to its writer while it arrives. An async transport awaits [`poll_ready`](Self::poll_ready) after
/// each piece, so that it reads no faster than the writer writes.
///
/// [`finish`](Self::finish) checks the length of the body against `Content-Length`, even if the HTTP library considers the body
/// complete, and decodes gzip.
///
/// ```
/// use intercom_protocol::{FaultKind, Outgoing, Phase, bytes::Bytes};
///
/// let (_, reception) = Outgoing::new(http::Request::new(Bytes::new())).into_parts();
/// let mut incoming = reception.head(http::Response::builder().status(429).body(()).unwrap());
/// assert!(incoming.push(b"{\"type\":").is_continue());
///
/// // Here the connection is closed before the body is complete.
/// let fault = incoming.cut(FaultKind::Closed);
/// assert_eq!(fault.phase(), Phase::Cut);
/// assert_eq!(fault.response().unwrap().status(), 429);
/// ```
pub struct Incoming {
    head: Response<()>,
    body: Vec<u8>,
    room: usize,
    overflowed: bool,
    has_body: bool,
    download: Option<Way>,
}

/// Where the body of a download goes.
enum Way {
    /// The body is kept in memory until it is too long for an error list.
    Kept(Receiver),
    /// The response does not continue the part that was already written.
    Refused(Unfit),
    /// The body is written.
    Written(Receiver),
}

impl Incoming {
    pub(super) fn new(
        method: &Method,
        mut head: Response<()>,
        body_limit: usize,
        receiver: Option<Receiver>,
    ) -> Self {
        // Libraries keep their own data there.
        *head.extensions_mut() = Extensions::new();
        let has_body = has_body(method, head.status());
        let receiver = receiver.filter(|_| has_body && reply::is_downloadable(&head));
        Self {
            room: match receiver {
                Some(_) => usize::MAX,
                None => room(&head, body_limit),
            },
            has_body,
            download: receiver.map(|receiver| {
                match receiver.is_resumed() && head.status() == StatusCode::PARTIAL_CONTENT {
                    true => Way::begin(receiver, &head, false),
                    false => Way::Kept(receiver),
                }
            }),
            head,
            body: Vec::new(),
            overflowed: false,
        }
    }

    /// Announces the length of the body, so that a body beyond the limit is given up early.
    #[must_use]
    pub fn expecting(mut self, length: u64) -> Self {
        let fits = usize::try_from(length).is_ok_and(|length| length <= self.room);
        if fits {
            // Announcing a length costs the server nothing, so an announcement allocates no more than this.
            self.body
                .reserve(usize::try_from(length).unwrap_or(PREFIX).min(PREFIX));
        } else if !is_error(&self.head) {
            self.room = self.room.min(PREFIX);
        }
        self
    }

    /// Adds the next piece of the body. `Break` means that the rest is not needed.
    pub fn push(&mut self, piece: &[u8]) -> ControlFlow<()> {
        match &self.download {
            Some(Way::Written(receiver)) => return go_on(receiver.push(piece)),
            Some(Way::Refused(_)) => return ControlFlow::Break(()),
            Some(Way::Kept(_)) | None => {}
        }
        let taken = piece.len().min(self.room.saturating_sub(self.body.len()));
        self.body
            .extend_from_slice(piece.get(..taken).unwrap_or(piece));
        self.overflowed |= taken < piece.len();
        if self.overflowed || (is_error(&self.head) && self.body.len() == self.room) {
            return ControlFlow::Break(());
        }
        match self
            .download
            .take_if(|_| self.body.len() > kept(&self.head))
        {
            Some(Way::Kept(receiver)) => {
                let is_gzip = is_gzip(self.head.headers(), &self.body);
                let way = Way::begin(receiver, &self.head, is_gzip);
                let is_written = matches!(way, Way::Written(_));
                self.download = Some(way);
                if !is_written {
                    return ControlFlow::Break(());
                }
                let kept = core::mem::take(&mut self.body);
                self.push(&kept)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// Waits until the writer of a download has taken all pieces so far. `Break` means that the rest is not needed. Without a
    /// download, it is ready at once.
    ///
    /// ```
    /// use core::{future::poll_fn, ops::ControlFlow};
    /// use intercom_protocol::Incoming;
    ///
    /// async fn add(incoming: &mut Incoming, piece: &[u8]) -> ControlFlow<()> {
    ///     incoming.push(piece)?;
    ///     poll_fn(|context| incoming.poll_ready(context)).await
    /// }
    /// ```
    pub fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<ControlFlow<()>> {
        match &self.download {
            Some(Way::Written(receiver)) => receiver.poll_ready(context).map(go_on),
            _ => Poll::Ready(ControlFlow::Continue(())),
        }
    }

    /// Returns the response. Call it when the body has ended, or [`Incoming::push`] returned `Break`.
    ///
    /// A body without `Content-Length` ends when the connection is closed. Over plain HTTP, a cut connection looks like an orderly
    /// close. Over TLS, a stream can end without `close_notify`; a transport reports that with [`cut`](Self::cut).
    ///
    /// The body of a long download has already been written, so the body of the returned response is empty.
    ///
    /// # Errors
    ///
    /// [`FaultKind::TooLarge`] if the body of a success exceeds its limit, [`FaultKind::Closed`] if the body is shorter than
    /// announced, [`FaultKind::Protocol`] if its gzip data is corrupt or it does not continue a download.
    pub fn finish(self) -> Result<Response<Bytes>, Fault> {
        match &self.download {
            Some(Way::Written(receiver)) => {
                return match receiver.finish() {
                    Ok(()) => Ok(self.head.map(|()| Bytes::new())),
                    Err(kind) => Err(self.cut(kind)),
                };
            }
            Some(Way::Refused(unfit)) => {
                let unfit = *unfit;
                return Err(self.cut(FaultKind::Protocol).with_source(unfit));
            }
            Some(Way::Kept(_)) | None => {}
        }
        if self.overflowed && !is_error(&self.head) {
            return Err(self.cut(FaultKind::TooLarge));
        }
        let response = self.head.map(|()| Bytes::from(self.body));
        complete(response, self.has_body, self.room)
    }

    /// Returns the fault of a response whose body was cut off. The fault contains the part of the body that arrived.
    #[must_use]
    pub fn cut(self, kind: FaultKind) -> Fault {
        let response = self.head.map(|()| Bytes::from(self.body));
        if is_gzip(response.headers(), response.body()) {
            let (decoded, _) = decode(response, ERROR_LIMIT);
            return cut(kind, decoded);
        }
        cut(kind, response)
    }
}

impl Way {
    fn begin(receiver: Receiver, head: &Response<()>, is_gzip: bool) -> Self {
        match receiver.begin(head, is_gzip) {
            Ok(()) => Self::Written(receiver),
            Err(unfit) => Self::Refused(unfit),
        }
    }
}

const fn go_on(yes: bool) -> ControlFlow<()> {
    match yes {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    }
}

/// Shows neither headers nor body, because a server can echo anything.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("status", &self.head.status().as_u16())
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Checks a response from a transport. `method` is the method of the request. A response that passed the check passes it again.
pub(crate) fn checked(
    method: &Method,
    response: Response<Bytes>,
    body_limit: usize,
) -> Result<Response<Bytes>, Fault> {
    let has_body = has_body(method, response.status());
    let room = room(&response, body_limit);
    complete(response, has_body, room)
}

/// Returns the response with its body decoded, if the body is as long as announced.
fn complete(
    response: Response<Bytes>,
    has_body: bool,
    room: usize,
) -> Result<Response<Bytes>, Fault> {
    let is_gzip = is_gzip(response.headers(), response.body());
    let all_read = is_error(&response) && response.body().len() >= ERROR_LIMIT;
    if has_body
        && !all_read
        && is_short(&response)
        && (is_gzip || response.body().is_empty() || is_plain(response.headers()))
    {
        return Err(match is_gzip {
            true => cut(FaultKind::Closed, decode(response, ERROR_LIMIT).0),
            false => cut(FaultKind::Closed, response),
        });
    }
    if !is_gzip {
        let fits = response.body().len() <= room || is_error(&response);
        return if fits {
            Ok(response)
        } else {
            Err(cut(FaultKind::TooLarge, response))
        };
    }
    let (response, end) = decode(response, room);
    match end {
        End::Whole => Ok(response),
        End::Truncated if all_read => Ok(response),
        End::OverLimit if is_error(&response) => Ok(response),
        End::OverLimit => Err(cut(FaultKind::TooLarge, response)),
        End::Truncated => Err(cut(FaultKind::Closed, response)),
        End::Corrupt => Err(cut(FaultKind::Protocol, response)),
    }
}

/// Whether a body is gzip data, as its first bytes and the header show.
fn is_gzip(headers: &HeaderMap, body: &[u8]) -> bool {
    body.starts_with(GZIP_MAGIC) && names_gzip(headers)
}

/// Whether the header says that a body is gzip data.
pub(super) fn names_gzip(headers: &HeaderMap) -> bool {
    let is_named =
        |name: &[u8]| name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip");
    content_encoding(headers).is_some_and(is_named)
}

/// How many bytes of a download are kept before they are written.
fn kept(head: &Response<()>) -> usize {
    let headers = head.headers();
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes().to_ascii_lowercase();
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default();
        kind.trim_ascii().ends_with(b"json")
    });
    // Compressed JSON of this length is too long for an error list, and can become a thousand times as long.
    match is_json && is_plain(headers) {
        true => PREFIX,
        false => SHORT,
    }
}

/// Whether a body has no encoding.
///
/// A transport that decodes the body itself may keep the header. The announced length is then that of the encoded body.
pub(super) fn is_plain(headers: &HeaderMap) -> bool {
    let is_identity = |name: &[u8]| name.eq_ignore_ascii_case(b"identity");
    content_encoding(headers).is_none_or(is_identity)
}

fn content_encoding(headers: &HeaderMap) -> Option<&[u8]> {
    let name = headers.get(CONTENT_ENCODING)?;
    Some(name.as_bytes().trim_ascii())
}

/// How decoding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Corrupt,
    OverLimit,
    Truncated,
    Whole,
}

/// Decodes a gzip body, up to this many bytes, and removes the headers that describe the encoded body.
fn decode(response: Response<Bytes>, limit: usize) -> (Response<Bytes>, End) {
    let mut decoded = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(response.body().as_ref())
        .take(most)
        .read_to_end(&mut decoded);
    let end = match read {
        Ok(_) if decoded.len() > limit => End::OverLimit,
        Ok(_) => End::Whole,
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => End::Truncated,
        Err(_) => End::Corrupt,
    };
    decoded.truncate(limit);
    let mut response = response.map(|_| Bytes::from(decoded));
    response.headers_mut().remove(CONTENT_ENCODING);
    response.headers_mut().remove(CONTENT_LENGTH);
    (response, end)
}

/// Returns the fault of a response that was cut off. `response` is the part that arrived.
fn cut(kind: FaultKind, response: Response<Bytes>) -> Fault {
    let limit = match kind {
        FaultKind::TooLarge => PREFIX,
        _ => ERROR_LIMIT,
    };
    let response = response.map(|body| body.slice(..body.len().min(limit)));
    Fault::cut(kind, reply::error_of(&response, None))
}

/// Whether a body is shorter than announced. One that arrives in chunks has no announced length.
fn is_short(response: &Response<Bytes>) -> bool {
    let headers = response.headers();
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| {
        let digits = core::str::from_utf8(length.as_bytes().trim_ascii()).ok()?;
        digits.parse().ok()
    });
    announced.is_some_and(|announced: usize| response.body().len() < announced)
        && !headers.contains_key(TRANSFER_ENCODING)
}

/// Whether a response has a body at all (RFC 9112, 6.3).
pub(crate) fn has_body(method: &Method, status: StatusCode) -> bool {
    let bodiless = status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    *method != Method::HEAD && !bodiless
}

fn room<B>(head: &Response<B>, body_limit: usize) -> usize {
    if is_error(head) {
        ERROR_LIMIT
    } else {
        body_limit
    }
}

fn is_error<B>(head: &Response<B>) -> bool {
    head.status().as_u16() >= 400
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::bufread::GzEncoder;
    use http::HeaderValue;
    use intercom_errors::Phase;

    use super::*;

    fn incoming(method: &Method, head: Response<()>, body_limit: usize) -> Incoming {
        Incoming::new(method, head, body_limit, None)
    }

    fn head(status: u16) -> Response<()> {
        Response::builder()
            .status(status)
            .header("x-request-id", "req-1")
            .body(())
            .unwrap()
    }

    #[test]
    fn a_success_of_exactly_its_limit_is_complete() {
        let mut incoming = self::incoming(&Method::GET, head(200), 4);
        assert!(incoming.push(b"abcd").is_continue());
        assert_eq!(incoming.finish().unwrap().body().as_ref(), b"abcd");
    }

    #[test]
    fn a_success_beyond_its_limit_is_too_large_and_keeps_its_head_and_prefix() {
        let mut incoming = self::incoming(&Method::GET, head(200), 4);
        assert!(incoming.push(b"abcde").is_break());
        let fault = incoming.finish().unwrap_err();
        assert_eq!(fault.kind(), FaultKind::TooLarge);
        let response = fault.response().unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.request_id(), Some("req-1"));
        assert_eq!(response.body().bytes(), b"abcd");
    }

    #[test]
    fn a_success_that_is_announced_too_long_is_given_up_early() {
        let mut incoming = self::incoming(&Method::GET, head(200), 1 << 30).expecting(1 << 31);
        assert!(incoming.push(&[b' '; PREFIX]).is_continue());
        assert!(incoming.push(b" ").is_break());
        assert_eq!(incoming.finish().unwrap_err().kind(), FaultKind::TooLarge);
    }

    #[test]
    fn a_length_that_is_announced_late_limits_the_rest_of_the_body() {
        let mut incoming = self::incoming(&Method::GET, head(200), 1 << 30);
        assert!(incoming.push(&[b' '; 2 * PREFIX]).is_continue());
        assert!(incoming.expecting(1 << 31).push(b" ").is_break());
    }

    #[test]
    fn an_error_longer_than_the_limit_is_a_response_with_a_cut_body() {
        for announced in [None, Some(u64::MAX)] {
            let mut incoming = self::incoming(&Method::GET, head(500), 4);
            if let Some(length) = announced {
                incoming = incoming.expecting(length);
            }
            assert!(incoming.push(&[b' '; ERROR_LIMIT - 1]).is_continue());
            assert!(incoming.push(b"  ").is_break());
            assert_eq!(incoming.finish().unwrap().body().len(), ERROR_LIMIT);
        }
    }

    /// A response with this status and a `Content-Length` of 34. The library reports its end after 5 bytes.
    fn cut_off(method: &Method, status: u16, extra: (&'static str, &'static str)) -> Incoming {
        let mut head = head(status);
        head.headers_mut()
            .insert(CONTENT_LENGTH, "34".parse().unwrap());
        head.headers_mut().insert(extra.0, extra.1.parse().unwrap());
        let mut incoming = self::incoming(method, head, 1024);
        assert!(incoming.push(b"{\"id\"").is_continue());
        incoming
    }

    #[test]
    fn a_body_shorter_than_announced_is_cut_even_if_the_library_reports_its_end() {
        let plain = ("x-powered-by", "x");
        for status in [200, 302, 404, 500] {
            let fault = cut_off(&Method::GET, status, plain).finish().unwrap_err();
            assert_eq!(
                (fault.phase(), fault.kind()),
                (Phase::Cut, FaultKind::Closed)
            );
            let response = fault.response().unwrap();
            assert_eq!(response.status(), status);
            assert_eq!(response.body().bytes(), b"{\"id\"");
        }
        for (method, status, extra) in [
            (Method::HEAD, 200, plain),
            (Method::GET, 204, plain),
            (Method::GET, 304, plain),
            (Method::GET, 200, ("transfer-encoding", "chunked")),
            // The transport has decoded a body that is not gzip although the header says so.
            (Method::GET, 200, ("content-encoding", "gzip")),
            (Method::GET, 200, ("content-encoding", "br")),
        ] {
            let shown = format!("{method} {status} {extra:?}");
            assert!(cut_off(&method, status, extra).finish().is_ok(), "{shown}");
        }
    }

    #[test]
    fn an_empty_body_that_is_announced_longer_is_cut() {
        let mut head = head(200);
        head.headers_mut()
            .insert(CONTENT_LENGTH, "34".parse().unwrap());
        let fault = incoming(&Method::POST, head, 1024).finish().unwrap_err();
        assert_eq!(fault.phase(), Phase::Cut);
    }

    /// A body that compresses badly, of so many bytes.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 7_u32;
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        core::iter::repeat_with(next).take(length).collect()
    }

    fn gzipped(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(body, Compression::fast());
        let mut encoded = Vec::new();
        encoder.read_to_end(&mut encoded).unwrap();
        encoded
    }

    /// A response with this encoding and body, whose limit is 1,000 bytes.
    fn encoded(status: u16, encoding: &'static str, body: &[u8]) -> Result<Response<Bytes>, Fault> {
        let mut head = head(status);
        let headers = head.headers_mut();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        let mut incoming = self::incoming(&Method::GET, head, 1_000);
        let _ = incoming.push(body);
        incoming.finish()
    }

    #[test]
    fn gzip_body_is_decoded_up_to_its_limit() {
        let body = vec![b'x'; 1_000];
        for encoding in ["gzip", "GZIP", " x-gzip "] {
            let response = encoded(200, encoding, &gzipped(&body)).unwrap();
            assert!(response.headers().get(CONTENT_ENCODING).is_none());
            assert!(response.body() == &body, "{encoding}");
        }
        // Another encoding, and the body of a library that has decoded it.
        assert!(encoded(200, "br", &gzipped(&body)).unwrap().body() != &body);
        assert!(encoded(200, "gzip", &body).unwrap().body() == &body);
        let fault = encoded(200, "gzip", &gzipped(&[b'x'; 1_001])).unwrap_err();
        assert_eq!(fault.kind(), FaultKind::TooLarge);
    }

    #[test]
    fn gzip_body_that_ends_early_is_cut_and_one_that_is_wrong_is_corrupt() {
        let mut body = gzipped(&noise(500));
        body.truncate(400);
        let fault = encoded(200, "gzip", &body).unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Closed);
        let arrived = fault.response().unwrap().body().bytes().len();
        assert!((300..500).contains(&arrived), "{arrived}");
        let mut wrong = gzipped(&noise(500));
        wrong[200] ^= 0xff;
        assert_eq!(
            encoded(200, "gzip", &wrong).unwrap_err().kind(),
            FaultKind::Protocol
        );
    }

    #[test]
    fn gzip_body_shorter_than_announced_is_cut_and_decoded() {
        let mut head = head(200);
        head.headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        head.headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(500));
        let mut incoming = self::incoming(&Method::GET, head, 1_000);
        let _ = incoming.push(&gzipped(b"whole"));
        let fault = incoming.finish().unwrap_err();
        assert_eq!(fault.response().unwrap().body().bytes(), b"whole");
    }

    #[test]
    fn error_in_gzip_is_decoded_as_far_as_its_first_mebibyte_goes() {
        // Its announced length is that of a body of which only the first part is read.
        let long = encoded(500, "gzip", &gzipped(&noise(2 * ERROR_LIMIT))).unwrap();
        assert!(long.body().len() > ERROR_LIMIT / 2);
        let large = encoded(500, "gzip", &gzipped(&vec![b' '; 2 * ERROR_LIMIT])).unwrap();
        assert_eq!(large.body().len(), ERROR_LIMIT);
        assert_eq!(ERROR_LIMIT, 1_048_576);
    }

    #[test]
    fn body_that_is_too_large_leaves_a_short_part() {
        let mut incoming = self::incoming(&Method::GET, head(200), 2 * PREFIX);
        assert!(incoming.push(&[b' '; 3 * PREFIX]).is_break());
        let fault = incoming.finish().unwrap_err();
        assert_eq!(fault.response().unwrap().body().bytes().len(), 65_536);
    }
}
