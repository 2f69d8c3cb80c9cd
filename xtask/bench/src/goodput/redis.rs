//! A Redis server of one's own, and a forwarder in front of it.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::{env, thread};

use anyhow::{Context as _, Result, bail, ensure};

/// A running `redis-server` on loopback that keeps nothing on disk. It ends when this is dropped.
pub(super) struct Redis {
    server: Child,
    port: u16,
}

impl Redis {
    pub(super) fn start() -> Result<Self> {
        // Another process may take the port in the meantime.
        for _ in 0..10 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
                .local_addr()?
                .port();
            let mut server = Command::new("redis-server")
                .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
                .args([
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                    "--repl-diskless-sync-delay",
                    "0",
                    "--repl-diskless-load",
                    "on-empty-db",
                ])
                // A replica may write a file there.
                .current_dir(env::temp_dir())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .context("redis-server does not start; install it")?;
            let log = server.stdout.take().context("no log of Redis")?;
            let mut lines = BufReader::new(log).lines();
            if lines.any(|line| line.is_ok_and(|line| line.contains("eady to accept connections")))
            {
                // Redis must not wait for someone to read its log.
                thread::spawn(move || lines.for_each(drop));
                return Ok(Self { server, port });
            }
            server.wait()?;
        }
        bail!("redis-server found no free port")
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Sends one command.
    pub(super) fn command(&self, command: &str) -> Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        write!(stream, "{command}\r\n")?;
        let mut reply = String::new();
        BufReader::new(stream).read_line(&mut reply)?;
        ensure!(reply.starts_with('+'), "{command}: {reply}");
        Ok(())
    }

    /// Sends a signal to the process, like `STOP`.
    pub(super) fn signal(&self, name: &str) -> Result<()> {
        let status = Command::new("kill")
            .args(["-s", name, &self.server.id().to_string()])
            .status()?;
        ensure!(status.success(), "kill -s {name} failed");
        Ok(())
    }

    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.server.kill()?;
        self.server.wait().map(drop)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.kill();
    }
}

/// Forwards connections to a port that can be changed. Connections to the old port end with it.
pub(super) struct Forwarder {
    port: u16,
    target: Arc<AtomicU16>,
}

impl Forwarder {
    pub(super) fn start(target: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let target = Arc::new(AtomicU16::new(target));
        let current = Arc::clone(&target);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server =
                    TcpStream::connect((Ipv4Addr::LOCALHOST, current.load(Ordering::Relaxed)));
                // Without a server, the connection is closed.
                if let Ok(server) = server {
                    forward(client, server);
                }
            }
        });
        Ok(Self { port, target })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn switch(&self, target: u16) {
        self.target.store(target, Ordering::Relaxed);
    }
}

/// Copies both ways until one side ends.
fn forward(client: TcpStream, server: TcpStream) {
    let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    thread::spawn(move || copy(client, server));
    thread::spawn(move || copy(server_too, client_too));
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    // An error ends the connection like its end does.
    let _ = from.set_nodelay(true);
    let _ = to.set_nodelay(true);
    let _ = io::copy(&mut from, &mut to);
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
