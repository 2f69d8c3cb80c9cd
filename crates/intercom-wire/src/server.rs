//! The server: a listener, a thread for each connection, and how both stop.

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
use super::script::{Certificate, Greeting, Script};
use super::tls::{Authority, Identity};
use super::unreachable::{self, ClosedPort, FullBacklog};

/// A raw server on loopback that acts out one [`Behaviour`]. Dropping it stops it.
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
///
/// use intercom_wire::{Behaviour, WireServer};
///
/// let server = WireServer::start(Behaviour::response("{}"))?;
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

/// What occupies the address.
#[derive(Debug)]
enum Site {
    ClosedPort { _held: ClosedPort },
    FullBacklog { _held: FullBacklog },
    Listener,
}

/// The certificates of a server.
#[derive(Debug)]
struct Tls {
    usual: Identity,
    first: First,
}

/// How the first connection begins.
#[derive(Debug)]
enum First {
    Identity(Identity),
    Raw,
    Usual,
}

impl WireServer {
    /// Starts a server with this behaviour.
    ///
    /// # Errors
    ///
    /// Fails if a socket or a thread cannot be created, or if the system does not let the backlog fill up.
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
            Behaviour::BadCertificate => {
                let identity = Authority::new()?.identity(Certificate::SelfSigned)?;
                let usual = identity;
                Self::listen(
                    behaviour,
                    Some(Tls {
                        usual,
                        first: First::Usual,
                    }),
                )
            }
            _ => Self::listen(behaviour, None),
        }
    }

    /// Starts a server with this behaviour behind TLS, with a certificate from its own authority.
    ///
    /// [`WireServer::root_pem`] returns the authority's certificate.
    ///
    /// # Errors
    ///
    /// Fails if a socket, a thread or a certificate cannot be created.
    pub fn start_tls(behaviour: Behaviour) -> io::Result<Self> {
        let authority = Authority::new()?;
        let usual = authority.identity(Certificate::Good)?;
        let mut server = Self::listen(
            behaviour,
            Some(Tls {
                usual,
                first: First::Usual,
            }),
        )?;
        server.root_pem = Some(authority.pem());
        Ok(server)
    }

    /// Starts a server that follows this script, behind TLS if there is an authority.
    ///
    /// # Errors
    ///
    /// Fails if a socket, a thread or a certificate cannot be created.
    pub fn play(script: Script, authority: Option<&Authority>) -> io::Result<Self> {
        let tls = match authority {
            None => None,
            Some(authority) => Some(Tls {
                usual: authority.identity(Certificate::Good)?,
                first: match script.greeting {
                    Greeting::Certificate(certificate) => {
                        First::Identity(authority.identity(certificate)?)
                    }
                    Greeting::None => First::Raw,
                    Greeting::Usual => First::Usual,
                },
            }),
        };
        let waits = script.waits();
        let server = Self::listen(Behaviour::Script(script), tls)?;
        if !waits {
            server.ledger.expect_progress();
        }
        Ok(server)
    }

    /// Waits until a script is at its end, or does nothing until the client does something. Returns whether it is, within this
    /// limit. A script that begins with a request may not have started: it is not waited for.
    #[must_use]
    pub fn settle(&self, limit: Duration) -> bool {
        self.ledger.settle(limit)
    }

    /// Returns the base URL to connect to, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the address of the socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the certificate of the authority that signed this server's certificate, as PEM.
    #[must_use]
    pub fn root_pem(&self) -> Option<&str> {
        self.root_pem.as_deref()
    }

    /// Returns how many whole requests the server has read.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.ledger.requests().len()
    }

    /// Returns the requests that the server has read, in order.
    #[must_use]
    pub fn transcript(&self) -> Vec<WireRequest> {
        self.ledger.requests()
    }

    /// Returns how many connections the server has accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.ledger.connections()
    }

    /// Returns how many bytes of responses the server has written to its sockets.
    ///
    /// The system may still hold some of them in its buffers: up to several megabytes on loopback.
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

    fn listen(behaviour: Behaviour, tls: Option<Tls>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut server = Self::at(listener.local_addr()?, Site::Listener);
        if tls.is_some() || behaviour.wants_https() {
            server.url = format!("https://{}", server.address);
        }
        let ledger = Arc::clone(&server.ledger);
        thread::Builder::new()
            .name("wire-server".to_owned())
            .spawn(move || accept_all(&listener, &behaviour, tls.as_ref(), &ledger))?;
        Ok(server)
    }
}

impl Drop for WireServer {
    fn drop(&mut self) {
        self.ledger.stop();
        if matches!(self.site, Site::Listener) {
            // The thread blocks in `accept`; a connection wakes it.
            let _ = TcpStream::connect(self.address);
        }
    }
}

fn accept_all(
    listener: &TcpListener,
    behaviour: &Behaviour,
    tls: Option<&Tls>,
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
                // Broken connections are what this server is for, so its errors mean nothing.
                let _ = serve(stream, behaviour, tls, number, ledger);
                ledger.ended(number);
            });
        }
    });
}

fn serve(
    stream: TcpStream,
    behaviour: &Behaviour,
    tls: Option<&Tls>,
    number: usize,
    ledger: &Ledger,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if matches!(behaviour, Behaviour::ResponseThenReset(_)) && tls.is_none() {
        // Closing the socket now sends a reset.
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    }
    let identity = match tls {
        None => None,
        Some(tls) if number > 1 => Some(&tls.usual),
        Some(tls) => match &tls.first {
            First::Identity(identity) => Some(identity),
            First::Raw => None,
            First::Usual => Some(&tls.usual),
        },
    };
    match identity {
        Some(identity) => act::run(behaviour, identity.accept(stream)?, number, ledger),
        None => act::run(behaviour, stream, number, ledger),
    }
}
