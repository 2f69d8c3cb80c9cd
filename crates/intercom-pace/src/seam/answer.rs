//! What a gate learns from a response.

use intercom_errors::{ApiError, Category, RateLimit, Resend};

/// What a gate learns from a response: the rate limit headers, the status, whether the window's quota was used up, and
/// whether to slow down.
///
/// Not every 429 means a full window. A quota on concurrent jobs and an overloaded resource cause the same status, and
/// a gate that treated them as a full window would close for nothing. An [`ApiError`] can distinguish them. A bare
/// status cannot, so its 429 counts as a full window.
///
/// ```
/// use intercom_errors::{ApiError, RateLimit};
/// use intercom_pace::Answer;
///
/// assert!(!Answer::new(RateLimit::default(), 200).is_window_refusal());
/// assert!(Answer::new(RateLimit::default(), 429).is_window_refusal());
///
/// let jobs = br#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded",
///     "message":"Exceeded rate limit of 10 pending export jobs"}]}"#;
/// let error = ApiError::from_parts(429, [("X-RateLimit-Remaining", &b"41"[..])], jobs);
/// assert!(!Answer::from(&error).is_window_refusal());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Answer {
    rate_limit: RateLimit,
    status: u16,
    window_refusal: bool,
    slow_down: bool,
}

impl Answer {
    /// Creates an answer from the headers and the status alone.
    pub fn new(rate_limit: RateLimit, status: u16) -> Self {
        Self {
            rate_limit,
            status,
            window_refusal: status == 429,
            slow_down: false,
        }
    }

    /// Sets whether the window refused the request. Use it to rebuild an `Answer` whose values came from another process.
    ///
    /// ```
    /// use intercom_errors::{ApiError, RateLimit};
    /// use intercom_pace::Answer;
    ///
    /// let read = Answer::from(&ApiError::from_parts(429, [("X-RateLimit-Remaining", &b"0"[..])], b""));
    /// let (remaining, status, refusal) = (read.rate_limit().remaining(), read.status(), read.is_window_refusal());
    ///
    /// let limit = RateLimit::default().with_remaining(remaining);
    /// assert_eq!(Answer::new(limit, status).with_window_refusal(refusal), read);
    /// ```
    #[must_use]
    pub fn with_window_refusal(mut self, window_refusal: bool) -> Self {
        self.window_refusal = window_refusal;
        self
    }

    /// Sets whether the response asks to slow down. Use it to rebuild an `Answer` whose values came from another process.
    #[must_use]
    pub fn with_slow_down(mut self, slow_down: bool) -> Self {
        self.slow_down = slow_down;
        self
    }

    /// Returns the rate limit headers.
    pub fn rate_limit(&self) -> RateLimit {
        self.rate_limit
    }

    /// Returns the status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns whether the request was refused because the window's quota was used up. Such a request consumes no
    /// quota.
    pub fn is_window_refusal(&self) -> bool {
        self.window_refusal
    }

    /// Returns whether the response asks to slow down, whatever quota is left: the service is overloaded (503), or a web
    /// application firewall demands a captcha or a challenge.
    ///
    /// ```
    /// use intercom_errors::ApiError;
    /// use intercom_pace::Answer;
    ///
    /// let captcha = [("x-amzn-waf-action", b"captcha".as_slice())];
    /// assert!(Answer::from(&ApiError::from_parts(405, captcha, b"")).is_slow_down());
    /// ```
    pub fn is_slow_down(&self) -> bool {
        self.slow_down
    }
}

impl From<&ApiError> for Answer {
    fn from(error: &ApiError) -> Self {
        let (status, class) = (error.status(), error.class());
        let is_safe = class.resend() == Resend::Safe;
        Self {
            rate_limit: error.rate_limit(),
            status,
            window_refusal: status == 429 && class.category() == Category::RateLimit,
            slow_down: is_safe && (class.is_blocked() || (class.is_overloaded() && status == 503)),
        }
    }
}
