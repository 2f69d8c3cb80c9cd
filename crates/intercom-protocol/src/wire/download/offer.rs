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

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, headers: &[(&'static str, &'static str)]) -> Response<()> {
        let mut head = Response::builder().status(status);
        for (name, value) in headers {
            head = head.header(*name, *value);
        }
        head.body(()).unwrap()
    }

    fn offer(headers: &[(&'static str, &'static str)], is_gzip: bool) -> Offer {
        let mut offer = Offer::default();
        offer.read(&head(200, headers), is_gzip, false).unwrap();
        offer
    }

    const BYTES: (&str, &str) = ("accept-ranges", "none, bytes");
    const ETAG: (&str, &str) = ("etag", "\"v1\"");
    const DATE: (&str, &str) = ("date", "Fri, 22 Mar 2024 09:33:20 GMT");
    const EARLIER: (&str, &str) = ("last-modified", "Fri, 22 Mar 2024 09:33:19 GMT");

    #[test]
    fn version_is_a_strong_tag_or_a_time_before_the_response() {
        let validator = |headers: &[_]| {
            offer(headers, false)
                .validator
                .map(|it| it.as_bytes().to_vec())
        };
        assert_eq!(
            validator(&[BYTES, ETAG, DATE, EARLIER]).unwrap(),
            ETAG.1.as_bytes()
        );
        assert_eq!(
            validator(&[BYTES, DATE, EARLIER]).unwrap(),
            EARLIER.1.as_bytes()
        );
        for none in [
            &[BYTES][..],
            &[ETAG],
            &[BYTES, ("etag", "W/\"v1\"")],
            &[BYTES, EARLIER],
            &[BYTES, DATE, ("last-modified", DATE.1)],
            &[BYTES, ETAG, ("content-encoding", "br")],
        ] {
            assert_eq!(validator(none), None, "{none:?}");
        }
        // Gzip data is counted as the server counts it.
        let gzip = [
            BYTES,
            ETAG,
            ("content-encoding", "gzip"),
            ("content-length", "9"),
        ];
        let (counted, decoded) = (offer(&gzip, true), offer(&gzip, false));
        assert!(counted.validator.is_some() && counted.total == Some(9));
        assert!(decoded.validator.is_none() && decoded.total.is_none());
    }

    #[test]
    fn rest_is_of_the_same_version_length_and_encoding() {
        let checked = |known: &[_], is_gzip: bool, rest: &[_]| {
            let rest = [rest, &[("content-range", "bytes 5-9/10")]].concat();
            offer(known, is_gzip)
                .check_rest(&head(206, &rest), 5)
                .is_ok()
        };
        let known = [BYTES, ETAG, ("content-length", "10")];
        assert!(checked(&known, false, &[]) && checked(&known, false, &[ETAG]));
        assert!(!checked(&known, false, &[("etag", "\"v2\"")]));
        assert!(!checked(&known, false, &[("content-encoding", "gzip")]));
        assert!(checked(&known, false, &[("content-encoding", "identity")]));
        assert!(!checked(
            &[BYTES, ETAG, ("content-length", "11")],
            false,
            &[]
        ));
        assert!(checked(&[BYTES, ETAG], false, &[]));
        assert!(checked(&[BYTES, DATE, EARLIER], false, &[ETAG]));
        // A part of gzip data may not say so, but not something else.
        let gzip = [BYTES, ETAG, ("content-encoding", "gzip")];
        assert!(checked(&gzip, true, &[]) && checked(&gzip, true, &[("content-encoding", "gzip")]));
        assert!(!checked(&gzip, true, &[("content-encoding", "br")]));
        let other = head(206, &[("content-range", "bytes 4-9/10")]);
        assert_eq!(
            offer(&known, false).check_rest(&other, 5),
            Err(Unfit::Other)
        );
        assert_eq!(
            offer(&known, false).check_rest(&head(200, &[]), 5),
            Err(Unfit::Whole)
        );
    }

    #[test]
    fn range_lies_within_its_total() {
        let read = |value| range(value).map(|range| (range.start, range.end, range.total));
        assert_eq!(read("bytes 5-9/10"), Some((5, 10, Some(10))));
        assert_eq!(read("bytes 5-5/*"), Some((5, 6, None)));
        for odd in [
            "bytes 5-10/10",
            "bytes 5-4/10",
            "bytes 5-4/*",
            "items 5-9/10",
            "bytes */10",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn unfit_response_is_explained() {
        for unfit in [Unfit::Stale, Unfit::Other, Unfit::Part, Unfit::Whole] {
            assert!(unfit.to_string().starts_with("the "), "{unfit:?}");
        }
    }
}
