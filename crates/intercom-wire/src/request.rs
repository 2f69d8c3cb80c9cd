//! Reads one request from a stream, as plain bytes: the head, then the body.

use std::io::{self, BufRead, Read};

/// A request that was read to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireRequest {
    connection: usize,
    head: String,
    body: Vec<u8>,
}

impl WireRequest {
    /// Returns the number of the connection that carried the request, from 1.
    #[must_use]
    pub fn connection(&self) -> usize {
        self.connection
    }

    /// Returns the request line and the headers, as they arrived.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Returns the method, and the path with its query.
    #[must_use]
    pub fn line(&self) -> (&str, &str) {
        let mut parts = self.head.split(' ');
        let mut part = || parts.next().unwrap_or_default();
        (part(), part())
    }

    /// Returns the body, without chunk framing.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the first value of a header. The case of the name does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// Reads the body of a request whose head was read.
pub(super) fn read_body(reader: &mut impl BufRead, request: &mut WireRequest) -> io::Result<()> {
    request.body = if request.header("transfer-encoding").is_some() {
        read_chunks(reader)?
    } else {
        let length = request
            .header("content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        read_exactly(reader, length)?
    };
    Ok(())
}

/// Reads the head of a request. Returns `None` if the stream ends before.
pub(super) fn read_head(
    reader: &mut impl BufRead,
    connection: usize,
) -> io::Result<Option<WireRequest>> {
    let mut head = String::new();
    loop {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        if head.ends_with("\r\n\r\n") {
            return Ok(Some(WireRequest {
                connection,
                head,
                body: Vec::new(),
            }));
        }
    }
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size)?;
        let size = u64::from_str_radix(size.trim(), 16)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        body.append(&mut read_exactly(reader, size)?);
        read_exactly(reader, 2)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(reader: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads one whole request.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<WireRequest>> {
        let Some(mut request) = read_head(reader, 1)? else {
            return Ok(None);
        };
        read_body(reader, &mut request)?;
        Ok(Some(request))
    }

    #[test]
    fn reads_bodies_by_content_length_and_by_chunks() {
        let raw = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi\
                    POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nho\r\n0\r\n\r\n";
        let mut reader = &raw[..];
        assert_eq!(read(&mut reader).unwrap().unwrap().body(), b"hi");
        let second = read(&mut reader).unwrap().unwrap();
        assert_eq!(second.body(), b"ho");
        assert_eq!(second.header("TRANSFER-encoding"), Some("chunked"));
        assert_eq!(read(&mut reader).unwrap(), None);
    }

    #[test]
    fn half_a_body_is_an_error() {
        let mut reader = &b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhi"[..];
        read(&mut reader).unwrap_err();
    }
}
