//! The public API of a client, written once for blocking and async: requests, contacts, pages and walks.
//!
//! The types in this module have two parameters: the client that sends, and the mode. A client crate defines aliases for them,
//! like `type RequestBuilder<'c> = client::RequestBuilder<&'c Client, Blocking>`. Its users then see only the methods of that
//! mode.
//!
//! `Client` and its builder are structs of the client crate. [`client_methods`](crate::client_methods) and
//! [`client_settings`](crate::client_settings) write their methods.

mod companies;
mod contacts;
mod conversations;
mod download;
mod items;
mod methods;
mod page_call;
mod pages;
mod request;
mod settings;
mod walk;

pub use crate::wire::Sink;
pub use companies::Companies;
pub use contacts::Contacts;
pub use conversations::Conversations;
pub use download::{Downloaded, WritesTo};
pub use items::Items;
pub use pages::Pages;
pub use request::RequestBuilder;
pub use walk::Walk;

/// The mode of a client whose calls block the thread.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker type without values")]
pub enum Blocking {}

/// The mode of a client whose calls are futures.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker type without values")]
pub enum Async {}

/// Each mode has its own methods. The methods of an async client are futures:
///
/// ```compile_fail,E0599
/// # use intercom_protocol::{Caller, client::{Async, RequestBuilder}};
/// fn send<C: Caller>(request: RequestBuilder<C, Async>) -> bool { request.send().is_ok() }
/// ```
///
/// ```compile_fail,E0599
/// # use intercom_protocol::{Caller, client::{Async, Contacts}};
/// fn find<C: Caller>(contacts: Contacts<C, Async>) -> bool { contacts.find("5f1").is_ok() }
/// ```
///
/// ```compile_fail,E0599
/// # use intercom_protocol::{Caller, client::{Async, Pages}};
/// fn all<C: Caller>(pages: Pages<'_, C, Async>) -> usize { pages.count() }
/// ```
///
/// ```compile_fail,E0599
/// # use intercom_protocol::{Caller, Contact, client::{Async, Items}};
/// fn all<C: Caller>(items: Items<'_, C, Async, Contact>) -> usize { items.count() }
/// ```
///
/// ```compile_fail,E0599
/// # use intercom_protocol::{Caller, Contact, client::{Async, Walk}};
/// fn all<C: Caller>(walk: Walk<'_, C, Async, Contact>) -> usize { walk.count() }
/// ```
///
/// Those of a blocking client are not:
///
/// ```compile_fail,E0277
/// # use intercom_protocol::{Caller, client::{Blocking, RequestBuilder}};
/// async fn send<C: Caller>(request: RequestBuilder<&C, Blocking>) -> bool { request.await.is_ok() }
/// ```
///
/// ```compile_fail,E0277
/// # use intercom_protocol::{Caller, client::{Blocking, Contacts}};
/// async fn find<C: Caller>(contacts: Contacts<C, Blocking>) -> bool { contacts.find("5f1").await.is_ok() }
/// ```
///
/// ```compile_fail,E0277
/// # use intercom_protocol::{Caller, client::{Blocking, Pages}};
/// async fn next<C: Caller>(mut pages: Pages<'_, C, Blocking>) -> bool { pages.next().await.is_some() }
/// ```
///
/// The same code compiles in the right mode:
///
/// ```
/// # use intercom_protocol::{Caller, Contact, client::{Async, Blocking, Contacts, Items, Pages, RequestBuilder, Walk}};
/// fn send<C: Caller>(request: RequestBuilder<C, Blocking>) -> bool { request.send().is_ok() }
/// fn find<C: Caller>(contacts: Contacts<C, Blocking>) -> bool { contacts.find("5f1").is_ok() }
/// fn pages<C: Caller>(pages: Pages<'_, C, Blocking>) -> usize { pages.count() }
/// fn items<C: Caller>(items: Items<'_, C, Blocking, Contact>) -> usize { items.count() }
/// fn walk<C: Caller>(walk: Walk<'_, C, Blocking, Contact>) -> usize { walk.count() }
/// async fn sent<C: Caller>(request: RequestBuilder<&C, Async>) -> bool { request.await.is_ok() }
/// async fn found<C: Caller>(contacts: Contacts<C, Async>) -> bool { contacts.find("5f1").await.is_ok() }
/// async fn next<C: Caller>(mut pages: Pages<'_, C, Async>) -> bool { pages.next().await.is_some() }
/// ```
#[cfg(doctest)]
mod modes {}
