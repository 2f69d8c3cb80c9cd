//! Text for people: wrapped, aligned, coloured where that is wanted.

mod explanation;
mod page;

pub(crate) use explanation::explanation;
pub(crate) use page::{BAD, DIM, DOUBTFUL, GOOD, PLAIN, Page, Span, UNKNOWN};
