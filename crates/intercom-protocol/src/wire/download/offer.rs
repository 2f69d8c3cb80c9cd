//! What a server says about a body, and whether it offers to send the rest of it.

use core::fmt;

use http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, DATE, ETAG, HeaderName, LAST_MODIFIED,
    TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::wire::incoming::is_plain;

/// What the first response of a download says about its body.
#[derive(Default)]
pub(super) struct Offer {
    /// The length of the whole encoded body.
    pub(super) total: Option<u64>,
    /// Identifies this version of the body. `None` if the server does not offer to send a part of it.
    pub(super) validator: Option<HeaderValue>,
    etag: Option<HeaderValue>,
}

/// Why a response does not contain the rest of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It belongs to an attempt that was given up.
    Stale,
    /// It contains another part, or a part of another version.
    Other,
    /// It contains the whole body.
    Whole,
}

impl Offer {
    /// Reads the first response.
    pub(super) fn read(&mut self, head: &Response<()>, is_gzip: bool) {
        let headers = head.headers();
        *self = Self::default();
        // A transport that decompressed the body itself passes on other bytes than the server counts.
        if !is_gzip && !is_plain(headers) {
            return;
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
        let (start, total) = text(head.headers(), &CONTENT_RANGE)
            .and_then(range)
            .ok_or(Unfit::Other)?;
        let etag = head.headers().get(ETAG);
        let other_version = etag.is_some() && self.etag.is_some() && etag != self.etag.as_ref();
        let other_length = total.is_some() && self.total.is_some() && total != self.total;
        if start != from || other_version || other_length {
            return Err(Unfit::Other);
        }
        self.total = self.total.or(total);
        Ok(())
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stale => "the response belongs to an attempt that was given up",
            Self::Other => {
                "the server sent another part of the file than the rest; download it again into an empty writer"
            }
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

/// Reads the start and the total length of `bytes 5-9/10`. The total may be unknown.
fn range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end): (u64, u64) = (start.trim().parse().ok()?, end.trim().parse().ok()?);
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    let fits = start <= end && total.is_none_or(|total| end < total);
    fits.then_some((start, total))
}
