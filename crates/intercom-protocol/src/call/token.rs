//! A call whose access token can be replaced.

use core::time::Duration;
use std::error::Error as StdError;

use http::StatusCode;
use http::header::AUTHORIZATION;
use intercom_errors::AnsweredBy;
use intercom_retry::{Failure, Moment, Stop, StopReason, Wait};

use super::{Call, State};
use crate::observe::EventKind;
use crate::wire::{Token, Tokens, authorization};

/// The access token of a call.
pub(super) struct Renewal {
    tokens: Tokens,
    /// The number of the token that the request carries.
    number: u64,
    /// Whether a token of this call was refused. It is replaced once.
    refused: bool,
}

/// A call's question for an access token: the client has none, or the API refused it.
///
/// Ask your token provider, then call [`Call::authorized`].
#[derive(Clone, Copy, Debug)]
pub struct TokenAsk {
    refused: bool,
    time_left: Option<Duration>,
}

impl TokenAsk {
    /// Returns whether the API refused the current token. `false` means that the client has no token yet.
    #[must_use]
    pub const fn was_refused(&self) -> bool {
        self.refused
    }

    /// Returns how long it is until the call gives up, if it has a deadline.
    #[must_use]
    pub const fn time_left(&self) -> Option<Duration> {
        self.time_left
    }
}

impl Renewal {
    pub(super) fn new(tokens: Tokens) -> Self {
        Self {
            number: tokens.current().number,
            tokens,
            refused: false,
        }
    }
}

impl Call {
    /// Reports at `now` the access token of [`Step::Authorize`](super::Step::Authorize), or why there is none.
    ///
    /// The other calls of the connection use the token from now on. The call ends if `token` is an error, or is the
    /// token that the API refused. If the call does not wait for a token, the report is ignored.
    pub fn authorized(
        &mut self,
        token: Result<String, Box<dyn StdError + Send + Sync>>,
        now: Moment,
    ) {
        let (State::Authorizing, Some(renewal)) = (&self.state, &self.renewal) else {
            return;
        };
        self.latest = now;
        // Another call has received a newer token meanwhile. The provider may have been asked before that.
        if let Some(newer) = self.newer_token() {
            self.state = self.carry(newer);
            return;
        }
        let value = token.and_then(|token| Ok(authorization(&token)?));
        self.state = match value {
            Ok(value) if self.http.headers().get(AUTHORIZATION) == Some(&value) => {
                self.give_up(Stop::new(StopReason::NoToken), now)
            }
            Ok(value) => {
                let token = renewal.tokens.replace(renewal.number, value);
                self.carry(token)
            }
            Err(source) => {
                self.no_token = Some(source);
                let reason = match self.session.expired(&now) {
                    true => StopReason::DeadlineExceeded,
                    false => StopReason::NoToken,
                };
                self.give_up(Stop::new(reason), now)
            }
        };
    }

    pub(super) fn token_ask(&self, now: Moment) -> TokenAsk {
        let deadline = self.session.deadline();
        TokenAsk {
            refused: self.renewal.as_ref().is_some_and(|renewal| renewal.refused),
            time_left: deadline.map(|deadline| deadline.since(now.tick())),
        }
    }

    /// Returns the token that another call has received meanwhile.
    pub(super) fn newer_token(&self) -> Option<Token> {
        let renewal = self.renewal.as_ref()?;
        let token = renewal.tokens.current();
        (token.number != renewal.number && token.value.is_some()).then_some(token)
    }

    /// Puts the token into the request.
    pub(super) fn carry(&mut self, token: Token) -> State {
        if let (Some(renewal), Some(value)) = (&mut self.renewal, token.value) {
            renewal.number = token.number;
            self.http.headers_mut().insert(AUTHORIZATION, value);
        }
        State::Asking
    }

    /// Whether the API, and not an intermediary, refused the token, and this call has not replaced it yet.
    pub(super) fn may_renew(&self, failed: &Failure) -> bool {
        let by_api = |failed: &Failure| {
            matches!(failed, Failure::Api(error)
                if error.status() == StatusCode::UNAUTHORIZED
                    && error.class().is_unauthorized()
                    && error.answered_by() == AnsweredBy::Api)
        };
        self.renewal
            .as_ref()
            .is_some_and(|renewal| !renewal.refused)
            && by_api(failed)
    }

    /// Asks for another token after the API refused this one.
    pub(super) fn renew(&mut self, wait: Wait, now: Moment) -> State {
        if let Some(renewal) = &mut self.renewal {
            renewal.refused = true;
        }
        self.report(EventKind::Waiting(wait), now);
        State::Authorizing
    }
}
