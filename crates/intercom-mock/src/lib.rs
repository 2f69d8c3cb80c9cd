//! An Intercom on loopback that behaves, and misbehaves, like the real one.
//!
//! In scope: [`MockServer`], a real HTTP server for tests in any language (from a shell, `intercom mock` starts it): contacts that conflict, a search index that lags, rate
//! limits in fixed windows with the headers as they were recorded, tokens, scopes, a status page. [`Scripted`] answers
//! put faults in its way: any status, headers and bytes, delays, connections closed before, during or after the work.
//! [`Recorded`] requests tell what arrived. [`wire`] is for faults that no HTTP server would produce.
//!
//! Out of scope: webhooks, all but the most used endpoints (the rest answer 404 and can be scripted), and `https` for the
//! server itself, which is plain `http` on loopback. With the feature `tls`, the servers of [`wire`] speak TLS, with
//! certificates made on the spot.
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
//! - Lists end without `pages.next` (contacts) or with `null` there (searches, conversations): both occur.

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
pub mod wire;

pub use http::{self, Method};

pub use builder::MockBuilder;
pub use record::Recorded;
pub use script::Scripted;
pub use server::MockServer;
