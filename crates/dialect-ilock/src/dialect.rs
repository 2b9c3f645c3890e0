//! The dialect as the wiring sees it: a speaker for `app`, a participant on the bus.

use std::sync::Arc;
use std::time::Duration;

use app::Failure;
use app::alarms::Alarms;
use app::calls::{Calls, Done, Phones};
use app::clients::Clients;
use app::key_book::KeyBook;
use app::login::Logins;
use app::manage::Directory;
use app::port::{
    AlarmSpeaker, BoxFuture, BrokerAccounts, CallLog, Handed, OpenOrder, Opener, RtcSigner, Speaker,
};
use app::principal::{DoorPrincipal, Principal};
use app::system::Audiences;
use app::task::Tasks;
use app::unlock::Unlocks;
use bus::{Bus, Inbound, Link, Participant, Remote, Rights, Ticket};
use engine::alarm::{Alarm, Level};
use engine::call::{Call, Input, Refusal, Verdict};
use engine::id::{EndpointId, ResidentId, UnlockId};
use engine::unlock::Word;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::command::done_by;
use crate::inbound::publish_to_command;
use crate::media::Media;
use crate::outbound::{AlarmVoice, Reach, Voice};
use crate::topics;
use crate::wire::UnlockResult;
use crate::words::Language;

/// How often what did not arrive is said again; rare, so no hurry.
const SWEEP: Duration = Duration::from_secs(2);

/// What the dialect needs.
pub struct IlockPorts {
    /// The calls.
    pub calls: Calls,
    /// The alarms.
    pub alarms: Alarms,
    /// Calls with the communities of their doors.
    pub log: Arc<dyn CallLog>,
    /// Opening doors.
    pub unlocks: Unlocks,
    /// Who is who.
    pub logins: Arc<Logins>,
    /// Registered clients.
    pub clients: Arc<Clients>,
    /// What devices say of themselves.
    pub directory: Arc<Directory>,
    /// Whom operators mean.
    pub audiences: Audiences,
    /// Signs media credentials.
    pub signer: Arc<dyn RtcSigner>,
    /// Encrypts them for clients that gave a key.
    pub keys: Arc<KeyBook>,
    /// Speaks.
    pub bus: Arc<dyn Bus>,
    /// How parties are reached by it.
    pub reach: Reach,
    /// Their accounts at the broker, if it is one that must be given them.
    pub accounts: Option<Arc<dyn BrokerAccounts>>,
    /// Runs what a published message asks for.
    pub tasks: Tasks,
    /// Where clients find MQTT.
    pub broker: BrokerAddress,
}

/// Where a registered client is told to connect.
#[derive(Clone, Debug)]
pub struct BrokerAddress {
    /// The whole URL, if the operator says so.
    pub url: Option<String>,
    /// Else this scheme, such as `tcp`, …
    pub scheme: &'static str,
    /// … this port of the host by which the client reached HTTP, …
    pub port: u16,
    /// … and this path, which MQTT over WebSocket needs; else empty.
    pub path: &'static str,
}

/// The iLock dialect. A handle, cheap to clone.
#[derive(Clone)]
pub struct Ilock(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) ports: IlockPorts,
    pub(crate) media: Media,
    voice: Voice,
    alarm_voice: AlarmVoice,
}

impl Ilock {
    /// Wires the dialect to its ports.
    pub fn new(ports: IlockPorts) -> Self {
        let media = Media::new(Arc::clone(&ports.signer), Arc::clone(&ports.keys));
        let (calls, bus) = (ports.calls.clone(), Arc::clone(&ports.bus));
        let alarm_voice = AlarmVoice::new(ports.reach, ports.alarms.clone(), Arc::clone(&bus));
        let voice = Voice::new(ports.reach, calls, media.clone(), bus);
        Self(Arc::new(Parts {
            ports,
            media,
            voice,
            alarm_voice,
        }))
    }

