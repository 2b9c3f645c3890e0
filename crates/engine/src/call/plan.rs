//! Whom to ring, in which order, for how long.
//!
//! A plan is made from the directory before the call is decided and does not change afterwards,
//! but for endpoints that join late.

use std::time::Duration;

use crate::call::scene::Scene;
use crate::id::{EndpointId, FlatId, ResidentId};

/// Legs that one call may have in all; more are refused, because each costs a message to each
/// party and a row.
pub const LEGS_MAX: usize = 64;

/// Stages that one plan may have.
pub const STAGES_MAX: usize = 8;

/// For whom a decline speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// This endpoint alone.
    Device,
    /// All endpoints of its resident.
    Resident,
    /// All endpoints of its household.
    Household,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Device, Self::Resident, Self::Household];

    /// Its stable name, for whatever keeps or shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Resident => "resident",
            Self::Household => "household",
        }
    }
}

/// One endpoint to ring.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// What to ring.
    pub endpoint: EndpointId,
    /// Whose it is, if it is one person's: the scope of a resident's decline.
    pub resident: Option<ResidentId>,
    /// The household that is asked: the scope of a household's decline.
    pub household: FlatId,
}

/// Endpoints that ring together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stage {
    /// In the order in which the offers leave.
    pub targets: Vec<Target>,
    /// How long this stage has before the next one starts.
    pub ring: Duration,
    /// Whether these endpoints go on ringing when the next stage starts.
    pub keep: bool,
}

/// The whole plan of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    /// What the caller asked for, as an opaque key: the same key again is a repress.
    pub dialled: String,
    /// In order; empty stages are passed over.
    pub stages: Vec<Stage>,
    /// How long the call may ring in all stages together.
    pub ring: Duration,
    /// How long a conversation may last.
    pub talk: Duration,
    /// Whether ringing endpoints may see and hear the door before anyone answers.
    pub preview: bool,
    /// For whom any decline in this call speaks; none: what the protocol means by it.
    pub declines: Option<Scope>,
    /// Whether opening the caller's door ends the ringing.
    pub unlock_ends: bool,
    /// What the call is set in.
    pub scene: Scene,
}

impl Plan {
    /// Whether the plan keeps to [`LEGS_MAX`] and [`STAGES_MAX`].
    pub fn is_within_limits(&self) -> bool {
        let legs: usize = self.stages.iter().map(|stage| stage.targets.len()).sum();
        legs <= LEGS_MAX && self.stages.len() <= STAGES_MAX
    }

    /// Whether any stage rings `endpoint`.
    pub fn rings(&self, endpoint: &EndpointId) -> bool {
        self.stages
            .iter()
            .flat_map(|stage| &stage.targets)
            .any(|t| &t.endpoint == endpoint)
    }
}
