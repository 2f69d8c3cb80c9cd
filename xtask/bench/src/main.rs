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
        Some("goodput") => goodput::run(&workspace),
        Some("sdk-check") => sdk_check::run(&workspace),
        other => bail!("expected `bench`, `goodput` or `sdk-check`, got {other:?}"),
    }
}
