//! The steps that fix an error, with the values that its response names.

use crate::{ApiError, FilledFix, Fix, KnownCase, Slot};

impl ApiError {
    /// Returns the usual causes, the most frequent first: those of its [known case](Self::known_case), or of its action.
    ///
    /// ```
    /// use intercom_errors::{ApiError, RequestLine};
    ///
    /// let request = RequestLine::new("POST", "/events");
    /// let error = ApiError::from_parts_to(&request, 404, [], b"");
    /// assert!(error.causes()[0].starts_with("The contact that the event names does not exist."));
    /// ```
    #[must_use]
    pub fn causes(&self) -> &'static [&'static str] {
        let of_action = self.class().action().causes();
        self.known_case().map_or(of_action, KnownCase::causes)
    }

    /// Returns the steps that fix the error, with values from the response: the scope, the contact, the request id.
    ///
    /// [`FilledFix::with`] adds values of the client.
    ///
    /// ```
    /// use intercom_errors::{ApiError, Fix};
    ///
    /// let body = br#"{"errors":[{"code":"conflict",
    ///     "message":"A contact matching those details already exists with id=5f1a"}]}"#;
    /// let error = ApiError::from_parts(409, [], body);
    /// let first = error.fixes().next().unwrap();
    /// assert_eq!(first.fix(), Fix::ReadExisting);
    /// assert!(first.to_string().contains("GET /contacts/5f1a"));
    /// ```
    pub fn fixes(&self) -> impl Iterator<Item = FilledFix<'_>> {
        let of_action = self.class().action().fixes();
        let fixes = self.known_case().map_or(of_action, KnownCase::fixes);
        fixes.iter().map(|&fix| self.step(fix))
    }

    /// Returns a step with values from the response.
    #[must_use]
    pub fn step(&self, fix: Fix) -> FilledFix<'_> {
        let slots = Slot::ALL.iter();
        let known = slots.filter_map(|&slot| Some((slot, self.value(slot)?)));
        known.fold(fix.step(), |step, (slot, value)| step.with(slot, value))
    }

    /// Returns the value of a slot from the response.
    pub(crate) fn value(&self, slot: Slot) -> Option<&str> {
        match slot {
            Slot::ContactId => match self.existing_contact() {
                Some(contact) => Some(contact.id()),
                None => self.merged_into(),
            },
            Slot::RequestId => self.request_id(),
            Slot::Scope => self.required_scope(),
            Slot::BaseUrl | Slot::StatusPage => None,
        }
    }
}
