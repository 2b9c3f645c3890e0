//! The seven routes in networks like a home's and a community's, which reach each other through the
//! box alone: what each end is told, hop by hop. Source: S3 §5.

use std::net::SocketAddr;
use std::sync::Arc;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};

use crate::boxes::peer::Peer;
use crate::boxes::town::{add_device, sign_in_screen};
use crate::community::{Community, HOUSEHOLD};
use crate::namespaces::{Namespace, Plug, connect, succeed};
use crate::running::Running;

/// The box at home and in the community's network, where the property's end point is too.
const HOME: &str = "192.168.1.22:7890";
const COMMUNITY: &str = "11.0.1.22:7891";
const CENTRE: &str = "11.0.1.22:7892";

/// Where outdoor unit and desk listen; each has its address to itself.
const GATE: &str = "11.0.11.1:7891";
const DESK: &str = "11.0.0.5:7891";

#[tokio::test]
async fn each_end_of_each_route_is_told_addresses_that_it_can_reach() {
    let street = Street::make().await;
    let mut told = String::new();

    out_of_the_home(&street, &mut told).await;
    into_the_home(&street, &mut told).await;
    past_the_home(&street, &mut told).await;

    assert_snapshot!(told, @"
    1 screen to outdoor unit
      src  1-101 (2) 11.0.1.22:7891 audio http://11.0.1.22:954/stream/56780 video -
      dest gate (3) 11.0.11.1:7891 audio http://11.0.1.22:954/stream/56781 video http://11.0.1.22:954/stream/56782
    3 screen to desk
      src  1-101 (2) 11.0.1.22:7891 audio http://11.0.1.22:954/stream/56780 video -
      dest desk (4) 11.0.0.5:7891 audio http://11.0.1.22:954/stream/56781 video http://11.0.1.22:954/stream/56782
    5 screen to screen
      src  1-101 (2) 11.0.1.22:7891 audio http://11.0.0.9:954/stream/56780 video -
      dest 1-102 (2) 11.0.1.22:7891 audio http://11.0.0.9:954/stream/56781 video http://11.0.0.9:954/stream/56782
    2 outdoor unit to screen
      src  gate (3) 11.0.11.1:7891 audio - video 56780
      dest 1-101 (2) 11.0.1.22:7891 audio 56781 video -
    4 desk to screen
      src  desk (4) 11.0.0.5:7891 audio - video 56780
      dest 1-101 (2) 11.0.1.22:7891 audio 56781 video -
    6 outdoor unit to desk
      src  gate (3) 11.0.11.1:7891 audio - video http://11.0.11.1:954/stream/56780
      dest desk (4) 11.0.0.5:7891 audio http://11.0.11.1:954/stream/56781 video http://11.0.11.1:954/stream/56782
    7 desk to outdoor unit
      src  desk (4) 11.0.0.5:7891 audio - video http://11.0.0.5:954/stream/56780
      dest gate (3) 11.0.11.1:7891 audio http://11.0.0.5:954/stream/56781 video http://11.0.0.5:954/stream/56782
    ");
}

/// Routes 1, 3 and 5: a screen calls.
async fn out_of_the_home(street: &Street, told: &mut String) {
    let mut hall = street.screen(0).await;
    let mut next = street.screen(1).await;
    let (gate, desk) = (street.listener(GATE), street.listener(DESK));
    let call = |mut dest: Value| {
        dest["audio_stream_id"] = json!("56781");
        dest["video_stream_id"] = json!("56782");
        json!({"sid": "s", "src": {"id": HOUSEHOLD, "audio_stream_id": "56780"}, "dest": dest})
    };

    hall.say("call_req", &call(at(GATE))).await;
    let mut called = Peer::accept(&gate).await;
    hop("1 screen to outdoor unit", &mut called, told).await;
    over(&mut hall, &mut called).await;

    hall.say("call_req", &call(json!({"type": 4}))).await;
    let mut called = Peer::accept(&desk).await;
    hop("3 screen to desk", &mut called, told).await;
    over(&mut hall, &mut called).await;

    hall.say("call_req", &call(json!({"id": "1-102"}))).await;
    hop("5 screen to screen", &mut next, told).await;
    over(&mut hall, &mut next).await;
}

/// Routes 2 and 4: an outdoor unit and a desk call a flat.
async fn into_the_home(street: &Street, told: &mut String) {
    let mut hall = street.screen(0).await;
    let call = json!({
        "sid": "c",
        "src": {"id": "2-1-1", "type": 3, "video_stream_id": "56780"},
        "dest": {"id": HOUSEHOLD, "audio_stream_id": "56781"},
    });

    for (route, from) in [
        ("2 outdoor unit to screen", GATE),
        ("4 desk to screen", DESK),
    ] {
        let mut caller = street.peer(from, COMMUNITY).await;
        caller.say("call_req", &call).await;
        hop(route, &mut hall, told).await;
        over(&mut caller, &mut hall).await;
    }
}

/// Routes 6 and 7: outdoor unit and desk call each other, and whoever calls has the streams.
async fn past_the_home(street: &Street, told: &mut String) {
    let (gate, desk) = (street.listener(GATE), street.listener(DESK));
    let call = |host: &str, mut dest: Value| {
        let stream = |id: u32| json!(format!("http://{host}:954/stream/{id}"));
        dest["audio_stream_id"] = stream(56781);
        dest["video_stream_id"] = stream(56782);
        json!({"sid": "c", "src": {"id": "?", "video_stream_id": stream(56780)}, "dest": dest})
    };

    let mut unit = street.peer(GATE, CENTRE).await;
    unit.say("call_req", &call("11.0.11.1", json!({"type": 4})))
        .await;
    let mut called = Peer::accept(&desk).await;
    hop("6 outdoor unit to desk", &mut called, told).await;
    over(&mut unit, &mut called).await;

    let mut property = street.peer(DESK, CENTRE).await;
    property.say("call_req", &call("11.0.0.5", at(GATE))).await;
    let mut called = Peer::accept(&gate).await;
    hop("7 desk to outdoor unit", &mut called, told).await;
    over(&mut property, &mut called).await;
}

/// What the one who is called is told.
async fn hop(route: &str, called: &mut Peer, told: &mut String) {
    let req = called.hear("call_req").await;
    let (src, dest) = (end(&req["src"]), end(&req["dest"]));
    *told += &format!("{route}\n  src  {src}\n  dest {dest}\n");
}

/// One end as it is told: id, type, address, then audio and video where they are.
fn end(end: &Value) -> String {
    let text = |field: &str| end[field].as_str().unwrap_or("-").to_owned();
    format!(
        "{} ({}) {}:{} audio {} video {}",
        text("id"),
        end["type"],
        text("ip"),
        end["port"],
        text("audio_stream_id"),
        text("video_stream_id")
    )
}

/// The caller gives up, and the one who was called hears it.
async fn over(caller: &mut Peer, called: &mut Peer) {
    caller.say("call_end", &json!({})).await;
    assert_eq!(called.hear("call_end").await["reason"], "cancelled");
}

fn at(address: &str) -> Value {
    let address: SocketAddr = address.parse().unwrap();
    json!({"ip": address.ip(), "port": address.port()})
}

/// A home, a community, and a server in the box between them.
struct Street {
    home: Namespace,
    community: Namespace,
    tokens: Vec<String>,
    _server: Running,
}

impl Street {
    async fn make() -> Self {
        let the_box = Namespace::make("box");
        let street = (Namespace::make("home"), Namespace::make("community"));
        let cable = |namespace, address, device, own| {
            let one = Plug {
                namespace,
                device: "lan",
                address,
            };
            let other = Plug {
                namespace: &the_box,
                device,
                address: own,
            };
            connect(&one, &other);
        };
        cable(&street.0, "192.168.1.50/24", "home", "192.168.1.22/24");
        cable(&street.1, "11.0.11.1/16", "community", "11.0.1.22/16");
        let second = ["addr", "add", "11.0.0.5/16", "dev", "lan"];
        succeed(&mut street.1.command("ip", &second));

        let anywhere = Running::with(&[("SMARTBOX__HOME", "127.0.0.1:0")]);
        let community = Community::on(anywhere).await;
        let tokens = furnish(&community).await;
        let mut server = community.server;
        server.stop();
        for (key, value) in [
            ("HOME", HOME),
            ("COMMUNITY", COMMUNITY),
            ("CENTRE", CENTRE),
            ("HOME_MEDIA", "192.168.1.22"),
            ("COMMUNITY_MEDIA", "11.0.1.22"),
            ("CENTRAL_MEDIA", "11.0.0.9"),
        ] {
            server.set(&format!("SMARTBOX__{key}"), value);
        }
        server.restart_within(Arc::new(the_box));
        Self {
            home: street.0,
            community: street.1,
            tokens,
            _server: server,
        }
    }

    /// A screen at home that has joined its flat.
    async fn screen(&self, no: usize) -> Peer {
        let mut screen = dial(&self.home, "192.168.1.50", HOME).await;
        screen
            .say("join_family", &json!({"token": self.tokens[no]}))
            .await;
        screen.hear("join_accept").await;
        screen
    }

    /// A connection from the address of one that listens at `from`.
    async fn peer(&self, from: &str, to: &str) -> Peer {
        let from: SocketAddr = from.parse().unwrap();
        dial(&self.community, &from.ip().to_string(), to).await
    }

    fn listener(&self, address: &str) -> TcpListener {
        let socket = self.community.within(|| TcpSocket::new_v4().unwrap());
        socket.bind(address.parse().unwrap()).unwrap();
        socket.listen(8).unwrap()
    }
}

async fn dial(namespace: &Namespace, from: &str, to: &str) -> Peer {
    let socket = namespace.within(|| TcpSocket::new_v4().unwrap());
    let mut peer = Peer::connect_by(socket, from, to.parse().unwrap()).await;
    peer.say("call_keep", &json!({})).await;
    peer
}

/// Two screens in two flats, an outdoor unit and a desk; the screens' tokens.
async fn furnish(community: &Community) -> Vec<String> {
    let mut tokens = Vec::new();
    for (id, flat) in [("hall", HOUSEHOLD), ("next", "1-102")] {
        let device = json!({"id": id, "kind": "screen", "profile": "v0.5"});
        let secret = add_device(community, device, Some(flat)).await;
        tokens.push(sign_in_screen(community, id, &secret).await);
    }
    for (id, kind, address) in [("gate", "outdoor", GATE), ("desk", "centre", DESK)] {
        add_device(
            community,
            json!({"id": id, "kind": kind, "address": address}),
            None,
        )
        .await;
    }
    tokens
}
