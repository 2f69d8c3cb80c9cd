//! A line as a contact.

use intercom_protocol::NewContact;

use super::invalid::{Broken, Invalid};
use super::{Line, invalid};

impl Line {
    /// Returns the contact of the line, or why it is none. The contact keeps to the documented limits.
    pub(super) fn contact(&self) -> Result<NewContact, Invalid> {
        let text = self.object()?;
        let contact: NewContact = serde_json::from_str(text)
            .map_err(|error| invalid::Cause::from(Broken::from(error)))?;
        contact.check().map_err(Invalid::request)?;
        Ok(contact)
    }
}
