//! The rows of a table of contacts, each as the JSON of a contact.

use std::collections::VecDeque;
use std::io::{self, Read};

use csv::{ByteRecord, Error, ErrorKind, Reader, ReaderBuilder};
use intercom_protocol::AttributeValue;
use serde_json::{Map, Value};

use super::Portion;
use super::lines::{Digest, LONGEST, Line, Unreadable, bounded, unmarked};
use super::mistaken::unfit;

/// The columns of a contact's own fields.
const FIELDS: [&str; 5] = ["email", "external_id", "name", "phone", "role"];

const ATTRIBUTES: &str = "custom_attributes";

/// More custom attributes than a workspace can have.
const MOST_COLUMNS: usize = 1_000;

/// How many rows are read at a time.
const PORTION: usize = 64;

/// The rows after the header, one after another.
///
/// Their numbers are those of a spreadsheet: the header is row 1, and blank lines do not count.
pub(crate) struct Rows<R> {
    reader: Reader<Quotes<R>>,
    columns: Vec<Column>,
    /// The number of the latest row.
    number: u64,
}

/// Passes bytes on, and fails if a row is too long or a quote is not closed: it would swallow the rest of the table.
struct Quotes<R> {
    source: R,
    /// Whether the latest byte is inside quotes, and on which line they were opened.
    open: Option<u64>,
    line: u64,
    /// The length of the row so far.
    length: usize,
}

impl<R: Read> Quotes<R> {
    const fn new(source: R) -> Self {
        Self {
            source,
            open: None,
            line: 1,
            length: 0,
        }
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        let unclosed = |line: u64| unfit(format!("the quote on line {line} is not closed"));
        if read == 0 && !buffer.is_empty() {
            return self.open.map_or(Ok(0), |line| Err(unclosed(line)));
        }
        for byte in buffer.get(..read).unwrap_or_default() {
            self.length += 1;
            match byte {
                b'"' => self.open = self.open.is_none().then_some(self.line),
                b'\n' => self.line += 1,
                _ => {}
            }
            if self.open.is_none() && matches!(byte, b'\n' | b'\r') {
                self.length = 0;
            }
        }
        match self.open {
            _ if self.length <= LONGEST => Ok(read),
            Some(line) => Err(unclosed(line)),
            None => Err(unfit(format!(
                "the row on line {} is longer than {} MiB",
                self.line,
                LONGEST >> 20
            ))),
        }
    }
}

/// Reads the whole table, to find a quote that is not closed.
pub(super) fn check_quotes(source: impl Read) -> io::Result<()> {
    io::copy(&mut Quotes::new(source), &mut io::sink()).map(|_| ())
}

/// What a column sets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Attribute(String),
    Field(&'static str),
}

impl<R: Read> Rows<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            reader: ReaderBuilder::new().from_reader(Quotes::new(source)),
            columns: Vec::new(),
            number: 1,
        }
    }

    /// Returns some rows; none at the end.
    pub(super) fn portion(&mut self) -> Portion {
        let mut lines = VecDeque::new();
        while lines.len() < PORTION {
            match self.next()? {
                Some(line) => lines.push_back(line),
                None => break,
            }
        }
        Ok(lines)
    }

    /// Returns the next row.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        if self.columns.is_empty() {
            let header = self.reader.byte_headers().map_err(of_source)?;
            self.columns = columns(header).map_err(unfit)?;
        }
        let mut record = ByteRecord::new();
        let text = match self.reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(None),
            Ok(true) => self.contact(&record),
            Err(error) => Err(Unreadable::Row(why(error)?)),
        };
        self.number += 1;
        bounded(self.number)?;
        let mut digest = Digest::new();
        match &text {
            Ok(json) => digest.add(json),
            Err(_) => record.iter().for_each(|cell| digest.add(cell)),
        }
        Ok(Some(Line {
            number: self.number,
            digest: digest.0,
            text,
            end: self.reader.position().byte(),
        }))
    }

    /// The contact of a row as JSON.
    fn contact(&self, row: &ByteRecord) -> Result<Vec<u8>, Unreadable> {
        let (mut fields, mut attributes) = (Map::new(), Map::new());
        for (column, cell) in self.columns.iter().zip(row) {
            let cell = std::str::from_utf8(cell)
                .map_err(|_| Unreadable::Row("not UTF-8; save the file as UTF-8".to_owned()))?;
            match column {
                _ if cell.is_empty() => {}
                Column::Attribute(name) => {
                    let value = serde_json::to_value(AttributeValue::parse(cell));
                    attributes.insert(name.clone(), value.unwrap_or_default());
                }
                Column::Field(name) => {
                    fields.insert((*name).to_owned(), cell.into());
                }
            }
        }
        if !attributes.is_empty() {
            fields.insert(ATTRIBUTES.to_owned(), attributes.into());
        }
        Ok(Value::Object(fields).to_string().into_bytes())
    }
}

