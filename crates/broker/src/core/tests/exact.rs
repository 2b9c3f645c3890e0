//! QoS 2 in the core: what is taken from a client and what a client is owed.
//! Lines with `##` are QoS 2.

use std::sync::Arc;

use super::stage::{Stage, entry, note};
use crate::core::{Fate, Publication};
use crate::limits::Limits;
use crate::link::{DisconnectReason, LinkId};
use crate::message::{Message, Outcome};
use crate::ticket::{Slot, Ticket, Waiting};

fn exact(topic: &str, payload: &str) -> Message {
    Message {
        qos: 2,
        ..note(topic, payload)
    }
}

fn exact_reader(stage: &mut Stage, life_secs: u32) -> LinkId {
    let link = stage.connect(entry("r", life_secs));
    stage.subscribe(link, "a", 2);
    assert_eq!(stage.read(link), ["suback 2"]);
    link
}

fn ticket(slot: &Arc<Slot>) -> Fate {
    Fate::Ticket {
        slot: Arc::clone(slot),
        bytes: 1,
    }
}

fn settle(stage: &mut Stage, link: LinkId, slot: &Arc<Slot>, stored: bool) {
    Ticket::new(Arc::clone(slot), Arc::new(Nobody)).settle(stored);
    stage.core.settle(link, stage.now, &mut stage.fx);
}

fn forward(topic: &str, payload: &str) -> Fate {
    Fate::Forward(Publication::own(&exact(topic, payload)))
}

#[test]
fn pubrecs_wait_for_their_tickets_among_pubacks() {
    let mut stage = Stage::new();
    let link = stage.connect(entry("w", 0));
    let (first, second) = (Arc::<Slot>::default(), Arc::<Slot>::default());
    stage.arrive_exact(link, 1, ticket(&first));
    stage.arrive(link, 2, ticket(&second));
    stage.arrive_exact(link, 3, Fate::Drop { code: 0 });

    settle(&mut stage, link, &second, true);
    assert_eq!(stage.read(link), Vec::<String>::new());
    settle(&mut stage, link, &first, true);

    assert_eq!(stage.read(link), ["pubrec 1", "puback 2", "pubrec 3"]);
}

#[test]
fn a_repeat_with_an_accepted_ticket_is_acknowledged_on_the_next_link() {
    let mut stage = Stage::new();
    let link = stage.connect(entry("w", 60));
    let slot = Arc::<Slot>::default();
    stage.arrive_exact(link, 1, ticket(&slot));
    stage.drop_link(link);
    settle(&mut stage, link, &slot, true);
    let link = stage.enter(entry("w", 60));
    let unused = Arc::<Slot>::default();

    stage.arrive_exact(link, 1, ticket(&unused));

    assert_eq!(stage.read(link), ["connack 1", "pubrec 1"]);
    assert_eq!(Arc::strong_count(&unused), 1, "nobody waits for it");
}

#[test]
fn a_repeat_with_a_refused_ticket_is_new() {
    let mut stage = Stage::new();
    let link = stage.connect(entry("w", 60));
    let slot = Arc::<Slot>::default();
    stage.arrive_exact(link, 1, ticket(&slot));
    settle(&mut stage, link, &slot, false);
    assert_eq!(stage.turn(link).closing, Some(DisconnectReason::Ticket));
    let link = stage.enter(entry("w", 60));
    let again = Arc::<Slot>::default();

    stage.arrive_exact(link, 1, ticket(&again));
    assert_eq!(stage.read(link), ["connack 1"]);
    settle(&mut stage, link, &again, true);

    assert_eq!(stage.read(link), ["pubrec 1"]);
}

