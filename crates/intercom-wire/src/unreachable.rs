//! Addresses that cannot be reached, without leaving this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// A port that is bound but not listening. Connections to it are refused for as long as this value lives.
#[derive(Debug)]
pub(super) struct ClosedPort(Socket);

impl ClosedPort {
    pub(super) fn bind() -> io::Result<Self> {
        bound().map(Self)
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        address(&self.0)
    }
}

/// Returns a host name whose first label is longer than the 63 bytes that DNS allows, so a resolver
/// cannot send a query for it. The top-level domain is reserved for names that do not exist.
pub(super) fn unknown_host() -> String {
    format!("{}.invalid", "x".repeat(64))
}

/// A listener that accepts no connections and whose backlog is full.
#[derive(Debug)]
pub(super) struct FullBacklog {
    listener: Socket,
    fillers: Vec<TcpStream>,
}

impl FullBacklog {
    pub(super) fn bind() -> io::Result<Self> {
        let listener = bound()?;
        listener.listen(0)?;
        let mut full = Self {
            listener,
            fillers: Vec::new(),
        };
        full.fill()?;
        Ok(full)
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        address(&self.listener)
    }

    /// Opens connections until one times out.
    fn fill(&mut self) -> io::Result<()> {
        const MAX_CONNECTIONS: usize = 64;
        let address = self.address()?;
        for _ in 0..MAX_CONNECTIONS {
            match TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
                Ok(filler) => self.fillers.push(filler),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("cannot fill the backlog on this system"))
    }
}

fn bound() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into())?;
    Ok(socket)
}

fn address(socket: &Socket) -> io::Result<SocketAddr> {
    socket
        .local_addr()?
        .as_socket()
        .ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_port_refuses_connections() {
        let port = ClosedPort::bind().unwrap();
        let error = TcpStream::connect(port.address().unwrap());
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn connecting_to_a_full_backlog_times_out() {
        let full = FullBacklog::bind().unwrap();
        let error = TcpStream::connect_timeout(&full.address().unwrap(), Duration::from_millis(50));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
