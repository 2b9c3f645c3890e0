//! One step of an order: the only way an order changes.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use engine::call;
use engine::id::{DeviceId, FlatId, UnlockId};
use engine::time::Instant;
use engine::unlock::{self, Handed, Input, Phase, Unlock, Verdict, Word};

use crate::calls::Calls;
use crate::directory::Device;
use crate::failure::Failure;
use crate::limit::Limit;
use crate::port::{
    Clock, Decided, Handed as HandedBy, KnownDoor, LoggedUnlock, NewNonce, OpenOrder, Opener,
    Random, Sensed, SensorState, StoreFailure, UnlockQuery, UnlockRule, UnlockStore,
};
use crate::principal::DoorPrincipal;
use crate::secret::Secret;
use crate::task::Tasks;
use crate::unlock::watch::{Watch, result};

/// How long a request waits for the door's word. Whoever pressed is told within 3 s in all, the
/// truth or that it is not known.
pub const RESULT_WAIT: Duration = Duration::from_millis(2500);

/// How long a live alarm's permission is good.
pub const NONCE_LIFE: Duration = Duration::from_secs(120);

/// What the use cases of opening need.
pub struct UnlocksPorts {
    /// Keeps orders, credentials and sensors.
    pub store: Arc<dyn UnlockStore>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and codes.
    pub random: Arc<dyn Random>,
    /// Runs steps to their end.
    pub tasks: Tasks,
    /// The calls, whose ringing an opened door ends.
    pub calls: Calls,
    /// Requests by who asks, codes by door.
    pub limit: Limit,
}

/// A live alarm's permission to open once. Without Debug.
pub struct Permission {
    /// Shown this once.
    pub nonce: Secret,
    /// When it stops being valid; earlier if the alarm is over.
    pub expires: Instant,
}

/// Opening doors. A handle, cheap to clone.
#[derive(Clone)]
pub struct Unlocks(Arc<Inner>);

struct Inner {
    ports: UnlocksPorts,
    watch: Watch,
    openers: OnceLock<Vec<Arc<dyn Opener>>>,
}

impl Unlocks {
    /// Wires the use cases to their ports.
    pub fn new(ports: UnlocksPorts) -> Self {
        Self(Arc::new(Inner {
            ports,
            watch: Watch::new(),
            openers: OnceLock::new(),
        }))
    }

    /// Says who moves which locks. Once, before the first request.
    pub fn set_openers(&self, openers: Vec<Arc<dyn Opener>>) {
        if self.0.openers.set(openers).is_err() {
            tracing::error!("openers were set twice; the first ones stay");
        }
    }

    /// Ends what a restart left between its row and its lock: nobody knows whether it was sent.
    pub async fn recover(&self) -> Result<usize, Failure> {
        let unsent = self.store().unsent_unlocks().await?;
        let count = unsent.len();
        for id in unsent {
            if let Err(failure) = self.happen(id.clone(), None, Input::Restart).await {
                tracing::error!(%failure, unlock = %id, "what a restart left could not be noted");
            }
        }
        Ok(count)
    }

    /// A door says what became of an order. False if there is no such order at this door.
    pub async fn confirm(
        &self,
        door: &DoorPrincipal,
        id: UnlockId,
        word: Word,
        note: Option<String>,
    ) -> Result<bool, Failure> {
        let input = Input::Confirmed(word, note);
        let unlock = self.happen(id, Some(door.device.clone()), input).await?;
        Ok(unlock.is_some())
    }

    /// A door says what its sensor sees.
    pub async fn report_sensor(
        &self,
        door: &DoorPrincipal,
        state: SensorState,
    ) -> Result<Sensed, Failure> {
        self.ports()
            .limit
            .take(&format!("sensor:{}", door.device))?;
        let heard = self.now();
        let sensed = Sensed { state, heard };
        self.store()
            .note_sensor(door.device.clone(), sensed)
            .await?;
        Ok(sensed)
    }

    /// Makes the single-use permission of a live alarm in a flat, good for [`NONCE_LIFE`]. It is kept
    /// by its digest, and shown to operators and centres that are told of the alarm.
    pub async fn permit(&self, flat: FlatId, alarm: String) -> Result<Permission, Failure> {
        let nonce = self.0.ports.random.secret();
        let kept = NewNonce {
            digest: self.0.ports.random.digest(&nonce),
            flat,
            alarm,
            expires: self.now() + NONCE_LIFE,
        };
        let expires = kept.expires;
        self.store().add_nonce(kept).await?;
        Ok(Permission { nonce, expires })
    }

    /// An order and where its door stands.
    pub async fn find(&self, id: UnlockId) -> Result<Option<LoggedUnlock>, Failure> {
        Ok(self.store().find_logged_unlock(id).await?)
    }

    /// A door.
    pub async fn find_door(&self, device: DeviceId) -> Result<Option<KnownDoor>, Failure> {
        Ok(self.store().find_known_door(device).await?)
    }

    /// What a door's sensor said last.
    pub async fn find_sensed(&self, door: DeviceId) -> Result<Option<Sensed>, Failure> {
        Ok(self.store().find_sensed(door).await?)
    }

