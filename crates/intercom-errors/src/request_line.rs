//! The request that a response answers, as far as it changes what the response means.

use crate::RequestPath;

/// The method and the path of a request.
///
/// [`ApiError::from_parts_to`](crate::ApiError::from_parts_to) takes one where the request is known. It sometimes says more
/// than the response:
///
/// | request | response | class |
/// |---|---|---|
/// | `GET /companies/scroll` | 408, 5xx | `RestartScroll`, `Never`: the page may be lost, and no scroll goes back |
/// | `POST /messages` | 404 | `WaitForIndex`: a contact that was just created cannot be messaged yet |
/// | `DELETE` | 409 that could mean that something exists | `FixInput`: a deletion clashes with no name |
/// | `POST /fin_voice/register` | 409 | `NothingToDo`: the call is registered |
/// | `PATCH`, except of a data connector, and methods the API does not have | 404 | `FixMethod`: the response to a wrong method |
///
/// A known request never makes a class bolder. In particular the 404 of a message stays `Never`: nothing was sent, but the
/// response to a wrong id is the same, so a program sends it again only when it knows the contact to be new. And the 404 of
/// a DELETE stays `VerifyId`: what is to be deleted may be gone, or the id may be of another kind.
///
/// ```
/// use intercom_errors::{Action, ApiError, RequestLine};
///
/// let body = br#"{"type":"error.list","errors":[{"code":"not_found"}]}"#;
/// assert_eq!(ApiError::from_parts(404, [], body).class().action(), Action::VerifyId);
///
/// let request = RequestLine::new("POST", "/messages");
/// let error = ApiError::from_parts_to(&request, 404, [], body);
/// assert_eq!(error.class().action(), Action::WaitForIndex);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestLine<'r> {
    method: &'r str,
    path: RequestPath<'r>,
}

impl<'r> RequestLine<'r> {
    /// A request with this method, in capitals, and this target: a path that may carry a query, or a whole URL.
    #[must_use]
    pub fn new(method: &'r str, target: &'r str) -> Self {
        Self {
            method,
            path: RequestPath::of_target(target),
        }
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'r str {
        self.method
    }

    /// The path, without the query.
    #[must_use]
    pub const fn path(&self) -> &RequestPath<'r> {
        &self.path
    }
}
