//! The self-signed certificate that both brokers show, and a client that trusts no other.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;

use crate::config::TlsFiles;
use crate::machine::{keep_self_signed, load_authorities, provider, wall_ms};

pub(super) struct Certificate {
    /// Where it lies with its key.
    pub(super) folder: PathBuf,
    pub(super) client: Arc<ClientConfig>,
}

impl Certificate {
    /// Makes one for loopback.
    pub(super) fn make(folder: &Path) -> anyhow::Result<Self> {
        let files = certificate_files(folder);
        keep_self_signed(&files, &[], wall_ms())?;
        let roots = load_authorities(&files.certificate)?;
        let client = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            folder: folder.to_owned(),
            client: Arc::new(client),
        })
    }
}

pub(super) fn certificate_files(folder: &Path) -> TlsFiles {
    TlsFiles {
        certificate: folder.join("bench.crt"),
        key: folder.join("bench.key"),
        client_ca: None,
    }
}
