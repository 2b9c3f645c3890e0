//! Whom a `call_req` calls. Source: S3 §2.1: the box routes by `dest.ip` and `dest.port`.
//!
//! Only registered peers are ever called: an address that a message names is looked up, never
//! trusted. Without an address the `id` counts, then the `type`, then where the request came in.

use std::net::IpAddr;

use app::calls::Dialled;
use app::directory::{BoxedDevice, Device, DeviceKind};
use app::peer_book::Peers;
use engine::id::{CommunityId, DeviceId};

use crate::settings::{Place, Settings};
use crate::wire::{End, PeerType};

/// Where a request came in.
#[derive(Clone, Copy)]
pub(crate) struct WayIn {
    pub(crate) place: Place,
    /// The address of ours to which it came.
    pub(crate) local: Option<IpAddr>,
}

/// Whom the request means; none if there is nobody of the kind.
pub(crate) fn find_callee(
    dest: &End,
    caller: &Device,
    way_in: WayIn,
    peers: &Peers,
    settings: &Settings,
) -> Option<Dialled> {
    let place = way_in.place;
    let callee = find_anyone(dest, caller, way_in, peers, settings)?;
    match &callee {
        Dialled::Flat(number) if !is_served(place, number, settings) => None,
        Dialled::Flat(_) | Dialled::Device(_) | Dialled::Centres => Some(callee),
    }
}

fn find_anyone(
    dest: &End,
    caller: &Device,
    WayIn { place, local }: WayIn,
    peers: &Peers,
    settings: &Settings,
) -> Option<Dialled> {
    let is_own = |ip: IpAddr| Some(ip) == local || settings.is_own(ip);
    if let Some(ip) = dest.ip.filter(|ip| !is_own(*ip)) {
        let peer = peers.find_by_ip(ip)?;
        let port = peer.device.kind.peer().map(|peer| peer.port);
        let is_it = dest.port.is_none() || dest.port == port;
        return is_it.then(|| to_dialled(peer, &caller.community)).flatten();
    }
    let is_desk = matches!(
        dest.kind,
        Some(PeerType::PropertyApp | PeerType::PropertyCenter)
    );
    let named = dest.id.as_deref();
    let known = named.and_then(|id| peers.find(&DeviceId::from(id)));
    let called = known.and_then(|known| to_dialled(known, &caller.community));
    match (called, named) {
        (Some(called), _) => Some(called),
        (None, _) if is_desk => Some(Dialled::Centres),
        (None, Some(number)) => Some(Dialled::Flat(number.to_owned())),
        (None, None) => find_default(place, settings),
    }
}

fn to_dialled(peer: &BoxedDevice, community: &CommunityId) -> Option<Dialled> {
    if peer.device.community != *community {
        return None;
    }
    match &peer.device.kind {
        DeviceKind::Outdoor(_) | DeviceKind::Centre(_) => {
            Some(Dialled::Device(peer.device.id.clone()))
        }
        DeviceKind::InnerBox { .. } => peer.flat_number.clone().map(Dialled::Flat),
        DeviceKind::Panel(_) | DeviceKind::Screen { .. } => None,
    }
}

/// Who comes from the community's network calls flats of the box that it came to.
fn is_served(place: Place, number: &str, settings: &Settings) -> bool {
    match place {
        Place::Community(no) => settings.serves(no, number),
        Place::Home(_) | Place::Centre => true,
    }
}

fn find_default(place: Place, settings: &Settings) -> Option<Dialled> {
    match place {
        Place::Community(no) => {
            let only = settings.find_only_flat(no)?;
            Some(Dialled::Flat(only.to_owned()))
        }
        Place::Centre => Some(Dialled::Centres),
        Place::Home(_) => None,
    }
}
