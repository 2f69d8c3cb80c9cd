//! Conversions between error codes and text. The known codes are in the catalog.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::ErrorCode;

impl From<&str> for ErrorCode {
    fn from(text: &str) -> Self {
        Self::known(text)
            .or_else(|| Self::known(&text.to_ascii_lowercase()))
            .unwrap_or_else(|| Self::Unknown(text.into()))
    }
}

impl From<String> for ErrorCode {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl AsRef<str> for ErrorCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for ErrorCode {
    type Err = core::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for ErrorCode {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::{any, proptest};

    use crate::ErrorCode;

    #[test]
    fn a_code_equals_its_text_and_no_other() {
        for text in ["rate_limit_exceeded", "brand_new"] {
            let code = ErrorCode::from(text);
            assert_eq!(code.as_ref(), text);
            assert!(code == text && code == *text);
            assert!(code != "unauthorized" && code != *"unauthorized");
        }
    }

    proptest! {
        #[test]
        fn any_code_keeps_its_spelling(text in any::<std::string::String>()) {
            assert!(ErrorCode::from(text.as_str()).to_string().eq_ignore_ascii_case(&text));
        }
    }
}
