//! `[smartbox]`: the TCP box protocol (S3), off where nothing is said.

use std::time::Duration;

use anyhow::bail;
use dialect_smartbox::{BoxSettings, Settings};
use serde::Deserialize;

use crate::config::nat::{Nat, Redirection, redirections};
use crate::listen::Listen;

/// `[smartbox]`
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Smartbox {
    /// Where screens join the box.
    pub(crate) home: Listen,
    /// Where outdoor units, desks and other boxes call the box.
    pub(crate) community: Listen,
    /// The numbers of the box's flats; none: every flat.
    flats: Vec<String>,
    /// `host:port` of the box's streams in the home network.
    home_media: Option<String>,
    /// `host:port` of the box's streams in the community's network.
    community_media: Option<String>,
    /// Where outdoor units, boxes and desks call the property.
    centre: Listen,
    /// `host:port` of the central stream server.
    central_media: Option<String>,
    /// Seconds between two keep-alives, 1–60.
    keep_s: u64,
    /// Seconds without one after which a link is lost, 2–300.
    dead_s: u64,
    /// Further boxes.
    boxes: Vec<FurtherBox>,
    /// Redirections from the home network to the community's.
    nat: Vec<Nat>,
}

/// `[[smartbox.boxes]]`: as the first five of `[smartbox]`.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FurtherBox {
    home: Listen,
    community: Listen,
    flats: Vec<String>,
    home_media: Option<String>,
    community_media: Option<String>,
}

impl Default for Smartbox {
    fn default() -> Self {
        let Settings { keep, dead, .. } = Settings::default();
        Self {
            home: Listen::Off,
            community: Listen::Off,
            flats: Vec::new(),
            home_media: None,
            community_media: None,
            centre: Listen::Off,
            central_media: None,
            keep_s: keep.as_secs(),
            dead_s: dead.as_secs(),
            boxes: Vec::new(),
            nat: Vec::new(),
        }
    }
}

impl Smartbox {
    /// The redirections, or everything that is wrong with them, each with its key.
    pub(crate) fn redirections(&self) -> Result<Vec<Redirection>, Vec<String>> {
        redirections(&self.nat)
    }

    /// The dialect's settings; none if it is off.
    pub(crate) fn settings(&self) -> anyhow::Result<Option<Settings>> {
        if !(1..=60).contains(&self.keep_s) {
            bail!("smartbox.keep_s: must be 1 to 60 seconds");
        }
        if !(self.keep_s + 1..=300).contains(&self.dead_s) {
            bail!("smartbox.dead_s: must be more than keep_s, and at most 300 seconds");
        }
        let first = FurtherBox {
            home: self.home,
            community: self.community,
            flats: self.flats.clone(),
            home_media: self.home_media.clone(),
            community_media: self.community_media.clone(),
        };
        let boxes = std::iter::once(&first).chain(&self.boxes);
        let settings = Settings {
            boxes: boxes.filter_map(FurtherBox::settings).collect(),
            centre: self.centre.find_address(),
            central_media: self.central_media.clone(),
            keep: Duration::from_secs(self.keep_s),
            dead: Duration::from_secs(self.dead_s),
        };
        let is_on = settings.centre.is_some() || !settings.boxes.is_empty();
        Ok(is_on.then_some(settings))
    }
}

impl FurtherBox {
    /// None if it listens nowhere.
    fn settings(&self) -> Option<BoxSettings> {
        let (home, community) = (self.home.find_address(), self.community.find_address());
        (home.is_some() || community.is_some()).then(|| BoxSettings {
            home,
            community,
            flats: self.flats.clone(),
            home_media: self.home_media.clone(),
            community_media: self.community_media.clone(),
        })
    }
}