/// Returns what the columns set, or what is wrong with the header.
fn columns(header: &ByteRecord) -> Result<Vec<Column>, String> {
    let mut columns: Vec<Column> = Vec::new();
    if header.len() > MOST_COLUMNS {
        return Err(format!("it has more than {MOST_COLUMNS} columns"));
    }
    for (index, cell) in header.iter().enumerate() {
        let cell = if index == 0 { unmarked(cell, 1) } else { cell };
        if cell.starts_with(b"\xff\xfe") || cell.starts_with(b"\xfe\xff") || cell.contains(&0) {
            return Err("it is UTF-16; save it as UTF-8".to_owned());
        }
        let name = std::str::from_utf8(cell)
            .map_err(|_| "its header is not UTF-8; save it as UTF-8".to_owned())?;
        let name = name.trim();
        let attribute = name
            .strip_prefix(ATTRIBUTES)
            .and_then(|rest| rest.strip_prefix('.'))
            .filter(|name| !name.is_empty());
        let field = FIELDS.into_iter().find(|field| *field == name);
        let column = match (field, attribute) {
            (Some(field), _) => Column::Field(field),
            (None, Some(name)) => Column::Attribute(name.to_owned()),
            (None, None) if name.contains([';', '\t']) && header.len() == 1 => {
                return Err(
                    "its columns are not separated by commas; save it with commas".to_owned(),
                );
            }
            (None, None) if index == 0 && name.starts_with('{') => {
                return Err("its first line is a JSON object, not the header of a table; use --format ndjson".to_owned());
            }
            (None, None) => return Err(unknown(name)),
        };
        if columns.contains(&column) {
            return Err(format!("the column {name:?} occurs twice; remove one"));
        }
        columns.push(column);
    }
    let is_identity = |column: &Column| matches!(column, Column::Field("email" | "external_id"));
    if columns.iter().any(is_identity) {
        Ok(columns)
    } else {
        Err("it has no column email or external_id; add one, in the first line".to_owned())
    }
}

/// The complaint about a column that sets nothing, with the right name if only the spelling differs.
fn unknown(name: &str) -> String {
    let plain = |name: &str| {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    };
    let meant = match name.split_once('.') {
        Some((prefix, rest)) => {
            let is_meant = plain(prefix) == plain(ATTRIBUTES) && !rest.is_empty();
            is_meant.then(|| format!("{ATTRIBUTES}.{rest}"))
        }
        None => {
            let field = FIELDS.iter().find(|field| plain(field) == plain(name));
            field.map(ToString::to_string)
        }
    };
    match meant {
        Some(meant) => format!("unknown column {name:?}; write {meant:?}"),
        None => format!(
            "unknown column {name:?}; use {} or {ATTRIBUTES}.NAME",
            FIELDS.join(", ")
        ),
    }
}

/// Why a row cannot be read, or why no more rows can.
fn why(error: Error) -> io::Result<String> {
    match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => Ok(format!(
            "the row has {len} columns and the header {expected_len}; put a cell with a comma in quotes, and close every quote"
        )),
        _ => Err(of_source(error)),
    }
}

/// The error of the source, without that of the csv crate around it.
fn of_source(error: Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

impl<R> std::fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}
