//! A support bundle: evidence about a problem, in one file that is safe to send.
//!
//! ```text
//! client, files ──collect──▶ values ──render──▶ files ──archive──▶ bytes ──write──▶ FILE.tar.gz
//! ```
//!
//! Only `collect` and `write` do I/O. Equal values give equal bytes.

mod archive;
mod clock;
mod collect;
mod collected;
mod options;
mod progress;
mod render;
#[cfg(test)]
mod sample;
mod write;

use std::path::{Path, PathBuf};

use intercom_blocking::Client;

pub use self::options::BundleOptions;
pub use self::progress::Progress;
pub use self::write::WriteError;

use self::collected::Collected;

/// Evidence about a problem, ready to be written.
///
/// ```
/// use intercom_debug::bundle::{Bundle, BundleOptions};
///
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).status_url(mock.status_url()).build()?;
/// # let folder = std::env::temp_dir().join(format!("bundle-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("evidence.tar.gz");
/// let options = BundleOptions::new().on_progress(|step| eprintln!("{step}"));
/// let bundle = Bundle::collect(&client, options);
/// println!("{}", bundle.summary());
/// bundle.write(&path)?;
/// # assert!(bundle.problems().is_empty(), "{:?}", bundle.problems());
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bundle {
    collected: Collected,
    /// The files that were read. The archive replaces none of them.
    inputs: Vec<PathBuf>,
}

impl Bundle {
    /// Checks the token, the network, the API and the status page side by side, and reads the files of the options.
    ///
    /// It takes at most as long as the [deadline](BundleOptions::deadline) of the options, and the time to read the files. A
    /// step that fails is one of the [`problems`](Self::problems); the others are made.
    ///
    /// It sends four reads to the API with the client's token, one request without it, and reads the status page.
    #[must_use]
    pub fn collect(client: &Client, options: BundleOptions) -> Self {
        let files = [&options.logs, &options.env_files, &options.recordings];
        Self {
            inputs: files.into_iter().flatten().cloned().collect(),
            collected: collect::collect(client, options),
        }
    }

    /// Returns `summary.txt`: what was found, for people.
    #[must_use]
    pub fn summary(&self) -> String {
        render::summary(&self.collected)
    }

    /// Returns the name and the text of each file in the bundle, in the order of the archive.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        render::files(&self.collected)
    }

    /// Returns the steps that failed, each with what went wrong.
    #[must_use]
    pub fn problems(&self) -> Vec<(&str, &str)> {
        let problems = self.collected.problems.iter();
        problems
            .map(|problem| (problem.step.as_str(), problem.error.as_str()))
            .collect()
    }

    /// Returns how many of the files that the options name could not be read.
    #[must_use]
    pub fn unread_files(&self) -> usize {
        self.collected.unread_files
    }

    /// Returns a name with the time, like `intercom-bundle-20261102-093000.tar.gz`.
    #[must_use]
    pub fn file_name(&self) -> String {
        let time: String = self.collected.collected_at.to_string();
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let (date, time) = time.split_once('T').unwrap_or((&time, ""));
        let time = time.get(..8).unwrap_or_default();
        format!("intercom-bundle-{}-{}.tar.gz", digits(date), digits(time))
    }

    /// Returns the archive: a `tar.gz`. Equal bundles have equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        archive::tar_gz(&render::files(&self.collected), self.collected.collected_at)
    }

    /// Writes the archive to a file that only its owner may read, and replaces an existing one.
    ///
    /// It is written to a temporary file in the same folder first. If that fails, nothing is left behind.
    ///
    /// # Errors
    ///
    /// A [`WriteError`] if the folder cannot be written to, the disk is full, or `path` is a pipe, a device or one of the files of the
    /// options.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        write::replace(path.as_ref(), &self.to_bytes(), &self.inputs)
    }
}
