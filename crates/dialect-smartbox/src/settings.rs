//! Where the dialect listens and what it is told about the networks it stands in.

use std::net::SocketAddr;
use std::time::Duration;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The boxes that this process is.
    pub boxes: Vec<BoxSettings>,
    /// The property's end point, if this process is it.
    pub centre: Option<SocketAddr>,
    /// Where the central stream server is reached, for calls between rooms.
    pub central_media: Option<String>,
    /// How often a keep-alive is sent.
    pub keep: Duration,
    /// After how long without one a link is lost.
    pub dead: Duration,
}

/// One box: it stands in a home network and in the community's.
#[derive(Clone, Debug)]
pub struct BoxSettings {
    /// Where screens join it.
    pub home: Option<SocketAddr>,
    /// Where outdoor units, desks and other boxes call it.
    pub community: Option<SocketAddr>,
    /// The numbers of its flats; none: every flat.
    pub flats: Vec<String>,
    /// `host:port` of its streams in the home network.
    pub home_media: Option<String>,
    /// `host:port` of its streams in the community's network.
    pub community_media: Option<String>,
}

/// Source: S3 §2.6 for the keep-alive itself; the times are ours, because peers in the field look
/// every five seconds.
impl Default for Settings {
    fn default() -> Self {
        Self {
            boxes: Vec::new(),
            centre: None,
            central_media: None,
            keep: Duration::from_secs(2),
            dead: Duration::from_secs(15),
        }
    }
}

/// The port of streams where nothing else is said. Source: S3 §5.
pub const MEDIA_PORT: u16 = 954;

/// Which listener a connection came in on, or which network it leads into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// The home network of the box with this number.
    Home(usize),
    /// The community's network, as the box with this number sees it.
    Community(usize),
    /// The community's network, as the property's end point sees it.
    Centre,
}

impl Settings {
    /// Whether the box serves the flat with this number.
    pub(crate) fn serves(&self, no: usize, flat: &str) -> bool {
        let flats = self.boxes.get(no).map(|one| one.flats.as_slice());
        flats.is_some_and(|flats| flats.is_empty() || flats.iter().any(|one| one == flat))
    }

    /// The one flat of the box, if it has just one.
    pub(crate) fn find_only_flat(&self, no: usize) -> Option<&str> {
        match self.boxes.get(no)?.flats.as_slice() {
            [flat] => Some(flat),
            _ => None,
        }
    }

    /// The first box that serves the flat: the one through which its screens go out.
    pub(crate) fn find_box_of(&self, flat: Option<&str>) -> Option<usize> {
        let flat = flat.unwrap_or_default();
        (0..self.boxes.len()).find(|no| self.serves(*no, flat))
    }

    /// Whether the address is one of ours: what is called there is a flat, not a peer.
    pub(crate) fn is_own(&self, address: std::net::IpAddr) -> bool {
        let boxes = self.boxes.iter().flat_map(|one| [one.home, one.community]);
        let mut own = boxes.chain([self.centre]).flatten();
        own.any(|one| one.ip() == address)
    }

    /// The address of ours in the community's network from which to call, if it is just one.
    pub(crate) fn find_source(&self, place: Place) -> Option<std::net::IpAddr> {
        let listen = match place {
            Place::Community(no) | Place::Home(no) => self.boxes.get(no)?.community?,
            Place::Centre => self.centre?,
        };
        Some(listen.ip()).filter(|ip| !ip.is_unspecified())
    }
}
