//! `cargo xtask sdk-check`: runs Intercom's own clients for Node and Python against the mock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use intercom_mock::MockServer;
use xshell::Cmd;
use xtask::Workspace;

/// More requests than the other steps need, but so few that the last step reaches the limit quickly.
const REQUESTS_A_WINDOW: u32 = 40;

/// One official client.
struct Client {
    language: &'static str,
    missing: &'static str,
    is_installed: fn(&Workspace) -> bool,
    /// Installs the pinned client into the folder and runs the check in it.
    run: fn(&Workspace, &Path, &MockServer) -> Result<()>,
}

const CLIENTS: [Client; 2] = [
    Client {
        language: "node",
        missing: "node or npm is missing",
        is_installed: has_node,
        run: run_node,
    },
    Client {
        language: "python",
        missing: "python3, its venv or its pip is missing",
        is_installed: has_python,
        run: run_python,
    },
];

/// Runs both checks. A language that is not installed is reported; the chore fails only if both are missing.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let (mut checked, mut failed) = (0, Vec::new());
    for client in &CLIENTS {
        if !(client.is_installed)(workspace) {
            println!(
                "{}: {}, so this client was not checked",
                client.language, client.missing
            );
            continue;
        }
        checked += 1;
        if let Err(error) = check(workspace, client) {
            println!("{}: failed: {error:#}", client.language);
            failed.push(client.language);
        }
    }
    if checked == 0 {
        bail!("neither Node nor Python is installed, so nothing was checked");
    }
    if !failed.is_empty() {
        bail!(
            "the mock and these clients do not agree: {}",
            failed.join(", ")
        );
    }
    println!("{checked} of {} official clients agree", CLIENTS.len());
    Ok(())
}

fn check(workspace: &Workspace, client: &Client) -> Result<()> {
    let folder = prepare(workspace, client.language)?;
    // Each check has its own server, because the first one uses up its window.
    let server = MockServer::builder()
        .rate_limit(REQUESTS_A_WINDOW, Duration::from_secs(10))
        .start()?;
    (client.run)(workspace, &folder, &server)
}

/// Copies the check into the target folder, where its client is installed.
fn prepare(workspace: &Workspace, language: &str) -> Result<PathBuf> {
    let shell = workspace.shell();
    let source = format!("crates/intercom-mock/sdk/{language}");
    let folder = workspace.target().join("sdk-check").join(language);
    shell.create_dir(&folder)?;
    for entry in shell.read_dir(source)? {
        if entry.is_file() {
            shell.copy_file(entry, &folder)?;
        }
    }
    Ok(folder)
}

pub(crate) fn has_node(workspace: &Workspace) -> bool {
    ["node", NPM]
        .iter()
        .all(|program| succeeds(workspace, program, &["--version"]))
}

fn has_python(workspace: &Workspace) -> bool {
    succeeds(workspace, "python3", &["-c", "import ensurepip, venv"])
}

fn succeeds(workspace: &Workspace, program: &str, arguments: &[&str]) -> bool {
    let command = workspace.program(program, "").args(arguments);
    command.ignore_stdout().ignore_stderr().run().is_ok()
}

/// On Windows, npm is a script and is found by its full name only.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

fn run_node(workspace: &Workspace, folder: &Path, server: &MockServer) -> Result<()> {
    install_node(workspace, folder)?;
    node(workspace, folder, "check.mjs", server).run()?;
    Ok(())
}

fn install_node(workspace: &Workspace, folder: &Path) -> Result<()> {
    let install = "install --no-audit --no-fund --no-package-lock --loglevel=error --prefix";
    workspace
        .program(NPM, install)
        .arg(folder)
        .run()
        .context("the Node client could not be installed")
}

fn node<'w>(workspace: &'w Workspace, folder: &Path, script: &str, server: &MockServer) -> Cmd<'w> {
    workspace
        .program("node", "")
        .arg(folder.join(script))
        .env("INTERCOM_BASE_URL", server.base_url())
        .env("INTERCOM_ACCESS_TOKEN", server.token())
}

/// Makes many calls with the Node client (calls, workers, retries) and returns how many were lost.
pub(crate) fn node_goodput(
    workspace: &Workspace,
    server: &MockServer,
    [calls, workers, retries]: [u32; 3],
) -> Result<u32> {
    let folder = prepare(workspace, "node")?;
    install_node(workspace, &folder)?;
    let output = node(workspace, &folder, "goodput.mjs", server)
        .env("CALLS", calls.to_string())
        .env("WORKERS", workers.to_string())
        .env("RETRIES", retries.to_string())
        .read()?;
    output
        .trim()
        .parse()
        .with_context(|| format!("goodput.mjs printed {output:?}"))
}

fn run_python(workspace: &Workspace, folder: &Path, server: &MockServer) -> Result<()> {
    let venv = folder.join("venv");
    let python = venv.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    if !python.is_file() {
        workspace
            .program("python3", "-m venv")
            .arg(&venv)
            .run()
            .context("the virtual environment could not be created")?;
    }
    workspace
        .program(
            &python.to_string_lossy(),
            "-m pip install --quiet --disable-pip-version-check -r",
        )
        .arg(folder.join("requirements.txt"))
        .run()
        .context("the Python client could not be installed")?;
    let check = workspace
        .program(&python.to_string_lossy(), "")
        .arg(folder.join("check.py"));
    check
        .env("INTERCOM_BASE_URL", server.base_url())
        .env("INTERCOM_ACCESS_TOKEN", server.token())
        .run()?;
    Ok(())
}
