//! The table of system programs that tests use.
//!
//! A new test with a new program adds its row here.

use crate::program;
use crate::workspace;

/// A program and where Debian keeps it.
pub(super) struct Need {
    /// What a person would look for.
    pub(super) name: &'static str,
    pub(super) package: &'static str,
    pub(super) why: &'static str,
    probe: Probe,
}

/// How to see that it is there.
enum Probe {
    /// The command can be started, whatever its exit code.
    Starts(&'static [&'static str]),
    /// The same for what administrators run, which Debian keeps where not everybody's path leads.
    DaemonStarts(&'static [&'static str]),
    /// The command ends well.
    Succeeds(&'static [&'static str]),
}

const DAEMONS: &str = "/usr/sbin";

const NEEDS: &[Need] = &[
    Need {
        name: "mosquitto_sub",
        package: "mosquitto-clients",
        why: "an independent MQTT subscriber against our broker",
        probe: Probe::Starts(&["mosquitto_sub", "--help"]),
    },
    Need {
        name: "mosquitto_pub",
        package: "mosquitto-clients",
        why: "an independent MQTT publisher against our broker",
        probe: Probe::Starts(&["mosquitto_pub", "--help"]),
    },
    Need {
        name: "mosquitto",
        package: "mosquitto",
        why: "another MQTT broker, which ours is measured beside; never run as a service",
        probe: Probe::DaemonStarts(&["mosquitto", "-h"]),
    },
    Need {
        name: "python3",
        package: "python3",
        why: "runs paho, an independent MQTT client",
        probe: Probe::Succeeds(&["python3", "--version"]),
    },
    Need {
        name: "python3 with venv",
        package: "python3-venv",
        why: "keeps the tests' Python packages apart from the system's",
        probe: Probe::Succeeds(&["python3", "-c", "import ensurepip, venv"]),
    },
    Need {
        name: "node",
        package: "nodejs",
        why: "runs mqtt.js, the MQTT client of browsers",
        probe: Probe::Succeeds(&["node", "--version"]),
    },
    Need {
        name: "npm",
        package: "npm",
        why: "fetches mqtt.js",
        probe: Probe::Succeeds(&["npm", "--version"]),
    },
    Need {
        name: "curl",
        package: "curl",
        why: "makes a call as a person would",
        probe: Probe::Succeeds(&["curl", "--version"]),
    },
    Need {
        name: "ip",
        package: "iproute2",
        why: "makes the networks of a home and a community, apart from this machine's",
        probe: Probe::DaemonStarts(&["ip", "-V"]),
    },
    Need {
        name: "nft",
        package: "nftables",
        why: "checks and applies a box's redirections, in such a network only",
        probe: Probe::DaemonStarts(&["nft", "--version"]),
    },
    Need {
        name: "kill",
        package: "procps",
        why: "asks the server under test to stop",
        probe: Probe::Succeeds(&["kill", "--version"]),
    },
];

/// The rows whose program is not there.
pub(super) fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !need.probe.is_met()).collect()
}

/// All rows, for tests of what is said about them.
#[cfg(test)]
pub(super) fn every() -> Vec<&'static Need> {
    NEEDS.iter().collect()
}

impl Probe {
    fn is_met(&self) -> bool {
        let (Self::Starts(words) | Self::DaemonStarts(words) | Self::Succeeds(words)) = self;
        let Some((name, arguments)) = words.split_first() else {
            return false;
        };
        let run = |name: &str| {
            let mut command = program::command(&workspace::root(), name, arguments);
            program::output(&mut command)
        };
        match self {
            Self::Starts(_) => run(name).is_ok(),
            Self::DaemonStarts(_) => run(name).is_ok() || run(&format!("{DAEMONS}/{name}")).is_ok(),
            Self::Succeeds(_) => run(name).is_ok_and(|output| output.status.success()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_tells_missing_from_failing() {
        assert!(Probe::Starts(&["false"]).is_met());
        assert!(!Probe::Succeeds(&["false"]).is_met());
        assert!(Probe::Succeeds(&["true"]).is_met());
        assert!(!Probe::Starts(&["no-such-program-here"]).is_met());
        assert!(!Probe::DaemonStarts(&["no-such-program-here"]).is_met());
    }
}
