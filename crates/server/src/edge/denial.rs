//! Why an MQTT client was turned away, in the words of metrics and traces.

use app::login::SignInFault;
use broker::{DisconnectReason, Refusal, TurnedAway};

/// Why a CONNECT was refused for who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Denial {
    /// No user name, and no certificate that names a device.
    NoUser,
    /// No password, or not one of text.
    NoPassword,
    /// What was shown is neither the device's secret nor a token or pass that is valid.
    UnknownSecret,
    /// A token or pass of somebody else.
    OtherUser,
    /// A pass for another client id.
    OtherClient,
    /// The certificate is another device's.
    OtherCertificate,
    /// The login ended meanwhile.
    LoginOver,
    /// It could not be checked now.
    Busy,
}

impl Denial {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NoUser => "no_user",
            Self::NoPassword => "no_password",
            Self::UnknownSecret => "unknown_secret",
            Self::OtherUser => "other_user",
            Self::OtherClient => "other_client",
            Self::OtherCertificate => "other_certificate",
            Self::LoginOver => "login_over",
            Self::Busy => "busy",
        }
    }

    /// What the client is told, which is less.
    pub(super) fn refusal(self) -> Refusal {
        match self {
            Self::Busy => Refusal::Busy,
            Self::NoUser
            | Self::NoPassword
            | Self::UnknownSecret
            | Self::OtherUser
            | Self::OtherClient
            | Self::OtherCertificate
            | Self::LoginOver => Refusal::BadCredentials,
        }
    }
}

impl From<SignInFault> for Denial {
    fn from(fault: SignInFault) -> Self {
        match fault {
            SignInFault::UnknownSecret => Self::UnknownSecret,
            SignInFault::OtherUser => Self::OtherUser,
            SignInFault::OtherClient => Self::OtherClient,
            SignInFault::LoginOver => Self::LoginOver,
        }
    }
}

/// Why the broker turned a client away by itself, as a word.
pub(super) fn turned_away_name(why: TurnedAway) -> &'static str {
    match why {
        TurnedAway::Full => "full",
        TurnedAway::Silent => "silent",
        TurnedAway::Malformed => "malformed",
        TurnedAway::Version => "version",
        TurnedAway::Method => "method",
        TurnedAway::ClientId => "client_id",
        TurnedAway::Unchecked => "unchecked",
        TurnedAway::TooMany => "too_many",
    }
}

/// Why a link ended, as a word.
pub(super) fn end_name(reason: DisconnectReason) -> &'static str {
    match reason {
        DisconnectReason::Client => "client",
        DisconnectReason::ClientWithWill => "client_with_will",
        DisconnectReason::Closed => "closed",
        DisconnectReason::KeepAlive => "keep_alive",
        DisconnectReason::TakenOver => "taken_over",
        DisconnectReason::Kicked => "kicked",
        DisconnectReason::Protocol => "protocol",
        DisconnectReason::Ticket => "ticket",
        DisconnectReason::SlowReader => "slow_reader",
        DisconnectReason::Quota => "quota",
        DisconnectReason::Stopping => "stopping",
    }
}
