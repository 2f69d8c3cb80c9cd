//! A line as a contact.

use intercom_protocol::NewContact;

use super::{Invalid, Line, invalid};

impl Line {
    /// Returns the contact of the line, or why it is none. The contact keeps to the documented limits.
    pub(super) fn contact(&self) -> Result<NewContact, Invalid> {
        let contact: NewContact = invalid::json(self.object()?)?;
        contact.check().map_err(Invalid::request)?;
        Ok(contact)
    }
}
