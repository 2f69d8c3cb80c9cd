//! The loop: attempts and waits, until a success or a stop. The blocking and the async one differ only in `.await`.

use core::ops::ControlFlow;
use core::time::Duration;

use crate::decide::Decision;
use crate::failure::Failure;
use crate::gave_up::GaveUp;
use crate::moment::Moment;
use crate::policy::RetryPolicy;
use crate::replay::Replay;
use crate::session::RetrySession;
use crate::stop::{Stop, StopReason};
use crate::wait::Wait;

/// Calls `attempt` until it succeeds, or until [`decide`](crate::decide()) stops.
///
/// `attempt` sends the request once. `?` turns an `ApiError` or a `Fault` into its [`Failure`]. `sleep`
/// waits, and returns the time after the wait. It is also called with a wait of zero, to get the time.
///
/// [`RetrySession::run`] is the same with a deadline and a budget. The crate's front page has an example.
///
/// # Errors
///
/// Returns [`GaveUp`] if the last attempt failed.
pub fn retry<T>(
    policy: RetryPolicy,
    replay: Replay,
    attempt: impl FnMut() -> Result<T, Failure>,
    mut sleep: impl FnMut(Duration) -> Moment,
) -> Result<T, GaveUp> {
    let now = sleep(Duration::ZERO);
    RetrySession::new(policy, replay, &now).run(attempt, sleep)
}

/// Does the same as [`retry`], with futures. It needs no runtime. The crate's front page has an example.
///
/// # Errors
///
/// Returns [`GaveUp`] if the last attempt failed.
pub async fn retry_async<T, A, S>(
    policy: RetryPolicy,
    replay: Replay,
    attempt: impl FnMut() -> A,
    mut sleep: impl FnMut(Duration) -> S,
) -> Result<T, GaveUp>
where
    A: Future<Output = Result<T, Failure>>,
    S: Future<Output = Moment>,
{
    let now = sleep(Duration::ZERO).await;
    let mut session = RetrySession::new(policy, replay, &now);
    session.run_async(attempt, sleep).await
}

/// Whole calls, in one method each.
impl RetrySession {
    /// Does the same as [`retry`], with the deadline and the budget of the session.
    ///
    /// ```
    /// use core::time::Duration;
    /// use intercom_errors::ApiError;
    /// use intercom_retry::{Moment, Replay, RetryPolicy, RetrySession, StopReason, Tick};
    ///
    /// let mut clock = Duration::ZERO; // virtual
    /// let start = Moment::new(Tick::new(clock));
    /// let deadline = start.tick().after(Duration::from_secs(5));
    /// let mut session = RetrySession::new(RetryPolicy::default(), Replay::Read, &start)
    ///     .with_deadline(Some(deadline));
    /// let attempt = || Err::<(), _>(ApiError::from_parts(502, [], b"").into());
    /// let sleep = |wait| {
    ///     clock += wait;
    ///     Moment::new(Tick::new(clock))
    /// };
    /// let error = session.run(attempt, sleep).unwrap_err();
    /// assert_eq!(error.stop().reason(), StopReason::AttemptsExhausted);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`GaveUp`] if the last attempt failed. The error takes the attempts out of the session.
    pub fn run<T>(
        &mut self,
        mut attempt: impl FnMut() -> Result<T, Failure>,
        mut sleep: impl FnMut(Duration) -> Moment,
    ) -> Result<T, GaveUp> {
        let mut now = sleep(Duration::ZERO);
        loop {
            self.sending(&now);
            let result = attempt();
            now = sleep(Duration::ZERO);
            match self.next(result, &now) {
                ControlFlow::Break(result) => return result,
                ControlFlow::Continue((failure, wait)) => {
                    now = sleep(wait.duration());
                    self.in_time(failure, &now)?;
                }
            }
        }
    }

    /// Does the same as [`run`](Self::run), with futures.
    ///
    /// # Errors
    ///
    /// Returns [`GaveUp`] if the last attempt failed. The error takes the attempts out of the session.
    pub async fn run_async<T, A, S>(
        &mut self,
        mut attempt: impl FnMut() -> A,
        mut sleep: impl FnMut(Duration) -> S,
    ) -> Result<T, GaveUp>
    where
        A: Future<Output = Result<T, Failure>>,
        S: Future<Output = Moment>,
    {
        let mut now = sleep(Duration::ZERO).await;
        loop {
            self.sending(&now);
            let result = attempt().await;
            now = sleep(Duration::ZERO).await;
            match self.next(result, &now) {
                ControlFlow::Break(result) => return result,
                ControlFlow::Continue((failure, wait)) => {
                    now = sleep(wait.duration()).await;
                    self.in_time(failure, &now)?;
                }
            }
        }
    }

    /// Records the result of an attempt. Returns the end of the call, or the failure and the wait.
    fn next<T>(
        &mut self,
        result: Result<T, Failure>,
        now: &Moment,
    ) -> ControlFlow<Result<T, GaveUp>, (Failure, Wait)> {
        let failure = match result {
            Ok(value) => {
                self.finished();
                return ControlFlow::Break(Ok(value));
            }
            Err(failure) => failure,
        };
        match self.failed(&failure, now) {
            Decision::Retry(wait) => ControlFlow::Continue((failure, wait)),
            Decision::Stop(stop) => ControlFlow::Break(Err(self.gave_up(failure, stop))),
        }
    }

    /// Ends the call if a wait lasted longer than it should, and the deadline has passed.
    fn in_time(&mut self, failure: Failure, now: &Moment) -> Result<(), GaveUp> {
        if self.expired(now) {
            let stop = Stop::new(StopReason::DeadlineExceeded);
            return Err(self.gave_up(failure, stop));
        }
        Ok(())
    }

    fn gave_up(&mut self, failure: Failure, stop: Stop) -> GaveUp {
        let maybe_applied = self.maybe_applied();
        GaveUp::new(failure, stop, self.take_attempts(), maybe_applied)
    }
}
