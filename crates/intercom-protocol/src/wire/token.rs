//! An access token that can be replaced while the client runs.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;

/// The current token of a connection whose token can be replaced. All its calls share it.
#[derive(Clone)]
pub(crate) struct Tokens(Arc<Mutex<Token>>);

/// A token as the value of a header, and how many tokens there were before it.
#[derive(Clone, Default)]
pub(crate) struct Token {
    pub(crate) number: u64,
    pub(crate) value: Option<HeaderValue>,
}

impl Tokens {
    pub(super) fn new(value: Option<HeaderValue>) -> Self {
        Self(Arc::new(Mutex::new(Token { number: 0, value })))
    }

    pub(crate) fn current(&self) -> Token {
        let token = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        token.clone()
    }

    /// Replaces the token with this number, unless another call has already done so. Returns the token that is then current.
    pub(crate) fn replace(&self, number: u64, value: HeaderValue) -> Token {
        let mut token = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if token.number == number {
            token.number += 1;
            token.value = Some(value);
        }
        token.clone()
    }
}
