//! A server as a child process: started on free ports, killed or stopped, started again.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use sim::ServerAddress;
use tempfile::TempDir;

use crate::namespaces::Namespace;

/// The binary under test.
pub(crate) const KOUMEN: &str = env!("CARGO_BIN_EXE_koumen");

/// A running server and its data folder.
pub(crate) struct Running {
    child: Option<Child>,
    folder: TempDir,
    settings: Vec<(String, String)>,
    pub(crate) http: String,
    pub(crate) mqtt: String,
    /// The addresses of TLS and the fingerprint of a self-signed certificate; empty without.
    pub(crate) https: String,
    pub(crate) mqtts: String,
    pub(crate) fingerprint: String,
    /// Where the TCP box protocol is spoken, by `home`, `community` and `centre`; of a second box by
    /// `home 2` and `community 2`.
    pub(crate) boxes: BTreeMap<String, SocketAddr>,
    /// The network it runs in, if not this machine's.
    namespace: Option<Arc<Namespace>>,
    /// Further arguments of `koumen serve`.
    arguments: Vec<String>,
    pub(crate) client: reqwest::Client,
}

impl Running {
    /// Starts a server with the default settings.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server with settings as environment variables, such as `CALLS__RING_S`.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::by(settings, &[], "127.0.0.1:0")
    }

    /// Starts a server with settings, further arguments, and plain MQTT there.
    pub(crate) fn by(settings: &[(&str, &str)], arguments: &[&str], mqtt: &str) -> Self {
        // Tests call and sign in more often than people do; those of the limits say so.
        let free = [
            ("LIMITS__CALLS_PER_MIN", "0"),
            ("LIMITS__LOGINS_PER_MIN", "0"),
            ("LIMITS__REGISTRATIONS_PER_MIN", "0"),
            ("LIMITS__UNLOCKS_PER_MIN", "0"),
        ];
        let settings = free
            .iter()
            .chain(settings)
            .map(|(key, value)| (format!("KOUMEN__{key}"), (*value).into()));
        let mut running = Self {
            child: None,
            folder: tempfile::tempdir().unwrap(),
            settings: settings.collect(),
            http: String::new(),
            mqtt: String::new(),
            https: String::new(),
            mqtts: String::new(),
            fingerprint: String::new(),
            boxes: BTreeMap::new(),
            namespace: None,
            arguments: arguments.iter().map(|one| (*one).into()).collect(),
            client: web_client(),
        };
        running.launch("127.0.0.1:0", mqtt);
        running
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The command that serves this folder on these addresses.
    fn command(&self, http: &str, mqtt: &str) -> Command {
        let mut command = match &self.namespace {
            Some(namespace) => namespace.command(KOUMEN, &[]),
            None => Command::new(KOUMEN),
        };
        command
            .args(["serve", "--http", http, "--mqtt", mqtt, "--data"])
            .arg(self.folder.path())
            .args(&self.arguments)
            .envs(self.settings.iter().cloned())
            .env("KOUMEN_LOG", "error")
            .stderr(Stdio::inherit());
        command
    }

    fn launch(&mut self, http: &str, mqtt: &str) {
        self.boxes.clear();
        let mut command = self.command(http, mqtt);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        self.child = Some(child);
        loop {
            let line = lines.next();
            let line = line.expect("the server says where it listens").unwrap();
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("http", at) => self.http = format!("http://{at}"),
                ("https", at) => self.https = format!("https://{at}"),
                ("mqtt", at) => self.mqtt = at.into(),
                ("mqtts", at) => self.mqtts = at.into(),
                ("certificate", shown) => self.fingerprint = shown.into(),
                ("smartbox", at) => {
                    let (name, at) = at.split_once(' ').unwrap();
                    let further = format!("{name} 2");
                    let name = match self.boxes.contains_key(name) {
                        true => further,
                        false => name.to_owned(),
                    };
                    self.boxes.insert(name, at.parse().unwrap());
                }
                ("ready", _) => break,
                _ => panic!("{line}"),
            }
        }
    }

    /// Asks it to read its certificates again.
    pub(crate) fn reload(&self) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        let asked = Command::new("kill").args(["-HUP", &pid]).status();
        assert!(asked.unwrap().success());
    }

    /// Ends the process at once and starts it again on the same ports.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        self.restart();
    }

    /// Ends the process at once; its page cache stays, unlike in a power cut.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts the killed server again on the same ports.
    pub(crate) fn restart(&mut self) {
        let (http, mqtt) = self.ports();
        self.launch(&http, &mqtt);
    }

    /// Sets something that counts from the next start on.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let key = format!("KOUMEN__{key}");
        self.settings.push((key, value.into()));
    }

    /// Starts the stopped server in a network of its own, where its HTTP is out of reach.
    pub(crate) fn restart_within(&mut self, namespace: Arc<Namespace>) {
        self.namespace = Some(namespace);
        self.restart();
    }

    /// Starts the killed server again and kills it after `delay`, ready or not.
    pub(crate) async fn start_and_kill(&self, delay: Duration) {
        let (http, mqtt) = self.ports();
        let mut command = self.command(&http, &mqtt);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(delay).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn ports(&self) -> (String, String) {
        let http = self.http.strip_prefix("http://").unwrap();
        (http.to_owned(), self.mqtt.clone())
    }

    /// Asks the server to stop, and waits until it has, in order.
    pub(crate) fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        assert!(child.wait().unwrap().success());
    }

    /// Where simulators find it; MQTT nowhere if it is off.
    pub(crate) fn address(&self) -> ServerAddress {
        let (host, port) = self.mqtt.rsplit_once(':').unwrap_or(("127.0.0.1", "0"));
        ServerAddress {
            http: self.http.clone(),
            mqtt_host: host.into(),
            mqtt_port: port.parse().unwrap(),
            clock: now_ms,
        }
    }

    /// POSTs JSON with headers; the status and the JSON answered.
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> (u16, Value) {
        self.post_bytes(path, headers, body.to_string().into_bytes())
            .await
    }

    /// POSTs bytes with headers; the status and the JSON answered.
    pub(crate) async fn post_bytes(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (u16, Value) {
        let mut request = self.client.post(format!("{}{path}", self.http)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request).await
    }

    /// GETs with a bearer token.
    pub(crate) async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        answer(
            self.client
                .get(format!("{}{path}", self.http))
                .bearer_auth(token),
        )
        .await
    }
}

/// Without connections, such as those to a process that is gone.
pub(crate) fn web_client() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20));
    client.build().unwrap()
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Already gone is as good.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the simulators' clock")]
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
