//! One step of an alarm or of a flat's arming: the only way either changes.

use std::sync::{Arc, OnceLock};

use engine::alarm::{
    self, Alarm, Decision, Facts, Input, Level, Mode, Person, Query, Refusal, Site, Times, Verdict,
    Zone, ZoneNo,
};
use engine::call::{OWED_AFTER_END, Version};
use engine::id::{AlarmId, CommunityId, EndpointId, FlatId, ResidentId};
use engine::time::Instant;
use tokio::sync::mpsc;

use crate::alarms::board::Board;
use crate::alarms::outside::owe;
use crate::directory::Resident;
use crate::failure::Failure;
use crate::limit::Limit;
use crate::outbox::Outbox;
use crate::port::{
    AlarmFacts, AlarmQuery, AlarmSpeaker, AlarmStore, Clock, Clocked, DirectoryStore, HistoryEntry,
    Random, Registry, Shelf, StoreFailure,
};
use crate::task::Tasks;
use crate::timers::{Arm, Timers};

/// What the use cases of alarms need.
pub struct AlarmsPorts {
    /// Keeps flats' arming and the alarms.
    pub store: Arc<dyn AlarmStore>,
    /// Knows who lives where.
    pub directory: Arc<dyn DirectoryStore>,
    /// Likewise.
    pub registry: Arc<dyn Registry>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub random: Arc<dyn Random>,
    /// Runs steps to their end.
    pub tasks: Tasks,
    /// Triggers by zone.
    pub limit: Limit,
}

/// Alarms: triggers in, notices out. A handle, cheap to clone.
#[derive(Clone)]
pub struct Alarms(Arc<Inner>);

struct Inner {
    ports: AlarmsPorts,
    times: Times,
    board: Board,
    timers: Timers<Clocked>,
    speakers: OnceLock<Vec<Arc<dyn AlarmSpeaker>>>,
    outbox: Outbox,
}

/// A step that was decided.
#[derive(Clone, Debug)]
pub struct Done {
    /// What the rules said.
    pub verdict: Verdict,
    /// The alarm it is about, as it stands now.
    pub alarm: Option<Arc<Alarm>>,
    /// The flat, if it changed.
    pub site: Option<Site>,
    /// The moment of the decision.
    pub at: Instant,
}

impl Done {
    /// Whether it was done; the rules' refusal otherwise.
    pub fn accepted(&self) -> Result<(), Refusal> {
        match self.verdict {
            Verdict::Accepted | Verdict::Ignored(_) => Ok(()),
            Verdict::Refused(refusal) => Err(refusal),
        }
    }
}

impl Alarms {
    /// Makes the use cases, and the queue from which the timers are run. The outbox is that of
    /// addresses outside.
    pub fn new(
        ports: AlarmsPorts,
        times: Times,
        outbox: Outbox,
    ) -> (Self, mpsc::Receiver<Arm<Clocked>>) {
        let (timers, queue) = Timers::new();
        let inner = Inner {
            ports,
            times,
            board: Board::default(),
            timers,
            speakers: OnceLock::new(),
            outbox,
        };
        (Self(Arc::new(inner)), queue)
    }

    /// Says who speaks of alarms. Once, before the first step.
    pub fn set_speakers(&self, speakers: Vec<Arc<dyn AlarmSpeaker>>) {
        if self.0.speakers.set(speakers).is_err() {
            tracing::error!("speakers of alarms were set twice; the first ones stay");
        }
    }

    /// Reads what a restart left: deadlines are armed again, and everybody is told again.
    pub async fn recover(&self) -> Result<usize, Failure> {
        let now = self.now();
        let since = i64::try_from(OWED_AFTER_END.as_millis()).unwrap_or(i64::MAX);
        let since = Instant::from_ms(now.ms().saturating_sub(since));
        for waiting in self.store().waiting_flats().await? {
            let key = Clocked::Flat(waiting.flat);
            let deadline = Some(waiting.at);
            self.0.timers.arm(key, waiting.version, deadline, now);
        }
        let alarms = self.store().recent_alarms(since).await?;
        let count = alarms.len();
        for alarm in alarms {
            self.show(&Arc::new(alarm), now);
        }
        Ok(count)
    }

