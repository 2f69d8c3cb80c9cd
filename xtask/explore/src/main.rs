//! `cargo xtask explore`; see the library.

use anyhow::Result;

fn main() -> Result<()> {
    xtask_explore::main()
}
