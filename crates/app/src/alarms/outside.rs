//! What a step owes to addresses outside.

use engine::alarm::{Alarm, Decision, Facts, Level};
use engine::time::Instant;

use crate::port::{AlarmFacts, Errand, HookTask, StoreFailure, Task};

/// Keeps an errand for each address of the community, if what is said outside changed.
pub(super) fn owe(
    decision: &Decision,
    facts: &Facts,
    store: &mut dyn AlarmFacts,
    now: Instant,
) -> Result<(), StoreFailure> {
    let Some(alarm) = decision.alarm.as_ref().filter(|_| decision.is_changed) else {
        return Ok(());
    };
    let before = before(alarm, facts);
    let told = |alarm: &Alarm| alarm.heard.of(Level::Outside);
    if !alarm.heard.has(Level::Outside) || before.map(told) == Some(told(alarm)) {
        return Ok(());
    }
    for hook in store.hooks(&alarm.place.community)? {
        let id = format!("hook/{}/{}/{}", hook.0, alarm.id, part(alarm, before));
        let task = Task::Hook(HookTask {
            hook,
            alarm: alarm.id.clone(),
        });
        let since = now;
        store.owe(Errand { id, task, since })?;
    }
    Ok(())
}

fn before<'a>(alarm: &Alarm, facts: &'a Facts) -> Option<&'a Alarm> {
    let known = facts.alarm.iter().chain(facts.newest.values());
    known.into_iter().find(|known| known.id == alarm.id)
}

/// Repetitions are one errand: while one of them waits for an address that is away, the next adds
/// nothing, because what is said is how the alarm stands then.
fn part(alarm: &Alarm, before: Option<&Alarm>) -> String {
    match before {
        Some(before) if before.again_count < alarm.again_count => "again".to_owned(),
        Some(_) | None => alarm.version.0.to_string(),
    }
}
