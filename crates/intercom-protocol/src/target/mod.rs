//! The method, path and query of a request, which its reply and its error share.

mod routes;

use core::fmt;
use std::borrow::Cow;

use http::Method;
use intercom_errors::RequestLine;

pub(crate) use self::routes::matches;
pub use self::routes::route_of;

/// The method, the path and the query of a request.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
}

impl Target {
    pub(crate) fn route(&self) -> Cow<'static, str> {
        route_of(&self.path)
    }

    pub(crate) fn line(&self) -> RequestLine<'_> {
        RequestLine::new(self.method.as_str(), &self.path).with_query(&self.query)
    }
}

/// Returns the name of a method. Those of the API need no memory.
pub(crate) fn method_name(method: &Method) -> Cow<'static, str> {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let known = known.into_iter().find(|name| method == name);
    known.map_or_else(|| method.to_string().into(), Cow::Borrowed)
}

/// Shows the route, because a path can contain personal data.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.route())
    }
}
