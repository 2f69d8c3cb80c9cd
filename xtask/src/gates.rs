//! `cargo xtask gates`: checks that a program without a feature that it needs fails to compile, instead of failing at run time.
//!
//! A doctest cannot show this, because the tests of the clients enable the features.

use anyhow::{Context, Result, bail};
use xtask::Workspace;

use crate::outside::Outside;

const LIB: &str = r#"//! Written by `cargo xtask gates`.
use intercom_async::transport::{Timer, Transport};

pub fn always(transport: impl Transport + 'static, timer: impl Timer + 'static) {
    let _ = intercom_async::Client::builder("token").build_with(transport, timer);
}

pub fn also_always(transport: impl intercom_blocking::transport::Transport + 'static) {
    let _ = intercom_blocking::Client::builder("token").build_with(transport);
}

#[cfg(feature = "async")]
pub fn without_hyper() {
    let _ = intercom_async::Client::builder("token").build();
}

#[cfg(feature = "blocking")]
pub fn without_rustls() {
    let _ = intercom_blocking::Client::builder("token").build();
}
"#;

const MANIFEST: &str = r#"[features]
async = []
blocking = []

[dependencies]
intercom-async = { path = "CRATES/intercom-async", default-features = false }
intercom-blocking = { path = "CRATES/intercom-blocking", default-features = false }
"#;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let gates = Outside::write(workspace, "feature-gates", "lib.rs", LIB, MANIFEST)?;
    gates
        .check("")
        .context("the clients do not compile without features")?;
    println!(
        "without features, both clients compile, and methods that need no feature build a client"
    );
    for (client, feature) in [("async", "hyper"), ("blocking", "rustls")] {
        match gates.check(&format!("--features {client}")) {
            Err(error) if is_missing_method(&error.to_string()) => {
                println!("without `{feature}`, intercom-{client} has no `build`");
            }
            Err(error) => {
                return Err(error.context(format!(
                    "without `{feature}`, `build` of intercom-{client} fails to compile for another reason"
                )));
            }
            Ok(()) => bail!(
                "without `{feature}`, intercom-{client} has a `build`, which can only fail at run time"
            ),
        }
    }
    Ok(())
}

fn is_missing_method(errors: &str) -> bool {
    errors.contains("error[E0599]: no method named `build` found")
        && errors.matches("error[").count() == 1
}

#[cfg(test)]
mod tests {
    use super::is_missing_method;

    #[test]
    fn exactly_one_method_may_be_missing() {
        let missing = "error[E0599]: no method named `build` found for struct `ClientBuilder`\n";
        assert!(is_missing_method(missing));
        assert!(!is_missing_method(&format!(
            "{missing}error[E0432]: unresolved import\n"
        )));
        assert!(!is_missing_method(
            "error[E0599]: no method named `build_with` found"
        ));
    }
}