#[test]
fn a_repeat_while_its_ticket_is_open_is_handed_on_only_on_another_link() {
    let mut stage = Stage::new();
    let link = stage.connect(entry("w", 60));
    let slot = Arc::<Slot>::default();
    stage.arrive_exact(link, 1, ticket(&slot));
    let unused = Arc::<Slot>::default();
    stage.arrive_exact(link, 1, ticket(&unused));
    assert_eq!(Arc::strong_count(&unused), 1);
    stage.drop_link(link);
    let link = stage.enter(entry("w", 60));
    let again = Arc::<Slot>::default();

    stage.arrive_exact(link, 1, ticket(&again));
    settle(&mut stage, link, &again, true);

    assert_eq!(stage.read(link), ["connack 1", "pubrec 1"]);
    stage.arrive_exact(link, 1, ticket(&unused));
    assert_eq!(stage.read(link), ["pubrec 1"]);
}

#[test]
fn a_refused_publish_is_not_remembered() {
    let mut stage = Stage::new();
    let reader = exact_reader(&mut stage, 0);
    let link = stage.connect(entry("w", 0));
    stage.arrive_exact(link, 1, Fate::Drop { code: 0x87 });

    stage.arrive_exact(link, 1, forward("a", "new"));

    assert_eq!(stage.read(link), ["pubrec 1", "pubrec 1"]);
    assert_eq!(stage.read(reader), ["a=new ##1"]);
}

#[test]
fn more_ids_than_the_receive_maximum_end_the_link() {
    let limits = Limits {
        tickets_max: 2,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let link = stage.connect(entry("w", 60));
    stage.arrive_exact(link, 1, forward("a", "1"));
    stage.arrive_exact(link, 2, forward("a", "2"));
    stage.release(link, 1);
    stage.arrive_exact(link, 3, forward("a", "3"));
    stage.arrive(link, 4, Fate::Drop { code: 0 });
    assert_eq!(
        stage.turn(link).closing,
        None,
        "QoS 1 does not count in 3.x"
    );

    let reading = stage.arrive_exact(link, 5, forward("a", "5"));

    assert!(!reading);
    assert_eq!(stage.turn(link).closing, Some(DisconnectReason::Protocol));
}

#[test]
fn a_transient_message_that_may_have_been_received_leaves_its_pubrel() {
    let mut stage = Stage::new();
    let link = exact_reader(&mut stage, 60);
    stage.publish(&Message {
        transient: true,
        ..exact("a", "1")
    });
    stage.read(link);
    stage.drop_link(link);
    assert_eq!(stage.outcomes(), [Outcome::Lost(link)]);

    let link = stage.enter(entry("r", 60));

    assert_eq!(stage.read(link), ["connack 1", "pubrel 1"]);
    stage.complete(link, 1);
    stage.drop_link(link);
    let link = stage.enter(entry("r", 60));
    assert_eq!(stage.read(link), ["connack 1"]);
}

#[test]
fn the_outcome_is_known_at_pubrec() {
    let mut stage = Stage::new();
    let link = exact_reader(&mut stage, 0);
    stage.publish(&exact("a", "1"));
    stage.acknowledge(link, 1);
    stage.complete(link, 1);
    assert_eq!(
        stage.outcomes(),
        [],
        "neither of them answers a PUBLISH at QoS 2"
    );

    stage.receive(link, 1);

    assert_eq!(stage.outcomes(), [Outcome::Acknowledged(link)]);
    assert_eq!(stage.read(link), ["a=1 ##1", "pubrel 1"]);
}

#[test]
fn packet_ids_follow_the_order_of_acceptance() {
    let limits = Limits {
        inflight_max: 1,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let link = exact_reader(&mut stage, 60);
    stage.publish(&exact("a", "1"));
    stage.publish(&exact("a", "2"));
    stage.publish(&Message {
        qos: 0,
        ..note("a", "none")
    });
    stage.publish(&note("a", "3"));

    stage.receive(link, 1);
    stage.complete(link, 1);
    stage.receive(link, 2);
    stage.complete(link, 2);

    let wanted = [
        "a=1 ##1", "pubrel 1", "a=2 ##2", "a=none", "pubrel 2", "a=3 #3",
    ];
    assert_eq!(stage.read(link), wanted);
}

struct Nobody;

impl Waiting for Nobody {
    fn settled(&self) {}
}
