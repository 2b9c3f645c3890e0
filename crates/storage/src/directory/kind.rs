//! What a device is, as columns: `kind`, `control`, `flat`, `ip`, `port`, `profile`.

use app::directory::{DeviceKind, Peer, Profile};
use rusqlite::Row;

use crate::directory::row::{control, control_word, corrupt};
use crate::failure::{Result, unavailable};

const PANEL: &str = "panel";
const OUTDOOR: &str = "outdoor";
const SCREEN: &str = "screen";
const CENTRE: &str = "centre";
const BOX: &str = "box";

/// A kind as its columns.
pub(super) struct KindColumns {
    pub(super) kind: &'static str,
    pub(super) control: Option<&'static str>,
    pub(super) flat: Option<String>,
    pub(super) ip: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) profile: Option<&'static str>,
}

impl From<&DeviceKind> for KindColumns {
    fn from(kind: &DeviceKind) -> Self {
        let word = match kind {
            DeviceKind::Panel(_) => PANEL,
            DeviceKind::Outdoor(_) => OUTDOOR,
            DeviceKind::Screen { .. } => SCREEN,
            DeviceKind::Centre(_) => CENTRE,
            DeviceKind::InnerBox { .. } => BOX,
        };
        let control = match kind {
            DeviceKind::Panel(control) => Some(control_word(*control)),
            DeviceKind::Outdoor(_)
            | DeviceKind::Screen { .. }
            | DeviceKind::Centre(_)
            | DeviceKind::InnerBox { .. } => None,
        };
        let peer = kind.peer();
        Self {
            kind: word,
            control,
            flat: kind.flat().map(ToString::to_string),
            ip: peer.map(|peer| peer.ip.to_string()),
            port: peer.map(|peer| peer.port),
            profile: kind.profile().map(profile_word),
        }
    }
}

/// The kind from its columns, of which `first` is the first.
pub(super) fn kind(row: &Row<'_>, first: usize) -> Result<DeviceKind> {
    let word: String = row.get(first).map_err(unavailable)?;
    let text = |column: usize| -> Result<String> {
        let found: Option<String> = row.get(first + column).map_err(unavailable)?;
        found.ok_or_else(|| corrupt("device", &word))
    };
    let peer = || -> Result<Peer> {
        let port: Option<u16> = row.get(first + 4).map_err(unavailable)?;
        Ok(Peer {
            ip: text(3)?.parse().map_err(|_| corrupt("device", &word))?,
            port: port.ok_or_else(|| corrupt("device", &word))?,
            profile: profile(&text(5)?)?,
        })
    };
    Ok(match word.as_str() {
        PANEL => DeviceKind::Panel(control(&text(1)?)?),
        OUTDOOR => DeviceKind::Outdoor(peer()?),
        SCREEN => DeviceKind::Screen {
            flat: text(2)?.into(),
            profile: profile(&text(5)?)?,
        },
        CENTRE => DeviceKind::Centre(peer()?),
        BOX => DeviceKind::InnerBox {
            flat: text(2)?.into(),
            peer: peer()?,
        },
        _ => return Err(corrupt("device", &word)),
    })
}

fn profile_word(profile: Profile) -> &'static str {
    match profile {
        Profile::V04 => "v0.4",
        Profile::V05 => "v0.5",
        Profile::Field => "field",
    }
}

fn profile(word: &str) -> Result<Profile> {
    let all = [Profile::V04, Profile::V05, Profile::Field];
    let known = all
        .into_iter()
        .find(|profile| profile_word(*profile) == word);
    known.ok_or_else(|| corrupt("device", word))
}
