//! Unpacks a table while it arrives.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use flate2::write::MultiGzDecoder;

use super::messages::MessageProgress;

/// The first byte of data that is compressed with gzip.
const GZIP: u8 = 0x1f;

/// A writer that unpacks what it receives to a file.
pub(super) struct Unpacker {
    /// `None` until the first byte arrives.
    packed: Option<Packed>,
    /// Where the first byte leads to.
    table: Option<Table>,
}

/// The data: compressed, or plain because the server declared the compression of the file as that of the response.
enum Packed {
    Gzip(Box<MultiGzDecoder<Table>>),
    Plain(Table),
}

/// The file of the table, which counts what it receives.
struct Table {
    file: BufWriter<File>,
    length: u64,
    progress: MessageProgress,
}

impl Unpacker {
    pub(super) fn new(file: File, progress: MessageProgress) -> Self {
        Self {
            packed: None,
            table: Some(Table {
                file: BufWriter::new(file),
                length: 0,
                progress,
            }),
        }
    }

    /// Checks that the data has not ended early, and writes the table to the disk. Returns its length.
    pub(super) fn finish(self) -> io::Result<u64> {
        let table = match self.packed {
            Some(Packed::Gzip(decoder)) => decoder.finish()?,
            Some(Packed::Plain(table)) => table,
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        let length = table.length;
        let file = table
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(length)
    }

    fn packed(&mut self, first: u8) -> io::Result<&mut Packed> {
        if let Some(table) = self.table.take() {
            self.packed = match first {
                GZIP => Some(Packed::Gzip(Box::new(MultiGzDecoder::new(table)))),
                b'<' | b'{' => None,
                _ => Some(Packed::Plain(table)),
            };
        }
        let other = || io::Error::new(io::ErrorKind::InvalidData, "it begins like HTML or JSON");
        self.packed.as_mut().ok_or_else(other)
    }
}

impl Write for Unpacker {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(&first) = bytes.first() else {
            return Ok(0);
        };
        match self.packed(first)? {
            Packed::Gzip(decoder) => decoder.write(bytes),
            Packed::Plain(table) => table.write(bytes),
        }
    }

    /// Does nothing before the end, so that the download does not wait for the disk.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Table {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        self.progress.wrote(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
