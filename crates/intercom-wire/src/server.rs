//! The server: a listener, a thread for each connection, and an end to both.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use super::act;
use super::behaviour::Behaviour;
use super::ledger::Ledger;
use super::request::WireRequest;
use super::tls::Identity;
use super::unreachable::{self, ClosedPort, FullBacklog};

/// A raw server on loopback that acts out one [`Behaviour`]; dropping it stops it.
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
///
/// use intercom_wire::{Behaviour, WireServer};
///
/// let server = WireServer::start(Behaviour::answer("{}"))?;
/// let mut stream = TcpStream::connect(server.address().to_string())?;
/// stream.write_all(b"GET /me HTTP/1.1\r\n\r\n")?;
/// let mut start = [0; 12];
/// stream.read_exact(&mut start)?;
///
/// assert_eq!(&start, b"HTTP/1.1 200");
/// assert_eq!(server.requests(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct WireServer {
    url: String,
    address: SocketAddr,
    ledger: Arc<Ledger>,
    root_pem: Option<String>,
    site: Site,
}

/// What stands at the address.
#[derive(Debug)]
enum Site {
    ClosedPort { _held: ClosedPort },
    FullBacklog { _held: FullBacklog },
    Listener,
}

impl WireServer {
    /// Starts a server that behaves so.
    ///
    /// # Errors
    ///
    /// When no socket or thread can be had, or the system will not let a backlog be filled.
    pub fn start(behaviour: Behaviour) -> io::Result<Self> {
        match behaviour {
            Behaviour::Refused => Self::closed(),
            Behaviour::UnknownHost => {
                let mut server = Self::closed()?;
                let port = server.address.port();
                server.url = format!("http://{}:{port}", unreachable::unknown_host());
                Ok(server)
            }
            Behaviour::ConnectStalled => {
                let backlog = FullBacklog::bind()?;
                let address = backlog.address()?;
                Ok(Self::at(address, Site::FullBacklog { _held: backlog }))
            }
            Behaviour::BadCertificate => Self::listen(behaviour, Some(Identity::self_signed()?)),
            _ => Self::listen(behaviour, None),
        }
    }

    /// Starts a server that behaves so behind TLS, with a certificate of an authority of its own.
    ///
    /// The authority's certificate is [`WireServer::root_pem`].
    ///
    /// # Errors
    ///
    /// When no socket, thread or certificate can be had.
    pub fn start_tls(behaviour: Behaviour) -> io::Result<Self> {
        Self::listen(behaviour, Some(Identity::with_authority()?))
    }

    /// The base URL to connect to, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of the socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of the authority that vouches for this server, as PEM.
    #[must_use]
    pub fn root_pem(&self) -> Option<&str> {
        self.root_pem.as_deref()
    }

    /// How many whole requests were read.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.ledger.requests().len()
    }

    /// The requests that were read, in order.
    #[must_use]
    pub fn transcript(&self) -> Vec<WireRequest> {
        self.ledger.requests()
    }

    /// How many connections were accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.ledger.connections()
    }

    /// How many bytes of answers the system took from the server.
    ///
    /// They may still lie in its buffers: some megabytes on loopback.
    #[must_use]
    pub fn bytes_sent(&self) -> u64 {
        self.ledger.sent()
    }

    fn closed() -> io::Result<Self> {
        let port = ClosedPort::bind()?;
        let address = port.address()?;
        Ok(Self::at(address, Site::ClosedPort { _held: port }))
    }

    fn at(address: SocketAddr, site: Site) -> Self {
        Self {
            url: format!("http://{address}"),
            address,
            ledger: Arc::default(),
            root_pem: None,
            site,
        }
    }

    fn listen(behaviour: Behaviour, identity: Option<Identity>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut server = Self::at(listener.local_addr()?, Site::Listener);
        if identity.is_some() || behaviour.wants_https() {
            server.url = format!("https://{}", server.address);
        }
        server.root_pem = identity.as_ref().and_then(Identity::root_pem);
        let ledger = Arc::clone(&server.ledger);
        thread::Builder::new()
            .name("wire-server".to_owned())
            .spawn(move || accept_all(&listener, &behaviour, identity.as_ref(), &ledger))?;
        Ok(server)
    }
}

impl Drop for WireServer {
    fn drop(&mut self) {
        self.ledger.stop();
        if matches!(self.site, Site::Listener) {
            // The thread waits in `accept` and looks up when somebody connects.
            let _ = TcpStream::connect(self.address);
        }
    }
}

fn accept_all(
    listener: &TcpListener,
    behaviour: &Behaviour,
    identity: Option<&Identity>,
    ledger: &Arc<Ledger>,
) {
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            if ledger.is_stopped() {
                return;
            }
            let number = ledger.accepted(&stream);
            scope.spawn(move || {
                // A client that goes away in the middle is what these servers are for.
                let _ = serve(stream, behaviour, identity, number, ledger);
                ledger.ended(number);
            });
        }
    });
}

fn serve(
    stream: TcpStream,
    behaviour: &Behaviour,
    identity: Option<&Identity>,
    number: usize,
    ledger: &Ledger,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if matches!(behaviour, Behaviour::BrokenAnswer(_)) && identity.is_none() {
        // Closing then sends a reset in place of an orderly end.
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    }
    match identity {
        Some(identity) => act::play(behaviour, identity.accept(stream)?, number, ledger),
        None => act::play(behaviour, stream, number, ledger),
    }
}
