//! `intercom completions`: prints a script that completes the arguments in a shell.

use clap_complete::generate;
use serde::Serialize;

use crate::args::{self, Shell};
use crate::error::{Exit, Failure};
use crate::output::Output;

#[derive(Serialize)]
struct Script {
    shell: &'static str,
    script: String,
}

pub(crate) fn run(shell: Shell, output: &mut Output) -> Result<Exit, Failure> {
    let (generator, shell) = match shell {
        Shell::Bash => (clap_complete::Shell::Bash, "bash"),
        Shell::Elvish => (clap_complete::Shell::Elvish, "elvish"),
        Shell::Fish => (clap_complete::Shell::Fish, "fish"),
        Shell::Powershell => (clap_complete::Shell::PowerShell, "powershell"),
        Shell::Zsh => (clap_complete::Shell::Zsh, "zsh"),
    };
    let mut script = Vec::new();
    generate(generator, &mut args::program(), "intercom", &mut script);
    if output.is_json() {
        let script = String::from_utf8_lossy(&script).into_owned();
        output.document(&Script { shell, script })?;
    } else {
        output.body(&script)?;
    }
    Ok(Exit::Done)
}
