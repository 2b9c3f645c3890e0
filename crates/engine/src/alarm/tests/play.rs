//! Plays a story and writes the transcript.
//!
//! Under each line stand, indented: the verdict; the flat, if it changed, with its deadline; the
//! alarm, if it changed, with its deadline and the reason for it, and what its history gains; what
//! each level hears. Facts are loaded by the rounds that `facts_needed` asks for and nothing more.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::alarm::tests::script::{to_input, to_moment};
use crate::alarm::{
    Alarm, Decision, Facts, Input, Level, Phase, Place, Query, Site, Verdict, decide, facts_needed,
    owed,
};
use crate::call::Version;
use crate::id::AlarmId;
use crate::time::Instant;

/// Plays `text` in flat 301, which was never armed.
pub(super) fn check(text: &str) -> String {
    let place = Place {
        community: "gardens".into(),
        number: "301".into(),
    };
    let mut world = World {
        site: Site::new("301".into(), place),
        alarms: BTreeMap::new(),
        told: BTreeMap::new(),
        last: None,
        transcript: String::new(),
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in lines {
        world.line(line);
    }
    world.transcript
}

/// Everything committed so far, and who heard what.
pub(super) struct World {
    pub(super) site: Site,
    pub(super) alarms: BTreeMap<AlarmId, Alarm>,
    told: BTreeMap<(AlarmId, Level), Version>,
    last: Option<Instant>,
    transcript: String,
}

impl World {
    fn line(&mut self, line: &str) {
        self.write(line);
        let (now, text) = to_moment(line);
        assert!(self.last <= Some(now), "time runs backwards at: {line}");
        self.last = Some(now);
        if let Some(input) = to_input(text, self) {
            let decision = decide(input.clone(), &self.load(&input), now);
            self.commit(&decision);
        }
        self.deliver(now);
    }

    fn commit(&mut self, decision: &Decision) {
        let verdict = match decision.verdict {
            Verdict::Accepted => "accepted".to_owned(),
            Verdict::Refused(refusal) => format!("refused {refusal:?}"),
            Verdict::Ignored(why) => format!("ignored {why:?}"),
        };
        let about = decision.alarm.as_ref();
        let about = about.map_or(String::new(), |one| {
            format!(", see {} v{}", one.id, one.version.0)
        });
        self.write(&format!("  {verdict}{about}"));
        if let Some(site) = &decision.site {
            self.write(&format!("  {}", site_story(site)));
            self.site = site.clone();
        }
        if let Some(alarm) = decision.alarm.as_ref().filter(|_| decision.is_changed) {
            self.write(&format!("  {}", story(alarm)));
            self.alarms.insert(alarm.id.clone(), alarm.clone());
        }
        for entry in &decision.history {
            self.write(&format!("  + {:?} {}", entry.event, entry.note));
        }
    }

    fn deliver(&mut self, now: Instant) {
        let mut heard = Vec::new();
        for alarm in self.alarms.values() {
            for level in Level::ALL {
                let told = self.told.entry((alarm.id.clone(), level));
                let told = told.or_insert(Version::NONE);
                if let Some((notice, version)) = owed(alarm, level, *told, now) {
                    *told = version;
                    let said = notice.name();
                    let (level, version) = (level.name(), version.0);
                    heard.push(format!("  > {level}: {said}, {} v{version}", alarm.id));
                }
            }
        }
        heard.iter().for_each(|line| self.write(line));
    }

    fn load(&self, input: &Input) -> Facts {
        let mut facts = Facts::default();
        for _round in 0..2 {
            let query = facts_needed(input, &facts);
            self.answer(query, &mut facts);
        }
        let mut again = facts.clone();
        self.answer(facts_needed(input, &facts), &mut again);
        assert_eq!(again, facts, "a third round asks for more");
        facts
    }

    fn answer(&self, query: Query, facts: &mut Facts) {
        let Query { flat, zone, alarm } = query;
        facts.site = flat.map(|_| self.site.clone());
        if let Some(zone) = zone {
            let newest = self.alarms.values().rfind(|alarm| alarm.zone == zone);
            facts
                .newest
                .extend(newest.map(|alarm| (zone, alarm.clone())));
        }
        facts.alarm = alarm.and_then(|id| self.alarms.get(&id).cloned());
    }

    fn write(&mut self, line: &str) {
        writeln!(self.transcript, "{}", line.trim_end()).expect("a String takes any text");
    }
}

fn site_story(site: &Site) -> String {
    let head = format!("flat v{} {}", site.version.0, site.mode.name());
    match site.deadline() {
        Some((at, zone, why)) => {
            format!(
                "{head}, deadline {at:?} ({why:?} of zone {})",
                zone.number()
            )
        }
        None => head,
    }
}

fn story(alarm: &Alarm) -> String {
    let Alarm { id, count, .. } = alarm;
    let head = format!("{id} v{} ×{count} {}", alarm.version.0, alarm.state_name());
    match &alarm.phase {
        Phase::Notified { level, next } => format!(
            "{head} at {}, deadline {:?} ({:?})",
            level.name(),
            next.at,
            next.due
        ),
        Phase::Acknowledged(ack) => format!("{head} by {:?}", ack.by),
        Phase::Handling { by, .. } | Phase::Ended { by, .. } => format!("{head} by {by:?}"),
    }
}
