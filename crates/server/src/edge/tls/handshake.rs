//! Handshakes of TLS 1.2 and 1.3, with a certificate that can be changed at any time.
//!
//! Clients may show a certificate if there are authorities for theirs; one that does not verify
//! ends the handshake. There is no switch that turns verification off.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use metrics::counter;
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::signal::unix::Signal;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::identity::Subject;
use crate::config::TlsFiles;
use crate::machine::{
    find_end_s, find_subject, load_authorities, load_certified_key, provider, wall_ms,
};

/// A client whose handshake takes longer is gone or means harm.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(10);

/// What new connections are offered.
pub(crate) struct Tls {
    files: TlsFiles,
    offered: Mutex<Arc<ServerConfig>>,
}

/// A connection whose handshake is done.
pub(crate) struct Secured<S> {
    pub(crate) stream: TlsStream<S>,
    /// Whom the client's certificate names, if it showed one.
    pub(crate) subject: Option<Subject>,
}

impl Tls {
    /// Reads the files; an error names the setting and the file.
    pub(crate) fn load(files: TlsFiles) -> anyhow::Result<Self> {
        let offered = Mutex::new(offer(&files)?);
        Ok(Self { files, offered })
    }

    /// Reads the files again, for handshakes from here on. If one is broken, all stays as it was.
    fn reload(&self) -> anyhow::Result<()> {
        let offered = offer(&self.files)?;
        *self.offered.lock().unwrap_or_else(PoisonError::into_inner) = offered;
        Ok(())
    }

    fn offered(&self) -> Arc<ServerConfig> {
        let offered = self.offered.lock();
        Arc::clone(&offered.unwrap_or_else(PoisonError::into_inner))
    }

    /// Shakes hands with a client, within [`HANDSHAKE_WAIT`].
    pub(crate) async fn secure<S>(&self, stream: S) -> io::Result<Secured<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let shaking = TlsAcceptor::from(self.offered()).accept(stream);
        let shaken = tokio::time::timeout(HANDSHAKE_WAIT, shaking).await;
        let shaken = shaken.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = shaken.inspect_err(|error| {
            counter!("koumen_tls_failed_handshakes").increment(1);
            tracing::debug!(%error, "a TLS handshake failed");
        })?;
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let subject = chain.first().and_then(find_subject).map(Subject::from);
        Ok(Secured { stream, subject })
    }
}

fn offer(files: &TlsFiles) -> anyhow::Result<Arc<ServerConfig>> {
    let certified = load_certified_key(files)?;
    let provider = provider();
    let building = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let building = match &files.client_ca {
        None => building.with_no_client_auth(),
        Some(file) => {
            let roots = Arc::new(load_authorities(file)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                .allow_unauthenticated()
                .build()
                .with_context(|| format!("tls.client_ca: {}", file.display()))?;
            building.with_client_cert_verifier(verifier)
        }
    };
    if let Some(end_s) = certified.cert.first().and_then(find_end_s)
        && end_s < wall_ms() / 1000
    {
        tracing::warn!(file = %files.certificate.display(), "the certificate has run out");
    }
    let resolver = Arc::new(SingleCertAndKey::from(certified));
    let mut offered = building.with_cert_resolver(resolver);
    if files.client_ca.is_some() {
        // A session that is taken up again would not show its certificate again.
        offered.session_storage = Arc::new(NoServerSessionStorage {});
    }
    Ok(Arc::new(offered))
}

/// Reads the files again at every SIGHUP, until stopped.
pub(crate) async fn run_reload(tls: Arc<Tls>, mut hangup: Signal, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = hangup.recv() => {}
        }
        match tls.reload() {
            Ok(()) => tracing::info!("certificates were read again"),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the old certificates stay");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// What is offered with a certificate in this folder.
    fn tls(folder: &std::path::Path) -> Tls {
        let files = TlsFiles {
            certificate: folder.join("crt"),
            key: folder.join("key"),
            client_ca: None,
        };
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&files.certificate, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        Tls::load(files).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_handshake_that_never_ends_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let tls = tls(folder.path());
        let (near, mut far) = duplex(1024);
        // The head of a record that never comes.
        far.write_all(&[22, 3, 1, 2, 0]).await.unwrap();

        let late = HANDSHAKE_WAIT + Duration::from_secs(1);
        let secured = tokio::time::timeout(late, tls.secure(near)).await.unwrap();

        let error = secured.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0, "it is closed");
    }

    #[test]
    fn a_broken_file_leaves_what_was_offered() {
        let folder = tempfile::tempdir().unwrap();
        let tls = tls(folder.path());
        let before = tls.offered();
        std::fs::write(folder.path().join("key"), "not PEM").unwrap();

        let error = tls.reload().unwrap_err();

        assert!(format!("{error:#}").contains("/key"));
        assert!(Arc::ptr_eq(&before, &tls.offered()));
    }
}
