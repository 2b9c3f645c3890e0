//! Where a broker is: `mqtt://host`, `mqtts://host:8884`.

use std::str::FromStr;

/// A broker's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// A name or an IP address, IPv6 without brackets.
    pub host: String,
    /// 1883 or, by TLS, 8883 unless the text says otherwise.
    pub port: u16,
    /// Whether by TLS, which then is verified.
    pub is_tls: bool,
}

/// Why a text is no address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be mqtt://host:port or, by TLS, mqtts://host:port; the port may be left out")]
pub struct AddressFault;

impl FromStr for Address {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        let (scheme, rest) = text.split_once("://").ok_or(AddressFault)?;
        let (is_tls, default) = match scheme {
            "mqtt" | "tcp" => (false, 1883),
            "mqtts" | "ssl" => (true, 8883),
            _ => return Err(AddressFault),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split(rest).ok_or(AddressFault)?;
        let port = port.map_or(Ok(default), str::parse);
        let is_name = |one: char| one.is_ascii_alphanumeric() || "-._:".contains(one);
        if host.is_empty() || !host.chars().all(is_name) {
            return Err(AddressFault);
        }
        Ok(Self {
            host: host.to_owned(),
            port: port.map_err(|_| AddressFault)?,
            is_tls,
        })
    }
}

/// Host and port, if there is one.
fn split(rest: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = rest.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => after.is_empty().then_some((host, None)),
        };
    }
    match rest.split_once(':') {
        Some((_, port)) if port.contains(':') => None,
        Some((host, port)) => Some((host, Some(port))),
        None => Some((rest, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, u16, bool)>) {
        let read: Option<Address> = text.parse().ok();
        let shown = read.as_ref().map(|one| (&*one.host, one.port, one.is_tls));
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn addresses_are_read() {
        check(
            "mqtt://broker.example.org",
            Some(("broker.example.org", 1883, false)),
        );
        check(
            "mqtts://broker.example.org/",
            Some(("broker.example.org", 8883, true)),
        );
        check("tcp://127.0.0.1:1884", Some(("127.0.0.1", 1884, false)));
        check("ssl://[::1]:99", Some(("::1", 99, true)));
        check("mqtt://[::1]", Some(("::1", 1883, false)));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "broker:1883",
            "http://broker",
            "mqtt://",
            "mqtt://:1883",
            "mqtt://broker:x",
            "mqtt://::1",
            "mqtt://user:pass@broker",
            "mqtt://[::1",
        ] {
            check(text, None);
        }
    }
}
