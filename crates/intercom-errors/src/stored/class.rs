//! The class that an error had when it was stored.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::{ApiError, Class, Fault};

/// The class that an error had when it was stored.
///
/// An error that is read from a record is classified anew, by this version of the crate. The new class differs from the
/// stored one if the version that stored the error classified it differently. The names are kept as text, because
/// another version can have names that this one does not know.
///
/// ```
/// use intercom_errors::{ApiError, Category};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let record = r#"{"v":1,"status":404,"class":{"category":"routing","resend":"never","action":"reroute"},
///     "errors":[{"code":"not_found"}],"error_list":true,"body":{"kind":"error_list","len":40}}"#;
/// let error: ApiError = serde_json::from_str(record)?;
///
/// assert_eq!(error.class().category(), Category::NotFound);
/// let stored = error.stored_class().unwrap();
/// assert!(*stored != error.class());
/// assert_eq!(stored.category(), "routing");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredClass {
    category: Box<str>,
    resend: Box<str>,
    action: Box<str>,
}

impl StoredClass {
    /// Returns the name of the category, like `rate_limit`.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// Returns the name of the resend, like `if_replayable`.
    #[must_use]
    pub fn resend(&self) -> &str {
        &self.resend
    }

    /// Returns the name of the action, like `back_off`.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }
}

impl From<Class> for StoredClass {
    fn from(class: Class) -> Self {
        Self {
            category: class.category().as_str().into(),
            resend: class.resend().as_str().into(),
            action: class.action().as_str().into(),
        }
    }
}

impl PartialEq<Class> for StoredClass {
    fn eq(&self, class: &Class) -> bool {
        let stored = (self.category(), self.resend(), self.action());
        stored
            == (
                class.category().as_str(),
                class.resend().as_str(),
                class.action().as_str(),
            )
    }
}

impl ApiError {
    /// Returns the class in the record that the error was read from, or `None` if it was not read from a record.
    ///
    /// [`class`](Self::class) is computed anew, and is the one to act on.
    #[must_use]
    pub fn stored_class(&self) -> Option<&StoredClass> {
        self.0.origin.class.as_ref()
    }
}

impl Fault {
    /// Returns the class in the record that the fault was read from, or `None` if it was not read from a record.
    ///
    /// [`class`](Self::class) is computed anew, and is the one to act on.
    #[must_use]
    pub fn stored_class(&self) -> Option<&StoredClass> {
        self.0.stored_class.as_ref()
    }
}
