//! A call as the one who is called is told it: who calls, and where the streams are.

use app::directory::{BoxedDevice, DeviceKind, Profile};
use app::peer_book::Peers;
use app::principal::{EndpointKind, endpoint_device, endpoint_kind};
use engine::call::{Call, Streams};
use engine::id::EndpointId;

use crate::settings::{BoxSettings, Place, Settings};
use crate::streams::{Way, of_call, tell};
use crate::wire::{CallReq, End, PeerType};

/// The one who is called, and the network in which it is reached.
#[derive(Clone, Copy)]
pub(crate) struct Callee<'a> {
    pub(crate) device: &'a BoxedDevice,
    pub(crate) place: Place,
}

/// The request for one end.
pub(crate) fn request(
    call: &Call,
    callee: Callee<'_>,
    peers: &Peers,
    settings: &Settings,
) -> CallReq {
    let caller = peers.find_by_endpoint(&call.caller);
    let way = way(&call.caller, callee.device);
    let own_of = |device: &BoxedDevice| {
        let no = settings.find_box_of(device.flat_number.as_deref());
        no.and_then(|no| settings.boxes.get(no))
    };
    let to = match callee.place {
        Place::Home(no) => settings.boxes.get(no),
        Place::Community(_) | Place::Centre => own_of(callee.device),
    };
    let from = caller.and_then(|caller| own_of(caller));
    let own = match way {
        Way::Out => from,
        Way::In | Way::Rooms | Way::Same => to,
    };
    let streams = tell(&of_call(call), way, own, settings.central_media.as_deref());
    let source = caller.map(|caller| end_of(caller, from));
    let source = source.unwrap_or_else(|| stranger(&call.caller));
    CallReq {
        sid: Some(call.id.to_string()),
        src: with_streams(source, &streams, true),
        dest: with_streams(end_of(callee.device, to), &streams, false),
    }
}

fn is_screen(device: &BoxedDevice) -> bool {
    matches!(device.device.kind, DeviceKind::Screen { .. })
}

/// Which way the streams go, by who calls whom.
///
/// Deviation(rooms): version 0.4 has bare ids between rooms, 0.5 whole addresses; so the words of the
/// one who is called decide.
fn way(caller: &EndpointId, callee: &BoxedDevice) -> Way {
    let is_home = matches!(endpoint_kind(caller), Some(EndpointKind::Screen(_)));
    let is_room = is_home || matches!(endpoint_kind(caller), Some(EndpointKind::InnerBox(_)));
    let to_room = callee.device.kind.flat().is_some();
    let has_ids = callee.device.kind.profile() == Some(Profile::V04);
    match (is_home, to_room) {
        _ if is_room && to_room && !has_ids => Way::Rooms,
        _ if is_room && to_room => Way::Same,
        (true, _) => Way::Out,
        (false, true) if is_screen(callee) => Way::In,
        (false, _) => Way::Same,
    }
}

/// A device of ours as an end.
fn end_of(device: &BoxedDevice, own: Option<&BoxSettings>) -> End {
    let id = match (&device.device.kind, &device.flat_number) {
        (DeviceKind::Screen { .. } | DeviceKind::InnerBox { .. }, Some(number)) => number.clone(),
        _ => device.device.id.to_string(),
    };
    let peer = device.device.kind.peer();
    let community = own
        .and_then(|own| own.community)
        .filter(|_| is_screen(device));
    let community = community.filter(|at| !at.ip().is_unspecified());
    End {
        id: Some(id),
        kind: Some(match device.device.kind {
            DeviceKind::Screen { .. } => PeerType::InnerScreen,
            DeviceKind::InnerBox { .. } => PeerType::InnerBox,
            DeviceKind::Centre(_) => PeerType::PropertyApp,
            DeviceKind::Outdoor(_) | DeviceKind::Panel(_) => PeerType::OuterBox,
        }),
        ip: peer.map(|peer| peer.ip).or(community.map(|at| at.ip())),
        port: peer.map(|peer| peer.port).or(community.map(|at| at.port())),
        ..End::default()
    }
}

/// A caller that speaks another dialect: to a screen every door is an outdoor unit.
fn stranger(caller: &EndpointId) -> End {
    End {
        id: endpoint_device(caller).map(|device| device.to_string()),
        kind: Some(PeerType::OuterBox),
        ..End::default()
    }
}

fn with_streams(end: End, streams: &Streams, is_caller: bool) -> End {
    let (audio, video) = match is_caller {
        true => (&streams.caller_audio, &streams.caller_video),
        false => (&streams.callee_audio, &streams.callee_video),
    };
    End {
        audio: audio.clone(),
        video: video.clone(),
        ..end
    }
}
