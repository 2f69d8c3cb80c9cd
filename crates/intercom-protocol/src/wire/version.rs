//! The version of the API that requests ask for.

use http::{HeaderName, HeaderValue};

use super::connection::header;
use super::url::is_digits;
use crate::Error;

/// The header with the version.
pub(crate) const VERSION: HeaderName = HeaderName::from_static("intercom-version");

/// Returns the value of the header.
pub(super) fn api_version(version: &str) -> Result<HeaderValue, Error> {
    let number = version.split_once('.');
    let is_number = number.is_some_and(|(major, minor)| is_digits(major) && is_digits(minor));
    // Older documentation calls the preview unstable.
    if !is_number && !matches!(version, "Preview" | "Unstable") {
        return Err(Error::configuration(
            "api_version",
            "api_version is not a version number; use one like 2.14, or Preview",
        ));
    }
    header("api_version", version)
}

#[cfg(test)]
mod tests {
    use crate::Config;

    #[test]
    fn an_api_version_is_a_number_with_a_dot_or_preview() {
        let built = |version: &str| Config::new("t").api_version(version).build();
        for version in ["1.0", "2.14", "2.17", "10.0", "Preview", "Unstable"] {
            assert!(built(version).is_ok(), "{version}");
        }
        for version in [
            "", "two", "2", "2.", ".14", "v2.14", "2.14.1", "2.14\n", " 2.14", "-2.14",
        ] {
            let error = built(version).unwrap_err();
            assert_eq!(
                error.errors()[0].field(),
                Some("api_version"),
                "{version:?}"
            );
        }
        insta::assert_snapshot!(built("two").unwrap_err(), @"invalid configuration: api_version is not a version number; use one like 2.14, or Preview");
    }
}
