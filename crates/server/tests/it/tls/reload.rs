//! Certificates that change while connections are open.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::secure::{Files, Secure};
use crate::community::SOON;

/// A connection to HTTPS.
struct Caller(TlsStream<TcpStream>);

impl Caller {
    async fn connect(secure: &Secure) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(certificate(&secure.files, "public.crt")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let https = &secure.community.server.https;
        let address = https.strip_prefix("https://").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
        Self(connecting.await.unwrap())
    }

    fn shown(&self) -> CertificateDer<'static> {
        let chain = self.0.get_ref().1.peer_certificates().unwrap();
        chain.first().unwrap().clone()
    }

    /// Asks for the server's health and waits for the answer.
    async fn ask(&mut self) {
        let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
        self.0.write_all(request).await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"ok\n") {
            assert!(self.0.read_buf(&mut heard).await.unwrap() > 0, "closed");
        }
    }
}

fn certificate(files: &Files, name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(files.path(name)).unwrap()
}

/// Waits until new connections are shown this certificate.
async fn until_shown(secure: &Secure, wanted: &CertificateDer<'static>) {
    let waiting = async { while Caller::connect(secure).await.shown() != *wanted {} };
    tokio::time::timeout(SOON, waiting).await.unwrap();
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_new_connections_and_old_ones_live_on() {
    let secure = Secure::start().await;
    let old = certificate(&secure.files, "server.crt");
    let mut before = Caller::connect(&secure).await;
    before.ask().await;
    assert_eq!(before.shown(), old);

    secure.files.sign(&secure.public, "server");
    assert_eq!(Caller::connect(&secure).await.shown(), old, "not asked yet");
    secure.community.server.reload();

    let new = certificate(&secure.files, "server.crt");
    assert_ne!(new, old);
    until_shown(&secure, &new).await;
    before.ask().await;
}

#[tokio::test]
async fn a_broken_file_keeps_the_old_certificate() {
    let secure = Secure::start().await;
    let old = certificate(&secure.files, "server.crt");
    let good = secure.public.sign("server");

    // Certificate and key of different pairs, as in the middle of an exchange of files.
    secure.files.write("server.crt", &good.0);
    secure.community.server.reload();
    let mut during = Caller::connect(&secure).await;
    during.ask().await;
    secure.files.write("server.key", &good.1);
    secure.community.server.reload();

    assert_eq!(during.shown(), old);
    until_shown(&secure, &certificate(&secure.files, "server.crt")).await;
    during.ask().await;
}
