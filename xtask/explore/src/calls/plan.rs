//! The calls of the model, and the settings of the client.

use std::time::Duration;

use intercom_protocol::{
    ApiRequest, Config, Connection, Priority, Replay, RetryBudget, RetryPolicy,
};

/// The most attempts of a call.
pub(super) const ATTEMPTS: u32 = 4;

/// How many retries the budget pays for.
pub(super) const BUDGET: u32 = 2;

/// A call, and what the rules need to know of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) name: &'static str,
    pub(super) replay: Replay,
    pub(super) priority: Priority,
    /// The deadline in milliseconds after the start, if there is one.
    pub(super) deadline: Option<u64>,
    /// The expression of the scenario tables that makes the request.
    pub(super) scripted: &'static str,
}

/// A write that must not be repeated, a read with a deadline that goes before the others, and an idempotent write.
pub(super) const PLANS: [Plan; 3] = [
    Plan {
        name: "POST",
        replay: Replay::No,
        priority: Priority::Normal,
        deadline: None,
        scripted: "post()",
    },
    Plan {
        name: "GET",
        replay: Replay::Read,
        priority: Priority::High,
        deadline: Some(6000),
        scripted: "get().deadline(Duration::from_secs(6))",
    },
    Plan {
        name: "DELETE",
        replay: Replay::Idempotent,
        priority: Priority::Normal,
        deadline: None,
        scripted: "delete()",
    },
];

impl Plan {
    pub(super) fn request(&self) -> ApiRequest {
        let request = match self.name {
            "POST" => ApiRequest::post("/messages"),
            "GET" => ApiRequest::get("/contacts/1"),
            _ => ApiRequest::delete("/contacts/1"),
        };
        let request = request.priority(self.priority);
        match self.deadline {
            Some(deadline) => request.deadline(Duration::from_millis(deadline)),
            None => request,
        }
    }

    pub(super) fn is_write(&self) -> bool {
        self.replay != Replay::Read
    }
}

/// A client's connection. `None` cannot happen, because the settings are valid.
pub(super) fn connection(budget: RetryBudget) -> Option<Connection> {
    Config::new("token")
        .policy(policy())
        .budget(budget)
        .attempt_timeout(Duration::from_secs(3))
        .build()
        .ok()
}

/// Waits of half a second to four, so that they meet windows of four seconds and a deadline of six.
fn policy() -> RetryPolicy {
    RetryPolicy::builder()
        .max_attempts(ATTEMPTS)
        .base(Duration::from_secs(1))
        .cap(Duration::from_secs(4))
        .build()
        .unwrap_or_default()
}
