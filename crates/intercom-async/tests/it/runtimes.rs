//! The parts that need no tokio work without it.

use std::time::Duration;

use intercom_async::transport::{AsyncIoTimer, Timer};

#[test]
fn the_timer_of_async_io_sleeps_by_its_own_clock() {
    const WAIT: Duration = Duration::from_millis(30);
    let timer = AsyncIoTimer::default();
    let before = timer.now();
    async_io::block_on(timer.sleep(WAIT));
    let after = timer.now();
    assert!(after.tick() >= before.tick().after(WAIT));
    assert!(before.wall().is_some() && before.roll() != after.roll());
}
