//! The thread of the server.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::connection::{locked, serve};
use crate::state::State;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1_024;

/// The thread of the server. Dropping it stops the server and waits until the port is free.
#[derive(Debug)]
pub(super) struct Thread {
    stop: Option<oneshot::Sender<()>>,
    handle: Option<JoinHandle<()>>,
}

impl Thread {
    pub(super) fn start(port: u16, state: Arc<Mutex<State>>) -> io::Result<(Self, SocketAddr)> {
        let (stop, stopped) = oneshot::channel();
        let (report, reported) = mpsc::channel();
        let handle = std::thread::Builder::new()
            .name("intercom-mock".to_owned())
            .spawn(move || {
                let started = Builder::new_current_thread()
                    .enable_io()
                    .enable_time()
                    .build()
                    .and_then(|runtime| {
                        let listener = runtime.block_on(async { listen(port) })?;
                        let address = listener.local_addr()?;
                        Ok((runtime, listener, address))
                    });
                match started {
                    Ok((runtime, listener, address)) => {
                        let _ = report.send(Ok(address));
                        // Leaving the block drops the listener; dropping the runtime drops every connection.
                        runtime.block_on(async {
                            tokio::select! {
                                () = accept(listener, state) => {}
                                _ = stopped => {}
                            }
                        });
                    }
                    Err(error) => {
                        let _ = report.send(Err(error));
                    }
                }
            })?;
        let address = reported.recv().map_err(io::Error::other)??;
        Ok((
            Self {
                stop: Some(stop),
                handle: Some(handle),
            },
            address,
        ))
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(handle) = self.handle.take() {
            let _ = handle.join();
        }
    }
}

fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // Without this, a server cannot reuse a port whose old connections are still in TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    socket.listen(BACKLOG)
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                locked(&state, |state| state.connections += 1);
                tokio::spawn(serve(stream, state.clone()));
            }
            // Usually there are no file descriptors left, so wait for another connection to close.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
