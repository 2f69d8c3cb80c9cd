//! Changing the server while it runs.

use std::time::Duration;

use super::MockServer;

impl MockServer {
    /// Replaces the valid access token, as regenerating it would.
    pub fn set_token(&self, token: impl Into<String>) {
        let token = token.into();
        self.with(|state| state.settings.token = token);
    }

    /// Withholds a scope from now on. See [`MockBuilder::withhold_scope`](crate::MockBuilder::withhold_scope).
    pub fn withhold_scope(&self, scope: impl Into<String>) {
        let scope = scope.into();
        self.with(|state| state.settings.withheld.insert(scope));
    }

    /// Grants a scope that was withheld.
    pub fn grant_scope(&self, scope: &str) {
        self.with(|state| state.settings.withheld.remove(scope));
    }

    /// Sets how many requests each window allows from now on.
    pub fn set_rate_limit(&self, limit: u32, window: Duration) {
        self.with(|state| {
            (state.settings.quota.limit, state.settings.quota.window) = (limit, window)
        });
    }

    /// Uses up part of the current window, as another program with the same token would.
    pub fn spend_quota(&self, requests: u32) {
        self.with(|state| {
            let now = state.clock.now();
            state.meter.spend(&state.settings.quota, now, requests);
        });
    }

    /// Sets the distance from the real end of the window to `X-RateLimit-Reset`, in seconds.
    pub fn set_reset_offset(&self, seconds: u64) {
        self.with(|state| state.settings.quota.reset_offset = seconds);
    }

    /// Sets whether `X-RateLimit-Remaining` is computed after the request is counted.
    pub fn set_remaining_after(&self, after: bool) {
        self.with(|state| state.settings.quota.remaining_after = after);
    }

    /// Sets or removes the limit that no header shows.
    pub fn set_hidden_workspace_limit(&self, limit: Option<u32>) {
        self.with(|state| state.settings.quota.hidden = limit);
    }

    /// Sets the server's clock this many seconds ahead of the real time, or behind if negative.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.with(|state| state.clock.set_offset(seconds));
    }

    /// Advances the server's clock: new windows begin, the search index catches up, a scroll expires.
    pub fn advance_clock(&self, by: Duration) {
        self.with(|state| state.clock.advance(by));
    }

    /// Returns the Unix time on the server's clock.
    #[must_use]
    pub fn server_time(&self) -> Duration {
        self.with(|state| state.clock.now().unix)
    }

    /// Sets how long it takes until searches and messages find a new contact.
    pub fn set_index_lag(&self, lag: Duration) {
        self.with(|state| state.settings.index_lag = lag);
    }

    /// Makes pages of lists, searches and scrolls with more than this many items fail with 500; `None` lets all succeed.
    pub fn set_fail_pages_above(&self, items: Option<usize>) {
        self.with(|state| state.settings.page_faults.fail_above = items);
    }

    /// Makes every page that holds the object with this id fail with 500.
    pub fn add_unreadable(&self, id: impl Into<String>) {
        let id = id.into();
        self.with(|state| state.settings.page_faults.unreadable.insert(id));
    }

    /// Lets all objects be read again.
    pub fn clear_unreadable(&self) {
        self.with(|state| state.settings.page_faults.unreadable.clear());
    }

    /// Makes searches that find more objects than this take an hour; `None` lets none be slow.
    pub fn set_slow_searches_above(&self, found: Option<usize>) {
        self.with(|state| state.settings.page_faults.slow_above = found);
    }

    /// Makes pages of searches that begin behind this many objects take an hour; `None` lets none be slow.
    pub fn set_slow_pages_behind(&self, place: Option<usize>) {
        self.with(|state| state.settings.page_faults.slow_behind = place);
    }

    /// Sets whether searches for contacts ignore `sort`.
    pub fn set_ignore_order(&self, yes: bool) {
        self.with(|state| state.settings.page_faults.ignores_order = yes);
    }

    /// Sets how long each item of a page delays the response.
    pub fn set_item_delay(&self, delay: Duration) {
        self.with(|state| state.settings.page_faults.item_delay = delay);
    }

    /// Sets how long exports of message data take that start from now on, on the server's clock.
    pub fn set_export_time(&self, takes: Duration) {
        self.with(|state| state.store.exports.course.takes = takes);
    }

    /// Sets the status that exports of message data end with, like `failed`, `no_data` or `canceled` (default `completed`).
    pub fn set_export_ending(&self, status: impl Into<String>) {
        let status = status.into();
        self.with(|state| state.store.exports.course.ends = status);
    }

    /// Sets the indicator and the description of the status page.
    pub fn set_service_status(&self, indicator: impl Into<String>, description: impl Into<String>) {
        let (indicator, description) = (indicator.into(), description.into());
        self.with(|state| {
            (
                state.settings.service.indicator,
                state.settings.service.description,
            ) = (indicator, description)
        });
    }

    /// Sets whether the status page responds with 503.
    pub fn set_status_page_down(&self, down: bool) {
        self.with(|state| state.settings.service.page_down = down);
    }

    /// Sets whether every path of the API responds with the 503 page of an edge server.
    pub fn set_api_down(&self, down: bool) {
        self.with(|state| state.settings.api_down = down);
    }
}
