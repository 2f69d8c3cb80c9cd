//! A Redis server for one test.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io, process};

/// A running `redis-server` on loopback that keeps nothing on disk. It ends when this is dropped.
pub(crate) struct Redis {
    server: Child,
    port: u16,
    folder: PathBuf,
    options: Vec<String>,
}

impl Redis {
    /// Starts a server. Without the program `redis-server`, this prints that the test is skipped and returns `None`; it panics if
    /// `INTERCOM_TEST_REDIS` is `required`.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same, with more options of `redis-server`.
    pub(crate) fn start_with(options: &[&str]) -> Option<Self> {
        let options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let folder = folder.join(format!("redis-{}-{number}", process::id()));
        fs::create_dir_all(&folder).expect("a folder for Redis");
        // Another process may take the port in the meantime.
        for _ in 0..10 {
            let port = free_port();
            let mut server = match spawn(port, &folder, &options) {
                Ok(server) => server,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let required = env::var("INTERCOM_TEST_REDIS").is_ok_and(|is| is == "required");
                    assert!(!required, "redis-server is missing; install it");
                    println!("skipped: redis-server is missing");
                    return None;
                }
                Err(error) => panic!("redis-server does not start: {error}"),
            };
            if is_ready(&mut server) {
                return Some(Self {
                    server,
                    port,
                    folder,
                    options,
                });
            }
            server.wait().expect("the end of redis-server");
        }
        panic!("redis-server found no free port");
    }

    /// The address of the server.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}/", self.address())
    }

    /// The address for this user, like `user:password`.
    pub(crate) fn url_of(&self, user: &str) -> String {
        format!("redis://{user}@{}/", self.address())
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends the server. Its data is lost.
    pub(crate) fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    /// Starts a server that was killed, on the same port.
    pub(crate) fn restart(&mut self) {
        self.server = spawn(self.port, &self.folder, &self.options).unwrap();
        assert!(is_ready(&mut self.server), "the port is still free");
    }

    /// Sends a signal to the process, like `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.server.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.unwrap().success());
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> ::redis::Connection {
        let client = ::redis::Client::open(self.url()).unwrap();
        client.get_connection().expect("a connection to Redis")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A port where nothing listens now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().unwrap().port()
}

fn spawn(port: u16, folder: &PathBuf, options: &[String]) -> io::Result<Child> {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--appendonly", "no"])
        .arg("--dir")
        .arg(folder)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

/// Reads the server's log until it accepts connections. Returns whether it does.
fn is_ready(server: &mut Child) -> bool {
    let log = BufReader::new(server.stdout.take().expect("the log of Redis"));
    let mut lines = log.lines().map_while(Result::ok);
    lines.any(|line| line.contains("eady to accept connections"))
}