    /// A zone was triggered.
    pub async fn trigger(&self, flat: FlatId, zone: ZoneNo) -> Result<Done, Failure> {
        let counted = format!("{flat}/{}", zone.number());
        self.0.ports.limit.take(&counted)?;
        self.handle(Input::Trigger {
            flat,
            zone,
            fresh: self.fresh(),
            times: self.0.times,
        })
        .await
    }

    /// Arms or disarms a flat.
    pub async fn arm(&self, flat: FlatId, mode: Mode, by: Person) -> Result<Done, Failure> {
        self.handle(Input::Arm { flat, mode, by }).await
    }

    /// Gives a flat its zones.
    pub async fn set_zones(&self, flat: FlatId, zones: Vec<Zone>) -> Result<Done, Failure> {
        self.handle(Input::SetZones { flat, zones }).await
    }

    /// Anything that happens to a flat or an alarm.
    pub async fn handle(&self, input: Input) -> Result<Done, Failure> {
        let this = self.clone();
        let step = self.0.ports.tasks.detach(async move {
            let clock = Arc::clone(&this.0.ports.clock);
            let rule = move |store: &mut dyn AlarmFacts| {
                let now = clock.now();
                decide_with(input, store, now).map(|decision| (decision, now))
            };
            let (decision, at) = this.store().decide_alarm(Box::new(rule)).await?;
            Ok(this.speak(decision, at))
        });
        step.await
            .unwrap_or_else(|_| Err(Failure::Unavailable("the step died".into())))
    }

    /// A flat, also one that was never armed.
    pub async fn find_site(&self, flat: FlatId) -> Result<Option<Site>, Failure> {
        Ok(self.store().find_site(flat).await?)
    }

    /// An alarm, also one that ended long ago.
    pub async fn find(&self, id: &AlarmId) -> Result<Option<Arc<Alarm>>, Failure> {
        if let Some(alarm) = self.0.board.find(id) {
            return Ok(Some(alarm));
        }
        let found = self.store().find_alarm(id.clone()).await?;
        Ok(found.map(Arc::new))
    }

    /// An alarm as it is on disk. What was committed with a change must be done as that change says,
    /// also before anybody was told of it.
    pub(super) async fn load(&self, id: &AlarmId) -> Result<Option<Arc<Alarm>>, Failure> {
        Ok(self.store().find_alarm(id.clone()).await?.map(Arc::new))
    }

    /// Some alarms.
    pub async fn list(&self, query: AlarmQuery) -> Result<Vec<Alarm>, Failure> {
        Ok(self.store().list_alarms(query).await?)
    }

    /// What happened to an alarm, in order.
    pub async fn history(&self, id: AlarmId) -> Result<Vec<HistoryEntry>, Failure> {
        Ok(self.store().alarm_history(id).await?)
    }

    /// Alarms of which the household of this flat may be owed something: those that are not over,
    /// and those that just ended. Never one that is silent.
    pub fn open_for(&self, flat: &FlatId) -> Vec<Arc<Alarm>> {
        let is_meant = |alarm: &Alarm| alarm.flat == *flat && alarm.heard.has(Level::Household);
        self.0.board.filtered(is_meant)
    }

    /// Alarms of which a centre of this community may be owed something.
    pub fn open_in(&self, community: &CommunityId) -> Vec<Arc<Alarm>> {
        let is_meant =
            |alarm: &Alarm| alarm.place.community == *community && alarm.heard.has(Level::Centre);
        self.0.board.filtered(is_meant)
    }

    /// Every alarm that can still be spoken about, the oldest first.
    pub fn current(&self) -> Vec<Arc<Alarm>> {
        self.0.board.filtered(|_| true)
    }

