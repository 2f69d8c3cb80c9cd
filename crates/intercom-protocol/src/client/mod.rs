//! The surface of a client, written once: requests, contacts and pages, blocking or async.
//!
//! The types here have two parameters: the client that sends, and the mode. A client crate names them by aliases such as
//! `type RequestBuilder<'c> = client::RequestBuilder<&'c Client, Blocking>`, and its users see the methods of that mode alone.
//!
//! `Client` and its builder are structs of the client crate. [`client_methods`](crate::client_methods) and
//! [`client_settings`](crate::client_settings) write their methods.

mod contacts;
mod items;
mod methods;
mod pages;
mod request;
mod settings;

pub use contacts::Contacts;
pub use items::Items;
pub use pages::Pages;
pub use request::RequestBuilder;

/// The mode of a client whose calls block the thread.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it marks a type and has no values")]
pub enum Blocking {}

/// The mode of a client whose calls are futures.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it marks a type and has no values")]
pub enum Async {}
