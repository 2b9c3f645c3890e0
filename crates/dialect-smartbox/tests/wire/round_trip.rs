//! Whatever is written is read again as what it was, in every profile; and no bytes at all are more
//! than refused.

use std::net::IpAddr;

use app::secret::Secret;
use dialect_smartbox::wire::{
    CallEnd, CallReject, CallReq, Emergency, EmergencyAck, End, Frame, ID_MAX, JoinAccept,
    JoinFamily, Message, OpenDoor, PeerType, Profile, RejectCode, STREAM_MAX, TEXT_MAX, TOKEN_MAX,
    decode, encode,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cast::heard;
use crate::framing::read;

proptest! {
    #[test]
    fn what_is_written_is_read_again(message in message(), id in text(ID_MAX)) {
        for profile in Profile::ALL {
            let bytes = encode(&message, &id, profile);

            let (frames, _) = read(&bytes, usize::MAX);
            prop_assert_eq!(frames.len(), 1);
            let expected = Frame { id: Some(id.clone()), message: heard(&message, profile) };
            prop_assert_eq!(decode(&frames[0]), Ok(expected));
        }
    }

    #[test]
    fn random_bytes_are_at_most_refused(bytes in vec(any::<u8>(), 0..300), piece in 1..40usize) {
        let (whole, _) = read(&bytes, usize::MAX);
        let (pieces, _) = read(&bytes, piece);

        prop_assert_eq!(&whole, &pieces);
        for frame in whole {
            decode(&frame).ok();
        }
    }
}

fn message() -> impl Strategy<Value = Message> {
    let sid = || option::of(text(ID_MAX));
    prop_oneof![
        (sid(), end(), end()).prop_map(|(sid, src, dest)| Message::CallReq(CallReq {
            sid,
            src,
            dest
        })),
        sid().prop_map(|sid| Message::CallAccept { sid }),
        sid().prop_map(|sid| Message::CallKeep { sid }),
        sid().prop_map(|sid| Message::OpenDoor(OpenDoor { sid })),
        (sid(), select(&RejectCode::ALL), option::of(remark())).prop_map(|(sid, code, message)| {
            Message::CallReject(CallReject { sid, code, message })
        }),
        (sid(), option::of(remark()), option::of(remark())).prop_map(|(sid, reason, message)| {
            Message::CallEnd(CallEnd {
                sid,
                reason,
                message,
            })
        }),
        (text(TOKEN_MAX), sid(), option::of(select(&PeerType::ALL))).prop_map(
            |(token, id, kind)| {
                let token = Secret::new(token);
                Message::JoinFamily(JoinFamily { token, id, kind })
            }
        ),
        (sid(), option::of(text(STREAM_MAX))).prop_map(|(room_id, stream_address)| {
            Message::JoinAccept(JoinAccept {
                room_id,
                stream_address,
            })
        }),
        remark().prop_map(|reason| Message::JoinReject { reason }),
        (text(ID_MAX), remark(), remark()).prop_map(|(port, name, message)| {
            Message::Emergency(Emergency {
                port,
                name,
                message,
            })
        }),
        text(ID_MAX).prop_map(|port| Message::EmergencyAck(EmergencyAck { port })),
    ]
}

fn end() -> impl Strategy<Value = End> {
    let text = |max| option::of(text(max));
    (
        text(ID_MAX),
        option::of(select(&PeerType::ALL)),
        any::<Option<IpAddr>>(),
        option::of(1..=u16::MAX),
        text(STREAM_MAX),
        text(STREAM_MAX),
    )
        .prop_map(|(id, kind, ip, port, audio, video)| End {
            id,
            kind,
            ip,
            port,
            audio,
            video,
        })
}

/// What may name something.
fn text(max: usize) -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{1,40}".prop_map(move |text| cut(text, max))
}

/// What only people read.
fn remark() -> impl Strategy<Value = String> {
    "(?s).{1,400}".prop_map(|text| cut(text, TEXT_MAX))
}

fn cut(mut text: String, max: usize) -> String {
    let end = text.floor_char_boundary(max);
    text.truncate(end);
    text
}
