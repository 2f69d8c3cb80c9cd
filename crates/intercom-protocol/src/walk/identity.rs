//! What a walk reads, so that a checkpoint is used for the same walk only.

use core::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::seen::hash;
use crate::ApiRequest;
use crate::wire::VERSION;

/// The parameters that say which page is requested.
const PAGING: [&str; 4] = ["page", "per_page", "scroll_param", "starting_after"];

/// What a walk reads: the request without its place, and the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    /// The method and the route.
    pub(super) walk: String,
    pub(super) host: String,
    /// The version of the API; `None` for the one that is set for the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// A digest of the whole request.
    request: String,
}

/// How a checkpoint differs from the walk that it is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    Host {
        of: String,
        here: String,
    },
    Query(String),
    Request {
        of: String,
        here: String,
    },
    /// The store lacks the id of the item that was returned last.
    Store,
    Version {
        of: Option<String>,
        here: Option<String>,
    },
    Workspace {
        of: String,
        here: String,
    },
}

impl Identity {
    /// A header of the request overrides the client's `version`.
    pub(super) fn new(request: &ApiRequest, base_url: &str, version: Option<&str>) -> Self {
        let own = request.headers().get(VERSION);
        let own = own.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let host = base_url
            .split_once("://")
            .map_or(base_url, |(_, host)| host);
        Self {
            walk: format!("{} {}", request.method(), request.route()),
            host: host.trim_end_matches('/').to_owned(),
            version: own.or_else(|| version.map(str::to_owned)),
            request: digest(request),
        }
    }

    /// How the identity in a checkpoint differs from this one.
    pub(super) fn difference(&self, of: &Self) -> Option<Difference> {
        let names = |one: &String, other: &String| (one.clone(), other.clone());
        if of.walk != self.walk {
            let (of, here) = names(&of.walk, &self.walk);
            return Some(Difference::Request { of, here });
        }
        if of.host != self.host {
            let (of, here) = names(&of.host, &self.host);
            return Some(Difference::Host { of, here });
        }
        if of.version != self.version {
            let (of, here) = (of.version.clone(), self.version.clone());
            return Some(Difference::Version { of, here });
        }
        (of.request != self.request).then(|| Difference::Query(self.walk.clone()))
    }
}

/// A digest of method, path, query and body, without what changes from page to page.
fn digest(request: &ApiRequest) -> String {
    let query = &request.target.query;
    let is_lasting = |pair: &&str| !PAGING.contains(&pair.split('=').next().unwrap_or_default());
    let mut query: Vec<&str> = query.split('&').filter(is_lasting).collect();
    query.sort_unstable();
    let body = request
        .body()
        .map(|body| match serde_json::from_slice(body) {
            // The members of an object are sorted.
            Ok(json) => without_place(json).to_string().into_bytes(),
            Err(_) => body.to_vec(),
        });
    let body = body.unwrap_or_default();
    let parts = [request.method().as_str(), request.path()].map(str::as_bytes);
    let query = query.iter().map(|pair| pair.as_bytes());
    let hash = hash(parts.into_iter().chain(query).chain([body.as_slice()]));
    format!("{hash:032x}")
}

fn without_place(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        if let Some(pagination) = members.get_mut("pagination").and_then(Value::as_object_mut) {
            pagination.retain(|name, _| !PAGING.contains(&name.as_str()));
        }
        let is_empty = |pagination: &Value| match pagination {
            Value::Object(members) => members.is_empty(),
            other => other.is_null(),
        };
        if members.get("pagination").is_some_and(is_empty) {
            members.remove("pagination");
        }
    }
    body
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { of, here } => {
                write!(f, "the checkpoint is of {of}, but this client uses {here}")
            }
            Self::Query(walk) => write!(f, "the checkpoint is of another query of {walk}"),
            Self::Request { of, here } => {
                write!(f, "the checkpoint is of {of}, but this walk reads {here}")
            }
            Self::Store => f.write_str(
                "the store of ids is of another walk: it lacks the item that was returned last",
            ),
            Self::Version { of, here } => write!(
                f,
                "the checkpoint is of {}, but this client uses {}",
                version_name(of.as_deref()),
                version_name(here.as_deref())
            ),
            Self::Workspace { of, here } => write!(
                f,
                "the checkpoint is of workspace {of}, but the access token reads workspace {here}"
            ),
        }
    }
}

fn version_name(version: Option<&str>) -> String {
    match version {
        Some(version) => format!("API version {version}"),
        None => "the API version that is set for the app".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Difference, Identity};
    use crate::ApiRequest;

    const BASE: &str = "https://api.intercom.io";

    fn search(body: &serde_json::Value) -> Identity {
        Identity::new(&ApiRequest::post("/contacts/search").json(body), BASE, None)
    }

    #[test]
    fn the_place_and_the_page_size_are_not_part_of_the_identity() {
        let listed = |query: &str| Identity::new(&ApiRequest::get(query), BASE, None);
        let list = listed("/contacts?order=desc");
        for query in [
            "?per_page=5&order=desc",
            "?order=desc&starting_after=WzE%3D",
        ] {
            assert_eq!(list, listed(&format!("/contacts{query}")), "{query}");
        }
        let all = search(&json!({ "query": {} }));
        for pagination in [
            json!(null),
            json!({}),
            json!({ "per_page": 5, "starting_after": "x" }),
        ] {
            assert_eq!(
                all,
                search(&json!({ "pagination": pagination, "query": {} }))
            );
        }
    }

    #[test]
    fn every_other_part_is() {
        let all = search(&json!({ "query": {} }));
        let other = search(&json!({ "query": { "field": "role" } }));
        assert_eq!(
            all.difference(&other),
            Some(Difference::Query("POST /contacts/search".into()))
        );
        let list = Identity::new(&ApiRequest::get("/contacts"), BASE, None);
        assert!(matches!(
            list.difference(&all),
            Some(Difference::Request { .. })
        ));
        let eu = Identity::new(
            &ApiRequest::get("/contacts"),
            "https://api.eu.intercom.io",
            None,
        );
        assert_eq!(
            list.difference(&eu).unwrap().to_string(),
            "the checkpoint is of api.eu.intercom.io, but this client uses api.intercom.io"
        );
        assert_eq!(list.difference(&list), None);
        let versioned = |request: ApiRequest| Identity::new(&request, BASE, Some("2.11"));
        let newer = versioned(ApiRequest::get("/contacts").header("Intercom-Version", "2.14"));
        let differs = |one: &Identity, of: &Identity| one.difference(of).unwrap().to_string();
        assert_eq!(
            differs(&versioned(ApiRequest::get("/contacts")), &newer),
            "the checkpoint is of API version 2.14, but this client uses API version 2.11"
        );
        assert_eq!(
            differs(&newer, &list),
            "the checkpoint is of the API version that is set for the app, but this client uses API version 2.14"
        );
    }
}
