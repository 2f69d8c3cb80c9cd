//! Enums declared by a list of their variants, with the names used in JSON and their meanings.

use core::error::Error;
use core::fmt;

/// Declares an enum from a list of names: its variants, `as_str`, `ALL`, `Display` and `FromStr`.
///
/// Each variant has either its own documentation, or a meaning. The meaning is its documentation and what `meaning()`
/// returns.
#[doc(hidden)]
#[macro_export]
macro_rules! names {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$attribute:meta])* $variant:ident = $spelt:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$attribute])* $variant,)+ }

        impl $name {
            /// All variants, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the name in snake case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $spelt,)+ }
            }
        }

        /// Writes the name in snake case.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// Parses the name in snake case, ignoring case.
        impl core::str::FromStr for $name {
            type Err = $crate::UnknownName;

            fn from_str(name: &str) -> Result<Self, $crate::UnknownName> {
                let mut all = Self::ALL.iter().copied();
                all.find(|one| one.as_str().eq_ignore_ascii_case(name))
                    .ok_or($crate::UnknownName::new(stringify!($name), &[$($spelt),+]))
            }
        }

        $crate::stored_name!($name);
    };
    ($(#[$meta:meta])* pub enum $name:ident { $($list:tt)+ }) => {
        $crate::names! { $(#[$meta])* pub enum $name, doc("", "") { $($list)+ } }
    };
    (
        $(#[$meta:meta])*
        pub enum $name:ident, doc($before:literal, $after:literal) {
            $($variant:ident = $spelt:literal, $meaning:literal;)+
        }
    ) => {
        $crate::names! {
            $(#[$meta])*
            pub enum $name {
                $(#[doc = concat!($before, $meaning, $after)] $variant = $spelt,)+
            }
        }

        impl $name {
            /// Returns the meaning, in one line.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

/// The error of parsing a name into an enum that has no variant with this name.
///
/// `Display` lists the valid names. It does not repeat the invalid one, which can be any text.
///
/// ```
/// use intercom_errors::{Category, Resend};
///
/// assert_eq!("not_found".parse(), Ok(Category::NotFound));
/// let error = "sometimes".parse::<Resend>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown resend; use one of never, if_replayable, safe");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    of: &'static str,
    known: &'static [&'static str],
}

impl UnknownName {
    /// Creates the error. The enums of the other crates use it too.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(of: &'static str, known: &'static [&'static str]) -> Self {
        Self { of, known }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown")?;
        for letter in self.of.chars() {
            if letter.is_ascii_uppercase() {
                f.write_str(" ")?;
            }
            write!(f, "{}", letter.to_ascii_lowercase())?;
        }
        for (index, name) in self.known.iter().enumerate() {
            let before = if index == 0 { "; use one of " } else { ", " };
            write!(f, "{before}{name}")?;
        }
        Ok(())
    }
}

impl Error for UnknownName {}
