//! One step of a call: the only way a call changes.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use engine::call::{
    self, Call, Decision, Facts, Input, OWED_AFTER_END, Query, Refusal, Room, Verdict,
};
use engine::id::{CallId, EndpointId};
use engine::time::Instant;
use tokio::sync::mpsc;

use crate::calls::board::{Board, parties};
use crate::calls::dial::{Caller, Dialled, Fresh, invite};
use crate::calls::plan::{CallSettings, Phones};
use crate::calls::room::{call_of_room, errands};
use crate::failure::Failure;
use crate::limit::Limit;
use crate::outbox::Outbox;
use crate::port::{CallFacts, CallRule, CallStore, Clock, Random, Speaker, StoreFailure};
use crate::principal::DoorPrincipal;
use crate::task::Tasks;
use crate::timers::{Arm, Timers};

/// What the use cases of calls need.
pub struct CallsPorts {
    /// Keeps the calls.
    pub store: Arc<dyn CallStore>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub random: Arc<dyn Random>,
    /// Runs steps to their end.
    pub tasks: Tasks,
    /// Presses by door.
    pub limit: Limit,
}

/// Calls: commands in, notices out. A handle, cheap to clone.
#[derive(Clone)]
pub struct Calls(Arc<Inner>);

struct Inner {
    ports: CallsPorts,
    settings: CallSettings,
    board: Board,
    timers: Timers<CallId>,
    speakers: OnceLock<Vec<Arc<dyn Speaker>>>,
    outbox: OnceLock<Outbox>,
}

/// A step that was decided.
#[derive(Clone, Debug)]
pub struct Done {
    /// What the rules said.
    pub verdict: Verdict,
    /// The call it is about, as it stands now.
    pub call: Option<Arc<Call>>,
    /// The moment of the decision.
    pub at: Instant,
}

impl Calls {
    /// Makes the use cases, and the queue from which the timers are run.
    pub fn new(ports: CallsPorts, settings: CallSettings) -> (Self, mpsc::Receiver<Arm<CallId>>) {
        let (timers, queue) = Timers::new();
        let speakers = OnceLock::new();
        let inner = Inner {
            ports,
            settings,
            board: Board::default(),
            timers,
            speakers,
            outbox: OnceLock::new(),
        };
        (Self(Arc::new(inner)), queue)
    }

    /// Says who speaks for which endpoints. Once, before the first step.
    pub fn set_speakers(&self, speakers: Vec<Arc<dyn Speaker>>) {
        if self.0.speakers.set(speakers).is_err() {
            tracing::error!("speakers were set twice; the first ones stay");
        }
    }

    /// Says that a media service keeps the rooms: from now on steps owe it errands. Once, before the
    /// first step.
    pub fn set_outbox(&self, outbox: Outbox) {
        if self.0.outbox.set(outbox).is_err() {
            tracing::error!("the outbox was set twice; the first one stays");
        }
    }

    /// Which of a resident's phones are told apart.
    pub fn phones(&self) -> Phones {
        self.0.settings.phones
    }

    /// Reads what a restart left: deadlines are armed again, and those who come back are told.
    pub async fn recover(&self) -> Result<usize, Failure> {
        let now = self.now();
        let since = Instant::from_ms(now.ms().saturating_sub(as_ms(OWED_AFTER_END)));
        let calls = self.0.ports.store.recent(since).await?;
        let count = calls.len();
        for call in calls {
            let call = Arc::new(call);
            self.0.board.show(&call, now);
            self.arm(&call, now);
        }
        Ok(count)
    }

    /// A visitor dials a household at a door.
    pub async fn press(&self, door: &DoorPrincipal, number: &str) -> Result<Done, Failure> {
        self.dial(Caller::from(door), Dialled::Flat(number.to_owned()))
            .await
    }

    /// A device calls somebody.
    pub async fn dial(&self, caller: Caller, dialled: Dialled) -> Result<Done, Failure> {
        self.0.ports.limit.take(caller.device.as_str())?;
        let random = &self.0.ports.random;
        let fresh = Fresh {
            call: random.call_id(self.now()),
            room: random.room_number(),
        };
        let (settings, owes) = (self.0.settings, self.owes());
        let what = match &dialled {
            Dialled::Flat(_) => "household",
            Dialled::Device(_) => "device",
            Dialled::Centres => "centre",
        };
        let rule = move |facts: &mut dyn CallFacts, now| match invite(
            facts, &caller, &dialled, &fresh, settings,
        )? {
            Some(input) => decide_with(input, facts, now, owes).map(Some),
            None => Ok(None),
        };
        self.run(rule).await?.ok_or(Failure::NotFound { what })
    }

    /// Anything else that happens to a call.
    pub async fn handle(&self, input: Input) -> Result<Done, Failure> {
        let owes = self.owes();
        let rule = move |facts: &mut dyn CallFacts, now| {
            decide_with(input.clone(), facts, now, owes).map(Some)
        };
        let done = self.run(rule).await?;
        done.ok_or(Failure::NotFound { what: "call" })
    }

    /// A call, also an ended one.
    pub async fn find(&self, id: &CallId) -> Result<Option<Arc<Call>>, Failure> {
        if let Some(call) = self.0.board.find(id) {
            return Ok(Some(call));
        }
        Ok(self
            .0
            .ports
            .store
            .find_call(id.clone())
            .await?
            .map(Arc::new))
    }

