//! Following redirects to other hosts, without the token.

use http::header::LOCATION;
use http::{Method, StatusCode};

use crate::{ApiRequest, Caller, Connection, Error, Reply};

/// How many redirects are followed.
const HOPS: usize = 3;

/// Follows the redirects of a response that came over `connection`. Each location gets this request as a GET, without its own headers
/// and without the token.
pub(super) async fn follow<C: Caller>(
    caller: &C,
    connection: Option<&Connection>,
    request: &ApiRequest,
    reply: Reply,
) -> Result<Reply, Error> {
    let (mut connection, mut reply) = (connection.cloned(), reply);
    let mut own_origin = request.own_origin();
    let mut is_get = *request.method() == Method::GET;
    for hop in 0.. {
        if !redirects(reply.status()) {
            break;
        }
        is_get |= reply.status() == StatusCode::SEE_OTHER;
        let next = match (&connection, location(&reply)) {
            _ if hop == HOPS => Err("too many redirects".to_owned()),
            _ if !is_get => Err("only the redirect of a GET is followed".to_owned()),
            (None, _) => Err("this caller sends requests only to the API".to_owned()),
            (_, None) => {
                Err("the location is not a URL; encode special characters as %XX".to_owned())
            }
            (Some(connection), Some(to)) => connection.redirected(own_origin.take(), to),
        };
        let (next, target) = next.map_err(|why| unfollowed(&reply, &why))?;
        let request = request.clone().redirected(target);
        reply = caller.call_elsewhere(&next, request).await?;
        connection = Some(next);
    }
    Ok(reply)
}

/// Whether a response with this status names the place of the file. A 304 does not.
fn redirects(status: StatusCode) -> bool {
    matches!(status.as_u16(), 300..=303 | 307 | 308)
}

fn location(reply: &Reply) -> Option<&str> {
    reply.headers().get(LOCATION)?.to_str().ok()
}

fn unfollowed(reply: &Reply, why: &str) -> Error {
    let source = serde::de::Error::custom(why);
    reply.undecodable("location".to_owned(), source)
}
