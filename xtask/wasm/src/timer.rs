//! A timer on `performance.now`, `Date.now`, `Math.random` and `setTimeout`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use intercom_async::UnixTime;
use intercom_async::async_trait;
use intercom_async::transport::{Moment, Tick, Timer};
use js_sys::{Date, Function, Math, Promise};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

/// The longest time that `setTimeout` accepts: a longer one would end at once.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// The clocks, the timers and the random numbers of JavaScript.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsTimer;

#[async_trait(?Send)]
impl Timer for JsTimer {
    fn now(&self) -> Moment {
        let moment = Moment::new(Tick::new(elapsed())).with_roll(roll());
        match UnixTime::from_duration(from_milliseconds(Date::now())) {
            Some(wall) => moment.with_wall(wall),
            None => moment,
        }
    }

    async fn sleep(&self, duration: Duration) {
        let end = elapsed().saturating_add(duration);
        // `setTimeout` can end a little early, and the service would then see a request before its time.
        while let Some(left) = end.checked_sub(elapsed()).filter(|left| !left.is_zero()) {
            Timeout::new(left.min(LONGEST)).await;
        }
    }
}

/// The time since the module's host started.
fn elapsed() -> Duration {
    from_milliseconds(performance_now())
}

fn from_milliseconds(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

/// Returns 64 random bits. `Math.random` has fewer.
fn roll() -> u64 {
    let half = || (Math::random() * 4_294_967_296.0) as u64;
    half() << 32 | half()
}

/// One `setTimeout`. Dropping it clears the timeout, which would otherwise keep Node from exiting.
struct Timeout {
    id: JsValue,
    ended: JsFuture,
}

impl Timeout {
    fn new(duration: Duration) -> Self {
        let milliseconds = (duration.as_secs_f64() * 1000.0).ceil();
        let mut id = JsValue::UNDEFINED;
        let promise = Promise::new(&mut |resolve, _| id = set_timeout(&resolve, milliseconds));
        Self {
            id,
            ended: JsFuture::from(promise),
        }
    }
}

impl Future for Timeout {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.ended).poll(context).map(drop)
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