    /// Says whose own door it is; none: nobody's.
    pub async fn set_door_flat(&self, door: DeviceId, flat: Option<FlatId>) -> Result<(), Failure> {
        Ok(self.store().set_door_flat(door, flat).await?)
    }

    /// Orders, newest first.
    pub async fn list(&self, query: UnlockQuery) -> Result<Vec<LoggedUnlock>, Failure> {
        Ok(self.store().list_unlocks(query).await?)
    }

    /// Runs a request's rule, hands the order over if it is a new one, and waits for the result as
    /// long as `wait` says. To its end, even if whoever asked has gone away.
    pub(super) async fn begin(
        &self,
        rule: UnlockRule,
        wait: Duration,
    ) -> Result<Option<Unlock>, Failure> {
        let changes = self.0.watch.listen();
        let this = self.clone();
        let step = self.0.ports.tasks.detach(async move {
            let Some(decided) = this.decide(rule).await? else {
                return Ok(None);
            };
            let unlock = decided.decision.unlock;
            match decided.device.filter(|_| decided.decision.is_changed) {
                Some(device) => this.hand_over(unlock, device).await.map(Some),
                None => Ok(Some(unlock)),
            }
        });
        let begun: Result<Option<Unlock>, Failure> = step
            .await
            .unwrap_or_else(|_| Err(Failure::Unavailable("the step died".into())));
        let Some(unlock) = begun? else {
            return Ok(None);
        };
        if unlock.phase.is_final() || wait.is_zero() {
            return Ok(Some(unlock));
        }
        if let Some(known) = result(changes, &unlock.id, wait).await {
            return Ok(Some(known));
        }
        let stands = self.store().find_logged_unlock(unlock.id.clone()).await?;
        Ok(Some(stands.map_or(unlock, |logged| logged.unlock)))
    }

    /// Something happens to an order, if it is one of `door`'s.
    pub(super) async fn happen(
        &self,
        id: UnlockId,
        door: Option<DeviceId>,
        input: Input,
    ) -> Result<Option<Unlock>, Failure> {
        let clock = Arc::clone(&self.0.ports.clock);
        let rule: UnlockRule = Box::new(move |facts| {
            let Some(unlock) = facts.find_unlock(&id)? else {
                return Ok(None);
            };
            if door.is_some_and(|door| door != unlock.door) {
                return Ok(None);
            }
            let decision = unlock::decide(&unlock, input, clock.now());
            Ok(Some(Decided {
                decision,
                community: None,
                nonce: None,
                device: None,
            }))
        });
        let this = self.clone();
        let step = self.0.ports.tasks.detach(async move {
            let decided = this.decide(rule).await?;
            Ok(decided.map(|decided| decided.decision.unlock))
        });
        step.await
            .unwrap_or_else(|_| Err(Failure::Unavailable("the step died".into())))
    }

    /// Commits, then tells those who wait, and ends the ringing if the door is open.
    async fn decide(&self, rule: UnlockRule) -> Result<Option<Decided>, StoreFailure> {
        let decided = self.store().decide_unlock(rule).await?;
        let Some(done) = &decided else {
            return Ok(decided);
        };
        let unlock = &done.decision.unlock;
        if done.decision.verdict == Verdict::Accepted {
            self.0.watch.tell(unlock);
            if let Some(call) = unlock.call.clone().filter(|_| unlock.phase.is_open()) {
                self.end_ringing(call::Input::Opened { call }).await;
            }
        }
        Ok(decided)
    }

    async fn end_ringing(&self, input: call::Input) {
        if let Err(failure) = self.0.ports.calls.handle(input).await {
            tracing::warn!(%failure, "a door was opened and its call rings on");
        }
    }

    /// Sends an order that has just been committed, once, and commits what became of that.
    async fn hand_over(&self, unlock: Unlock, device: Device) -> Result<Unlock, Failure> {
        let now = self.now();
        if unlock.phase != Phase::Authorised {
            return Ok(unlock);
        }
        let handed = if unlock::may_send(&unlock, now) {
            let order = OpenOrder {
                id: unlock.id.clone(),
                device,
                call: unlock.call.clone(),
                at: now,
                ends: unlock.ends,
            };
            self.open(&order).await
        } else {
            Handed::Late
        };
        let noted = Input::Handed(handed);
        let stands = self.happen(unlock.id.clone(), None, noted).await?;
        Ok(stands.unwrap_or(unlock))
    }

    async fn open(&self, order: &OpenOrder) -> Handed {
        let openers = self.0.openers.get().into_iter().flatten();
        for opener in openers {
            return match opener.open(order).await {
                HandedBy::Sent => Handed::Sent,
                HandedBy::Over => Handed::Over,
                HandedBy::Unreachable => Handed::Unreachable,
                HandedBy::NotSupported => Handed::NotSupported,
                HandedBy::NotMine => continue,
            };
        }
        Handed::NotSupported
    }

    pub(super) fn ports(&self) -> &UnlocksPorts {
        &self.0.ports
    }

    pub(super) fn store(&self) -> &dyn UnlockStore {
        &*self.0.ports.store
    }

    /// Now, by the clock that decides.
    pub fn now(&self) -> Instant {
        self.0.ports.clock.now()
    }
}