    /// The alarm as it stands now, or as given if it is spoken about no more.
    pub fn newest(&self, alarm: &Arc<Alarm>) -> Arc<Alarm> {
        let newest = self.0.board.find(&alarm.id);
        newest.unwrap_or_else(|| Arc::clone(alarm))
    }

    /// The endpoints of a flat's household.
    pub async fn household(&self, flat: &FlatId) -> Result<Vec<EndpointId>, Failure> {
        let ids = vec![flat.to_string()];
        let found = self.0.ports.directory.endpoints_behind(ids).await?;
        Ok(found.unwrap_or_default())
    }

    /// Where a resident lives; none if there is no such resident.
    pub async fn flat_of(&self, resident: &ResidentId) -> Result<Option<FlatId>, Failure> {
        let registry = &*self.0.ports.registry;
        let found = Shelf::<Resident>::find(registry, resident.to_string()).await?;
        Ok(found.map(|found| found.entry.flat))
    }

    /// Now, by the clock that decides.
    pub fn now(&self) -> Instant {
        self.0.ports.clock.now()
    }

    /// The input of a deadline.
    pub(super) fn to_input(&self, key: Clocked, version: Version) -> Input {
        match key {
            Clocked::Alarm(alarm) => Input::Deadline { alarm, version },
            Clocked::Flat(flat) => Input::Lapse {
                flat,
                version,
                fresh: self.fresh(),
                times: self.0.times,
            },
        }
    }

    pub(super) fn tasks_of_alarms(&self) -> &Tasks {
        &self.0.ports.tasks
    }

    pub(super) fn store(&self) -> &dyn AlarmStore {
        &*self.0.ports.store
    }

    fn fresh(&self) -> AlarmId {
        self.0.ports.random.row_id(self.now()).into()
    }

    fn speak(&self, decision: Decision, at: Instant) -> Done {
        let Decision {
            verdict,
            site,
            alarm,
            is_changed,
            ..
        } = decision;
        if let Some(site) = &site {
            let deadline = site.deadline().map(|(at, ..)| at);
            let key = Clocked::Flat(site.flat.clone());
            self.0.timers.arm(key, site.version, deadline, at);
        }
        let alarm = alarm.map(Arc::new);
        if let Some(alarm) = alarm.as_ref().filter(|_| is_changed) {
            self.show(alarm, at);
            self.0.outbox.ring();
        }
        Done {
            verdict,
            alarm,
            site,
            at,
        }
    }

    fn show(&self, alarm: &Arc<Alarm>, now: Instant) {
        self.0.board.show(alarm, now);
        let deadline = alarm.deadline().map(|next| next.at);
        let key = Clocked::Alarm(alarm.id.clone());
        self.0.timers.arm(key, alarm.version, deadline, now);
        for speaker in self.0.speakers.get().into_iter().flatten() {
            speaker.wake(alarm);
        }
    }
}

/// Loads what the engine asks for, asks the engine, and keeps what its decision owes.
fn decide_with(
    input: Input,
    store: &mut dyn AlarmFacts,
    now: Instant,
) -> Result<Decision, StoreFailure> {
    let mut facts = Facts::default();
    let mut asked = Query::default();
    loop {
        let query = alarm::facts_needed(&input, &facts);
        if query == asked {
            let decision = alarm::decide(input, &facts, now);
            owe(&decision, &facts, store, now)?;
            return Ok(decision);
        }
        asked = query.clone();
        load(query, store, &mut facts)?;
    }
}

fn load(query: Query, store: &mut dyn AlarmFacts, facts: &mut Facts) -> Result<(), StoreFailure> {
    if let Some(flat) = query.flat {
        if let Some(zone) = query.zone {
            let newest = store.newest_alarm(&flat, zone)?;
            facts.newest.extend(newest.map(|alarm| (zone, alarm)));
        }
        facts.site = store.site(&flat)?;
    }
    if let Some(alarm) = query.alarm {
        facts.alarm = store.alarm(&alarm)?;
    }
    Ok(())
}
