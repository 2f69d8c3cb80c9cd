//! Contacts in another format than the source expects.

use std::io;

/// Fails if the first line of JSON objects is the header of a table.
pub(super) fn refuse_table(line: &[u8]) -> io::Result<()> {
    let line = String::from_utf8_lossy(line);
    let mut cells = line.split([',', ';', '\t']);
    let is_identity = |cell: &str| {
        let cell = cell.trim_matches(|char: char| char == '"' || char.is_whitespace());
        ["email", "external_id"].contains(&cell.to_ascii_lowercase().as_str())
    };
    if cells.any(is_identity) {
        Err(unfit(
            "its first line is the header of a table, not a JSON object; use --format csv"
                .to_owned(),
        ))
    } else {
        Ok(())
    }
}

/// A file that is not in the expected format.
pub(super) fn unfit(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
