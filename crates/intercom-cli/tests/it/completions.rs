//! `completions`: a script for each shell.

use std::process::Command;

use crate::run::{command, run};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

#[test]
fn the_script_of_each_shell_names_every_command() {
    for shell in SHELLS {
        let ran = run(command(&["completions", shell]));
        assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{shell}");
        for name in ["doctor", "explain", "find-or-create", "completions"] {
            assert!(ran.out.contains(name), "{shell}: {name}");
        }
        let document = run(command(&["completions", shell, "--json"])).json();
        assert_eq!(document["shell"], shell);
        assert_eq!(document["script"], ran.out);
    }
}

#[test]
fn an_unknown_shell_is_refused_with_the_known_ones() {
    let ran = run(command(&["completions", "tcl"]));
    assert_eq!(ran.exit, 2);
    for shell in SHELLS {
        assert!(ran.usage().contains(shell), "{ran:?}");
    }
}

/// What bash offers for a command line whose last word is being typed. `None` without bash.
fn completed(words: &str) -> Option<Vec<String>> {
    let script = run(command(&["completions", "bash"])).out;
    let complete = format!(
        "{script}\nCOMP_WORDS=(intercom {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         _intercom intercom \"${{COMP_WORDS[$COMP_CWORD]}}\" \"${{COMP_WORDS[$((COMP_CWORD - 1))]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    // Without the startup files of the user.
    let mut bash = Command::new("bash");
    let ended = bash.args(["--norc", "-c", &complete]).output().ok()?;
    assert!(ended.status.success(), "{ended:?}");
    let text = String::from_utf8(ended.stdout).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

#[test]
fn bash_completes_commands_options_and_values() {
    for (words, offered) in [
        ("doc", &["doctor"][..]),
        ("contact find-", &["find-or-create"]),
        ("batch --retry-f", &["--retry-failed"]),
        ("doctor --client a", &["async"]),
    ] {
        let Some(all) = completed(words) else {
            return;
        };
        let all: Vec<&str> = all
            .iter()
            .map(String::as_str)
            .filter(|one| !one.is_empty())
            .collect();
        assert_eq!(all, offered, "{words}");
    }
}
