//! Where the streams of a call are, as each network sees them. Source: S3 §5.
//!
//! Whoever calls names the streams. In a home network a stream is a bare id, which the screen puts
//! behind its stream address; into the community's network it goes as a whole address. Between rooms
//! both go to the central stream server.

use engine::call::{Call, Streams};

use crate::settings::{BoxSettings, MEDIA_PORT};

/// From where to where a call's streams are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As they were named: both ends reach them as they are.
    Same,
    /// Out of a home network, into the community's.
    Out,
    /// Into a home network.
    In,
    /// From one room to another, in whole addresses of the central stream server.
    Rooms,
}

/// The streams as an end is told them.
pub(crate) fn tell(
    streams: &Streams,
    way: Way,
    own: Option<&BoxSettings>,
    central: Option<&str>,
) -> Streams {
    let community = own.and_then(|own| own.community_media.as_deref());
    let told = |stream: &Option<String>| {
        let stream = stream.as_deref()?;
        Some(match way {
            Way::Same => stream.to_owned(),
            Way::Out => address(stream, community),
            Way::In => id(stream, community),
            Way::Rooms => address(stream, central),
        })
    };
    Streams {
        caller_audio: told(&streams.caller_audio),
        caller_video: told(&streams.caller_video),
        callee_audio: told(&streams.callee_audio),
        callee_video: told(&streams.callee_video),
    }
}

/// The streams of a call whose caller names none: ids made of the call's own, so that everybody is
/// told the same, also after a restart.
pub(crate) fn of_call(call: &Call) -> Streams {
    if let Some(streams) = &call.scene.streams {
        return (**streams).clone();
    }
    let digits: String = call
        .id
        .as_str()
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let stem = &digits[digits.len().saturating_sub(12)..];
    let name = |no: u8| Some(format!("{stem}{no}"));
    Streams {
        caller_audio: name(1),
        caller_video: name(2),
        callee_audio: name(3),
        callee_video: None,
    }
}

/// The address to which a screen adds an id.
pub(crate) fn stream_address(media: &str) -> String {
    format!("http://{}/stream/", with_port(media))
}

/// A bare id behind the media's address; what is an address already stays.
fn address(stream: &str, media: Option<&str>) -> String {
    match media {
        Some(media) if !stream.contains("://") => format!("{}{stream}", stream_address(media)),
        Some(_) | None => stream.to_owned(),
    }
}

/// The bare id of a stream on our own media; a foreign address stays.
fn id(stream: &str, media: Option<&str>) -> String {
    let own = media.map(stream_address);
    let id = own.and_then(|own| stream.strip_prefix(own.as_str()));
    id.unwrap_or(stream).to_owned()
}

fn with_port(media: &str) -> String {
    let has_port = media.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !port.ends_with(']') && port.parse::<u16>().is_ok()
    });
    if has_port {
        media.to_owned()
    } else {
        format!("{media}:{MEDIA_PORT}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> BoxSettings {
        BoxSettings {
            home: None,
            community: None,
            flats: Vec::new(),
            home_media: Some("192.168.1.22".into()),
            community_media: Some("11.0.1.22".into()),
        }
    }

    fn told(stream: &str, way: Way) -> String {
        let streams = Streams {
            caller_audio: Some(stream.into()),
            ..Streams::default()
        };
        let told = tell(&streams, way, Some(&own()), Some("11.0.0.9:8000"));
        told.caller_audio.unwrap()
    }

    #[test]
    fn an_id_becomes_an_address_on_its_way_out_and_an_id_again_on_its_way_in() {
        let address = "http://11.0.1.22:954/stream/56781";

        assert_eq!(told("56781", Way::Out), address);
        assert_eq!(told(address, Way::Out), address);
        assert_eq!(told(address, Way::In), "56781");
        assert_eq!(told("56781", Way::In), "56781");
        assert_eq!(
            told("http://11.0.9.9:954/stream/1", Way::In),
            "http://11.0.9.9:954/stream/1"
        );
    }

    #[test]
    fn between_rooms_an_id_becomes_an_address_of_the_central_server() {
        assert_eq!(told("7", Way::Rooms), "http://11.0.0.9:8000/stream/7");
        assert_eq!(told("7", Way::Same), "7");
    }

    #[test]
    fn a_medias_port_is_954_where_none_is_said() {
        assert_eq!(stream_address("a"), "http://a:954/stream/");
        assert_eq!(stream_address("a:80"), "http://a:80/stream/");
        assert_eq!(stream_address("[::1]"), "http://[::1]:954/stream/");
        assert_eq!(stream_address("[::1]:80"), "http://[::1]:80/stream/");
    }
}
