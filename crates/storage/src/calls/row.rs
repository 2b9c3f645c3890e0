//! A call as JSON text in a row. The only place that knows this format.
//!
//! The machine's state is always read and written whole, so it is one document; what is searched
//! for has columns beside it.

use std::sync::Arc;
use std::time::Duration;

use app::port::StoreFailure;
use engine::call::{
    Answer, Call, Cause, CloseReason, Ended, Leg, LegNo, LegState, Outcome, Phase, Room, Scene,
    Scope, Stage, Streams, Target, Version,
};
use engine::time::Instant;
use serde::{Deserialize, Serialize};

use crate::failure::{Result, unavailable};

pub(super) fn to_text(call: &Call) -> Result<String> {
    serde_json::to_string(&CallDoc::from(call)).map_err(unavailable)
}

pub(super) fn from_text(id: &str, version: i64, text: &str) -> Result<Call> {
    let corrupt = || StoreFailure::Corrupt {
        table: "call",
        row: id.to_owned(),
    };
    let doc: CallDoc = serde_json::from_str(text).map_err(|_| corrupt())?;
    let version = Version(u64::try_from(version).map_err(|_| corrupt())?);
    doc.into_call(id, version).ok_or_else(corrupt)
}

#[derive(Serialize, Deserialize)]
struct CallDoc {
    caller: String,
    caller_changed: u64,
    dialled: String,
    created: i64,
    talk_ms: u64,
    preview: bool,
    /// The name of a scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    declines: Option<String>,
    unlock_ends: bool,
    scene: SceneDoc,
    phase: PhaseDoc,
    legs: Vec<LegDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    later: Vec<StageDoc>,
}

#[derive(Serialize, Deserialize)]
struct SceneDoc {
    caller_name: String,
    caller_place: String,
    room: RoomDoc,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    streams: Option<StreamsDoc>,
}

