//! Text for people: wrapped, aligned, and coloured on request.

mod explanation;
mod page;

pub(crate) use explanation::explanation;
pub(crate) use page::{BAD, DIM, DOUBTFUL, GOOD, PLAIN, Page, Span, UNKNOWN};
