//! How long the lookup of the host, the connection, TLS and the first byte of a response take. No token is sent.

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::Arc;

use http::Uri;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::super::clock::{Deadline, Stopwatch};
use super::super::collected::Step;
use super::Part;
use crate::log;

/// How many addresses of the host are tried.
const ADDRESSES: usize = 4;

/// The result of a step after one that failed.
pub(super) const NOT_REACHED: &str = "not reached";

/// Takes the steps to the first byte, and reports each. A step after one that failed is reported as not reached.
pub(super) fn measure(
    url: &str,
    roots: Option<&[u8]>,
    deadline: Deadline,
    mut report: impl FnMut(Part, Step),
) {
    let mut done = Vec::new();
    let result = steps(url, roots, deadline, &mut |part, step| {
        done.push(part);
        report(part, step);
    });
    let mut error = result.err().map(|error| said(&error));
    for part in Part::ALL.into_iter().filter(|part| !done.contains(part)) {
        let error = error.take().unwrap_or_else(|| NOT_REACHED.to_owned());
        report(
            part,
            Step {
                ms: None,
                error: Some(error),
            },
        );
    }
}

/// The steps up to the first one that fails.
fn steps(
    url: &str,
    roots: Option<&[u8]>,
    deadline: Deadline,
    report: &mut dyn FnMut(Part, Step),
) -> io::Result<()> {
    let mut done = |part, watch: Option<Stopwatch>| {
        let ms = watch.map(Stopwatch::ms);
        report(part, Step { ms, error: None });
    };
    let uri: Uri = url
        .parse()
        .map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_tls = uri.scheme_str() != Some("http");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });

    let watch = Stopwatch::start();
    let addresses: Vec<_> = (host, port).to_socket_addrs()?.take(ADDRESSES).collect();
    done(Part::Dns, Some(watch));

    let watch = Stopwatch::start();
    let socket = connect(&addresses, deadline)?;
    done(Part::Tcp, Some(watch));

    if !is_tls {
        done(Part::Tls, None);
        let watch = Stopwatch::start();
        first_byte(socket.try_clone()?, &socket, host, deadline)?;
        done(Part::FirstByte, Some(watch));
        return Ok(());
    }
    let watch = Stopwatch::start();
    let mut tls = session(host, roots)?;
    let mut connected = socket.try_clone()?;
    while tls.is_handshaking() {
        limit(&socket, deadline)?;
        tls.complete_io(&mut connected)?;
    }
    done(Part::Tls, Some(watch));

    let watch = Stopwatch::start();
    first_byte(StreamOwned::new(tls, connected), &socket, host, deadline)?;
    done(Part::FirstByte, Some(watch));
    Ok(())
}

/// Connects to the first address that accepts.
fn connect(addresses: &[SocketAddr], deadline: Deadline) -> io::Result<TcpStream> {
    let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in addresses {
        let left = deadline.left().ok_or(ErrorKind::TimedOut)?;
        match TcpStream::connect_timeout(address, left) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn session(host: &str, roots: Option<&[u8]>) -> io::Result<ClientConnection> {
    let invalid = |error| io::Error::new(ErrorKind::InvalidInput, error);
    let mut store = RootCertStore::empty();
    match roots {
        Some(pem) => {
            for root in CertificateDer::pem_slice_iter(pem) {
                let root = root.map_err(|error| invalid(error.to_string()))?;
                store
                    .add(root)
                    .map_err(|error| invalid(error.to_string()))?;
            }
        }
        None => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| invalid(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| invalid(error.to_string()))?;
    ClientConnection::new(Arc::new(config), name).map_err(|error| invalid(error.to_string()))
}

/// Sends a request without a token, and waits for the first byte of the response.
fn first_byte(
    mut stream: impl io::Read + Write,
    socket: &TcpStream,
    host: &str,
    deadline: Deadline,
) -> io::Result<()> {
    limit(socket, deadline)?;
    let request =
        format!("HEAD / HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    // In one piece, so that a server that closes early does not cut it off.
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    limit(socket, deadline)?;
    match stream.read(&mut [0])? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn limit(socket: &TcpStream, deadline: Deadline) -> io::Result<()> {
    let left = deadline.left().ok_or(ErrorKind::TimedOut)?;
    socket.set_read_timeout(Some(left))?;
    socket.set_write_timeout(Some(left))
}

/// The error in known words.
fn said(error: &io::Error) -> String {
    match error.kind() {
        // A socket reports its own time limit as this.
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "timed out".to_owned(),
        ErrorKind::UnexpectedEof => "the connection was closed before the response".to_owned(),
        _ => log::redact(&error.to_string()),
    }
}