    /// Says again what did not arrive, until stopped.
    pub async fn run_sweep(self, stop: CancellationToken) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = sweep.tick() => {
                    self.0.voice.sweep();
                    self.sweep_alarms();
                }
            }
        }
    }

    fn sweep_alarms(&self) {
        if self.0.alarm_voice.take_lost() {
            self.tell_all_alarms();
        }
    }

    fn tell_all_alarms(&self) {
        for alarm in self.ports().alarms.current() {
            self.tell_household(alarm);
        }
    }

    /// Tells everybody in the alarm's flat what they must hear of it.
    fn tell_household(&self, alarm: Arc<Alarm>) {
        if !alarm.heard.has(Level::Household) {
            return;
        }
        let ilock = self.clone();
        let telling = async move {
            let voice = &ilock.0.alarm_voice;
            match ilock.ports().alarms.household(&alarm.flat).await {
                Ok(endpoints) => endpoints.iter().for_each(|one| voice.tell(one, &alarm)),
                Err(failure) => {
                    tracing::warn!(%failure, "an alarm could not be said; the sweep tries again");
                    voice.note_lost();
                }
            }
        };
        drop(self.ports().tasks.detach(telling));
    }

    /// Tells a resident's phones what is current in their flat.
    fn tell_alarms(&self, endpoint: EndpointId, resident: ResidentId) {
        if self.ports().alarms.current().is_empty() {
            return;
        }
        let ilock = self.clone();
        let telling = async move {
            let (alarms, voice) = (&ilock.ports().alarms, &ilock.0.alarm_voice);
            match alarms.flat_of(&resident).await {
                Ok(flat) => flat
                    .iter()
                    .flat_map(|flat| alarms.open_for(flat))
                    .for_each(|alarm| voice.tell(&endpoint, &alarm)),
                Err(failure) => {
                    tracing::warn!(%failure, "an alarm could not be said; the sweep tries again");
                    voice.note_lost();
                }
            }
        };
        drop(self.ports().tasks.detach(telling));
    }

    /// Carries a command out for a principal. A login that was bound to a client in the middle of a
    /// call still has its hand on what it answered before as one of the resident's phones.
    pub(crate) async fn carry_out(&self, by: &Principal, input: Input) -> Result<Done, Failure> {
        let calls = &self.ports().calls;
        let Principal::Resident(resident) = by else {
            return calls.handle(input).await;
        };
        let (first, before) = match calls.phones() {
            Phones::Apart => (input.clone(), Refusal::UnknownCall),
            Phones::Together => {
                let as_one = done_by(input.clone(), resident.one_of_phones());
                (as_one, Refusal::AnsweredElsewhere)
            }
        };
        let done = calls.handle(first).await?;
        if resident.client.is_some() && done.verdict == Verdict::Refused(before) {
            return calls.handle(done_by(input, resident.phone())).await;
        }
        Ok(done)
    }

    /// Notes what a door says of an order. False if it has no such order.
    pub(crate) async fn confirm(
        &self,
        door: &DoorPrincipal,
        result: UnlockResult,
    ) -> Result<bool, Failure> {
        let word = if result.is_executed {
            Word::Executed
        } else {
            Word::Refused
        };
        let id = UnlockId::from(result.unlock_id);
        let unlocks = &self.ports().unlocks;
        unlocks.confirm(door, id, word, result.reason).await
    }

    /// Notes what a door published of an order, and settles the ticket once that is stored.
    fn take_result(&self, door: DoorPrincipal, result: UnlockResult, ticket: Ticket) {
        let ilock = self.clone();
        drop(self.ports().tasks.detach(async move {
            let done = ilock.confirm(&door, result).await;
            if let Err(failure) = &done {
                tracing::warn!(%failure, "what a door said of an unlock could not be noted");
            }
            ticket.settle(done.is_ok());
        }));
    }

    /// Carries out what a party published, and settles the ticket once that is stored.
    fn take(&self, by: Principal, payload: &[u8], ticket: Ticket) {
        if let Principal::Door(door) = &by
            && let Some(Ok(result)) = UnlockResult::decode_published(payload)
        {
            return self.take_result(door.clone(), result, ticket);
        }
        let ilock = self.clone();
        match publish_to_command(&by, payload, self.ports().calls.now()) {
            Ok(input) => drop(self.ports().tasks.detach(async move {
                let done = ilock.carry_out(&by, input).await;
                if let Err(failure) = &done {
                    tracing::warn!(%failure, "a published command could not be carried out");
                }
                ticket.settle(done.is_ok());
            })),
            Err(said) => {
                let why = said.text(Language::English);
                tracing::debug!(who = ?by.actor(), why, "a published command was dropped");
                ticket.settle(true);
            }
        }
    }

    /// Finds the door whose own topic a message came on, and takes the message as from it.
    async fn take_from_door(self, message: Inbound) {
        let Some(device) = topics::acting_device(&message.topic) else {
            return message.ticket.settle(true);
        };
        match self.ports().logins.by_vouched(device).await {
            Ok(Some(door)) => self.take(Principal::Door(door), &message.payload, message.ticket),
            Ok(None) => message.ticket.settle(true),
            Err(failure) => {
                tracing::warn!(%failure, "a published command could not be carried out");
                message.ticket.settle(false);
            }
        }
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    pub(crate) fn ports(&self) -> &IlockPorts {
        &self.0.ports
    }
}

