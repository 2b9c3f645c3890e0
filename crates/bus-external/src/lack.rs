//! What a broker cannot do, and what that means. Found out at each connection.

use metrics::gauge;
use rumqttc::mqttbytes::v5::ConnAckProperties;

/// Something that the broker cannot do or does not let us do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lack {
    /// No broker of this kind delivers to an audience.
    Audience,
    /// No broker of this kind tells who published.
    Publisher,
    /// It says that it takes nothing above `QoS` 0.
    Acknowledgement,
    /// It keeps no session of ours while we are away.
    Session,
    /// It knows no shared subscriptions.
    Sharing,
    /// It knows no filters with wildcards.
    Wildcards,
    /// It does not let us subscribe to what doors publish.
    Subscribing,
    /// It does not let us publish.
    Publishing,
    /// It does not answer to its security plugin's topics.
    Security,
}

impl Lack {
    /// Those that are found out by connecting.
    pub(crate) const FOUND_OUT: [Self; 7] = [
        Self::Acknowledgement,
        Self::Session,
        Self::Sharing,
        Self::Wildcards,
        Self::Subscribing,
        Self::Publishing,
        Self::Security,
    ];

    /// A word for logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Audience => "audience",
            Self::Publisher => "publisher",
            Self::Acknowledgement => "acknowledgement",
            Self::Session => "session",
            Self::Sharing => "shared_subscriptions",
            Self::Wildcards => "wildcards",
            Self::Subscribing => "subscribing",
            Self::Publishing => "publishing",
            Self::Security => "dynamic_security",
        }
    }

    /// What follows from it.
    pub fn means(self) -> &'static str {
        match self {
            Self::Audience => {
                "on S0's fixed topics everyone is woken, without credentials; phones ask for their \
                 call over HTTP; system messages cannot be sent to some; a resident's phones are \
                 rung as one"
            }
            Self::Publisher => {
                "what is published on S0's fixed topics is ignored; doors have their own topic for \
                 it, phones use HTTP; doors cannot be unlocked over MQTT; live connections cannot \
                 be listed"
            }
            Self::Acknowledgement => {
                "notices may be lost without anybody noticing; let the broker accept QoS 1"
            }
            Self::Session => {
                "what doors publish while the server restarts is lost; let the broker keep \
                 sessions for an hour"
            }
            Self::Sharing => "several servers would each act on what one door publishes; run one",
            Self::Wildcards => "nothing that doors publish is heard; they must use HTTP",
            Self::Subscribing => {
                "nothing that doors publish is heard; give our account the right to subscribe to \
                 $share/<our client id>/devices/+/calls/action"
            }
            Self::Publishing => {
                "nobody is told of calls; give our account the right to publish on users/#, \
                 devices/# and mqtt_call/#"
            }
            Self::Security => {
                "accounts of doors and phones cannot be kept; load the plugin and sign in as an \
                 account that may administer it"
            }
        }
    }
}

/// Says so, in the log and to whoever watches.
pub(crate) fn tell(lack: Lack) {
    tracing::warn!(lacks = lack.name(), means = lack.means(), "the MQTT broker");
    show(lack, true);
}

/// Another broker may answer at the next connection.
pub(crate) fn forget_all() {
    Lack::FOUND_OUT
        .into_iter()
        .for_each(|lack| show(lack, false));
}

fn show(lack: Lack, is_so: bool) {
    gauge!("koumen_external_mqtt_lacks", "what" => lack.name()).set(f64::from(u8::from(is_so)));
}

/// What the broker says of itself that it lacks.
pub(crate) fn lacks(said: Option<&ConnAckProperties>) -> Vec<Lack> {
    let Some(said) = said else {
        return Vec::new();
    };
    let is_off = |one: Option<u8>| one == Some(0);
    let told = [
        (is_off(said.max_qos), Lack::Acknowledgement),
        (said.session_expiry_interval == Some(0), Lack::Session),
        (is_off(said.shared_subscription_available), Lack::Sharing),
        (
            is_off(said.wildcard_subscription_available),
            Lack::Wildcards,
        ),
    ];
    let lacking = told.into_iter().filter(|(is_lacking, _)| *is_lacking);
    lacking.map(|(_, lack)| lack).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: ConnAckProperties = ConnAckProperties {
        session_expiry_interval: None,
        receive_max: None,
        max_qos: None,
        retain_available: None,
        max_packet_size: None,
        assigned_client_identifier: None,
        topic_alias_max: None,
        reason_string: None,
        user_properties: Vec::new(),
        wildcard_subscription_available: None,
        subscription_identifiers_available: None,
        shared_subscription_available: None,
        server_keep_alive: None,
        response_information: None,
        server_reference: None,
        authentication_method: None,
        authentication_data: None,
    };

    #[test]
    fn a_broker_that_says_nothing_lacks_nothing() {
        assert_eq!(lacks(None), []);
        assert_eq!(lacks(Some(&EMPTY)), []);
    }

    #[test]
    fn what_a_broker_says_it_cannot_do_is_named() {
        let mut said = EMPTY;
        said.max_qos = Some(0);
        said.session_expiry_interval = Some(0);
        said.shared_subscription_available = Some(0);
        said.wildcard_subscription_available = Some(0);

        let all = [
            Lack::Acknowledgement,
            Lack::Session,
            Lack::Sharing,
            Lack::Wildcards,
        ];
        assert_eq!(lacks(Some(&said)), all);
    }
}
