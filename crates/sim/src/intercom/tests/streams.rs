//! The stream fields of the seven routes. Source: S3 §5, the table and its examples; version 0.5.

use PartyKind::{InnerBox, Outdoor, PropertyApp, Screen};

use crate::intercom::streams::Streams;
use crate::intercom::{Party, PartyKind, Profile};

#[test]
fn through_a_box_streams_are_named_by_id() {
    let names = |src, dest| named(Profile::V04, src, dest);

    // Routes 1 and 3: the screen's sound, the other's picture.
    for dest in [Outdoor, PropertyApp] {
        assert_eq!(names(Screen, dest), ["56780", "", "", "56782"]);
    }
    // Routes 2 and 4: the caller's picture, the screen's sound.
    for src in [Outdoor, PropertyApp] {
        assert_eq!(names(src, InnerBox), ["", "56780", "56782", ""]);
    }
}

#[test]
fn past_a_box_the_caller_serves_all_streams() {
    let at = |id: u64| format!("http://11.0.11.1:954/stream/{id}");

    assert_eq!(
        named(Profile::V04, Outdoor, PropertyApp),
        ["", &at(56780), &at(56783), &at(56782)]
    );
    assert_eq!(
        named(Profile::V04, PropertyApp, Outdoor),
        [at(56781).as_str(), &at(56780), "", &at(56782)]
    );
}

#[test]
fn between_rooms_the_editions_differ() {
    assert_eq!(
        named(Profile::V04, Screen, InnerBox),
        ["56780", "", "56780", ""]
    );
    assert_eq!(
        named(Profile::V05, Screen, InnerBox),
        [
            "http://c:954/stream/56780",
            "",
            "http://c:954/stream/56782",
            ""
        ]
    );
}

/// Sound and picture of the caller, then of the called.
fn named(profile: Profile, src: PartyKind, dest: PartyKind) -> [String; 4] {
    let party = |kind| Party {
        kind: Some(kind),
        ..Party::default()
    };
    let (mut src, mut dest) = (party(src), party(dest));
    let streams = Streams {
        profile,
        host: "11.0.11.1",
        central: Some("http://c:954/stream"),
        ids: [56780, 56782],
    };
    streams.name(&mut src, &mut dest);
    [src.audio, src.video, dest.audio, dest.video]
}
