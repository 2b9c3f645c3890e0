//! Who names which streams: always the caller, each route in its own way.
//!
//! A route through a box names streams by id and leaves the addresses to the box. The two routes
//! past it name whole addresses at the caller. Source: S3 §5 (routes 1 to 7; the numbered
//! examples), and the correction of version 0.5 for calls between rooms.

use super::wire::{Party, PartyKind, Profile};

/// Where a party's own stream server listens (S3 §5).
const STREAM_PORT: u16 = 954;

/// What the names are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams<'a> {
    pub(super) profile: Profile,
    /// The caller's own address.
    pub(super) host: &'a str,
    /// The central stream server's address up to the stream, such as
    /// `http://11.0.0.1:954/stream`; only version 0.5 wants it.
    pub(super) central: Option<&'a str>,
    /// Two ids that no other call uses.
    pub(super) ids: [u64; 2],
}

impl Streams<'_> {
    /// Names the streams of one call.
    pub(super) fn name(&self, src: &mut Party, dest: &mut Party) {
        use PartyKind::{Centre, InnerBox, Outdoor, PropertyApp, Screen};
        let [one, two] = self.ids;
        match (src.kind, dest.kind) {
            (Some(Outdoor), Some(PropertyApp | Centre)) => {
                src.video = self.own(one);
                dest.video = self.own(two);
                dest.audio = self.own(two + 1);
            }
            (Some(PropertyApp | Centre), Some(Outdoor)) => {
                src.video = self.own(one);
                src.audio = self.own(one + 1);
                dest.video = self.own(two);
            }
            (Some(Outdoor | PropertyApp | Centre), _) => {
                src.video = one.to_string();
                dest.audio = two.to_string();
            }
            (_, Some(Screen | InnerBox)) => [src.audio, dest.audio] = self.between_rooms(),
            (_, Some(Outdoor | PropertyApp | Centre) | None) => {
                src.audio = one.to_string();
                dest.video = two.to_string();
            }
        }
    }

    fn between_rooms(&self) -> [String; 2] {
        match (self.profile, self.central) {
            (Profile::V05, Some(central)) => self.ids.map(|id| format!("{central}/{id}")),
            (Profile::V05, None) => self.ids.map(|id| id.to_string()),
            (Profile::V04 | Profile::Field, _) => {
                let [one, _] = self.ids;
                [one.to_string(), one.to_string()]
            }
        }
    }

    fn own(&self, id: u64) -> String {
        format!("http://{}:{STREAM_PORT}/stream/{id}", self.host)
    }
}
