//! Certificates and keys from PEM files, and what a certificate says. Source: RFC 5280, RFC 7468.
//!
//! Problems name the setting and the file, and never show what is in it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::config::TlsFiles;

/// The one provider of cryptography; nothing is installed for the process, everyone is handed it.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The certificate with what leads to its authority, and its key; checked to belong together.
pub(crate) fn load_certified_key(files: &TlsFiles) -> anyhow::Result<CertifiedKey> {
    let chain = load_certificates("tls.certificate", &files.certificate)?;
    let name = || format!("tls.key: {}", files.key.display());
    let bytes = std::fs::read(&files.key).with_context(name)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_| anyhow!("holds no private key in PEM form"))
        .with_context(name)?;
    let provider = provider();
    let signing = provider.key_provider.load_private_key(key);
    let signing = signing
        .map_err(|_| anyhow!("is of no kind that can be used"))
        .with_context(name)?;
    let certified = CertifiedKey::new(chain, signing);
    certified
        .keys_match()
        .map_err(|_| anyhow!("does not belong to tls.certificate"))
        .with_context(name)?;
    Ok(certified)
}

/// The authorities of clients' certificates.
pub(crate) fn load_authorities(file: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in load_certificates("tls.client_ca", file)? {
        let added = roots.add(certificate);
        added.with_context(|| format!("tls.client_ca: {}", file.display()))?;
    }
    Ok(roots)
}

fn load_certificates(key: &str, file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let name = || format!("{key}: {}", file.display());
    let bytes = std::fs::read(file).with_context(name)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(anyhow!("holds no certificate in PEM form")).with_context(name),
    }
}

/// Who a client's certificate names: the common name of its subject, or its first DNS name if it
/// has none. None if it names nobody, or has two common names: which one would count?
pub(crate) fn find_subject(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let mut common = parsed.subject().iter_common_name();
    match (common.next(), common.next()) {
        (Some(only), None) => only.as_str().ok().map(str::to_owned),
        (Some(_), Some(_)) => None,
        (None, _) => {
            let others = parsed.subject_alternative_name().ok()??;
            let mut names = others.value.general_names.iter();
            names.find_map(|name| {
                if let GeneralName::DNSName(name) = name {
                    return Some((*name).to_owned());
                }
                None
            })
        }
    }
}

/// The last second of a certificate's life, since the Unix epoch.
pub(crate) fn find_end_s(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(parsed.validity().not_after.timestamp())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn signed(names: &[&str], common: &[&str]) -> CertificateDer<'static> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.remove(DnType::CommonName);
        for name in common {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().clone()
    }

    /// A folder with two certificates, `a` and `b`, and what is no PEM, `junk`.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
            let path = |ending: &str| folder.path().join(format!("{name}.{ending}"));
            std::fs::write(path("crt"), made.cert.pem()).unwrap();
            std::fs::write(path("key"), made.signing_key.serialize_pem()).unwrap();
        }
        std::fs::write(folder.path().join("junk"), "not PEM").unwrap();
        folder
    }

    #[track_caller]
    fn check(certificate: &str, key: &str, problem: Option<&[&str]>) {
        let folder = folder();
        let files = TlsFiles {
            certificate: folder.path().join(certificate),
            key: folder.path().join(key),
            client_ca: None,
        };

        let loaded = load_certified_key(&files);

        let said = loaded.err().map(|error| format!("{error:#}"));
        match (&said, problem) {
            (None, None) => {}
            (Some(said), Some(parts)) => {
                assert!(parts.iter().all(|part| said.contains(part)), "{said}");
            }
            _ => panic!("{said:?}"),
        }
    }

    #[test]
    fn a_certificate_and_its_key_are_loaded() {
        check("a.crt", "a.key", None);
    }

    #[test]
    fn problems_name_the_setting_and_the_file() {
        check("none", "a.key", Some(&["tls.certificate: ", "/none"]));
        check("junk", "a.key", Some(&["tls.certificate: ", "/junk"]));
        check("a.key", "a.key", Some(&["tls.certificate: ", "/a.key"]));
        check("a.crt", "none", Some(&["tls.key: ", "/none"]));
        check(
            "a.crt",
            "junk",
            Some(&["tls.key: ", "/junk", "no private key"]),
        );
        let other = ["tls.key: ", "/b.key", "does not belong to tls.certificate"];
        check("a.crt", "b.key", Some(&other));
    }

    #[test]
    fn authorities_that_cannot_be_read_are_named() {
        let folder = folder();

        let error = load_authorities(&folder.path().join("junk")).unwrap_err();

        let said = format!("{error:#}");
        assert!(said.contains("tls.client_ca: ") && said.contains("/junk"));
    }

    #[test]
    fn the_common_name_is_the_subject() {
        let subject = find_subject(&signed(&["other.example.org"], &["lobby"]));

        assert_eq!(subject.as_deref(), Some("lobby"));
    }

    #[test]
    fn without_a_common_name_the_first_dns_name_is_it() {
        let subject = find_subject(&signed(&["192.0.2.1", "lobby", "garage"], &[]));

        assert_eq!(subject.as_deref(), Some("lobby"));
    }

    #[test]
    fn a_certificate_that_names_nobody_has_no_subject() {
        assert_eq!(find_subject(&signed(&["192.0.2.1"], &[])), None);
    }
}