    /// The call whose media room it is. One that ended is found by the name of its room, not by a
    /// number.
    pub async fn find_in_room(&self, room: &Room) -> Result<Option<Arc<Call>>, Failure> {
        match room {
            Room::Number(number) => {
                let found = self.store().find_in_room(*number).await?;
                Ok(found.map(Arc::new))
            }
            Room::Text(name) => match call_of_room(name) {
                Some(id) => self.find(&id).await,
                None => Ok(None),
            },
        }
    }

    /// Calls about which the endpoint may be owed something.
    pub fn calls_of(&self, endpoint: &EndpointId) -> Vec<Arc<Call>> {
        self.0.board.calls_of(endpoint)
    }

    /// The call as it stands now, or as given if it is spoken about no more.
    pub fn newest(&self, call: &Arc<Call>) -> Arc<Call> {
        self.0
            .board
            .find(&call.id)
            .unwrap_or_else(|| Arc::clone(call))
    }

    /// Every call that can still be spoken about, the oldest first.
    pub fn current(&self) -> Vec<Arc<Call>> {
        self.0.board.all()
    }

    /// Now, by the clock that decides.
    pub fn now(&self) -> Instant {
        self.0.ports.clock.now()
    }

    fn arm(&self, call: &Call, now: Instant) {
        let timers = &self.0.timers;
        timers.arm(call.id.clone(), call.version, call.deadline(), now);
    }

    pub(super) fn tasks_of_calls(&self) -> &Tasks {
        &self.0.ports.tasks
    }

    pub(super) fn store(&self) -> &dyn CallStore {
        &*self.0.ports.store
    }

    /// Whether a media service keeps the rooms.
    fn owes(&self) -> bool {
        self.0.outbox.get().is_some()
    }

    /// Commits, then speaks; to the end, even if whoever asked has gone away. The step's moment is
    /// taken when it is its turn: later steps have later moments, however long they had to wait.
    async fn run(
        &self,
        mut rule: impl FnMut(&mut dyn CallFacts, Instant) -> Result<Option<Decision>, StoreFailure>
        + Send
        + 'static,
    ) -> Result<Option<Done>, Failure> {
        let this = self.clone();
        let step = self.0.ports.tasks.detach(async move {
            let (asker, moment) = (this.clone(), Arc::new(AtomicI64::new(0)));
            let noted = Arc::clone(&moment);
            let rule: CallRule = Box::new(move |facts| {
                let now = asker.now();
                noted.store(now.ms(), Ordering::Release);
                rule(facts, now)
            });
            let decision = this.0.ports.store.decide(rule).await?;
            let at = Instant::from_ms(moment.load(Ordering::Acquire));
            Ok(decision.map(|decision| this.speak(decision, at)))
        });
        step.await
            .unwrap_or_else(|_| Err(Failure::Unavailable("the step died".into())))
    }

    fn speak(&self, decision: Decision, at: Instant) -> Done {
        let Decision {
            verdict,
            call,
            changed,
        } = decision;
        if let Some(outbox) = self.0.outbox.get()
            && changed.iter().any(|call| !call.is_alerting())
        {
            outbox.ring();
        }
        for call in changed {
            let call = Arc::new(call);
            self.0.board.show(&call, at);
            self.arm(&call, at);
            for speaker in self.0.speakers.get().into_iter().flatten() {
                parties(&call).for_each(|endpoint| speaker.wake(endpoint, &call));
            }
        }
        Done {
            verdict,
            call: call.map(Arc::new),
            at,
        }
    }
}

impl Done {
    /// The call, if the rules agreed; their refusal otherwise.
    pub fn accepted(&self) -> Result<&Arc<Call>, Refusal> {
        match (&self.verdict, &self.call) {
            (Verdict::Accepted, Some(call)) => Ok(call),
            (Verdict::Refused(refusal), _) => Err(*refusal),
            (Verdict::Accepted | Verdict::Ignored(_), _) => Err(Refusal::UnknownCall),
        }
    }
}

/// Loads what the engine asks for, asks the engine, and keeps what its decision owes.
fn decide_with(
    input: Input,
    store: &mut dyn CallFacts,
    now: Instant,
    owes: bool,
) -> Result<Decision, StoreFailure> {
    let mut facts = Facts::default();
    let mut asked = Query::default();
    loop {
        let query = call::facts_needed(&input, &facts);
        if query == asked {
            let decision = call::decide(input, &facts, now);
            for call in decision.changed.iter().filter(|_| owes) {
                for errand in errands(facts.calls.get(&call.id), call, now) {
                    store.owe(errand)?;
                }
            }
            return Ok(decision);
        }
        asked = query.clone();
        load(query, store, &mut facts)?;
    }
}

fn load(query: Query, store: &mut dyn CallFacts, facts: &mut Facts) -> Result<(), StoreFailure> {
    for id in query.calls {
        if let Some(call) = store.call(&id)? {
            facts.calls.insert(id, call);
        }
    }
    if let Some(endpoint) = query.calls_of {
        for call in store.calls_of(&endpoint)? {
            facts.calls.insert(call.id.clone(), call);
        }
    }
    for endpoint in query.lines {
        if let Some(holder) = store.line(&endpoint)? {
            facts.lines.insert(endpoint, holder);
        }
    }
    Ok(())
}

fn as_ms(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
