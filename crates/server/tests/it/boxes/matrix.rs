//! Every kind of caller, every way a call can go: what each party hears, and the record.
//!
//! In the flat are an S0 phone (mum), an S1 phone (dad) and two screens. After each story the caller
//! calls once more; whatever a party heard before that is what it heard of the story.

use insta::assert_snapshot;
use serde_json::{Value, json};
use sim::{Door, DoorAction, Phone, PhoneAction, PhoneMessage, PushMessage, PushPhone};

use crate::boxes::peer::Peer;
use crate::boxes::town::{DESK, GATE, Town};
use crate::community::{HOUSEHOLD, SOON};
use crate::listener::{Listener, mosquitto};
use crate::push::registered;

/// Seconds, the least that can be set.
const RING_S: &str = "5";

enum Kind {
    /// An iLock door on the fixed topic (S0).
    Fixed,
    /// An iLock door on a topic of its own (S1).
    Own,
    /// A TCP outdoor unit.
    Outdoor,
    /// A screen of another flat.
    Screen,
    /// A property desk.
    Desk,
}

/// How a call goes.
#[derive(Clone, Copy, Debug)]
enum Story {
    PhoneAnswers,
    ScreenAnswers,
    OneDeclines,
    AllDecline,
    CallerCancels,
    NobodyAnswers,
    SecondLoses,
    /// By a screen that rings; a caller that is no door hangs up after it.
    DoorOpens,
}

impl Story {
    const ALL: [Self; 8] = [
        Self::PhoneAnswers,
        Self::ScreenAnswers,
        Self::OneDeclines,
        Self::AllDecline,
        Self::CallerCancels,
        Self::NobodyAnswers,
        Self::SecondLoses,
        Self::DoorOpens,
    ];
}

