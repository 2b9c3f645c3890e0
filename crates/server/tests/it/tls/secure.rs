//! A community whose server offers TLS, and the authorities behind its certificates.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use crate::community::Community;
use crate::running::Running;

/// Who signs certificates.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A certificate of this common name for loopback, and its key, in PEM form.
    pub(super) fn sign(&self, name: &str) -> (String, String) {
        let hosts = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// A folder of PEM files, each `NAME.crt` and `NAME.key`.
pub(super) struct Files(TempDir);

impl Files {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(super) fn authority(&self, name: &str) -> Authority {
        let authority = Authority::new(name);
        self.write(&format!("{name}.crt"), &authority.pem);
        authority
    }

    pub(super) fn sign(&self, authority: &Authority, name: &str) {
        let (certificate, key) = authority.sign(name);
        self.write(&format!("{name}.crt"), &certificate);
        self.write(&format!("{name}.key"), &key);
    }
}

/// A community by TLS and plainly, files with what its clients need.
///
/// | file | what |
/// |---|---|
/// | `public` | the authority of the server's certificate, `server` |
/// | `devices` | the authority of clients: `lobby`, `stranger` |
/// | `forger` | an authority nobody trusts; it signed `forged`, named like the lobby |
pub(super) struct Secure {
    pub(super) community: Community,
    pub(super) files: Files,
    pub(super) public: Authority,
}

impl Secure {
    pub(super) async fn start() -> Self {
        Self::with_mqtt("127.0.0.1:0").await
    }

    /// With plain MQTT there, or `off`.
    pub(super) async fn with_mqtt(mqtt: &str) -> Self {
        let files = Files::new();
        let public = files.authority("public");
        files.sign(&public, "server");
        let devices = files.authority("devices");
        files.sign(&devices, "lobby");
        files.sign(&devices, "stranger");
        let forged = files.authority("forger").sign("lobby");
        files.write("forged.crt", &forged.0);
        files.write("forged.key", &forged.1);
        let settings = [
            ("TLS__CERTIFICATE", &*files.text("server.crt")),
            ("TLS__KEY", &*files.text("server.key")),
            ("TLS__CLIENT_CA", &*files.text("devices.crt")),
            ("HTTP__LISTEN_TLS", "127.0.0.1:0"),
            ("MQTT__LISTEN_TLS", "127.0.0.1:0"),
        ];
        let server = Running::by(&settings, &[], mqtt);
        let community = Community::on(server).await;
        Self {
            community,
            files,
            public,
        }
    }

    /// One of mosquitto's tools by TLS, signed in as nobody yet.
    pub(super) fn mosquitto(&self, program: &str) -> Command {
        let authority = self.files.path("public.crt");
        mosquitto(program, &self.community.server.mqtts, &authority)
    }

    /// The same, with this certificate.
    pub(super) fn mosquitto_as(&self, program: &str, certificate: &str) -> Command {
        let mut command = self.mosquitto(program);
        let file = |ending: &str| self.files.text(&format!("{certificate}.{ending}"));
        command.args(["--cert", &file("crt"), "--key", &file("key")]);
        command
    }
}

/// One of mosquitto's tools by TLS, believing this authority only.
pub(super) fn mosquitto(program: &str, mqtts: &str, authority: &Path) -> Command {
    let (host, port) = mqtts.rsplit_once(':').unwrap();
    let mut command = Command::new(program);
    command
        .args(["-h", host, "-p", port, "-q", "1", "--cafile"])
        .arg(authority);
    command
}

/// Runs a publishing client to its end: whether what it said was taken, and why not.
pub(super) fn publish(command: &mut Command, topic: &str, said: &str) -> (bool, String) {
    let Output { status, stderr, .. } = command.args(["-t", topic, "-m", said]).output().unwrap();
    (status.success(), String::from_utf8(stderr).unwrap())
}

/// An HTTP client that believes this authority only.
pub(super) fn browser(authority: &Path) -> reqwest::Client {
    let pem = std::fs::read(authority).unwrap();
    let authority = reqwest::Certificate::from_pem(&pem).unwrap();
    let building = reqwest::Client::builder()
        .timeout(Duration::from_secs(20))
        .tls_certs_only([authority]);
    building.build().unwrap()
}
