//! One list per enum of names: its variants, how they are spelt in JSON, and what they mean.

use core::error::Error;
use core::fmt;

/// Declares an enum with everything that its list of names yields: variants, spelling, `ALL`, `Display`, `FromStr`.
///
/// Variants have documentation of their own, or a meaning, which then documents them and is what `meaning()` returns.
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
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in snake case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $spelt,)+ }
            }
        }

        /// Shows the name in snake case.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// Reads the name in snake case; upper case is accepted too.
        impl core::str::FromStr for $name {
            type Err = $crate::UnknownName;

            fn from_str(name: &str) -> Result<Self, $crate::UnknownName> {
                let mut all = Self::ALL.iter().copied();
                all.find(|one| one.as_str().eq_ignore_ascii_case(name))
                    .ok_or($crate::UnknownName::new(stringify!($name), &[$($spelt),+]))
            }
        }
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
            /// What it means, in one line.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

/// The error of parsing a name that is not among those of its enum.
///
/// `Display` lists the names that are. It does not repeat the one that was parsed, which may be anything.
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
    /// For the lists of names of the other crates.
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
