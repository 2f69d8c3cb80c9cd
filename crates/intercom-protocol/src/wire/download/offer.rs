//! What a server says about a body, and whether it offers to send the rest of it.

use core::fmt;

use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, DATE, ETAG, HeaderName,
    LAST_MODIFIED, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::wire::incoming::{is_plain, names_gzip};

/// What the first response of a download says about its body.
#[derive(Default)]
pub(super) struct Offer {
    /// The length of the whole encoded body.
    pub(super) total: Option<u64>,
    /// Where the part in the current response ends, if it is only a part.
    pub(super) end: Option<u64>,
    /// Identifies this version of the body. `None` if the server does not offer to send a part of it.
    pub(super) validator: Option<HeaderValue>,
    etag: Option<HeaderValue>,
    /// Whether the body is gzip data.
    is_gzip: bool,
}

/// Why a response does not contain the body, or the rest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It belongs to an attempt that was given up.
    Stale,
    /// It contains another part, or a part of another version.
    Other,
    /// It contains a part, although the whole body was requested.
    Part,
    /// It contains the whole body.
    Whole,
}

impl Offer {
    /// Reads the first response. `wants_part` means that the program itself requested a part, which is then the file.
    pub(super) fn read(
        &mut self,
        head: &Response<()>,
        is_gzip: bool,
        wants_part: bool,
    ) -> Result<(), Unfit> {
        let headers = head.headers();
        *self = Self {
            is_gzip,
            ..Self::default()
        };
        if head.status() == StatusCode::PARTIAL_CONTENT && !wants_part {
            let range = text(headers, &CONTENT_RANGE).and_then(range);
            let whole = range.filter(|range| range.start == 0 && range.total == Some(range.end));
            self.end = Some(whole.ok_or(Unfit::Part)?.end);
        }
        // A transport that decompressed the body itself passes on other bytes than the server counts.
        if !is_gzip && !is_plain(headers) {
            self.end = None;
            return Ok(());
        }
        if !headers.contains_key(TRANSFER_ENCODING) {
            self.total = text(headers, &CONTENT_LENGTH).and_then(|length| length.parse().ok());
        }
        let is_offered = text(headers, &ACCEPT_RANGES)
            .is_some_and(|units| units.split(',').any(|unit| unit.trim() == "bytes"));
        if is_offered && head.status() == StatusCode::OK {
            self.etag = strong_etag(headers);
            self.validator = self.etag.clone().or_else(|| strong_date(headers));
        }
        Ok(())
    }

    /// Withdraws the offer: the rest cannot be read.
    pub(super) fn withdraw(&mut self) {
        self.validator = None;
    }

    /// Checks that a response contains the rest of the body, from this byte on.
    pub(super) fn check_rest(&mut self, head: &Response<()>, from: u64) -> Result<(), Unfit> {
        if head.status() != StatusCode::PARTIAL_CONTENT {
            return Err(Unfit::Whole);
        }
        let headers = head.headers();
        let range = text(headers, &CONTENT_RANGE)
            .and_then(range)
            .ok_or(Unfit::Other)?;
        let other_length =
            range.total.is_some() && self.total.is_some() && range.total != self.total;
        // A server may omit the encoding of a part (RFC 9110, 15.3.7).
        let other_encoding = match self.is_gzip {
            true => headers.contains_key(CONTENT_ENCODING) && !names_gzip(headers),
            false => !is_plain(headers),
        };
        if range.start != from || other_length || other_encoding || self.is_other_version(headers) {
            return Err(Unfit::Other);
        }
        self.total = self.total.or(range.total);
        self.end = Some(range.end);
        Ok(())
    }

    /// Whether a response to the request for the rest says that nothing is left after this many bytes.
    pub(super) fn ends_at<B>(&self, response: &Response<B>, arrived: u64) -> bool {
        let headers = response.headers();
        let length = || text(headers, &CONTENT_RANGE)?.strip_prefix("bytes */");
        response.status() == StatusCode::RANGE_NOT_SATISFIABLE
            && self.validator.is_some()
            && length().and_then(|length| length.parse().ok()) == Some(arrived)
            && !self.is_other_version(headers)
    }

    /// Whether bytes are missing after this many have arrived.
    pub(super) fn is_short(&self, arrived: u64) -> bool {
        let missing = |end: Option<u64>| end.is_some_and(|end| arrived < end);
        missing(self.end) || missing(self.total)
    }

    fn is_other_version(&self, headers: &HeaderMap) -> bool {
        let etag = headers.get(ETAG);
        etag.is_some() && self.etag.is_some() && etag != self.etag.as_ref()
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stale => "the response belongs to an attempt that was given up",
            Self::Other => {
                "the server sent another part of the file than the rest; download it again into an empty writer"
            }
            Self::Part => "the server sent a part of the file, although the whole file was requested",
            Self::Whole => {
                "the server sent the whole file instead of the rest, so it has probably changed; download it again into an empty writer"
            }
        })
    }
}

impl core::error::Error for Unfit {}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

fn strong_etag(headers: &HeaderMap) -> Option<HeaderValue> {
    let etag = headers.get(ETAG)?;
    etag.as_bytes().starts_with(b"\"").then(|| etag.clone())
}

/// Returns the time of the last change, if it identifies a version (RFC 9110, 8.8.2.2). It does if the file was not changed in
/// the same second in which the server responded. Both times are the server's, in whole seconds.
fn strong_date(headers: &HeaderMap) -> Option<HeaderValue> {
    let changed = headers.get(LAST_MODIFIED)?;
    (headers.get(DATE)? != changed).then(|| changed.clone())
}

/// The bytes from `start` up to, but without, `end`. The total may be unknown.
struct Range {
    start: u64,
    end: u64,
    total: Option<u64>,
}

/// Reads `bytes 5-9/10`.
fn range(value: &str) -> Option<Range> {
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end): (u64, u64) = (start.trim().parse().ok()?, end.trim().parse().ok()?);
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    let fits = start <= end && total.is_none_or(|total| end < total);
    let end = end.checked_add(1)?;
    fits.then_some(Range { start, end, total })
}
