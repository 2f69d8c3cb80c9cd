//! Requests whose response is a download.

use http::HeaderMap;

use super::Receiver;
use crate::ApiRequest;
use crate::target::Target;

impl ApiRequest {
    /// Writes the body of the response to the download of this receiver.
    pub(crate) fn received_by(mut self, receiver: Receiver) -> Self {
        self.receiver = Some(Box::new(receiver));
        self.expect_any()
    }

    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        self.receiver.as_deref()
    }

    /// Sends the same to another place, without the headers and the body, which are not meant for it.
    pub(crate) fn redirected(mut self, target: Target) -> Self {
        self.target = target;
        self.headers = HeaderMap::new();
        self.body = None;
        self.complete = None;
        self
    }
}
