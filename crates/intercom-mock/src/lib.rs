//! An Intercom on loopback that behaves, and misbehaves, like the real one.
//!
//! In scope: [`MockServer`], a real HTTP server for tests in any language (from a shell, `intercom mock` starts it):
//! contacts that conflict, a search index that lags, rate limits in fixed windows with the headers as they were recorded,
//! tokens, scopes, a status page. [`Scripted`] answers put faults in its way: any status, headers and bytes, delays,
//! connections closed before, during or after the work; they can be [told in JSON](#scripts) as well.
//! [`Recorded`] requests tell what arrived.
//!
//! Out of scope: webhooks, all but the most used endpoints (the rest answer 404 and can be scripted), and `https` for the
//! server, which is plain `http` on loopback.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//! use intercom_mock::{Method, MockServer, Scripted};
//!
//! let server = MockServer::start()?;
//! server.script(Method::GET, "/me", [Scripted::error(500, "server_error", "Server Error")]);
//!
//! // Any HTTP client will do; this is the smallest.
//! let ask = || -> std::io::Result<String> {
//!     let mut stream = TcpStream::connect(server.address())?;
//!     write!(stream, "GET /me HTTP/1.1\r\nHost: mock\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n", server.token())?;
//!     let mut answer = String::new();
//!     stream.read_to_string(&mut answer)?;
//!     Ok(answer)
//! };
//!
//! assert!(ask()?.starts_with("HTTP/1.1 500"));
//! assert!(ask()?.starts_with("HTTP/1.1 200"), "the script has one answer, then things are normal again");
//! assert_eq!(server.requests().len(), 2);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The rules of the workspace it plays are those of Intercom's public documentation and of answers recorded in 2021:
//!
//! - Windows are fixed and aligned to the clock; `X-RateLimit-Remaining` is told before the request it answers is
//!   subtracted; the three headers stand on every authenticated answer, errors too, and on no other.
//! - No two users share an e-mail address (case aside) or an external id, archived ones included; leads may.
//! - An archived contact can be read (it says `"archived": true`), is in no list and no search, and can be unarchived.
//! - A merged contact answers 410 with a `Link` to what it has become.
//! - A user is created only with an e-mail address or an external id; a lead needs neither.
//! - Lists end without `pages.next` (contacts) or with `null` there (searches, conversations): both occur.
//!
//! # Scripts
//!
//! `intercom mock --script FILE` and [`MockServer::script_lines`] read scripted answers in JSON, one a line: here a 500 for
//! the first contact to be created, a gateway's page for everything under a path, a rate limit whose window ends in three
//! seconds, and a message that is sent although its answer never comes.
//!
//! ```json
//! {"method": "POST", "path": "/contacts", "status": 500, "code": "server_error", "message": "Server Error"}
//! {"path": "/conversations/*", "times": "always", "status": 502, "headers": {"content-type": "text/html"}, "body": "<h1>Bad Gateway</h1>"}
//! {"method": "GET", "path": "/me", "status": 429, "code": "rate_limit_exceeded", "reset_in": 3}
//! {"method": "POST", "path": "/messages", "answer": "close_after_work"}
//! ```
//!
//! The first line that fits a request and is not used up answers it; where none does, things are normal. A scripted answer
//! stands before everything else, so not even the token is checked, unless it does the work. An unknown member is refused.
//! All but `status` or `answer`, one of which has to be there, may be left out:
//!
//! | member | what it says |
//! |---|---|
//! | `method`, `path` | which requests the line is for, all if neither is given, those for the status page too; a path is compared without its query, and a `*` at its end stands for any ending |
//! | `times` | how often the answer is given (once, if not said), or `"always"` |
//! | `answer` | `"normal"`: as without a script; `"close_before"`: the connection is closed and nothing is done; `"close_during"`: the work is done, and half of the answer's body arrives; `"close_after_work"`: the work is done, and no answer comes |
//! | `status` | the status of an answer of your own, 200 to 999 |
//! | `code`, `message` | an `error.list` of one such error as its body, with the request id of the header; the message is the code if not said |
//! | `body` | or else this body: any JSON, sent as it is written, or a text, sent as it is |
//! | `work` | `true`: the request's work is done all the same |
//! | `headers` | headers to send; a list sends one several times, `null` leaves one out, such as `date` |
//! | `reset_in` | adds the three rate-limit headers: 167 allowed, 0 remaining, and a reset this many seconds after `Date`; `headers` can set each |
//! | `delay_ms` | waits this many milliseconds before the answer, or before closing the connection |
//! | `body_delay_ms` | waits this many milliseconds in the middle of the body |
//! | `truncate_after` | closes the connection after this many bytes of the body |
//! | `gzip`, `chunked` | `true`: sends the body compressed, or in chunks without its length |
//! | `oversized` | lengthens the body with blanks to this many bytes |

mod answer;
mod body;
mod builder;
mod clock;
mod connection;
mod gate;
mod id;
mod rate_limit;
mod record;
mod request;
mod routes;
mod script;
mod server;
mod settings;
mod state;
mod status_page;
mod store;

pub use http::{self, Method};

pub use builder::MockBuilder;
pub use record::Recorded;
pub use script::{ScriptError, Scripted};
pub use server::MockServer;
