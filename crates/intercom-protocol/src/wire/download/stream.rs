//! The way of a body from the transport to the sink.

use core::mem;
use core::task::{Context, Poll, ready};
use std::io::{self, Write as _};

use bytes::buf::Writer;
use bytes::{Buf as _, BufMut as _, BytesMut};
use flate2::write::MultiGzDecoder;
use intercom_errors::FaultKind;

use crate::wire::sink::Sink;

/// How many bytes may wait for a sink whose transport does not wait for it.
const WAITING: usize = 1024 * 1024;

/// How many bytes are decompressed at once. They can become a thousand times as many.
const STEP: usize = 4 * 1024;

/// Bytes on their way to the sink. Decompresses them, if the server compressed them without being asked.
#[derive(Default)]
pub(super) struct Stream {
    /// Bytes as they arrived.
    encoded: BytesMut,
    decoder: Option<MultiGzDecoder<Writer<BytesMut>>>,
    is_corrupt: bool,
    /// Bytes for the sink.
    decoded: BytesMut,
    /// How many bytes the sink has taken.
    pub(super) written: u64,
}

impl Stream {
    pub(super) fn new(is_gzip: bool) -> Self {
        Self {
            decoder: is_gzip.then(|| MultiGzDecoder::new(BytesMut::new().writer())),
            ..Self::default()
        }
    }

    /// Whether the sink keeps up.
    pub(super) fn has_room(&self) -> bool {
        self.encoded.len() <= WAITING
    }

    pub(super) fn add(&mut self, piece: &[u8]) {
        self.encoded.extend_from_slice(piece);
    }

    /// Writes all bytes to the sink. `Pending` if the sink does not take them yet.
    pub(super) fn poll_written(
        &mut self,
        context: &mut Context<'_>,
        sink: &mut (impl Sink + ?Sized),
    ) -> Poll<io::Result<()>> {
        loop {
            while !self.decoded.is_empty() {
                let taken = ready!(sink.poll_write(context, &self.decoded))?;
                if taken == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                let taken = taken.min(self.decoded.len());
                self.decoded.advance(taken);
                self.written += taken as u64;
            }
            if self.encoded.is_empty() || self.is_corrupt {
                return Poll::Ready(Ok(()));
            }
            self.decode_step();
        }
    }

    /// Moves some bytes from `encoded` to `decoded`. The sink has already taken all earlier bytes from there.
    fn decode_step(&mut self) {
        let Some(decoder) = &mut self.decoder else {
            mem::swap(&mut self.encoded, &mut self.decoded);
            return;
        };
        let step = self.encoded.get(..STEP).unwrap_or(&self.encoded);
        self.is_corrupt = decoder.write_all(step).is_err();
        let step = step.len();
        self.encoded.advance(step);
        mem::swap(decoder.get_mut().get_mut(), &mut self.decoded);
    }

    /// Ends the body. Only a transport that does not wait for the sink leaves bytes to decode here.
    pub(super) fn finish(&mut self) -> Result<(), FaultKind> {
        if let Some(mut decoder) = self.decoder.take() {
            let rest = mem::take(&mut self.encoded);
            let whole = !self.is_corrupt
                && decoder.write_all(&rest).is_ok()
                && decoder.try_finish().is_ok();
            self.decoded.unsplit(mem::take(decoder.get_mut().get_mut()));
            self.is_corrupt = !whole;
        }
        if self.is_corrupt {
            return Err(FaultKind::Protocol);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use core::task::Waker;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// Takes everything, and counts how often.
    #[derive(Default)]
    struct Counting {
        bytes: Vec<u8>,
        writes: usize,
    }

    impl Sink for Counting {
        fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.bytes.extend_from_slice(bytes);
            self.writes += 1;
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Gzip data of 100,000 bytes that are stored as they are.
    fn gzipped() -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(&[7; 100_000]).unwrap();
        encoder.finish().unwrap()
    }

    /// Writes this data, and returns what the sink got and how the body ended.
    fn written(data: &[u8]) -> (Counting, Result<(), FaultKind>) {
        let (mut stream, mut sink) = (Stream::new(true), Counting::default());
        stream.add(data);
        let mut context = Context::from_waker(Waker::noop());
        assert!(stream.poll_written(&mut context, &mut sink).is_ready());
        let end = stream.finish();
        assert!(stream.poll_written(&mut context, &mut sink).is_ready());
        (sink, end)
    }

    #[test]
    fn gzip_data_is_decompressed_in_steps() {
        let (sink, end) = written(&gzipped());
        assert_eq!((sink.bytes.len(), end), (100_000, Ok(())));
        assert!((20..30).contains(&sink.writes), "{}", sink.writes);
    }

    #[test]
    fn gzip_data_that_ends_early_or_is_wrong_is_corrupt() {
        let mut data = gzipped();
        data.truncate(data.len() - 9);
        assert_eq!(written(&data).1, Err(FaultKind::Protocol));
        data[1] ^= 0xff;
        let (sink, end) = written(&data);
        assert_eq!((sink.bytes.len(), end), (0, Err(FaultKind::Protocol)));
    }

    /// A transport that does not wait leaves everything to the end.
    #[test]
    fn data_that_waits_is_decompressed_at_the_end() {
        let mut stream = Stream::new(true);
        stream.add(&gzipped());
        assert_eq!(stream.finish(), Ok(()));
        assert_eq!(stream.decoded.len(), 100_000);
        let mut stream = Stream::new(true);
        stream.add(b"not gzip");
        assert_eq!(stream.finish(), Err(FaultKind::Protocol));
    }

    /// Says that it has taken more than it was given.
    struct Boastful;

    impl Sink for Boastful {
        fn poll_write(&mut self, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(usize::MAX))
        }

        fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn sink_takes_at_most_what_there_is() {
        let mut stream = Stream::new(false);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..2 {
            stream.add(b"four");
            assert!(stream.poll_written(&mut context, &mut Boastful).is_ready());
        }
        assert_eq!(stream.written, 8);
    }

    #[test]
    fn one_mebibyte_may_wait() {
        let mut stream = Stream::new(false);
        stream.add(&[0; 1 << 20]);
        assert!(stream.has_room());
        stream.add(&[0]);
        assert!(!stream.has_room());
    }
}
