//! Networks of a test's own: the home's, the community's, a box between them, apart from this
//! machine's and from other tests'. They go with the test, also when it fails.
//!
//! Linux asks for root (`CAP_SYS_ADMIN`, `CAP_NET_ADMIN`). Without it these tests fail and say so:
//! that nothing was proven must not look like success.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Debian keeps these programs outside the path of those who are not root.
const ADMIN_PROGRAMS: &str = "/usr/sbin";

static MADE: AtomicU32 = AtomicU32::new(0);

/// A network with its own devices, addresses and rules, in which only loopback is up at first.
pub(crate) struct Namespace(String);

/// One end of a cable.
pub(crate) struct Plug<'a> {
    pub(crate) namespace: &'a Namespace,
    /// The device's name there.
    pub(crate) device: &'a str,
    /// With the length of the network's prefix, such as `192.168.1.22/24`.
    pub(crate) address: &'a str,
}

impl Namespace {
    pub(crate) fn make(role: &str) -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("koumen-{}-{number}-{role}", std::process::id());
        let mut adding = ip(&["netns", "add", &name]);
        let output = adding.output().expect("ip (Debian package iproute2)");
        assert!(
            output.status.success(),
            "this test makes network namespaces, which Linux allows to root only (CAP_SYS_ADMIN and \
             CAP_NET_ADMIN): run it as root; ip says: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let made = Self(name);
        succeed(&mut made.command("ip", &["link", "set", "lo", "up"]));
        made
    }

    /// A program that is to run there.
    pub(crate) fn command(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Command {
        let program = program.as_ref();
        let mut command = ip(&["netns", "exec", &self.0]);
        match program.components().count() {
            1 => command.arg(find_program(program)),
            _ => command.arg(program),
        };
        command.args(arguments);
        command
    }

    /// Does something there, such as opening a socket, which stays there wherever it is used.
    pub(crate) fn within<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        let file = File::open(Path::new("/run/netns").join(&self.0)).unwrap();
        // The thread ends with its act, so nothing else finds itself in this network.
        std::thread::scope(|scope| {
            let inside = scope.spawn(|| {
                move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
                act()
            });
            inside.join().unwrap()
        })
    }

    /// Lets it pass packets on from one of its networks to another.
    pub(crate) fn forward(&self) {
        let set = "echo 1 > /proc/sys/net/ipv4/ip_forward";
        succeed(&mut self.command("/bin/sh", &["-c", set]));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&["netns", "del", &self.0]).status().ok();
    }
}

/// Lays a cable between two networks.
pub(crate) fn connect(one: &Plug<'_>, other: &Plug<'_>) {
    let mut words = vec!["link", "add", one.device, "netns", &one.namespace.0];
    words.extend(["type", "veth", "peer", "name", other.device]);
    words.extend(["netns", &other.namespace.0]);
    succeed(&mut ip(&words));
    for plug in [one, other] {
        let (namespace, device) = (plug.namespace, plug.device);
        let address = ["addr", "add", plug.address, "dev", device];
        succeed(&mut namespace.command("ip", &address));
        succeed(&mut namespace.command("ip", &["link", "set", device, "up"]));
    }
}

/// Runs a command that must succeed; what it wrote.
#[track_caller]
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {problem}");
    String::from_utf8(output.stdout).unwrap()
}

fn ip(arguments: &[&str]) -> Command {
    let mut command = Command::new(find_program(Path::new("ip")));
    command.args(arguments);
    command
}

fn find_program(name: &Path) -> PathBuf {
    let kept = Path::new(ADMIN_PROGRAMS).join(name);
    if kept.exists() {
        return kept;
    }
    name.to_owned()
}
