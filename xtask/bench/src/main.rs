//! The chores that use a mock server: `cargo xtask bench`, `goodput` and `sdk-check`.

mod bench;
mod goodput;
mod sdk_check;

use std::env;

use anyhow::{Result, bail};
use xtask::Workspace;

fn main() -> Result<()> {
    let workspace = Workspace::open()?;
    match env::args().nth(1).as_deref() {
        Some("bench") => bench::run(&workspace),
        Some("goodput") if env::args().nth(2).as_deref() == Some("fleet") => goodput::fleet::run(),
        Some("goodput") => goodput::run(&workspace),
        Some("fleet-member") => goodput::fleet::member(),
        Some("sdk-check") => sdk_check::run(&workspace),
        other => bail!("expected `bench`, `goodput` or `sdk-check`, got {other:?}"),
    }
}