#[tokio::test]
async fn an_ilock_door_on_the_fixed_topic() {
    assert_snapshot!(play(Kind::Fixed).await, @"
    PhoneAnswers: answered
      caller: answered, hangup (call_completed)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    ScreenAnswers: answered
      caller: answered, hangup (call_completed)
      mum: answered
      dad: answered_elsewhere, sync accepted
      kitchen: call_end (answered_elsewhere)
    OneDeclines: answered
      caller: answered, hangup (call_completed)
      mum: answered
      dad: sync accepted, hangup (call_completed)
      kitchen: call_end (answered_elsewhere)
    AllDecline: declined
      caller: hangup (rejected)
      mum: hangup (rejected)
      dad: sync rejected
    CallerCancels: caller_cancelled
      caller: hangup (cancelled)
      mum: hangup (cancelled)
      dad: cancelled (cancelled)
      hall: call_end (cancelled)
      kitchen: call_end (cancelled)
    NobodyAnswers: no_answer
      caller: hangup (ring_timeout)
      mum: timeout (ring_timeout)
      dad: hangup (ring_timeout)
      hall: call_end (no_answer)
      kitchen: call_end (no_answer)
    SecondLoses: answered
      caller: answered, hangup (call_completed)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    DoorOpens: unlocked_unanswered
      caller: hangup (unlocked)
      mum: hangup (unlocked)
      dad: hangup (unlocked)
      hall: call_end (handled_by_unlock)
      kitchen: call_end (handled_by_unlock)
    ");
}

#[tokio::test]
async fn an_ilock_door_on_its_own_topic() {
    assert_snapshot!(play(Kind::Own).await, @"
    PhoneAnswers: answered
      caller: accepted, hangup (call_completed)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    ScreenAnswers: answered
      caller: accepted, hangup (call_completed)
      mum: answered
      dad: answered_elsewhere, sync accepted
      kitchen: call_end (answered_elsewhere)
    OneDeclines: answered
      caller: accepted, hangup (call_completed)
      mum: answered
      dad: sync accepted, hangup (call_completed)
      kitchen: call_end (answered_elsewhere)
    AllDecline: declined
      caller: hangup (rejected)
      mum: hangup (rejected)
      dad: sync rejected
    CallerCancels: caller_cancelled
      caller: hangup (cancelled)
      mum: hangup (cancelled)
      dad: cancelled (cancelled)
      hall: call_end (cancelled)
      kitchen: call_end (cancelled)
    NobodyAnswers: no_answer
      caller: hangup (ring_timeout)
      mum: timeout (ring_timeout)
      dad: hangup (ring_timeout)
      hall: call_end (no_answer)
      kitchen: call_end (no_answer)
    SecondLoses: answered
      caller: accepted, hangup (call_completed)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    DoorOpens: unlocked_unanswered
      caller: hangup (unlocked)
      mum: hangup (unlocked)
      dad: hangup (unlocked)
      hall: call_end (handled_by_unlock)
      kitchen: call_end (handled_by_unlock)
    ");
}

#[tokio::test]
async fn an_outdoor_unit() {
    assert_snapshot!(play(Kind::Outdoor).await, @"
    PhoneAnswers: answered
      caller: call_accept, call_end (answered)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    ScreenAnswers: answered
      caller: call_accept, call_end (answered)
      mum: answered
      dad: answered_elsewhere, sync accepted
      kitchen: call_end (answered_elsewhere)
    OneDeclines: answered
      caller: call_accept
      mum: answered
      dad: sync accepted, hangup (call_completed)
      kitchen: call_end (answered_elsewhere)
    AllDecline: declined
      caller: call_reject (undefined)
      mum: hangup (rejected)
      dad: sync rejected
    CallerCancels: caller_cancelled
      caller: 
      mum: hangup (cancelled)
      dad: cancelled (cancelled)
      hall: call_end (cancelled)
      kitchen: call_end (cancelled)
    NobodyAnswers: no_answer
      caller: call_end (no_answer)
      mum: timeout (ring_timeout)
      dad: hangup (ring_timeout)
      hall: call_end (no_answer)
      kitchen: call_end (no_answer)
    SecondLoses: answered
      caller: call_accept, call_end (answered)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    DoorOpens: unlocked_unanswered
      caller: open_door, call_end (unlocked_unanswered)
      mum: hangup (unlocked)
      dad: hangup (unlocked)
      hall: call_end (handled_by_unlock)
      kitchen: call_end (handled_by_unlock)
    ");
}

#[tokio::test]
async fn a_screen_of_another_flat() {
    assert_snapshot!(play(Kind::Screen).await, @"
    PhoneAnswers: answered
      caller: call_accept, call_end (answered)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    ScreenAnswers: answered
      caller: call_accept, call_end (answered)
      mum: answered
      dad: answered_elsewhere, sync accepted
      kitchen: call_end (answered_elsewhere)
    OneDeclines: answered
      caller: call_accept
      mum: answered
      dad: sync accepted, hangup (call_completed)
      kitchen: call_end (answered_elsewhere)
    AllDecline: declined
      caller: call_reject (undefined)
      mum: hangup (rejected)
      dad: sync rejected
    CallerCancels: caller_cancelled
      caller: 
      mum: hangup (cancelled)
      dad: cancelled (cancelled)
      hall: call_end (cancelled)
      kitchen: call_end (cancelled)
    NobodyAnswers: no_answer
      caller: call_end (no_answer)
      mum: timeout (ring_timeout)
      dad: hangup (ring_timeout)
      hall: call_end (no_answer)
      kitchen: call_end (no_answer)
    SecondLoses: answered
      caller: call_accept, call_end (answered)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    DoorOpens: caller_cancelled
      caller: 
      mum: hangup (cancelled)
      dad: cancelled (cancelled)
      hall: call_end (cancelled)
      kitchen: call_end (cancelled)
    ");
}

#[tokio::test]
async fn a_property_desk() {
    assert_snapshot!(play(Kind::Desk).await, @"
    PhoneAnswers: answered
      caller: call_accept, call_end (answered)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    ScreenAnswers: answered
      caller: call_accept, call_end (answered)
      mum: answered
      dad: answered_elsewhere, sync accepted
      kitchen: call_end (answered_elsewhere)
    OneDeclines: answered
      caller: call_accept
      mum: answered
      dad: sync accepted, hangup (call_completed)
      kitchen: call_end (answered_elsewhere)
    AllDecline: declined
      caller: call_reject (undefined)
      mum: hangup (rejected)
      dad: sync rejected
    CallerCancels: caller_cancelled
      caller: 
      mum: hangup (cancelled)
      dad: cancelled (cancelled)
      hall: call_end (cancelled)
      kitchen: call_end (cancelled)
    NobodyAnswers: no_answer
      caller: call_end (no_answer)
      mum: timeout (ring_timeout)
      dad: hangup (ring_timeout)
      hall: call_end (no_answer)
      kitchen: call_end (no_answer)
    SecondLoses: answered
      caller: call_accept, call_end (answered)
      mum: answered, hangup (call_completed)
      dad: answered_elsewhere, sync accepted
      hall: call_end (answered_elsewhere)
      kitchen: call_end (answered_elsewhere)
    DoorOpens: caller_cancelled
      caller: 
      mum: hangup (cancelled)
      dad: cancelled (cancelled)
      hall: call_end (cancelled)
      kitchen: call_end (cancelled)
    ");
}

/// Plays every story with this caller; what was heard, party by party.
async fn play(kind: Kind) -> String {
    let mut stage = Stage::set(kind).await;
    let mut told = String::new();
    for story in Story::ALL {
        stage.call().await;
        stage.act(story).await;
        let heard = stage.heard().await;
        let record = &stage.town.community.records().await[0];
        let outcome = record["outcome"].as_str().unwrap();
        told += &format!("{story:?}: {outcome}\n{heard}");
        stage.clear().await;
    }
    told
}

enum Caller {
    Fixed(Door),
    Own(Option<Listener>, Vec<(&'static str, String)>),
    Peer(Peer, bool),
}

struct Stage {
    town: Town,
    caller: Caller,
    call: String,
    mum: Phone,
    dad: PushPhone,
    hall: Peer,
    kitchen: Peer,
    /// What caller and winner heard of the answer, before the story went on: of two changes that
    /// come close together only the last may be said.
    answer: Vec<(&'static str, String)>,
}

impl Stage {
    async fn set(kind: Kind) -> Self {
        let town = Town::with(&[("CALLS__RING_S", RING_S)]).await;
        let caller = match kind {
            Kind::Fixed => Caller::Fixed(town.community.door().await),
            Kind::Own => own_door(&town).await,
            Kind::Outdoor => Caller::Peer(town.peer(GATE).await, true),
            Kind::Screen => Caller::Peer(town.screen("next").await, false),
            Kind::Desk => Caller::Peer(town.at_centre(DESK).await, false),
        };
        let mum = town.community.phone(&town.community.mum, "mum-1").await;
        let dad = registered(&town.community, "dad", "dad-1").await;
        let (hall, kitchen) = (town.screen("hall").await, town.screen("kitchen").await);
        Self {
            town,
            caller,
            call: String::new(),
            mum,
            dad,
            hall,
            kitchen,
            answer: Vec::new(),
        }
    }

    /// The caller calls, and everybody in the flat is offered the call.
    async fn call(&mut self) {
        self.caller.press(&self.town).await;
        let heard = self.until_offered().await;
        assert_eq!(heard, "", "before the first call");
        self.caller.hear_ringing().await;
    }

    async fn act(&mut self, story: Story) {
        match story {
            Story::PhoneAnswers => {
                self.mum_does(PhoneAction::Answered).await;
                self.mum_hears_it().await;
                self.mum_does(PhoneAction::Hangup).await;
            }
            Story::ScreenAnswers => {
                self.hall.say("call_accept", &self.named()).await;
                self.caller_hears_it().await;
                self.hall.say("call_end", &self.named()).await;
            }
            Story::OneDeclines => {
                self.hall.say("call_reject", &self.named()).await;
                self.dad.act(&self.call, "accepted").await.ok().unwrap();
                self.dad_hears_it().await;
                self.caller.hang_up(&self.town, &self.call).await;
            }
            Story::AllDecline => {
                self.hall.say("call_reject", &self.named()).await;
                self.kitchen.say("call_reject", &self.named()).await;
                self.mum_does(PhoneAction::Rejected).await;
                self.dad.act(&self.call, "rejected").await.ok().unwrap();
            }
            Story::CallerCancels => self.caller.hang_up(&self.town, &self.call).await,
            Story::NobodyAnswers => {}
            Story::SecondLoses => {
                self.mum_does(PhoneAction::Answered).await;
                self.mum_hears_it().await;
                self.kitchen.say("call_accept", &self.named()).await;
                let lost = self.dad.act(&self.call, "accepted").await;
                assert_eq!(lost.ok().unwrap().http_status, 409);
                self.mum_does(PhoneAction::Hangup).await;
            }
            Story::DoorOpens => {
                self.hall.say("open_door", &self.named()).await;
                if !self.caller.open(&self.town).await {
                    self.caller.hang_up(&self.town, &self.call).await;
                }
            }
        }
        self.is_over().await;
    }

    fn named(&self) -> Value {
        json!({"sid": self.call})
    }

    async fn mum_does(&mut self, action: PhoneAction) {
        let done = self.mum.respond(&self.call, action, None).await;
        assert!(done.ok().unwrap().is_success(), "{}", action.as_str());
    }

    async fn caller_hears_it(&mut self) {
        let heard = self.caller.hear_answer().await;
        self.answer.push(("caller", heard));
    }

    async fn mum_hears_it(&mut self) {
        self.caller_hears_it().await;
        let PhoneMessage::Control(said) = self.mum.next(SOON).await.unwrap() else {
            panic!("no control")
        };
        let heard = words(&said.action, said.reason.as_deref());
        self.answer.push(("mum", heard));
    }

    async fn dad_hears_it(&mut self) {
        self.caller_hears_it().await;
        let PushMessage::Sync(said) = self.dad.next(SOON).await.ok().unwrap() else {
            panic!("no sync")
        };
        let heard = format!("sync {}", said["action"].as_str().unwrap());
        self.answer.push(("dad", heard));
    }

    async fn is_over(&self) {
        while self.mum.session(&self.call).await.ok().unwrap().status != "ended" {
            tokio::task::yield_now().await;
        }
    }

    /// What everybody has heard since the call was offered; the caller calls again to know.
    async fn heard(&mut self) -> String {
        let by_caller = self.caller.until_quiet().await;
        self.caller.press(&self.town).await;
        let by_flat = self.until_offered().await;
        let caller = self.with_answer("caller", by_caller);
        self.answer.clear();
        format!("  caller: {caller}\n{by_flat}")
    }

    /// What somebody heard, with what they had heard of the answer.
    fn with_answer(&self, who: &str, then: String) -> String {
        let answer = self.answer.iter().filter(|(one, _)| *one == who);
        let heard = answer.map(|(_, heard)| heard.clone());
        let heard: Vec<_> = heard.chain((!then.is_empty()).then_some(then)).collect();
        heard.join(", ")
    }

    /// Ends the second call, of which nothing is told.
    async fn clear(&mut self) {
        self.caller.hear_ringing().await;
        self.caller.hang_up(&self.town, &self.call).await;
        self.mum.next(SOON).await.unwrap();
        self.dad.next(SOON).await.ok().unwrap();
        self.hall.hear("call_end").await;
        self.kitchen.hear("call_end").await;
        self.caller.hear_end().await;
    }

    /// Waits for the next offer at each; what was heard before it, a line for each who heard any.
    async fn until_offered(&mut self) -> String {
        let mum = until_incoming(&mut self.mum).await;
        let dad = until_pushed(&mut self.dad).await;
        let (hall, call) = until_offer(&mut self.hall).await;
        let (kitchen, _) = until_offer(&mut self.kitchen).await;
        self.call = call;
        let heard = [
            ("mum", mum),
            ("dad", dad),
            ("hall", hall),
            ("kitchen", kitchen),
        ];
        let heard = heard.map(|(who, words)| (who, self.with_answer(who, words)));
        let heard = heard.into_iter().filter(|(_, words)| !words.is_empty());
        heard
            .map(|(who, words)| format!("  {who}: {words}\n"))
            .collect()
    }
}

impl Caller {
    async fn press(&mut self, town: &Town) {
        let number = json!({"device_device_id": "garden", "household_number": HOUSEHOLD});
        match self {
            Self::Fixed(door) => drop(door.press(HOUSEHOLD).await.ok().unwrap()),
            Self::Own(_, headers) => post(town, "call", headers, &number).await,
            Self::Peer(peer, _) => {
                let dest = json!({"id": HOUSEHOLD, "type": 2});
                peer.say("call_req", &json!({"sid": "c", "src": {}, "dest": dest}))
                    .await;
            }
        }
    }

    async fn hear_ringing(&mut self) {
        match self {
            Self::Fixed(door) => assert_eq!(door.next(SOON).await.unwrap().action, "ringing"),
            Self::Own(..) => assert_eq!(self.next_own().await, "ringing"),
            Self::Peer(..) => {}
        }
    }

    /// What it hears of the answer.
    async fn hear_answer(&mut self) -> String {
        match self {
            Self::Fixed(door) => door.next(SOON).await.unwrap().action,
            Self::Own(..) => self.next_own().await,
            Self::Peer(peer, _) => peer.next().await.unwrap().0,
        }
    }

    /// An iLock door hears of its own end as well.
    async fn hear_end(&mut self) {
        match self {
            Self::Fixed(door) => drop(door.next(SOON).await.unwrap()),
            Self::Own(..) => drop(self.next_own().await),
            Self::Peer(..) => {}
        }
    }

    /// Does what a door does that is told to open; false if it is none.
    async fn open(&mut self, town: &Town) -> bool {
        match self {
            Self::Fixed(door) => {
                let told = door.next(SOON).await.unwrap();
                assert_eq!(told.action, "unlock");
                let confirmed = door.confirm(&told.unlock_id.unwrap(), true).await;
                assert!(confirmed.ok().unwrap().is_success());
                true
            }
            Self::Own(listener, headers) => {
                let (heard, _, told) = listener.take().unwrap().next().await;
                *listener = Some(heard);
                let body = json!({"unlock_id": told["unlock_id"], "result": "executed"});
                post(town, "device/unlock-result", headers, &body).await;
                true
            }
            Self::Peer(_, is_door) => *is_door,
        }
    }

    async fn hang_up(&mut self, town: &Town, call: &str) {
        let body = json!({"call_id": call, "action": "hangup"});
        match self {
            Self::Fixed(door) => {
                let done = door.control(call, DoorAction::Hangup, None).await;
                assert!(done.ok().unwrap().is_success());
            }
            Self::Own(_, headers) => post(town, "calls/caller-action", headers, &body).await,
            Self::Peer(peer, _) => peer.say("call_end", &json!({"sid": "c"})).await,
        }
    }

    /// What it heard of a call that is over: a peer until it is refused a call to nobody, a door
    /// until the one message that ends it.
    async fn until_quiet(&mut self) -> String {
        let mut heard = Vec::new();
        match self {
            Self::Fixed(door) => loop {
                let control = door.next(SOON).await.unwrap();
                let is_last = control.action != "answered";
                heard.push(words(&control.action, control.reason.as_deref()));
                if is_last {
                    break;
                }
            },
            Self::Own(..) => loop {
                let action = self.next_own().await;
                let is_last = action != "accepted";
                heard.push(action);
                if is_last {
                    break;
                }
            },
            Self::Peer(peer, _) => {
                let nobody = json!({"sid": "n", "dest": {"id": "nobody"}});
                peer.say("call_req", &nobody).await;
                loop {
                    let (name, values) = peer.next().await.unwrap();
                    if values["sid"] == "n" {
                        break;
                    }
                    heard.push(words(&name, values["reason"].as_str()));
                }
            }
        }
        heard.join(", ")
    }

    async fn next_own(&mut self) -> String {
        let Self::Own(listener, _) = self else {
            panic!("no door of this kind")
        };
        let (heard, _, control) = listener.take().unwrap().next().await;
        *listener = Some(heard);
        let reason = control["reason"].as_str();
        words(control["action"].as_str().unwrap(), reason)
    }
}

async fn own_door(town: &Town) -> Caller {
    let secret = town.community.own_door("garden").await;
    let mut listening = mosquitto("mosquitto_sub", &town.community, "garden", &secret);
    listening.args(["-v", "-t", "devices/garden/calls/control"]);
    let headers = vec![
        ("x-device-id", "garden".to_owned()),
        ("authorization", format!("Bearer {secret}")),
    ];
    Caller::Own(Some(Listener::start(&mut listening)), headers)
}

async fn post(town: &Town, what: &str, headers: &[(&'static str, String)], body: &Value) {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let path = format!("/api/mqtt/{what}");
    let (status, reply) = town.community.server.post(&path, &headers, body).await;
    assert_eq!(status, 200, "{reply}");
}

fn words(name: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{name} ({reason})"),
        None => name.to_owned(),
    }
}

async fn until_incoming(phone: &mut Phone) -> String {
    let mut heard = Vec::new();
    loop {
        match phone.next(SOON).await.unwrap() {
            PhoneMessage::Incoming(_) => return heard.join(", "),
            PhoneMessage::Control(said) => heard.push(words(&said.action, said.reason.as_deref())),
            PhoneMessage::System(system) => panic!("{system:?}"),
        }
    }
}

async fn until_pushed(phone: &mut PushPhone) -> String {
    let mut heard = Vec::new();
    loop {
        match phone.next(SOON).await.ok().unwrap() {
            PushMessage::Incoming(_) => return heard.join(", "),
            PushMessage::Control(said) => {
                let action = said["action"].as_str().unwrap();
                heard.push(words(action, said["reason"].as_str()));
            }
            PushMessage::Sync(said) => {
                heard.push(format!("sync {}", said["action"].as_str().unwrap()))
            }
        }
    }
}

async fn until_offer(screen: &mut Peer) -> (String, String) {
    let mut heard = Vec::new();
    loop {
        let (name, values) = screen.next().await.unwrap();
        if name == "call_req" {
            return (heard.join(", "), values["sid"].as_str().unwrap().to_owned());
        }
        heard.push(words(&name, values["reason"].as_str()));
    }
}
