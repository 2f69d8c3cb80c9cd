//! The method and path of a request, which can change what its response means.

use crate::RequestPath;

/// The method and the path of a request.
///
/// Pass it to [`ApiError::from_parts_to`](crate::ApiError::from_parts_to) if you know the request. The same response
/// means something else for some requests:
///
/// | request | response | class |
/// |---|---|---|
/// | `GET /companies/scroll` | 408, 5xx | `RestartScroll`, `Never`: the page may be lost, and a scroll cannot go back |
/// | `GET /companies/scroll?scroll_param=...` | 404 | `RestartScroll`: the scroll has expired |
/// | `POST /events`, `POST /messages` | 404 | `WaitForIndex`: a contact that was just created has no events and messages yet |
/// | `DELETE` | 409 that usually means "already exists" | `FixInput`: a deletion does not create anything |
/// | `POST /fin_voice/register` | 409 | `NothingToDo`: the call is already registered |
/// | `PATCH` (except on a data connector), or a method that the API does not use | 404 | `FixMethod`: the response to an unsupported method |
///
/// Knowing the request never allows a retry that the response alone does not allow. For example, a 404 to
/// `POST /messages` stays `Never`: a retry would be harmless, but a wrong id gets the same 404. Send it again only if you
/// know that the contact is new. A 404 to a `DELETE` stays `VerifyId`: the resource may be gone already, or the id may
/// belong to another kind of resource.
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
    pub(crate) method: &'r str,
    pub(crate) path: RequestPath<'r>,
    pub(crate) query: &'r str,
}

impl<'r> RequestLine<'r> {
    /// Creates a request line. The method is in upper case; the target is a path with or without a query, or a whole
    /// URL.
    #[must_use]
    pub fn new(method: &'r str, target: &'r str) -> Self {
        let target_without_fragment = target.split('#').next().unwrap_or_default();
        let (_, query) = target_without_fragment.split_once('?').unwrap_or_default();
        Self {
            method,
            path: RequestPath::of_target(target),
            query,
        }
    }

    /// Replaces the query. Use this if the query is kept apart from the path.
    #[must_use]
    pub const fn with_query(mut self, query: &'r str) -> Self {
        self.query = query;
        self
    }

    /// Returns the method.
    #[must_use]
    pub const fn method(&self) -> &'r str {
        self.method
    }

    /// Returns the path without the query.
    #[must_use]
    pub const fn path(&self) -> &RequestPath<'r> {
        &self.path
    }

    /// Returns `true` if the query has a parameter with this name.
    #[must_use]
    pub fn has_parameter(&self, name: &str) -> bool {
        let names = self
            .query
            .split('&')
            .filter_map(|part| part.split('=').next());
        names.into_iter().any(|one| one == name)
    }
}
