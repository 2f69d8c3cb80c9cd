//! A server on loopback that follows a script.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::acts::Act;

/// A server that treats each request with the next act of its script, on whatever connection it comes.
pub(super) struct Server {
    url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    stopped: Condvar,
}

#[derive(Default)]
struct State {
    script: VecDeque<Act>,
    seen: Vec<Seen>,
    stops: bool,
}

/// A request that the server has read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    /// The request line and the headers.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    pub(super) at: Instant,
}

impl Seen {
    /// All values of a header.
    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().skip(1);
        let pairs = lines.filter_map(|line| line.split_once(':'));
        pairs
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    }
}

impl Server {
    pub(super) fn start(script: impl IntoIterator<Item = Act>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared::default());
        shared.lock().script.extend(script);
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming() {
                if own.lock().stops {
                    return;
                }
                if let Ok(connection) = connection {
                    let own = Arc::clone(&own);
                    thread::spawn(move || own.serve(&connection));
                }
            }
        });
        Ok(Self { url, shared })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.shared.lock().seen.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.lock().stops = true;
        self.shared.stopped.notify_all();
        // Wakes the thread that accepts connections.
        let address = self.url.trim_start_matches("http://");
        drop(TcpStream::connect(address));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves one connection to its end. `None` means an I/O error: the client has closed the connection.
    fn serve(&self, mut connection: &TcpStream) -> Option<()> {
        connection.set_read_timeout(Some(PATIENCE)).ok()?;
        let mut reader = BufReader::new(connection);
        while let Some(request) = read(&mut reader).ok()? {
            let act = {
                let mut state = self.lock();
                state.seen.push(request);
                state.script.pop_front()
            };
            match act {
                None => break,
                Some(Act::Send(bytes)) => connection.write_all(&bytes).ok()?,
                Some(Act::SendAndClose(bytes)) => {
                    connection.write_all(&bytes).ok()?;
                    break;
                }
                Some(Act::SendAndHang(bytes, time)) => {
                    connection.write_all(&bytes).ok()?;
                    self.hang(time);
                    break;
                }
            }
        }
        connection.shutdown(Shutdown::Both).ok()
    }

    /// Waits this long, or until the case is over.
    fn hang(&self, time: Duration) {
        let state = self.lock();
        drop(
            self.stopped
                .wait_timeout_while(state, time, |state| !state.stops),
        );
    }
}

/// Reads one request; `None` at the end of the connection.
fn read(reader: &mut impl BufRead) -> io::Result<Option<Seen>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let mut seen = Seen {
        head,
        body: Vec::new(),
        at: Instant::now(),
    };
    let length = seen.header("content-length").first().copied();
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut seen.body)?;
    Ok(Some(seen))
}
