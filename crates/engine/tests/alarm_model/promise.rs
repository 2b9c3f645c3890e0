//! What must hold in every state, and of every step.

use engine::alarm::{
    Alarm, Decision, Due, Input, Level, Mode, Phase, Policy, REPEAT, Verdict, Wait, Watch, ZoneNo,
};
use engine::call::Version;

use crate::world::{Rule, World};

/// A name, and whether the state keeps it.
pub(crate) type StatePromise = (&'static str, fn(&World) -> bool);

/// What holds in every state.
pub(crate) const STATE_PROMISES: [StatePromise; 6] = [
    (
        "I12 an alarm is acknowledged or has a next level",
        next_is_armed,
    ),
    (
        "an acknowledged alarm escalates no more",
        acknowledged_rests,
    ),
    ("a zone has at most one open alarm", one_open_alarm),
    ("a duress alarm is never told at home", duress_is_silent),
    (
        "every level up to the farthest was told",
        nobody_is_passed_over,
    ),
    ("a zone waits if and only if it must", waits_fit),
];

fn next_is_armed(world: &World) -> bool {
    world.alarms.values().all(|alarm| match alarm.phase {
        Phase::Notified { level, next } => {
            let due = match alarm.ladder.first() {
                Some(rung) => next.due == Due::Level(rung.level) && next.at == rung.at,
                None => level == Level::Outside && next.due == Due::Again,
            };
            due && alarm.level() == Some(level)
        }
        Phase::Acknowledged(_) | Phase::Handling { .. } | Phase::Ended { .. } => true,
    })
}

fn acknowledged_rests(world: &World) -> bool {
    let mut acknowledged = world.alarms.values().filter(|alarm| alarm.ack().is_some());
    acknowledged.all(|alarm| alarm.deadline().is_none() && alarm.ladder.is_empty())
}

fn one_open_alarm(world: &World) -> bool {
    let open = |zone: ZoneNo| {
        let of_zone = world.alarms.values().filter(|alarm| alarm.zone == zone);
        of_zone.filter(|alarm| alarm.is_open()).count()
    };
    world.alarms.values().all(|alarm| open(alarm.zone) <= 1)
}

fn duress_is_silent(world: &World) -> bool {
    let mut silent = world.alarms.values().filter(|alarm| alarm.is_silent());
    silent.all(|alarm| !alarm.heard.has(Level::Household) && !alarm.heard.has(Level::Guard))
}

fn nobody_is_passed_over(world: &World) -> bool {
    world.alarms.values().all(|alarm| {
        let lowest = if alarm.is_silent() {
            Level::Centre
        } else {
            Level::Household
        };
        let mut due = Level::ALL
            .into_iter()
            .filter(|level| *level >= lowest && Some(*level) <= alarm.level());
        alarm.level().is_some() && due.all(|level| alarm.heard.has(level))
    })
}

fn waits_fit(world: &World) -> bool {
    let fits = |watch: &Watch| {
        let counts = watch.zone.counts_in(world.site.mode);
        match (watch.zone.policy, watch.waits) {
            (Policy::Nursing(_), Wait::Quiet { .. }) => counts,
            (Policy::Nursing(_), Wait::Nothing) => !counts,
            (Policy::Delayed(_), Wait::Entry { .. }) => counts,
            (_, Wait::Nothing) => true,
            (_, Wait::Entry { .. } | Wait::Quiet { .. }) => false,
        }
    };
    world.site.zones.iter().all(fits)
}

/// One step: what was, what happened, what was decided, what is.
pub(crate) struct Step<'a> {
    pub(crate) before: &'a World,
    pub(crate) input: &'a Input,
    pub(crate) decision: &'a Decision,
    pub(crate) after: &'a World,
}

