//! Places that cannot be reached, without leaving this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// A port on which nobody listens any more.
pub(super) fn refused() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// A host whose first label is longer than the 63 bytes DNS allows, so that no question for it can
/// be put on the network. The top-level domain is reserved for names that do not exist.
pub(super) fn unknown_host() -> String {
    format!("{}.invalid", "x".repeat(64))
}

/// A listener that accepts nobody and whose backlog is full.
#[derive(Debug)]
pub(super) struct FullBacklog {
    listener: Socket,
    fillers: Vec<TcpStream>,
}

impl FullBacklog {
    pub(super) fn bind() -> io::Result<Self> {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        listener.bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into())?;
        listener.listen(0)?;
        let mut full = Self {
            listener,
            fillers: Vec::new(),
        };
        full.fill()?;
        Ok(full)
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener
            .local_addr()?
            .as_socket()
            .ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
    }

    /// Connects until a connection no longer comes about at once.
    fn fill(&mut self) -> io::Result<()> {
        const ENOUGH: usize = 64;
        let address = self.address()?;
        for _ in 0..ENOUGH {
            match TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
                Ok(filler) => self.fillers.push(filler),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("this system's backlog cannot be filled"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_backlog_lets_nobody_in() {
        let full = FullBacklog::bind().unwrap();
        let error = TcpStream::connect_timeout(&full.address().unwrap(), Duration::from_millis(50));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
