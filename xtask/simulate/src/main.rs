//! `cargo xtask simulate`; see the library.

use anyhow::Result;

fn main() -> Result<()> {
    xtask_simulate::main()
}
