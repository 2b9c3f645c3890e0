//! Plays a scenario and writes the transcript.
//!
//! Under each line of the scenario stand, indented: the verdict; each call that changed, with its
//! deadline and the reason for it; what each party hears, with its media right from then on; the
//! lines held, when they changed. Every party hears at once what it is owed, unless it went.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::call::tests::script::{Step, to_moment, to_step};
use crate::call::tests::world::{Heard, World, endpoint_of};
use crate::call::{Call, Decision, Notice, Party, Phase, Verdict};
use crate::id::{CallId, EndpointId};
use crate::time::Instant;

/// Plays `text` in an empty world.
pub(super) fn check(text: &str) -> String {
    let mut play = Play::default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in lines {
        play.line(line);
    }
    play.transcript
}

#[derive(Default)]
struct Play {
    world: World,
    lines: BTreeMap<EndpointId, CallId>,
    last: Option<Instant>,
    transcript: String,
}

impl Play {
    fn line(&mut self, line: &str) {
        self.write(line);
        let (now, text) = to_moment(line);
        assert!(self.last <= Some(now), "time runs backwards at: {line}");
        self.last = Some(now);
        match to_step(text, &self.world) {
            Step::Input(input) => {
                let decision = self.world.step(input, now);
                self.decided(&decision);
            }
            Step::Goes(endpoint) => {
                self.world.offline.insert(endpoint);
            }
            Step::IsBack(endpoint) => {
                self.world.forget_told(&endpoint);
                self.world.offline.remove(&endpoint);
            }
            Step::Wait => {}
        }
        for heard in self.world.deliver(now) {
            self.heard(&heard);
        }
        self.lines_held();
    }

    fn decided(&mut self, decision: &Decision) {
        let verdict = match decision.verdict {
            Verdict::Accepted => "accepted".to_owned(),
            Verdict::Refused(refusal) => format!("refused {refusal:?}"),
            Verdict::Ignored(why) => format!("ignored {why:?}"),
        };
        let about = match &decision.call {
            Some(call) => format!(", see {} v{}", call.id, call.version.0),
            None => String::new(),
        };
        self.write(&format!("  {verdict}{about}"));
        for call in &decision.changed {
            self.write(&format!("  {}", story(call)));
        }
    }

    fn heard(&mut self, heard: &Heard) {
        let call = &self.world.calls[&heard.call];
        let endpoint = endpoint_of(call, heard.party);
        let (notice, right) = match heard.party {
            Party::Caller => (heard.notice, call.caller_media()),
            Party::Leg(no) => (heard.notice, call.leg_media(no)),
        };
        let notice = match notice {
            Notice::Closed(reason) => format!("closed {reason:?}"),
            Notice::Ringing | Notice::Offer | Notice::Answered | Notice::Ended => {
                format!("{notice:?}").to_lowercase()
            }
        };
        let version = heard.version.0;
        let right = format!("{right:?}").to_lowercase();
        self.write(&format!(
            "  > {endpoint}: {notice}, {} v{version}, media {right}",
            heard.call
        ));
    }

    fn lines_held(&mut self) {
        let held = self.world.lines();
        if held != self.lines {
            let texts: Vec<String> = held.iter().map(|(e, c)| format!("{e} in {c}")).collect();
            self.write(format!("  lines: {}", texts.join(", ")).trim_end());
            self.lines = held;
        }
    }

    fn write(&mut self, line: &str) {
        writeln!(self.transcript, "{line}").expect("a String takes any text");
    }
}

/// Where a call stands, on one line.
fn story(call: &Call) -> String {
    let head = format!("{} v{}", call.id, call.version.0);
    let note = |note: &Option<String>| match note {
        Some(note) => format!(" saying {note}"),
        None => String::new(),
    };
    match &call.phase {
        Phase::Alerting {
            stage_until,
            ring_until,
        } => {
            let reason = if stage_until < ring_until {
                "stage"
            } else {
                "ring"
            };
            let until = stage_until.min(ring_until);
            format!("{head} alerting, deadline {until:?} ({reason})")
        }
        Phase::Active { answer, until } => format!(
            "{head} active with {}/{}{}, deadline {until:?} (talk)",
            call.legs[answer.leg.0].endpoint,
            answer.hand,
            note(&answer.note)
        ),
        Phase::Ended(ended) => format!(
            "{head} ended {:?} by {:?}{}",
            ended.outcome,
            ended.cause,
            note(&ended.note)
        ),
    }
}