#[derive(Serialize, Deserialize)]
struct StreamsDoc {
    caller_audio: Option<String>,
    caller_video: Option<String>,
    callee_audio: Option<String>,
    callee_video: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum RoomDoc {
    Number(u32),
    Text(String),
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum PhaseDoc {
    Alerting {
        stage_until: i64,
        ring_until: i64,
    },
    Active {
        answer: AnswerDoc,
        until: i64,
    },
    Ended {
        outcome: String,
        cause: CauseDoc,
        at: i64,
        answer: Option<AnswerDoc>,
        note: Option<String>,
    },
}

#[derive(Serialize, Deserialize)]
struct AnswerDoc {
    leg: usize,
    hand: String,
    at: i64,
    note: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CauseDoc {
    Caller,
    Superseded,
    Leg(usize),
    Limit,
    NobodyLeft,
    Operator,
    Opening,
}

#[derive(Serialize, Deserialize)]
struct LegDoc {
    #[serde(flatten)]
    target: TargetDoc,
    keep: bool,
    /// `offered`, `won`, or the name of a close reason.
    state: String,
    changed: u64,
}

#[derive(Serialize, Deserialize)]
struct StageDoc {
    targets: Vec<TargetDoc>,
    ring_ms: u64,
    keep: bool,
}

#[derive(Serialize, Deserialize)]
struct TargetDoc {
    endpoint: String,
    resident: Option<String>,
    household: String,
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl From<&Call> for CallDoc {
    fn from(call: &Call) -> Self {
        Self {
            caller: call.caller.to_string(),
            caller_changed: call.caller_changed.0,
            dialled: call.dialled.clone(),
            created: call.created.ms(),
            talk_ms: ms(call.talk),
            preview: call.preview,
            declines: call.declines.map(|scope| scope.name().to_owned()),
            unlock_ends: call.unlock_ends,
            scene: SceneDoc::from(&call.scene),
            phase: PhaseDoc::from(&call.phase),
            legs: call.legs.iter().map(LegDoc::from).collect(),
            later: call.later.iter().map(StageDoc::from).collect(),
        }
    }
}

impl CallDoc {
    fn into_call(self, id: &str, version: Version) -> Option<Call> {
        Some(Call {
            id: id.into(),
            version,
            caller: self.caller.into(),
            caller_changed: Version(self.caller_changed),
            dialled: self.dialled,
            created: Instant::from_ms(self.created),
            talk: Duration::from_millis(self.talk_ms),
            preview: self.preview,
            declines: match self.declines {
                Some(name) => Some(Scope::ALL.into_iter().find(|known| known.name() == name)?),
                None => None,
            },
            unlock_ends: self.unlock_ends,
            scene: self.scene.into(),
            phase: self.phase.into_phase(self.legs.len())?,
            legs: self
                .legs
                .into_iter()
                .map(LegDoc::into_leg)
                .collect::<Option<_>>()?,
            later: self.later.into_iter().map(Stage::from).collect(),
        })
    }
}

impl From<&Scene> for SceneDoc {
    fn from(scene: &Scene) -> Self {
        Self {
            caller_name: scene.caller_name.clone(),
            caller_place: scene.caller_place.clone(),
            room: match &scene.room {
                Room::Text(text) => RoomDoc::Text(text.clone()),
                Room::Number(number) => RoomDoc::Number(*number),
            },
            streams: scene.streams.as_deref().map(StreamsDoc::from),
        }
    }
}

impl From<SceneDoc> for Scene {
    fn from(doc: SceneDoc) -> Self {
        Self {
            caller_name: doc.caller_name,
            caller_place: doc.caller_place,
            room: match doc.room {
                RoomDoc::Text(text) => Room::Text(text),
                RoomDoc::Number(number) => Room::Number(number),
            },
            streams: doc.streams.map(|streams| Arc::new(streams.into())),
        }
    }
}

impl From<&Streams> for StreamsDoc {
    fn from(streams: &Streams) -> Self {
        let streams = streams.clone();
        Self {
            caller_audio: streams.caller_audio,
            caller_video: streams.caller_video,
            callee_audio: streams.callee_audio,
            callee_video: streams.callee_video,
        }
    }
}

impl From<StreamsDoc> for Streams {
    fn from(doc: StreamsDoc) -> Self {
        Self {
            caller_audio: doc.caller_audio,
            caller_video: doc.caller_video,
            callee_audio: doc.callee_audio,
            callee_video: doc.callee_video,
        }
    }
}

impl From<&Phase> for PhaseDoc {
    fn from(phase: &Phase) -> Self {
        match phase {
            Phase::Alerting {
                stage_until,
                ring_until,
            } => Self::Alerting {
                stage_until: stage_until.ms(),
                ring_until: ring_until.ms(),
            },
            Phase::Active { answer, until } => Self::Active {
                answer: answer.into(),
                until: until.ms(),
            },
            Phase::Ended(ended) => Self::Ended {
                outcome: ended.outcome.name().into(),
                cause: ended.cause.into(),
                at: ended.at.ms(),
                answer: ended.answer.as_ref().map(AnswerDoc::from),
                note: ended.note.clone(),
            },
        }
    }
}

impl PhaseDoc {
    /// None if it names a leg that is not there or an outcome that is not known.
    fn into_phase(self, legs: usize) -> Option<Phase> {
        Some(match self {
            Self::Alerting {
                stage_until,
                ring_until,
            } => Phase::Alerting {
                stage_until: Instant::from_ms(stage_until),
                ring_until: Instant::from_ms(ring_until),
            },
            Self::Active { answer, until } => Phase::Active {
                answer: answer.into_answer(legs)?,
                until: Instant::from_ms(until),
            },
            Self::Ended {
                outcome,
                cause,
                at,
                answer,
                note,
            } => Phase::Ended(Ended {
                outcome: Outcome::ALL
                    .into_iter()
                    .find(|known| known.name() == outcome)?,
                cause: cause.into_cause(legs)?,
                at: Instant::from_ms(at),
                answer: match answer {
                    Some(answer) => Some(answer.into_answer(legs)?),
                    None => None,
                },
                note,
            }),
        })
    }
}

impl From<&Answer> for AnswerDoc {
    fn from(answer: &Answer) -> Self {
        Self {
            leg: answer.leg.0,
            hand: answer.hand.to_string(),
            at: answer.at.ms(),
            note: answer.note.clone(),
        }
    }
}

impl AnswerDoc {
    fn into_answer(self, legs: usize) -> Option<Answer> {
        let at = Instant::from_ms(self.at);
        (self.leg < legs).then(|| Answer {
            leg: LegNo(self.leg),
            hand: self.hand.into(),
            at,
            note: self.note,
        })
    }
}

impl From<Cause> for CauseDoc {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Caller => Self::Caller,
            Cause::Superseded => Self::Superseded,
            Cause::Leg(no) => Self::Leg(no.0),
            Cause::Limit => Self::Limit,
            Cause::NobodyLeft => Self::NobodyLeft,
            Cause::Operator => Self::Operator,
            Cause::Opening => Self::Opening,
        }
    }
}

impl CauseDoc {
    fn into_cause(self, legs: usize) -> Option<Cause> {
        Some(match self {
            Self::Caller => Cause::Caller,
            Self::Superseded => Cause::Superseded,
            Self::Leg(no) if no < legs => Cause::Leg(LegNo(no)),
            Self::Leg(_) => return None,
            Self::Limit => Cause::Limit,
            Self::NobodyLeft => Cause::NobodyLeft,
            Self::Operator => Cause::Operator,
            Self::Opening => Cause::Opening,
        })
    }
}

impl From<&Leg> for LegDoc {
    fn from(leg: &Leg) -> Self {
        Self {
            target: TargetDoc {
                endpoint: leg.endpoint.to_string(),
                resident: leg.resident.as_ref().map(ToString::to_string),
                household: leg.household.to_string(),
            },
            keep: leg.keep,
            state: leg_state_name(&leg.state).into(),
            changed: leg.changed.0,
        }
    }
}

impl LegDoc {
    fn into_leg(self) -> Option<Leg> {
        let Target {
            endpoint,
            resident,
            household,
        } = self.target.into();
        Some(Leg {
            endpoint,
            resident,
            household,
            keep: self.keep,
            state: leg_state(&self.state)?,
            changed: Version(self.changed),
        })
    }
}

const OFFERED: &str = "offered";
const WON: &str = "won";

fn leg_state_name(state: &LegState) -> &'static str {
    match state {
        LegState::Offered => OFFERED,
        LegState::Won => WON,
        LegState::Closed(reason) => reason.name(),
    }
}

fn leg_state(name: &str) -> Option<LegState> {
    match name {
        OFFERED => Some(LegState::Offered),
        WON => Some(LegState::Won),
        _ => {
            let reason = CloseReason::ALL
                .into_iter()
                .find(|known| known.name() == name)?;
            Some(LegState::Closed(reason))
        }
    }
}

impl From<&Stage> for StageDoc {
    fn from(stage: &Stage) -> Self {
        Self {
            targets: stage.targets.iter().map(TargetDoc::from).collect(),
            ring_ms: ms(stage.ring),
            keep: stage.keep,
        }
    }
}

impl From<StageDoc> for Stage {
    fn from(doc: StageDoc) -> Self {
        Self {
            targets: doc.targets.into_iter().map(Target::from).collect(),
            ring: Duration::from_millis(doc.ring_ms),
            keep: doc.keep,
        }
    }
}

impl From<&Target> for TargetDoc {
    fn from(target: &Target) -> Self {
        Self {
            endpoint: target.endpoint.to_string(),
            resident: target.resident.as_ref().map(ToString::to_string),
            household: target.household.to_string(),
        }
    }
}

impl From<TargetDoc> for Target {
    fn from(doc: TargetDoc) -> Self {
        Self {
            endpoint: doc.endpoint.into(),
            resident: doc.resident.map(Into::into),
            household: doc.household.into(),
        }
    }
}
