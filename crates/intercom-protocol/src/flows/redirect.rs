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
    for hop in 0.. {
        let Some(to) = location(&reply) else {
            break;
        };
        let becomes_get =
            *request.method() == Method::GET || reply.status() == StatusCode::SEE_OTHER;
        let next = match &connection {
            _ if hop == HOPS => Err("too many redirects".to_owned()),
            _ if !becomes_get => Err("only the redirect of a GET is followed".to_owned()),
            None => Err("this caller sends requests only to the API".to_owned()),
            Some(connection) => connection.redirected(to),
        };
        let (next, target) = next.map_err(|why| unfollowed(&reply, &why))?;
        let request = request.clone().redirected(target);
        reply = caller.call_elsewhere(&next, request).await?;
        connection = Some(next);
    }
    Ok(reply)
}

fn location(reply: &Reply) -> Option<&str> {
    let location = reply.headers().get(LOCATION)?;
    location
        .to_str()
        .ok()
        .filter(|_| reply.status().is_redirection())
}

fn unfollowed(reply: &Reply, why: &str) -> Error {
    let source = serde::de::Error::custom(why);
    reply.undecodable("location".to_owned(), source)
}
