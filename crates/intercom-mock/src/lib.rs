//! A mock server of the Intercom API on loopback, with faults on demand.
//!
//! In scope: [`MockServer`], a real HTTP server for tests in any language. From a shell, `intercom mock` starts it. It
//! simulates contacts that conflict, a search index that lags, rate limits in fixed windows with the headers that Intercom
//! sends, access tokens, scopes and a status page. [`Scripted`] responses inject faults: any status, headers and body,
//! delays, and connections that close before, during or after the request is processed. They can also be
//! [written in JSON](#scripts). [`Recorded`] requests show what the server received.
//!
//! Out of scope: webhooks, less common endpoints (they return 404 and can be scripted), and `https`: the server speaks
//! plain `http` on loopback.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//! use intercom_mock::{Method, MockServer, Scripted};
//!
//! let server = MockServer::start()?;
//! server.script(Method::GET, "/me", [Scripted::error(500, "server_error", "Server Error")]);
//!
//! // Any HTTP client works. This is a minimal one.
//! let get_me = || -> std::io::Result<String> {
//!     let mut stream = TcpStream::connect(server.address())?;
//!     write!(stream, "GET /me HTTP/1.1\r\nHost: mock\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n", server.token())?;
//!     let mut response = String::new();
//!     stream.read_to_string(&mut response)?;
//!     Ok(response)
//! };
//!
//! assert!(get_me()?.starts_with("HTTP/1.1 500"));
//! assert!(get_me()?.starts_with("HTTP/1.1 200"), "the script is used up, so the server responds as usual");
//! assert_eq!(server.requests().len(), 2);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The mock follows Intercom's public documentation and responses recorded in 2021:
//!
//! - Rate-limit windows have a fixed length and are aligned to the clock. `X-RateLimit-Remaining` is computed before the
//!   request is counted, so the first response of a window reports the whole limit. Every response to a request with a valid
//!   token has the three rate-limit headers, errors included; other responses have none.
//! - Two users cannot share an email address (ignoring case) or an external id, even if one of them is archived. Leads can.
//! - An archived contact can be unarchived, and can be read: the response has `"archived": true`. Lists and searches leave it
//!   out.
//! - Reading a merged contact returns 410 with a `Link` header to the contact it was merged into.
//! - Creating a user requires an email address or an external id. Creating a lead requires neither.
//! - Searches for contacts compare times by calendar day in the workspace's time zone. A list of companies ends at 10,000, and a
//!   scroll expires after a minute without a request.
//! - One export of message data can run at a time. Another one is refused with 429. Its data can be downloaded for two days.
//! - The last page of a list has no `pages.next` (contacts), or `null` there (searches, conversations).
//!
//! # Scripts
//!
//! `intercom mock --script FILE` and [`MockServer::script_lines`] read scripted responses in JSON, one object on each line.
//! This example has a 500 for the first contact that is created, the error page of a gateway for everything under a path, a
//! rate limit that resets in three seconds, and a `POST /messages` that the server carries out although it closes the connection
//! without a response.
//!
//! ```json
//! {"method": "POST", "path": "/contacts", "status": 500, "code": "server_error", "message": "Server Error"}
//! {"path": "/conversations/*", "times": "always", "status": 502, "headers": {"content-type": "text/html"}, "body": "<h1>Bad Gateway</h1>"}
//! {"method": "GET", "path": "/me", "status": 429, "code": "rate_limit_exceeded", "reset_in": 3}
//! {"method": "POST", "path": "/messages", "answer": "close_after_work"}
//! ```
//!
//! The server handles each request with the first line that matches and is not used up. If no line matches, it responds as
//! usual. A scripted response replaces the normal processing: the server does not check the token, use quota or store
//! anything, unless the line also processes the request (`work`, or `answer` is `normal`, `close_during` or `close_after_work`). An unknown
//! member is an error. Each line needs `status` or `answer`; all other members are optional:
//!
//! | member | meaning |
//! |---|---|
//! | `method`, `path` | the requests that the line matches: by default all, including those for the status page. Paths are compared without the query. A `*` at the end matches any ending |
//! | `times` | how many requests the line handles (1 by default), or `"always"` |
//! | `for_ms` | instead of `times`: handles requests until this many milliseconds after the first one |
//! | `answer` | `"normal"`: responds as without a script. `"close_before"`: closes the connection without processing the request. `"close_during"`: processes the request, and closes the connection after half of the response body. `"close_after_work"`: processes the request, and closes the connection without a response. `"captcha"`, `"challenge"`, `"block_page"`, `"proxy_login"`: the response of a firewall or proxy, which keeps the request from the API |
//! | `status` | the status of a scripted response, from 200 to 999 |
//! | `code`, `message` | makes the body an `error.list` of one error with this code and message, and with the same request id as the `X-Request-Id` header. Without `message`, the message is the code |
//! | `body` | the body, if there is no `code`: a string is sent as raw text without a `Content-Type`; other JSON is sent exactly as written |
//! | `work` | `true`: also processes the request, but sends this response instead of the normal one |
//! | `headers` | headers to send. A list sends a header several times; `null` leaves out a header like `date` |
//! | `reset_in` | adds the three rate-limit headers: a limit of 167, 0 remaining, and a reset this many seconds after `Date`. `headers` can override each of them |
//! | `delay_ms` | waits this many milliseconds before sending the response or closing the connection |
//! | `body_delay_ms` | waits this many milliseconds in the middle of the body |
//! | `truncate_after` | closes the connection after this many bytes of the body |
//! | `gzip`, `chunked` | `true`: compresses the body, or sends it in chunks without `Content-Length` |
//! | `oversized` | pads the body with spaces to this many bytes |

mod body;
mod builder;
mod checks;
mod clock;
mod connection;
mod id;
mod rate_limit;
mod record;
mod request;
mod response;
mod routes;
mod script;
mod server;
mod settings;
mod state;
mod status_page;
mod store;

pub use bytes;
pub use http::{self, Method};
pub use serde_json;

pub use builder::MockBuilder;
pub use record::Recorded;
pub use script::{ScriptError, Scripted};
pub use server::{Exchanged, MockServer};