impl Speaker for Ilock {
    fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        self.0.voice.wake(endpoint, call);
    }
}

impl AlarmSpeaker for Ilock {
    fn wake(&self, alarm: &Arc<Alarm>) {
        self.tell_household(Arc::clone(alarm));
    }
}

impl Opener for Ilock {
    fn open(&self, order: &OpenOrder) -> BoxFuture<'_, Handed> {
        let handed = self.0.voice.open_lock(order);
        Box::pin(async move { handed })
    }
}

impl Participant<Principal> for Ilock {
    fn may_subscribe(&self, link: &Link<Principal>, filter: &str) -> bool {
        topics::may_subscribe(&link.principal, filter)
    }

    fn may_publish(&self, link: &Link<Principal>, topic: &str) -> bool {
        topics::may_publish(&link.principal, topic)
    }

    fn published(&self, link: &Arc<Link<Principal>>, message: Inbound) {
        self.take(link.principal.clone(), &message.payload, message.ticket);
    }

    fn opened(&self, link: &Arc<Link<Principal>>) {
        self.0.voice.open(link);
    }

    fn subscribed(&self, link: &Arc<Link<Principal>>, filters: &[Arc<str>]) {
        self.0.voice.listen(link, filters);
        self.0.alarm_voice.listen(link, filters);
        if let Principal::Resident(one) = &link.principal {
            self.tell_alarms(one.actor().endpoint, one.resident.clone());
        }
    }

    fn unsubscribed(&self, link: &Arc<Link<Principal>>, filters: &[Arc<str>]) {
        self.0.voice.ignore(link, filters);
        self.0.alarm_voice.ignore(link, filters);
    }

    fn closed(&self, link: &Arc<Link<Principal>>) {
        self.0.voice.close(link);
        self.0.alarm_voice.close(link);
    }
}

impl Remote<Principal> for Ilock {
    fn rights(&self, principal: &Principal) -> Rights {
        let has_fixed = self.ports().reach != Reach::Topics { has_fixed: false };
        topics::remote_rights(principal, has_fixed)
    }

    fn filters(&self) -> Vec<Arc<str>> {
        vec![Arc::from(topics::DEVICE_ACTIONS)]
    }

    fn spoken(&self) -> Vec<Arc<str>> {
        topics::SPOKEN.map(Arc::from).into()
    }

    fn received(&self, message: Inbound) {
        let taking = self.clone().take_from_door(message);
        drop(self.ports().tasks.detach(taking));
    }

    fn renewed(&self) {
        self.0.voice.renew();
        self.0.alarm_voice.forget();
        self.tell_all_alarms();
    }
}
