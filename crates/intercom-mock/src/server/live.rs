//! Changing the server while it runs.

use std::time::Duration;

use super::MockServer;

impl MockServer {
    /// Makes another token the good one, as regenerating it would.
    pub fn set_token(&self, token: impl Into<String>) {
        let token = token.into();
        self.with(|state| state.settings.token = token);
    }

    /// Withholds a scope from now on; see [`MockBuilder::withhold_scope`](crate::MockBuilder::withhold_scope).
    pub fn withhold_scope(&self, scope: impl Into<String>) {
        let scope = scope.into();
        self.with(|state| state.settings.withheld.insert(scope));
    }

    /// Grants a scope that was withheld.
    pub fn grant_scope(&self, scope: &str) {
        self.with(|state| state.settings.withheld.remove(scope));
    }

    /// Allows this many requests in each window from now on.
    pub fn set_rate_limit(&self, limit: u32, window: Duration) {
        self.with(|state| {
            (state.settings.quota.limit, state.settings.quota.window) = (limit, window)
        });
    }

    /// Takes places out of the present window, as another program with the same token would.
    pub fn spend_quota(&self, requests: u32) {
        self.with(|state| {
            let now = state.clock.now();
            state.meter.spend(&state.settings.quota, now, requests);
        });
    }

    /// Makes `X-RateLimit-Reset` lie this many seconds behind the true end of the window.
    pub fn set_reset_offset(&self, seconds: u64) {
        self.with(|state| state.settings.quota.reset_offset = seconds);
    }

    /// Whether `X-RateLimit-Remaining` already counts the request it answers.
    pub fn set_remaining_after(&self, after: bool) {
        self.with(|state| state.settings.quota.remaining_after = after);
    }

    /// Sets or lifts the limit that no header shows.
    pub fn set_hidden_workspace_limit(&self, limit: Option<u32>) {
        self.with(|state| state.settings.quota.hidden = limit);
    }

    /// Makes the server's clock wrong by this many seconds, measured from the true time.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.with(|state| state.clock.set_offset(seconds));
    }

    /// Lets time pass on the server's clock at once: windows turn, the index catches up, a scroll expires.
    pub fn advance_clock(&self, by: Duration) {
        self.with(|state| state.clock.advance(by));
    }

    /// Unix time on the server's clock.
    #[must_use]
    pub fn server_time(&self) -> Duration {
        self.with(|state| state.clock.now().unix)
    }

    /// Keeps new contacts out of searches for this long.
    pub fn set_index_lag(&self, lag: Duration) {
        self.with(|state| state.settings.index_lag = lag);
    }

    /// What the status page says.
    pub fn set_service_status(&self, indicator: impl Into<String>, description: impl Into<String>) {
        let (indicator, description) = (indicator.into(), description.into());
        self.with(|state| {
            (
                state.settings.service.indicator,
                state.settings.service.description,
            ) = (indicator, description)
        });
    }

    /// Answers the status page with 503, or no longer.
    pub fn set_status_page_down(&self, down: bool) {
        self.with(|state| state.settings.service.page_down = down);
    }

    /// Answers every path of the API with an edge server's 503 page, or no longer.
    pub fn set_api_down(&self, down: bool) {
        self.with(|state| state.settings.api_down = down);
    }
}
