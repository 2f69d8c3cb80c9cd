//! A client's settings, its requests and their responses.

mod attempt_headers;
mod body;
mod complete;
mod config;
mod connection;
pub(crate) mod download;
mod expect;
pub(crate) mod incoming;
mod outgoing;
mod replay;
pub(crate) mod reply;
mod request;
mod scroll_turn;
pub(crate) mod sink;
mod token;
mod url;
mod vars;
mod version;

pub(crate) use attempt_headers::AttemptHeaders;
pub use attempt_headers::NextAttempt;
pub(crate) use config::BODY_LIMIT;
pub use config::{Config, Region};
pub use connection::Connection;
pub(crate) use connection::authorization;
pub use expect::Expect;
pub use incoming::Incoming;
pub use outgoing::{Outgoing, Reception};
pub use replay::{REPLAY_TABLE, ReplayRow, replay_of, replay_row};
pub use reply::Reply;
pub use request::ApiRequest;
pub(crate) use scroll_turn::ScrollTurn;
pub use sink::Sink;
pub(crate) use token::{Token, Tokens};
pub(crate) use version::VERSION;
