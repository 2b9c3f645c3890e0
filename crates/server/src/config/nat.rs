//! `[[smartbox.nat]]`: ports of the box at home that lead into the community's network.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde::Deserialize;

/// More than any box has servers behind it.
const NAT_MAX: usize = 64;

/// nftables takes comments of 127 bytes.
const NAME_MAX: usize = 100;

/// `[[smartbox.nat]]`: one redirection, as it is written.
#[derive(Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Nat {
    /// What it is for; free text, may be empty.
    name: String,
    /// Where the home network reaches the box: address and port.
    from: String,
    /// Where in the community network that leads: address and port.
    to: String,
    /// `tcp`, which is the default, or `udp`.
    protocol: String,
}

/// One redirection from the home network into the community's. Both addresses are of one family and
/// have a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirection {
    pub(crate) name: String,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) protocol: Protocol,
}

/// What is redirected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

/// The redirections, or everything that is wrong with them, each with its key.
pub(super) fn redirections(list: &[Nat]) -> Result<Vec<Redirection>, Vec<String>> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let mut taken = BTreeSet::new();
    if list.len() > NAT_MAX {
        problems.push(format!("smartbox.nat: must be at most {NAT_MAX}"));
    }
    for (place, nat) in list.iter().enumerate() {
        match nat.redirection() {
            Ok(one) if taken.insert((one.protocol, one.from)) => found.push(one),
            Ok(_) => problems.push(format!("smartbox.nat[{place}].from: is redirected twice")),
            Err(problem) => problems.push(format!("smartbox.nat[{place}].{problem}")),
        }
    }
    match problems.is_empty() {
        true => Ok(found),
        false => Err(problems),
    }
}

impl Nat {
    /// The first thing that is wrong, beginning with its key.
    fn redirection(&self) -> Result<Redirection, String> {
        let from = address("from", &self.from, "192.168.1.22:8080")?;
        let to = address("to", &self.to, "11.0.0.5:80")?;
        if from.is_ipv4() != to.is_ipv4() {
            return Err("to: must be of the same family as from, IPv4 or IPv6".into());
        }
        if to.ip().is_loopback() {
            return Err("to: must not be loopback; nothing is forwarded there".into());
        }
        if self.name.len() > NAME_MAX || self.name.contains(is_no_comment) {
            return Err(format!(
                "name: must be at most {NAME_MAX} bytes without quotes, backslashes and control \
                 characters"
            ));
        }
        let protocol = match self.protocol.as_str() {
            "" | "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            _ => return Err("protocol: must be tcp or udp".into()),
        };
        let name = self.name.clone();
        Ok(Redirection {
            name,
            from,
            to,
            protocol,
        })
    }
}

fn address(key: &str, text: &str, example: &str) -> Result<SocketAddr, String> {
    let address: Option<SocketAddr> = text.parse().ok();
    let is_fit = |address: &SocketAddr| !address.ip().is_unspecified() && address.port() != 0;
    let fit = address.filter(is_fit);
    fit.ok_or_else(|| format!("{key}: must be an address and a port, such as {example}"))
}

/// nftables has no way to write these in a comment.
fn is_no_comment(letter: char) -> bool {
    letter.is_control() || matches!(letter, '"' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, problem: &str) {
        let found = read(text).unwrap_err();

        assert!(found.join("; ").contains(problem), "{found:?}");
    }

    #[test]
    fn a_redirection_is_read() {
        let text = "[[nat]]\nname = '物业'\nfrom = '192.168.1.22:954'\nto = '11.0.0.7:954'\n\
            protocol = 'udp'\n[[nat]]\nfrom = '[fd00::1]:80'\nto = '[fd01::1]:8080'";

        let found = read(text).unwrap();

        let udp = Redirection {
            name: "物业".into(),
            from: "192.168.1.22:954".parse().unwrap(),
            to: "11.0.0.7:954".parse().unwrap(),
            protocol: Protocol::Udp,
        };
        assert_eq!(found[0], udp);
        assert_eq!(found[1].protocol, Protocol::Tcp);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key_and_place() {
        let nat = |fields: &str| format!("[[nat]]\nfrom = '10.0.0.1:80'\n{fields}");
        let from = "smartbox.nat[0].from: must be an address and a port";
        let to = "smartbox.nat[0].to: must be an address and a port";

        check("[[nat]]\nto = '11.0.0.5:80'", from);
        check("[[nat]]\nfrom = '0.0.0.0:80'\nto = '11.0.0.5:80'", from);
        check(&nat(""), to);
        check(&nat("to = '11.0.0.5'"), to);
        check(&nat("to = '11.0.0.5:0'"), to);
        check(&nat("to = '[fd00::1]:80'"), "[0].to: must be of the same");
        check(&nat("to = '127.0.0.1:80'"), "[0].to: must not be loopback");
        let right = nat("to = '11.0.0.5:80'\n");
        check(&format!("{right}name = '\"'"), "[0].name: must be");
        check(&format!("{right}protocol = 'icmp'"), "[0].protocol: must");
        check(
            &format!("{right}{right}"),
            "smartbox.nat[1].from: is redirected twice",
        );
        check(&right.repeat(65), "smartbox.nat: must be at most 64");
    }

    fn read(text: &str) -> Result<Vec<Redirection>, Vec<String>> {
        #[derive(Deserialize)]
        struct Section {
            nat: Vec<Nat>,
        }
        redirections(&toml::from_str::<Section>(text).unwrap().nat)
    }
}
