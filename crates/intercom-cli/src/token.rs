//! The access token, which comes from the environment or a file, never from an argument.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::args::Global;
use crate::error::Failure;
use crate::redact::Redactor;

const VARIABLE: &str = "INTERCOM_ACCESS_TOKEN";
/// How to give the command a token.
pub(crate) const HOW_TO_SET: &str =
    "set INTERCOM_ACCESS_TOKEN, or use --token-file with a file that contains it";
/// Tokens are shorter: a longer file contains something else.
const LONGEST: u64 = 16 * 1024;

/// The access token. `Debug` does not show it.
#[derive(Clone)]
pub(crate) struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

impl Token {
    /// Reads the token from the file if there is one, else from the environment. `None` if there is no token.
    pub(crate) fn read(global: &Global) -> Result<Option<Self>, Failure> {
        if let Some(path) = &global.token_file {
            return from_file(path).map(Some);
        }
        let text = variable().into_string().map_err(|_| {
            Failure::usage(format!(
                "{VARIABLE} is not UTF-8; copy the access token again from the Developer Hub"
            ))
        })?;
        Ok(Some(text).filter(|text| !text.is_empty()).map(Self))
    }

    /// The failure of a command that needs a token.
    pub(crate) fn missing() -> Failure {
        Failure::usage(Self::missing_line())
    }

    pub(crate) fn missing_line() -> String {
        format!("no access token: {HOW_TO_SET}")
    }

    /// A token that is not secret, like the mock's.
    pub(crate) const fn known(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn redactor(&self) -> Redactor {
        Redactor::new(&self.0)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// The environment variable, unchecked. Used to redact the output.
pub(crate) fn variable() -> OsString {
    std::env::var_os(VARIABLE).unwrap_or_default()
}

fn from_file(path: &Path) -> Result<Token, Failure> {
    let shown = path.display();
    let bad = |why: String| Failure::usage(format!("the token file {shown} {why}"));
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| bad(format!("cannot be read: {error}")))?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > LONGEST) {
        return Err(bad("is too long to be a token".to_owned()));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| bad("is not UTF-8; it must contain only the token".to_owned()))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() {
        return Err(bad("is empty; write the access token to it".to_owned()));
    }
    Ok(Token(text.to_owned()))
}
