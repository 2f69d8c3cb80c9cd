//! The files of an archive.

use std::io::Read as _;

use flate2::read::GzDecoder;

/// The name and the text of each file, without the folder.
pub(crate) fn unpacked(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let name = name.strip_prefix("intercom-bundle/").unwrap().to_owned();
        (name, text)
    });
    entries.collect()
}
