//! Somebody who is known asks to open a door: in a call, by right, as an operator, against an alarm.

use engine::access::{CodeEntry, Facts, Way};
use engine::call::{Actor, Call};
use engine::id::{CallId, DeviceId, UnlockId};
use engine::unlock::{self, Request, RequestKey, Unlock};

use crate::failure::Failure;
use crate::port::{Decided, KnownDoor, StoreFailure, UnlockFacts, UnlockRule};
use crate::principal::{
    EndpointKind, OperatorPrincipal, ResidentPrincipal, door_endpoint, endpoint_kind,
};
use crate::secret::{Secret, SecretDigest};
use crate::unlock::step::{RESULT_WAIT, Unlocks};

/// The longest key of a client: room for an id of any common kind.
const KEY_MAX: usize = 64;

/// Who asks.
#[derive(Clone)]
pub enum Asker {
    /// A resident: in a call as one of its parties, outside a call by right.
    Resident(ResidentPrincipal),
    /// An operator, by role.
    Operator(OperatorPrincipal),
    /// A party of the call that is known by its endpoint alone: a screen, a centre.
    Party(Actor),
}

/// A request to open a door. Without Debug: it may hold an alarm's permission.
#[derive(Clone)]
pub struct Ask {
    /// Who asks.
    pub by: Asker,
    /// Made by the client, 1–64 bytes: the same again is the same request.
    pub key: String,
    /// In this call …
    pub call: Option<CallId>,
    /// … or at this door. Both must agree if both are given.
    pub door: Option<DeviceId>,
    /// A live alarm's permission.
    pub nonce: Option<Secret>,
}

impl Unlocks {
    /// Opens a door if the rules allow it. Waits up to [`RESULT_WAIT`] for the result; an order
    /// without one by then is returned as it stands.
    ///
    /// The same key again, by the same asker, is answered from the state and moves nothing;
    /// [`Failure::Conflict`] if it was used for another door. [`Failure::NotFound`] if there is no
    /// such call or door: of that there is no row, because there is no door.
    pub async fn ask(&self, ask: Ask) -> Result<Unlock, Failure> {
        check_key(&ask.key)?;
        self.ports().limit.take(&asker_name(&ask.by))?;
        self.ask_uncounted(ask).await
    }

    /// As [`Unlocks::ask`], without counting it against the asker's allowance.
    pub(super) async fn ask_uncounted(&self, ask: Ask) -> Result<Unlock, Failure> {
        let may_alarm = !matches!(ask.by, Asker::Resident(_));
        let nonce = ask.nonce.as_ref().filter(|_| may_alarm);
        let digest = nonce.map(|one| self.ports().random.digest(one));
        let key = RequestKey {
            asker: asker_name(&ask.by),
            key: ask.key.clone(),
        };
        let unlock = self
            .begin(self.asked(ask, key, digest), RESULT_WAIT)
            .await?;
        unlock.ok_or(Failure::NotFound { what: "door" })
    }

    fn asked(&self, ask: Ask, key: RequestKey, digest: Option<SecretDigest>) -> UnlockRule {
        let (random, clock) = (self.ports().random.clone(), self.ports().clock.clone());
        let asked = clock.now();
        Box::new(move |store| {
            let now = clock.now();
            let known = store.find_request(&key)?;
            if known
                .as_ref()
                .is_some_and(|known| is_for_another(known, &ask))
            {
                let what = "unlock_id for another door";
                return Err(StoreFailure::Conflict { what });
            }
            let Some((door, call)) = find_place(&ask, known.as_ref(), store)? else {
                return Ok(None);
            };
            if known
                .as_ref()
                .is_some_and(|known| known.door != door.device.id)
            {
                let what = "unlock_id for another door";
                return Err(StoreFailure::Conflict { what });
            }
            let way = way(&ask, call.as_ref(), digest.is_some());
            let mut facts = facts(&door, store)?;
            load(&way, &ask, digest, &mut facts, store)?;
            let is_named = ask.call.is_some();
            let call = call.filter(|_| is_named || matches!(way, Way::Call(_)));
            facts.call.clone_from(&call);
            let request = Request {
                id: UnlockId::from(random.row_id(now)),
                key,
                door: door.device.id.clone(),
                way,
                call: call.map(|call| call.id),
                credential: None,
                asked,
            };
            let decision = unlock::request(request, known.as_ref(), &facts, now);
            Ok(Some(Decided {
                decision,
                community: Some(door.device.community.clone()),
                nonce: digest,
                device: Some(door.device),
            }))
        })
    }
}

