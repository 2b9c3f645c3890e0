//! Where to listen, as settings and flags say it: an address, or `off`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;

/// Where HTTPS listens once there is a certificate, unless the settings say otherwise.
const HTTPS: Listen = everywhere(8443);

/// Where MQTT over TLS listens then: the port that IANA keeps for it.
const MQTTS: Listen = everywhere(8883);

/// One listener's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Listen {
    /// Nowhere.
    #[default]
    Off,
    /// Here; port 0 takes a free one.
    At(SocketAddr),
}

/// What the settings say of the four listeners.
pub(crate) struct Asked {
    pub(crate) http: Listen,
    pub(crate) https: Option<Listen>,
    pub(crate) mqtt: Listen,
    pub(crate) mqtts: Option<Listen>,
    /// Whether there is a certificate.
    pub(crate) has_tls: bool,
}

/// Where everything listens; none is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Addresses {
    pub(crate) http: Option<SocketAddr>,
    pub(crate) https: Option<SocketAddr>,
    pub(crate) mqtt: Option<SocketAddr>,
    pub(crate) mqtts: Option<SocketAddr>,
}

/// Neither an address with its port nor `off`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoListen;

impl Listen {
    /// The address; none if it is off.
    pub(crate) fn find_address(self) -> Option<SocketAddr> {
        match self {
            Self::Off => None,
            Self::At(address) => Some(address),
        }
    }
}

impl FromStr for Listen {
    type Err = NoListen;

    fn from_str(text: &str) -> Result<Self, NoListen> {
        match text {
            "off" => Ok(Self::Off),
            _ => text.parse().map(Self::At).map_err(|_| NoListen),
        }
    }
}

impl TryFrom<String> for Listen {
    type Error = NoListen;

    fn try_from(text: String) -> Result<Self, NoListen> {
        text.parse()
    }
}

impl fmt::Display for NoListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be an address with its port, such as \"0.0.0.0:8080\", or \"off\"")
    }
}

impl std::error::Error for NoListen {}

const fn everywhere(port: u16) -> Listen {
    Listen::At(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port))
}

impl Asked {
    /// Where that is. Everything that is wrong with it is told at once.
    pub(crate) fn addresses(&self) -> anyhow::Result<Addresses> {
        let secure = |asked: Option<Listen>, usual: Listen| {
            let wanted = asked.or(self.has_tls.then_some(usual));
            wanted.and_then(Listen::find_address)
        };
        let found = Addresses {
            http: self.http.find_address(),
            https: secure(self.https, HTTPS),
            mqtt: self.mqtt.find_address(),
            mqtts: secure(self.mqtts, MQTTS),
        };
        let mut problems = Vec::new();
        if !self.has_tls && found.https.is_some() {
            problems.push("http.listen_tls: needs tls.certificate and tls.key");
        }
        if !self.has_tls && found.mqtts.is_some() {
            problems.push("mqtt.listen_tls: needs tls.certificate and tls.key");
        }
        if found.http.or(found.https).is_none() {
            problems.push("http.listen: is off and there is no HTTPS, so nobody could come in");
        }
        let all = problems.join("; ");
        anyhow::ensure!(problems.is_empty(), "configuration: {all}");
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS: Asked = Asked {
        http: everywhere(8080),
        https: None,
        mqtt: everywhere(1883),
        mqtts: None,
        has_tls: true,
    };

    const PLAIN: Asked = Asked {
        has_tls: false,
        ..TLS
    };

    /// The ports of HTTP, HTTPS, MQTT and MQTT over TLS.
    fn ports(asked: &Asked) -> [Option<u16>; 4] {
        let found = asked.addresses().unwrap();
        [found.http, found.https, found.mqtt, found.mqtts]
            .map(|address| address.map(|address| address.port()))
    }

    #[test]
    fn without_a_certificate_only_the_plain_ports_are_open() {
        assert_eq!(ports(&PLAIN), [Some(8080), None, Some(1883), None]);
    }

    #[test]
    fn a_certificate_opens_the_usual_ports_beside_the_plain_ones() {
        let open = [Some(8080), Some(8443), Some(1883), Some(8883)];

        assert_eq!(ports(&TLS), open);
    }

    #[test]
    fn every_port_but_one_of_http_can_be_closed() {
        let secure = Asked {
            http: Listen::Off,
            mqtt: Listen::Off,
            mqtts: Some(Listen::Off),
            ..TLS
        };

        assert_eq!(ports(&secure), [None, Some(8443), None, None]);
    }

    #[test]
    fn a_server_that_nobody_could_reach_is_refused() {
        let closed = Asked {
            http: Listen::Off,
            ..PLAIN
        };

        let error = closed.addresses().unwrap_err().to_string();

        assert!(error.contains("http.listen: is off"), "{error}");
    }

    #[test]
    fn tls_listeners_without_a_certificate_are_refused_at_once() {
        let bare = Asked {
            https: Some(everywhere(1)),
            mqtts: Some(everywhere(2)),
            ..PLAIN
        };

        let error = bare.addresses().unwrap_err().to_string();

        for key in ["http.listen_tls: needs", "mqtt.listen_tls: needs"] {
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn an_address_needs_a_port() {
        assert_eq!("off".parse(), Ok(Listen::Off));
        assert_eq!("0.0.0.0:8080".parse(), Ok(everywhere(8080)));
        assert_eq!("8080".parse::<Listen>(), Err(NoListen));
    }
}
