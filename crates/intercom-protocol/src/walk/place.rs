//! Where a walk is.

use serde::{Deserialize, Serialize};

use crate::ApiRequest;
use crate::flows::{Next, advance, with_pagination};

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// At the first item.
    Start,
    /// After this cursor.
    After(String),
    /// After this many items of a list with page numbers.
    Offset(u64),
    /// With this query.
    Query(String),
    /// At the first item of a scroll.
    Scroll,
    /// The last page has been read.
    End,
}

impl Place {
    /// Returns the request for the page at this place.
    pub(super) fn request(&self, list: ApiRequest, size: Option<u32>) -> ApiRequest {
        let page = match self {
            Self::After(cursor) => advance(list, &Next::Cursor(cursor.clone())),
            Self::Offset(offset) => {
                let page = offset / u64::from(size.unwrap_or(1).max(1)) + 1;
                advance(list, &Next::Number(page))
            }
            Self::Query(query) => advance(list, &Next::Query(query.clone())),
            Self::Start | Self::Scroll | Self::End => list,
        };
        match size {
            Some(size) => with_pagination(page, "per_page", &size.into()),
            None => page,
        }
    }

    /// How many items are before this place, if the list has page numbers.
    pub(super) const fn offset(&self) -> Option<u64> {
        match self {
            Self::Start => Some(0),
            Self::Offset(offset) => Some(*offset),
            _ => None,
        }
    }
}

/// Whether the next page has a number, perhaps in the query of a link.
pub(crate) fn is_numbered(next: &Next) -> bool {
    let has_number = |query: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.strip_prefix("page="))
            .any(|page| page.parse::<u64>().is_ok())
    };
    match next {
        Next::Number(_) => true,
        Next::Query(query) => has_number(query),
        Next::Cursor(_) | Next::Scroll(_) => false,
    }
}
