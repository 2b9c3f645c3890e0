//! Redirections as a file for `nft`: a table of our own, replaced as a whole, beside which no other
//! is touched.
//!
//! Packets from the home network to one of the box's ports get another destination, and then the
//! box's own address as their source: the community network knows no way to a home.

use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::config::{Protocol, Redirection};

const HEAD: &str = "\
# Redirections from the home network to the community's, from [[smartbox.nat]] in the settings.
# Check:  koumen box nat print | nft -c -f -
# Apply:  koumen box nat print | nft -f -        again after a change or a restart of the machine
# Remove: nft delete table inet koumen_box
# The machine must forward (sysctl net.ipv4.ip_forward=1, net.ipv6.conf.all.forwarding=1), and a
# firewall on it must let packets with `ct status dnat` pass.
table inet koumen_box
delete table inet koumen_box
";

/// The whole file; without redirections it takes away those of before.
pub(crate) fn nftables(redirections: &[Redirection]) -> String {
    let mut text = HEAD.to_owned();
    if redirections.is_empty() {
        return text;
    }
    text.push_str("table inet koumen_box {\n");
    chain(&mut text, "redirect_home", "prerouting priority dstnat", {
        redirections.iter().map(redirect)
    });
    chain(&mut text, "mask_home", "postrouting priority srcnat", {
        redirections.iter().map(mask)
    });
    text.push_str("}\n");
    text
}

fn chain(text: &mut String, name: &str, hook: &str, rules: impl Iterator<Item = String>) {
    writeln!(text, "\tchain {name} {{").expect("text takes all");
    writeln!(text, "\t\ttype nat hook {hook}; policy accept;").expect("text takes all");
    for rule in rules {
        writeln!(text, "\t\t{rule}").expect("text takes all");
    }
    text.push_str("\t}\n");
}

fn redirect(one: &Redirection) -> String {
    let (family, protocol) = (family(one.from), protocol(one.protocol));
    let (ip, port) = (one.from.ip(), one.from.port());
    let (to, comment) = (one.to, comment(one));
    format!("{family} daddr {ip} {protocol} dport {port} dnat {family} to {to}{comment}")
}

/// Known by where they went before they were redirected.
fn mask(one: &Redirection) -> String {
    let (family, protocol) = (family(one.from), protocol(one.protocol));
    let (ip, port) = (one.from.ip(), one.from.port());
    let comment = comment(one);
    format!(
        "ct status dnat meta l4proto {protocol} ct original {family} daddr {ip} ct original \
         proto-dst {port} masquerade{comment}"
    )
}

fn family(address: SocketAddr) -> &'static str {
    match address {
        SocketAddr::V4(_) => "ip",
        SocketAddr::V6(_) => "ip6",
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    }
}

fn comment(one: &Redirection) -> String {
    match one.name.as_str() {
        "" => String::new(),
        name => format!(" comment \"{name}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_is_a_rule_in_each_direction() {
        let one = Redirection {
            name: "property".into(),
            from: "192.168.1.22:8080".parse().unwrap(),
            to: "11.0.0.5:80".parse().unwrap(),
            protocol: Protocol::Tcp,
        };

        let text = nftables(&[one]);

        let expected = "table inet koumen_box {
\tchain redirect_home {
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t\tip daddr 192.168.1.22 tcp dport 8080 dnat ip to 11.0.0.5:80 comment \"property\"
\t}
\tchain mask_home {
\t\ttype nat hook postrouting priority srcnat; policy accept;
\t\tct status dnat meta l4proto tcp ct original ip daddr 192.168.1.22 ct original proto-dst 8080 \
            masquerade comment \"property\"
\t}
}
";
        assert_eq!(text.strip_prefix(HEAD), Some(expected));
    }

    #[test]
    fn without_redirections_the_former_ones_go() {
        assert_eq!(nftables(&[]), HEAD);
    }
}