/// Whether the key was used for something else. Found before anything is looked up, so that a key
/// does not tell which doors there are.
fn is_for_another(known: &Unlock, ask: &Ask) -> bool {
    let is_other_call = known.call.is_some() && ask.call.is_some() && known.call != ask.call;
    ask.door.as_ref().is_some_and(|door| *door != known.door) || is_other_call
}

/// A key that a client made.
pub(super) fn check_key(key: &str) -> Result<(), Failure> {
    if (1..=KEY_MAX).contains(&key.len()) && !key.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Failure::Invalid {
        field: "unlock_id",
        problem: "must be 1 to 64 bytes of text",
    })
}

/// What is known of any request at this door.
pub(super) fn facts(door: &KnownDoor, store: &mut dyn UnlockFacts) -> Result<Facts, StoreFailure> {
    let entry: CodeEntry = store.code_entry(&door.device.id)?;
    Ok(Facts {
        door: door.door.clone(),
        call: None,
        home: None,
        credential: None,
        entry,
        nonce: None,
        is_manager: false,
    })
}

fn asker_name(by: &Asker) -> String {
    match by {
        Asker::Resident(one) => format!("resident:{}", one.resident),
        Asker::Operator(one) => format!("operator:{}", one.operator),
        Asker::Party(actor) => format!("party:{}", actor.endpoint),
    }
}

/// The door that is meant, and the call: the one named, or one that rings who asks from that door.
fn find_place(
    ask: &Ask,
    known: Option<&Unlock>,
    store: &mut dyn UnlockFacts,
) -> Result<Option<(KnownDoor, Option<Call>)>, StoreFailure> {
    if let Some(id) = &ask.call {
        let Some(call) = store.find_call(id)? else {
            return Ok(None);
        };
        let Some(EndpointKind::Door(device)) = endpoint_kind(&call.caller) else {
            return Ok(None);
        };
        if ask.door.as_ref().is_some_and(|door| *door != device) {
            return Ok(None);
        }
        let door = store.find_door(&device)?;
        return Ok(door.map(|door| (door, Some(call))));
    }
    let Some(device) = &ask.door else {
        return Ok(None);
    };
    let Some(door) = store.find_door(device)? else {
        return Ok(None);
    };
    if known.is_some() {
        return Ok(Some((door, None)));
    }
    let names = names(&ask.by);
    let calls = store.calls_of(&door_endpoint(device))?;
    let rings = |call: &Call| {
        let legs = names
            .iter()
            .filter_map(|name| call.find_leg(&name.endpoint));
        legs.into_iter().any(|leg| call.legs[leg.0].is_open())
    };
    let call = calls.into_iter().find(|call| rings(call));
    Ok(Some((door, call)))
}

fn way(ask: &Ask, call: Option<&Call>, has_nonce: bool) -> Way {
    if has_nonce {
        return Way::Alarm;
    }
    match &ask.by {
        Asker::Operator(one) => Way::Operator(one.operator.clone()),
        Asker::Resident(one) if call.is_none() => Way::Resident(one.resident.clone()),
        Asker::Resident(_) | Asker::Party(_) => Way::Call(names(&ask.by)),
    }
}

/// The names that who asks may have in a call.
fn names(by: &Asker) -> Vec<Actor> {
    match by {
        Asker::Resident(one) => {
            let mut names = vec![one.actor(), one.one_of_phones(), one.phone()];
            names.dedup();
            names
        }
        Asker::Party(actor) => vec![actor.clone()],
        Asker::Operator(_) => Vec::new(),
    }
}

fn load(
    way: &Way,
    ask: &Ask,
    digest: Option<SecretDigest>,
    facts: &mut Facts,
    store: &mut dyn UnlockFacts,
) -> Result<(), StoreFailure> {
    match (way, &ask.by) {
        (Way::Resident(resident), _) => facts.home = store.home_of(resident)?,
        (Way::Operator(_), by) => facts.is_manager = keeps(by, facts, store)?,
        (Way::Alarm, by) => {
            facts.is_manager = keeps(by, facts, store)?;
            facts.nonce = match digest {
                Some(digest) => store.nonce(digest)?,
                None => None,
            };
            if let Some(nonce) = &facts.nonce {
                facts.home = store.home(&nonce.flat)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether who asks keeps the door's community.
fn keeps(by: &Asker, facts: &Facts, store: &mut dyn UnlockFacts) -> Result<bool, StoreFailure> {
    let community = &facts.door.place.community;
    match by {
        Asker::Operator(one) => Ok(one.may_manage(community)),
        Asker::Resident(_) => Ok(false),
        Asker::Party(actor) => {
            let Some(EndpointKind::Centre(centre)) = endpoint_kind(&actor.endpoint) else {
                return Ok(false);
            };
            let centre = store.find_device(&centre)?;
            Ok(centre.is_some_and(|centre| centre.community == *community))
        }
    }
}
