//! How to connect.

use std::time::Duration;

use rumqttc::mqttbytes::v5::ConnectProperties;
use rumqttc::{AckMode, MqttOptions, TlsConfiguration, Transport};

use crate::address::Address;
use crate::session::NothingInFlight;

/// A broker that is gone without a word is missed after one and a half of it.
const KEEP_ALIVE_S: u16 = 15;

/// How long the broker keeps what doors publish while the server is away.
const SESSION_LIFE: Duration = Duration::from_secs(3600);

/// Messages that the broker may send us before we acknowledged one.
pub(crate) const RECEIVE_MAX: u16 = 256;

/// Messages of ours that the broker has not acknowledged; it may ask for fewer.
const IN_FLIGHT_MAX: u16 = 1024;

/// The largest packet that is taken from the broker: its own lists of accounts are the largest.
const PACKET_MAX: u32 = 1024 * 1024;

/// How to connect. Without Debug: holds a password.
#[derive(Clone)]
pub struct Settings {
    /// Where the broker is.
    pub address: Address,
    /// Ours alone, and always the same: the broker keeps a session for it.
    pub client_id: String,
    /// As whom, if the broker asks.
    pub username: Option<String>,
    /// And how it knows that this is true.
    pub password: Option<String>,
    /// Authorities in PEM that may vouch for the broker; those of the system if there are none.
    pub authorities: Option<Vec<u8>>,
}

impl Settings {
    /// As the client takes them; an error if the system's authorities cannot be read.
    pub(crate) fn options(&self) -> Result<MqttOptions, rumqttc::TlsError> {
        let at = (self.address.host.clone(), self.address.port);
        let mut options = MqttOptions::new(self.client_id.clone(), at);
        options
            .set_keep_alive(KEEP_ALIVE_S)
            .set_clean_start(false)
            .set_ack_mode(AckMode::Manual)
            .set_outgoing_inflight_upper_limit(IN_FLIGHT_MAX);
        let mut properties = ConnectProperties::new();
        properties.session_expiry_interval = u32::try_from(SESSION_LIFE.as_secs()).ok();
        properties.receive_maximum = Some(RECEIVE_MAX);
        properties.max_packet_size = Some(PACKET_MAX);
        options.set_connect_properties(properties);
        if let Some(username) = &self.username {
            let password = self.password.clone().unwrap_or_default();
            options.set_credentials(username.clone(), password);
        }
        if self.address.is_tls {
            options.set_transport(Transport::tls_with_config(self.trust()?));
        }
        options.set_session_store(NothingInFlight::new(&options));
        Ok(options)
    }

    fn trust(&self) -> Result<TlsConfiguration, rumqttc::TlsError> {
        match &self.authorities {
            Some(ca) => Ok(TlsConfiguration::Simple {
                ca: ca.clone(),
                alpn: None,
                client_auth: None,
            }),
            None => TlsConfiguration::try_default_rustls(),
        }
    }
}
