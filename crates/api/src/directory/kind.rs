//! What a device is, as `/v1` says it.

use std::net::SocketAddr;

use app::Failure;
use app::directory::{DeviceKind, Peer, Profile};
use app::principal::DoorControl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

/// What a device is: a door's `panel` that speaks iLock; an `outdoor` unit, a `screen`, a property
/// desk (`centre`) or another inner `box`, which speak the TCP box protocol (S3).
#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeviceSort {
    #[default]
    Panel,
    Outdoor,
    Screen,
    Centre,
    Box,
}

/// Where it hears control messages: `fixed` on the topic that all doors share (S0), `own` on a
/// topic of its own (S1).
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Control {
    Fixed,
    Own,
}

/// Which words of the TCP box protocol it understands.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
pub(crate) enum Words {
    #[serde(rename = "v0.4")]
    V04,
    #[serde(rename = "v0.5")]
    V05,
    #[serde(rename = "field")]
    Field,
}

/// A kind as it was asked for, field by field.
pub(super) struct AskedKind {
    pub(super) kind: DeviceSort,
    pub(super) control: Option<Control>,
    pub(super) flat: Option<String>,
    pub(super) address: Option<String>,
    pub(super) profile: Option<Words>,
}

impl AskedKind {
    /// The kind; refuses a field that is missing or belongs to another kind.
    pub(super) fn to_kind(&self) -> Result<DeviceKind, Problem> {
        self.check_fields()?;
        let profile = self.profile.map_or(Profile::V04, Into::into);
        Ok(match self.kind {
            DeviceSort::Panel => {
                DeviceKind::Panel(self.control.map_or(DoorControl::Fixed, Into::into))
            }
            DeviceSort::Outdoor => DeviceKind::Outdoor(self.peer(profile)?),
            DeviceSort::Screen => DeviceKind::Screen {
                flat: self.flat()?,
                profile,
            },
            DeviceSort::Centre => DeviceKind::Centre(self.peer(profile)?),
            DeviceSort::Box => DeviceKind::InnerBox {
                flat: self.flat()?,
                peer: self.peer(profile)?,
            },
        })
    }

    fn check_fields(&self) -> Result<(), Problem> {
        let is_panel = matches!(self.kind, DeviceSort::Panel);
        let has_flat = matches!(self.kind, DeviceSort::Screen | DeviceSort::Box);
        let has_address = matches!(
            self.kind,
            DeviceSort::Outdoor | DeviceSort::Centre | DeviceSort::Box
        );
        let fields = [
            ("control", self.control.is_some() && !is_panel),
            ("flat", self.flat.is_some() && !has_flat),
            ("address", self.address.is_some() && !has_address),
            ("profile", self.profile.is_some() && is_panel),
        ];
        match fields.into_iter().find(|(_, is_wrong)| *is_wrong) {
            Some((field, _)) => Err(invalid(field, "does not belong to a device of this kind")),
            None => Ok(()),
        }
    }

    fn flat(&self) -> Result<engine::id::FlatId, Problem> {
        let flat = self.flat.as_deref();
        let missing = || invalid("flat", "is needed for a device of this kind");
        Ok(flat.ok_or_else(missing)?.into())
    }

    fn peer(&self, profile: Profile) -> Result<Peer, Problem> {
        let text = self.address.as_deref();
        let missing = || invalid("address", "is needed for a device of this kind");
        let at = address(text.ok_or_else(missing)?)?;
        Ok(Peer {
            ip: at.ip(),
            port: at.port(),
            profile,
        })
    }
}

/// Reads `ip:port`.
pub(super) fn address(text: &str) -> Result<SocketAddr, Problem> {
    let wrong = || {
        invalid(
            "address",
            "must be an IP address and a port, such as 11.0.1.5:7892",
        )
    };
    text.parse().map_err(|_| wrong())
}

/// As [`address`] reads it.
pub(super) fn shown_address(peer: Peer) -> String {
    SocketAddr::new(peer.ip, peer.port).to_string()
}

/// A panel's control.
pub(super) fn control(kind: &DeviceKind) -> Option<Control> {
    match kind {
        DeviceKind::Panel(DoorControl::Fixed) => Some(Control::Fixed),
        DeviceKind::Panel(DoorControl::Own) => Some(Control::Own),
        DeviceKind::Outdoor(_)
        | DeviceKind::Screen { .. }
        | DeviceKind::Centre(_)
        | DeviceKind::InnerBox { .. } => None,
    }
}

fn invalid(field: &'static str, problem: &'static str) -> Problem {
    Failure::Invalid { field, problem }.into()
}

impl From<&DeviceKind> for DeviceSort {
    fn from(kind: &DeviceKind) -> Self {
        match kind {
            DeviceKind::Panel(_) => Self::Panel,
            DeviceKind::Outdoor(_) => Self::Outdoor,
            DeviceKind::Screen { .. } => Self::Screen,
            DeviceKind::Centre(_) => Self::Centre,
            DeviceKind::InnerBox { .. } => Self::Box,
        }
    }
}

impl From<Control> for DoorControl {
    fn from(control: Control) -> Self {
        match control {
            Control::Fixed => Self::Fixed,
            Control::Own => Self::Own,
        }
    }
}

impl From<Words> for Profile {
    fn from(words: Words) -> Self {
        match words {
            Words::V04 => Self::V04,
            Words::V05 => Self::V05,
            Words::Field => Self::Field,
        }
    }
}

impl From<Profile> for Words {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::V04 => Self::V04,
            Profile::V05 => Self::V05,
            Profile::Field => Self::Field,
        }
    }
}
