//! A certificate of the server's own for first use: nobody vouches for it but its fingerprint.
//!
//! Made once, for a year, and anew at the first start that finds it broken or about to end.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::digest;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};

use crate::config::TlsFiles;
use crate::machine::certificates::{find_end_s, load_certified_key};
use crate::machine::private_file::write_private;

const DAY_S: i64 = 24 * 3600;

/// How long one is good for.
const LIFE_S: i64 = 365 * DAY_S;

/// One that ends sooner is replaced at a start. A server that runs on longer than that outlives its
/// certificate.
const REST_S: i64 = 30 * DAY_S;

/// A clock of a client may be as much behind ours.
const SKEW_S: i64 = DAY_S;

/// Makes the two files unless they are there and good for a while yet. The certificate is for
/// loopback, this machine's name and these addresses.
pub(crate) fn keep_self_signed(
    files: &TlsFiles,
    listening: &[IpAddr],
    now_ms: i64,
) -> anyhow::Result<()> {
    let now_s = now_ms / 1000;
    if is_good(files, now_s) {
        return Ok(());
    }
    let mut names = vec!["localhost".to_owned()];
    let machine = rustix::system::uname();
    names.extend(machine.nodename().to_str().ok().map(str::to_owned));
    let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let addresses = loopback.iter().chain(listening);
    names.extend(
        addresses
            .filter(|ip| !ip.is_unspecified())
            .map(IpAddr::to_string),
    );
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    let (certificate, key) = make(names, now_s).context("the self-signed certificate")?;
    write_private(&files.key, key.as_bytes())?;
    write_private(&files.certificate, certificate.as_bytes())
}

fn is_good(files: &TlsFiles, now_s: i64) -> bool {
    let Ok(found) = load_certified_key(files) else {
        return false;
    };
    let end_s = found.cert.first().and_then(find_end_s);
    end_s.is_some_and(|end_s| end_s - now_s > REST_S)
}

/// Certificate and key in PEM form.
fn make(names: Vec<String>, now_s: i64) -> anyhow::Result<(String, String)> {
    let epoch = date_time_ymd(1970, 1, 1);
    let since = |second: i64| epoch + Duration::from_secs(second.max(0).unsigned_abs());
    let mut params = CertificateParams::new(names)?;
    params.not_before = since(now_s - SKEW_S);
    params.not_after = since(now_s + LIFE_S);
    params
        .distinguished_name
        .push(DnType::CommonName, "koumen self-signed");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// SHA-256 of the certificate, as browsers and `openssl x509 -fingerprint -sha256` show it.
pub(crate) fn fingerprint(files: &TlsFiles) -> anyhow::Result<String> {
    let found = load_certified_key(files)?;
    let certificate = found.cert.first().context("there is a certificate")?;
    let hash = digest::digest(&digest::SHA256, certificate);
    let pairs: Vec<String> = hash
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    Ok(pairs.join(":"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    const DAY_MS: i64 = DAY_S * 1000;

    fn files(folder: &Path) -> TlsFiles {
        TlsFiles {
            certificate: folder.join("self-signed.crt"),
            key: folder.join("self-signed.key"),
            client_ca: None,
        }
    }

    /// The fingerprint after a start at this moment.
    fn start(files: &TlsFiles, now_ms: i64) -> String {
        keep_self_signed(files, &[Ipv4Addr::UNSPECIFIED.into()], now_ms).unwrap();
        fingerprint(files).unwrap()
    }

    #[test]
    fn it_is_made_once_and_anew_before_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());

        let first = start(&files, NOW_MS);
        let later = start(&files, NOW_MS + 330 * DAY_MS);
        let last = start(&files, NOW_MS + 340 * DAY_MS);

        assert_eq!(first, later);
        assert_ne!(first, last);
    }

    #[test]
    fn half_a_pair_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let first = start(&files, NOW_MS);
        std::fs::remove_file(&files.key).unwrap();

        assert_ne!(start(&files, NOW_MS), first);
    }

    #[test]
    fn only_the_servers_user_reads_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());

        start(&files, NOW_MS);

        let mode = std::fs::metadata(&files.key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
