//! Certificates generated at run time, and the server side of TLS.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::act::Stream;

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn close(&mut self) -> io::Result<()> {
        self.conn.send_close_notify();
        self.flush()
    }
}

/// The certificate and key of a wire server.
#[derive(Debug)]
pub(super) struct Identity {
    config: Arc<ServerConfig>,
    root_pem: Option<String>,
}

impl Identity {
    /// Creates a self-signed certificate.
    pub(super) fn self_signed() -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = leaf()?.self_signed(&key).map_err(io::Error::other)?;
        Self::new(certificate.der().clone(), &key, None)
    }

    /// Creates a certificate signed by an authority that is created for this server alone.
    pub(super) fn with_authority() -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().map_err(io::Error::other)?;
        let authority = params
            .self_signed(&authority_key)
            .map_err(io::Error::other)?;
        let issuer = Issuer::new(params, authority_key);

        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = leaf()?.signed_by(&key, &issuer).map_err(io::Error::other)?;
        Self::new(certificate.der().clone(), &key, Some(authority.pem()))
    }

    /// Returns the certificate of the authority, as PEM.
    pub(super) fn root_pem(&self) -> Option<String> {
        self.root_pem.clone()
    }

    /// Returns an encrypted stream over this connection. The first read performs the handshake.
    pub(super) fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
        let connection =
            ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        Ok(StreamOwned::new(connection, stream))
    }

    fn new(
        certificate: CertificateDer<'static>,
        key: &KeyPair,
        root_pem: Option<String>,
    ) -> io::Result<Self> {
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder
                    .with_no_client_auth()
                    .with_single_cert(vec![certificate], key)
            })
            .map_err(io::Error::other)?;
        Ok(Self {
            config: Arc::new(config),
            root_pem,
        })
    }
}

fn leaf() -> io::Result<CertificateParams> {
    CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])
        .map_err(io::Error::other)
}
