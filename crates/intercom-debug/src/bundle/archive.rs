//! Files as a `tar.gz`, without anything that differs between two archives of the same files.

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use intercom_protocol::UnixTime;
use tar::{Builder, EntryType, Header};

/// The folder that the files are unpacked to.
const FOLDER: &str = "intercom-bundle";

/// Returns the archive. All files have the same owner, and the time of the bundle.
pub(super) fn tar_gz(files: &[(String, String)], time: UnixTime) -> Vec<u8> {
    // Writing to memory cannot fail, and no name is too long.
    try_tar_gz(files, time).unwrap_or_default()
}

fn try_tar_gz(files: &[(String, String)], time: UnixTime) -> std::io::Result<Vec<u8>> {
    // The header of gzip has neither a name nor a time, and no system.
    let encoder: GzEncoder<_> = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::default());
    let mut archive = Builder::new(encoder);
    for (name, text) in files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(time.as_secs());
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, format!("{FOLDER}/{name}"), text.as_bytes())?;
    }
    archive.into_inner()?.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use intercom_protocol::UnixTime;

    use super::tar_gz;

    #[test]
    fn files_come_back_with_fixed_owner_mode_and_time() {
        let files = [
            ("summary.txt".to_owned(), "ok\n".to_owned()),
            ("MANIFEST".to_owned(), String::new()),
        ];
        let bytes = tar_gz(&files, UnixTime::from_secs(1_762_075_800).unwrap());
        // No flags, no time, no system.
        assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let header = entry.header();
            assert_eq!(
                (
                    header.mode().unwrap(),
                    header.uid().unwrap(),
                    header.mtime().unwrap()
                ),
                (0o600, 0, 1_762_075_800)
            );
            found.push((entry.path().unwrap().display().to_string(), text));
        }
        assert_eq!(
            found,
            [
                ("intercom-bundle/summary.txt".to_owned(), "ok\n".to_owned()),
                ("intercom-bundle/MANIFEST".to_owned(), String::new())
            ]
        );
    }
}