impl Step<'_> {
    /// The first promise that the step breaks.
    pub(crate) fn find_broken(&self, rule: Rule) -> Option<&'static str> {
        let promises: [(&'static str, bool); 7] = [
            ("a no changes nothing", self.no_is_idle()),
            ("I13 a stale deadline changes nothing", self.stale_is_idle()),
            (
                "I11 the same again changes nothing",
                self.repeat_is_idle(rule),
            ),
            ("what is due is told", self.due_is_told()),
            (
                "nothing but a person or its time moves a deadline",
                self.deadlines_stay(),
            ),
            ("an alarm goes forward, by a person", self.goes_forward()),
            (
                "a trigger that counts leads to an alarm",
                self.trigger_counts(),
            ),
        ];
        let broken = promises.into_iter().find(|(_, is_kept)| !is_kept);
        broken.map(|(name, _)| name)
    }

    fn is_idle(&self) -> bool {
        self.decision.site.is_none() && !self.decision.is_changed
    }

    fn no_is_idle(&self) -> bool {
        self.decision.verdict == Verdict::Accepted || self.is_idle()
    }

    /// Whether the input is a deadline that counts.
    fn is_due(&self) -> bool {
        let now = self.before.now;
        match self.input {
            Input::Lapse { version, .. } => {
                let site = &self.before.site;
                *version == site.version && site.deadline().is_some_and(|(at, ..)| at <= now)
            }
            Input::Deadline { alarm, version } => {
                self.before.alarms.get(alarm).is_some_and(|alarm| {
                    alarm.version == *version && alarm.deadline().is_some_and(|next| next.at <= now)
                })
            }
            Input::Trigger { .. }
            | Input::Arm { .. }
            | Input::SetZones { .. }
            | Input::Acknowledge { .. }
            | Input::Handle { .. }
            | Input::Close { .. } => false,
        }
    }

    fn stale_is_idle(&self) -> bool {
        let is_deadline = matches!(self.input, Input::Lapse { .. } | Input::Deadline { .. });
        !is_deadline || self.is_due() || self.is_idle()
    }

    /// Triggers are meant to be counted, everything else may be said twice.
    fn repeat_is_idle(&self, rule: Rule) -> bool {
        if matches!(self.input, Input::Trigger { .. } | Input::SetZones { .. }) {
            return true;
        }
        let again = self.after.decide(rule, self.input);
        again.site.is_none() && !again.is_changed
    }

    fn due_is_told(&self) -> bool {
        let Input::Deadline { alarm, .. } = self.input else {
            return true;
        };
        if !self.is_due() {
            return true;
        }
        let (before, after) = (&self.before.alarms[alarm], &self.after.alarms[alarm]);
        let told = |level| after.heard.of(level) == after.version;
        let mut due = before
            .ladder
            .iter()
            .filter(|rung| rung.at <= self.before.now);
        match before.ladder.is_empty() {
            true => Level::ALL
                .into_iter()
                .all(|level| !before.heard.has(level) || told(level)),
            false => due.all(|rung| told(rung.level)),
        }
    }

    fn deadlines_stay(&self) -> bool {
        let may_move = |id| match self.input {
            Input::Deadline { alarm, .. } | Input::Acknowledge { alarm, .. } => alarm == id,
            Input::Trigger { .. }
            | Input::Arm { .. }
            | Input::SetZones { .. }
            | Input::Lapse { .. }
            | Input::Handle { .. }
            | Input::Close { .. } => false,
        };
        self.before.alarms.iter().all(|(id, before)| {
            let after = &self.after.alarms[id];
            may_move(id) || self.is_anew(before, after) || after.deadline() == before.deadline()
        })
    }

    /// Whether something new happened at an open alarm that a person had taken on.
    fn is_anew(&self, before: &Alarm, after: &Alarm) -> bool {
        let is_trigger = matches!(self.input, Input::Trigger { .. } | Input::Lapse { .. });
        let was_taken_on = before.is_open() && before.ack().is_some();
        is_trigger && was_taken_on && !self.is_repeat(before) && after.ack().is_none()
    }

    fn is_repeat(&self, alarm: &Alarm) -> bool {
        self.before.now.since(alarm.last) < REPEAT
    }

    fn goes_forward(&self) -> bool {
        self.before.alarms.iter().all(|(id, before)| {
            let after = &self.after.alarms[id];
            let is_next = after == before || after.version == Version(before.version.0 + 1);
            let is_forward = rank(after) >= rank(before) && self.is_by_person(before, after);
            is_next && (is_forward || self.is_anew(before, after))
        })
    }

    fn is_by_person(&self, before: &Alarm, after: &Alarm) -> bool {
        match (self.input, before.ack(), after.ack()) {
            (Input::Acknowledge { by, .. }, None, Some(ack)) => ack.by == *by,
            (_, before, after) => before == after,
        }
    }

    fn trigger_counts(&self) -> bool {
        let Input::Trigger { zone, .. } = self.input else {
            return true;
        };
        let Some(watch) = self.before.site.find(*zone) else {
            return true;
        };
        let is_life = matches!(watch.zone.policy, Policy::Nursing(_));
        if is_life || !watch.zone.counts_in(self.before.site.mode) {
            return true;
        }
        let waits = self.after.site.find(*zone).map(|watch| watch.waits);
        let is_entry = matches!(waits, Some(Wait::Entry { .. }));
        let newest = self
            .after
            .alarms
            .values()
            .rfind(|alarm| alarm.zone == *zone);
        is_entry || newest.is_some_and(|alarm| self.is_heard(alarm))
    }

    /// Whether a trigger was counted, and somebody hears of it unless it was the last one again.
    fn is_heard(&self, alarm: &Alarm) -> bool {
        let before = self.before.alarms.get(&alarm.id);
        let is_counted = before.is_none_or(|before| before.count < alarm.count);
        let repeats = before.is_some_and(|before| self.is_repeat(before));
        is_counted && (repeats || alarm.ack().is_none())
    }
}

/// How far an alarm has come: the level while nobody has acknowledged, then the phases.
fn rank(alarm: &Alarm) -> (u8, Option<Level>) {
    let phase = match alarm.phase {
        Phase::Notified { .. } => 0,
        Phase::Acknowledged(_) => 1,
        Phase::Handling { .. } => 2,
        Phase::Ended { .. } => 3,
    };
    (phase, alarm.level())
}

/// The modes that casts use.
pub(crate) const MODES: [Mode; 3] = [Mode::Disarmed, Mode::Away, Mode::Home];
