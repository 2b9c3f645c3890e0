//! A Mosquitto of its own for a test, with the dynamic-security plugin.

use std::fmt::Write as _;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tempfile::TempDir;

/// Debian keeps it outside the path of those who are not root.
const PROGRAMS: [&str; 2] = ["mosquitto", "/usr/sbin/mosquitto"];

/// Between looks whether it listens.
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// As whom the server signs in.
pub(crate) const ADMIN: &str = "koumen-admin";
pub(crate) const ADMIN_PASSWORD: &str = "let me in";

/// A broker that can be killed and started again on its port.
pub(crate) struct Mosquitto {
    child: Option<Child>,
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

impl Mosquitto {
    /// With the plugin, and nobody but the administrator known to it.
    pub(crate) async fn start() -> Self {
        let mut broker = Self::prepare(&[]);
        broker.forget_accounts();
        broker.launch().await;
        broker
    }

    /// Without the plugin, everybody let in, and these settings.
    pub(crate) async fn open(settings: &[&str]) -> Self {
        let mut broker = Self::prepare(settings);
        broker.launch().await;
        broker
    }

    /// With the plugin, by TLS with this certificate, on loopback's own address.
    pub(crate) async fn by_tls(certificate: &str, key: &str) -> Self {
        let files = [format!("certfile {certificate}"), format!("keyfile {key}")];
        let mut broker = Self::at(Ipv4Addr::LOCALHOST);
        broker.write_settings(&[&*files[0], &files[1]]);
        broker.forget_accounts();
        broker.launch().await;
        broker
    }

    /// What it wrote to its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn prepare(settings: &[&str]) -> Self {
        let broker = Self::at(own_address());
        broker.write_settings(settings);
        broker
    }

    fn at(address: Ipv4Addr) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        Self {
            child: None,
            address: listener.local_addr().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn write_settings(&self, settings: &[&str]) {
        let (port, ip) = (self.address.port(), self.address.ip());
        let mut text = format!("listener {port} {ip}\n");
        for line in settings {
            writeln!(text, "{line}").unwrap();
        }
        // As root it would become somebody else, who may not write to our folder.
        text.push_str("user root\npersistence false\nset_tcp_nodelay true\nlog_dest stderr\n");
        std::fs::write(self.folder.path().join("mosquitto.conf"), text).unwrap();
    }

    /// Lets the plugin know the administrator and nobody else.
    pub(crate) fn forget_accounts(&self) {
        let accounts = self.folder.path().join("accounts.json");
        std::fs::remove_file(&accounts).ok();
        let made = Command::new("mosquitto_ctrl")
            .args(["dynsec", "init"])
            .arg(&accounts)
            .args([ADMIN, ADMIN_PASSWORD])
            .stdout(Stdio::null())
            .status();
        assert!(
            made.unwrap().success(),
            "mosquitto_ctrl (Debian package mosquitto)"
        );
    }

    async fn launch(&mut self) {
        let settings = self.folder.path().join("mosquitto.conf");
        let accounts = self.folder.path().join("accounts.json");
        let mut text = std::fs::read_to_string(&settings).unwrap();
        if !text.contains("allow_anonymous") {
            if accounts.exists() {
                let plugin = plugin();
                writeln!(text, "allow_anonymous false\nplugin {}", plugin.display()).unwrap();
                writeln!(text, "plugin_opt_config_file {}", accounts.display()).unwrap();
            } else {
                text.push_str("allow_anonymous true\n");
            }
            std::fs::write(&settings, text).unwrap();
        }
        self.child = Some(spawn(&settings, self.folder.path()));
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            let said = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(ended.is_none(), "mosquitto did not start: {said}");
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again on its port.
    pub(crate) async fn restart(&mut self) {
        self.launch().await;
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Kept below the folder of the machine's architecture.
fn plugin() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap();
    let plugins = folders.map(|one| one.unwrap().path().join("mosquitto_dynamic_security.so"));
    let found = plugins.into_iter().find(|path| path.exists());
    found.expect("mosquitto's plugin dynamic-security (Debian package mosquitto)")
}

fn spawn(settings: &Path, folder: &Path) -> Child {
    for program in PROGRAMS {
        let child = Command::new(program)
            .arg("-c")
            .arg(settings)
            .stderr(File::create(folder.join("log")).unwrap())
            .stdout(Stdio::null())
            .spawn();
        if let Ok(child) = child {
            return child;
        }
    }
    panic!("mosquitto is missing: install the Debian package mosquitto");
}

/// An address of loopback that belongs to this broker, so that nobody else takes its port while it is
/// down.
fn own_address() -> Ipv4Addr {
    static USED: AtomicU8 = AtomicU8::new(1);
    let [.., low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 78, low, USED.fetch_add(1, Ordering::Relaxed))
}
