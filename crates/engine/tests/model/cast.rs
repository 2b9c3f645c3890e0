//! Who takes part in a search or a schedule, and everything they can do.
//!
//! An act is small and names a call by its caller; `to_input` makes the engine's input of it.

use std::time::Duration;

use engine::call::{Actor, Gone, Input, Plan, Scene, Scope, Stage, Target, Version};
use engine::id::{CallId, EndpointId, FlatId, ResidentId};

use crate::world::{World, endpoint_of, parties};

/// Something that may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Press(usize),
    Claim(CallId, Actor),
    Decline(CallId, Actor, Scope),
    GiveUp(CallId, Actor, Gone),
    Hangup(CallId, Actor),
    Join(CallId, Target),
    Deadline(CallId, Version),
    End(CallId),
    Opened(CallId),
    /// A call outside of the model takes or releases this line.
    Elsewhere(EndpointId),
    /// This endpoint acknowledges what it is owed in this call.
    Hear(CallId, EndpointId),
    /// This endpoint comes with a new connection, or the server lost what it was told.
    Forget(CallId, EndpointId),
    /// Time passes until something is due.
    Pass,
}

/// The cast of a search.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    /// Who may press what.
    pub(crate) presses: Vec<(Actor, Plan)>,
    /// Who acts on calls, party or not.
    pub(crate) actors: Vec<Actor>,
    /// Who may come late.
    pub(crate) joiners: Vec<Target>,
    /// Whose lines calls outside of the model may take.
    pub(crate) elsewhere: Vec<EndpointId>,
    /// Whose hearing is followed.
    pub(crate) followed: Vec<EndpointId>,
    /// Why endpoints may not ring.
    pub(crate) gone: Vec<Gone>,
    /// Whether an ended call stays, and its caller presses no more.
    pub(crate) keeps_ended: bool,
}

impl Cast {
    /// Everything that may happen in `world`.
    pub(crate) fn acts(&self, world: &World) -> Vec<Act> {
        let mut acts = vec![Act::Pass];
        let presses = (0..self.presses.len()).filter(|press| self.may_press(world, *press));
        acts.extend(presses.map(Act::Press));
        for id in world.calls.keys() {
            self.acts_on(world, id, &mut acts);
        }
        acts.extend(self.elsewhere.iter().cloned().map(Act::Elsewhere));
        acts
    }

    fn may_press(&self, world: &World, press: usize) -> bool {
        let (caller, _) = &self.presses[press];
        let mut own = world
            .calls
            .values()
            .filter(|call| call.caller == caller.endpoint);
        !self.keeps_ended || own.all(|call| call.is_alerting())
    }

    fn acts_on(&self, world: &World, id: &CallId, acts: &mut Vec<Act>) {
        for by in &self.actors {
            let by = || by.clone();
            acts.push(Act::Claim(id.clone(), by()));
            for scope in [Scope::Device, Scope::Resident, Scope::Household] {
                acts.push(Act::Decline(id.clone(), by(), scope));
            }
            let gone = self.gone.iter();
            acts.extend(gone.map(|gone| Act::GiveUp(id.clone(), by(), *gone)));
            acts.push(Act::Hangup(id.clone(), by()));
        }
        let joiners = self.joiners.iter().cloned();
        acts.extend(joiners.map(|target| Act::Join(id.clone(), target)));
        let call = &world.calls[id];
        acts.push(Act::Deadline(id.clone(), call.version));
        acts.push(Act::Deadline(id.clone(), Version(call.version.0 - 1)));
        acts.push(Act::End(id.clone()));
        acts.push(Act::Opened(id.clone()));
        for party in parties(call) {
            let endpoint = endpoint_of(call, party);
            if world.followed.contains(endpoint) {
                acts.push(Act::Hear(id.clone(), endpoint.clone()));
                acts.push(Act::Forget(id.clone(), endpoint.clone()));
            }
        }
    }

    /// The input of an act, if it is one. A press takes `fresh` as the id of a new call.
    pub(crate) fn to_input(&self, act: &Act, fresh: CallId) -> Option<Input> {
        let note = None;
        Some(match act.clone() {
            Act::Press(press) => {
                let (caller, plan) = self.presses[press].clone();
                Input::Invite {
                    call: fresh,
                    caller,
                    plan,
                }
            }
            Act::Claim(call, by) => Input::Claim { call, by, note },
            Act::Decline(call, by, scope) => Input::Decline {
                call,
                by,
                scope,
                note,
            },
            Act::GiveUp(call, by, gone) => Input::GiveUp { call, by, gone },
            Act::Hangup(call, by) => Input::Hangup { call, by, note },
            Act::Join(call, target) => Input::Join { call, target },
            Act::Deadline(call, version) => Input::Deadline { call, version },
            Act::End(call) => Input::End { call, note },
            Act::Opened(call) => Input::Opened { call },
            Act::Elsewhere(_) | Act::Hear(..) | Act::Forget(..) | Act::Pass => return None,
        })
    }
}

/// `name` by the hand `hand`.
pub(crate) fn actor(name: &str, hand: &str) -> Actor {
    Actor {
        endpoint: name.into(),
        hand: hand.into(),
    }
}

/// An endpoint of `resident` in `household`; a dash is nobody's.
pub(crate) fn target(name: &str, resident: &str, household: &str) -> Target {
    Target {
        endpoint: EndpointId::from(name),
        resident: (resident != "-").then(|| ResidentId::from(resident)),
        household: FlatId::from(household),
    }
}

/// A stage of 20 s.
pub(crate) fn stage(targets: Vec<Target>, keep: bool) -> Stage {
    Stage {
        targets,
        ring: Duration::from_secs(20),
        keep,
    }
}

/// A plan that rings 30 s in all, so that a second stage is cut short when the first one was not,
/// and talks 90 s, longer than an end is spoken about.
pub(crate) fn plan(dialled: &str, stages: Vec<Stage>) -> Plan {
    Plan {
        dialled: dialled.to_owned(),
        stages,
        ring: Duration::from_secs(30),
        talk: Duration::from_secs(90),
        preview: true,
        declines: None,
        unlock_ends: true,
        scene: Scene::default(),
    }
}
