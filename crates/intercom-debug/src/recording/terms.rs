//! What the decisions of a call depended on, besides its responses and the time. Defaults are left out.

use core::time::Duration;
use std::borrow::Cow;

use intercom_protocol::{Expect, PolicyError, Replay, RetryPolicy, observe};
use serde::{Deserialize, Serialize};

use super::{Nanos, is_default};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) replay: Replay,
    /// Whether the caller accepts a body of any kind.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) any: bool,
    /// Whether the body was written while it arrived.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) download: bool,
    /// When the call had to end, from its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deadline_ns: Option<Nanos>,
    #[serde(default, skip_serializing_if = "is_default")]
    policy: Policy,
}

/// The settings of a policy that differ from the default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Policy {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base_ns: Option<Nanos>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cap_ns: Option<Nanos>,
    /// As text, which is read back exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    multiplier: Option<Cow<'static, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jitter: Option<Cow<'static, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spread_ns: Option<Nanos>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    floor_ns: Option<Nanos>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_wait_ns: Option<Nanos>,
}

impl Terms {
    pub(crate) fn of(terms: &observe::Terms<'_>) -> Self {
        Self {
            replay: terms.replay(),
            any: terms.expect() == Expect::Any,
            download: terms.is_download(),
            deadline_ns: terms.deadline().map(Nanos::from),
            policy: Policy::of(terms.policy()),
        }
    }

    /// Returns the policy, or what is wrong with it.
    pub(crate) fn policy(&self) -> Result<RetryPolicy, PolicyError> {
        self.policy.build()
    }

    /// Returns the terms with only values that a recorder writes.
    pub(super) fn checked(mut self) -> Self {
        for number in [&mut self.policy.multiplier, &mut self.policy.jitter] {
            *number = number.take().and_then(|text| {
                let number: f64 = text.parse().ok()?;
                Some(Cow::Owned(number.to_string()))
            });
        }
        self
    }
}

impl Policy {
    fn of(policy: &RetryPolicy) -> Self {
        let default = RetryPolicy::default();
        let time = |get: fn(&RetryPolicy) -> Duration| {
            let value = get(policy);
            (value != get(&default)).then(|| Nanos::from(value))
        };
        let number = |get: fn(&RetryPolicy) -> f64| {
            let value = get(policy);
            (value != get(&default)).then(|| Cow::Owned(value.to_string()))
        };
        let attempts = policy.max_attempts();
        Self {
            attempts: (attempts != default.max_attempts()).then_some(attempts),
            base_ns: time(RetryPolicy::base),
            cap_ns: time(RetryPolicy::cap),
            multiplier: number(RetryPolicy::multiplier),
            jitter: number(RetryPolicy::jitter),
            spread_ns: time(RetryPolicy::spread),
            floor_ns: time(RetryPolicy::rate_limit_floor),
            max_wait_ns: time(RetryPolicy::max_wait),
        }
    }

    fn build(&self) -> Result<RetryPolicy, PolicyError> {
        let default = RetryPolicy::default();
        let time = |set: Option<Nanos>, default| set.map_or(default, Nanos::duration);
        let number = |set: &Option<Cow<'_, str>>, default| {
            set.as_ref()
                .map_or(default, |text| text.parse().unwrap_or(f64::NAN))
        };
        RetryPolicy::builder()
            .max_attempts(self.attempts.unwrap_or(default.max_attempts()))
            .base(time(self.base_ns, default.base()))
            .cap(time(self.cap_ns, default.cap()))
            .multiplier(number(&self.multiplier, default.multiplier()))
            .jitter(number(&self.jitter, default.jitter()))
            .spread(time(self.spread_ns, default.spread()))
            .rate_limit_floor(time(self.floor_ns, default.rate_limit_floor()))
            .max_wait(time(self.max_wait_ns, default.max_wait()))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use intercom_protocol::RetryPolicy;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::Policy;

    proptest! {
        #[test]
        fn a_policy_is_read_back_exactly(
            attempts in 1_u32.., multiplier in 1.0..9.0_f64, jitter in 0.0..=1.0_f64, times in any::<[u64; 5]>(),
        ) {
            let [base, cap, spread, floor, wait] = times.map(Duration::from_nanos);
            let policy = RetryPolicy::builder()
                .max_attempts(attempts).multiplier(multiplier).jitter(jitter)
                .base(base).cap(cap).spread(spread).rate_limit_floor(floor).max_wait(wait)
                .build().unwrap();
            let text = serde_json::to_string(&Policy::of(&policy)).unwrap();
            let read: Policy = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read.build().unwrap(), policy);
        }
    }

    #[test]
    fn the_default_policy_takes_no_room() {
        assert_eq!(Policy::of(&RetryPolicy::default()), Policy::default());
    }
}
