//! Certificates generated at run time, and the server side of TLS.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
};

use super::act::Stream;
use super::script::Certificate;

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn close(&mut self) -> io::Result<()> {
        self.conn.send_close_notify();
        self.flush()
    }

    fn raw(&self) -> &TcpStream {
        &self.sock
    }
}

/// A certificate authority. A client that trusts it trusts each server that it has certified.
#[derive(Debug)]
pub struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Errors
    ///
    /// Fails if its key or its certificate cannot be created.
    pub fn new() -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        Ok(Self {
            certificate,
            issuer: Issuer::new(params, key),
        })
    }

    /// Returns its certificate, as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Creates a certificate, and the settings that a server has with it.
    pub(super) fn identity(&self, certificate: Certificate) -> io::Result<Identity> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let host = match certificate {
            Certificate::OtherHost => "other.invalid",
            _ => "localhost",
        };
        let mut names = vec![host.to_owned()];
        if certificate != Certificate::OtherHost {
            names.push("127.0.0.1".to_owned());
        }
        let mut leaf = CertificateParams::new(names).map_err(io::Error::other)?;
        match certificate {
            Certificate::Expired => leaf.not_after = date_time_ymd(2001, 1, 1),
            Certificate::NotYetValid => leaf.not_before = date_time_ymd(4000, 1, 1),
            _ => {}
        }
        let signed = match certificate {
            Certificate::OtherAuthority => leaf.signed_by(&key, &Self::new()?.issuer),
            Certificate::SelfSigned => leaf.self_signed(&key),
            _ => leaf.signed_by(&key, &self.issuer),
        };
        let signed = signed.map_err(io::Error::other)?;
        let versions: &[&SupportedProtocolVersion] = match certificate {
            Certificate::Tls12 => &[&TLS12],
            Certificate::Tls13 => &[&TLS13],
            _ => rustls::DEFAULT_VERSIONS,
        };
        let clients = matches!(certificate, Certificate::MutualTls).then_some(&self.certificate);
        Identity::new(signed.der().clone(), &key, versions, clients)
    }
}

/// The certificate and key of a wire server.
#[derive(Clone, Debug)]
pub(super) struct Identity(Arc<ServerConfig>);

impl Identity {
    /// Returns an encrypted stream over this connection. The first read performs the handshake.
    pub(super) fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
        let connection = ServerConnection::new(Arc::clone(&self.0)).map_err(io::Error::other)?;
        Ok(StreamOwned::new(connection, stream))
    }

    /// Asks for a certificate of the client if `clients` is an authority.
    fn new(
        certificate: CertificateDer<'static>,
        key: &KeyPair,
        versions: &[&'static SupportedProtocolVersion],
        clients: Option<&rcgen::Certificate>,
    ) -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .map_err(io::Error::other)?;
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots
                    .add(authority.der().clone())
                    .map_err(io::Error::other)?;
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .map_err(io::Error::other)?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let config = builder.with_single_cert(vec![certificate], key);
        Ok(Self(Arc::new(config.map_err(io::Error::other)?)))
    }
}
