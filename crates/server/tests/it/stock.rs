//! Stock MQTT clients take part in real calls: mosquitto's tools, Python's paho and Node's mqtt.js in
//! 3.1, 3.1.1 and 5.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use sim::PhoneAction;

use crate::community::{Community, HOUSEHOLD, SOON, control, incoming};
use crate::listener::{Listener, mosquitto};

#[tokio::test]
async fn mosquitto_sub_hears_a_call_and_mosquitto_pub_answers_it() {
    let community = Community::start().await;
    let mum = &community.mum;
    let door = community.door().await;
    let mut listening = mosquitto("mosquitto_sub", &community, &mum.resident_id, &mum.token);
    listening.args([
        "-v",
        "-t",
        "mqtt_call/incoming",
        "-t",
        "mqtt_call/controller/resident",
    ]);
    let phone = Listener::start(&mut listening);
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let (phone, topic, offer) = phone.next().await;
    assert_eq!(
        (&*topic, &offer["call_id"]),
        ("mqtt_call/incoming", &json!(call))
    );
    let answer = json!({"action": "answered", "call_id": call}).to_string();
    let mut publishing = mosquitto("mosquitto_pub", &community, &mum.resident_id, &mum.token);
    let topic = "mqtt_call/controller/resident";
    let published = publishing
        .args(["-t", topic, "-m", &answer])
        .status()
        .unwrap();

    assert!(published.success());
    let (_phone, topic, answered) = phone.next().await;
    assert_eq!(topic, "mqtt_call/controller/resident");
    assert_eq!(
        (&answered["action"], &answered["call_id"]),
        (&json!("answered"), &json!(call))
    );
}

#[tokio::test]
async fn a_door_may_cancel_over_mqtt() {
    let community = Community::start().await;
    let lobby = &community.lobby;
    let door = community.door().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut phone).await;

    let cancel = json!({"action": "cancelled", "call_id": call}).to_string();
    let mut publishing = mosquitto("mosquitto_pub", &community, &lobby.device_id, &lobby.secret);
    let topic = "mqtt_call/controller/device";
    let published = publishing
        .args(["-t", topic, "-m", &cancel])
        .status()
        .unwrap();

    assert!(published.success());
    assert_eq!(control(&mut phone).await.action, "hangup");
}

#[tokio::test]
async fn what_is_published_is_not_echoed() {
    let community = Community::start().await;
    let mum = &community.mum;
    let door = community.door().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;

    let stray = json!({"action": "answered", "call_id": "nothing"}).to_string();
    let mut publishing = mosquitto("mosquitto_pub", &community, &mum.resident_id, &mum.token);
    let topic = "mqtt_call/controller/resident";
    assert!(
        publishing
            .args(["-t", topic, "-m", &stray])
            .status()
            .unwrap()
            .success()
    );
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    assert_eq!(incoming(&mut phone).await.call_id, call);
}

/// Subscribes, says so, prints what it hears, and answers the first call over MQTT. By TLS if a file
/// of authorities comes last, perhaps with a certificate and its key.
pub(crate) const PAHO: &str = r#"
import json, sys
import paho.mqtt.client as mqtt
version, host, port, user, password = sys.argv[1:6]
protocol = {"3.1": mqtt.MQTTv31, "3.1.1": mqtt.MQTTv311, "5": mqtt.MQTTv5}[version]
transport = sys.argv[6]
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="paho", protocol=protocol,
                     transport=transport)
if transport == "websockets":
    client.ws_set_options(path="/mqtt")
if user:
    client.username_pw_set(user, password)
if len(sys.argv) > 7:
    client.tls_set(*sys.argv[7:])
def on_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        sys.exit(f"refused: {reason}")
    client.subscribe([("mqtt_call/incoming", 1), ("mqtt_call/controller/resident", 1)])
def on_subscribe(client, userdata, mid, reasons, properties):
    print("ready {}", flush=True)
def on_message(client, userdata, message):
    heard = json.loads(message.payload)
    print(message.topic, json.dumps(heard), flush=True)
    if message.topic == "mqtt_call/incoming":
        answer = {"action": "answered", "call_id": heard["call_id"]}
        client.publish("mqtt_call/controller/resident", json.dumps(answer), qos=1)
client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
client.connect(host, int(port))
client.loop_forever()
"#;

async fn paho_answers(version: &str, transport: &str) {
    let community = Community::start().await;
    let mum = &community.mum;
    let mut door = community.door().await;
    let address = match transport {
        "websockets" => community.server.http.strip_prefix("http://").unwrap(),
        _ => &community.server.mqtt,
    };
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut python = Command::new(python());
    python.args([
        "-c",
        PAHO,
        version,
        host,
        port,
        &mum.resident_id,
        &mum.token,
        transport,
    ]);
    let (phone, topic, _) = Listener::start(&mut python).next().await;
    assert_eq!(topic, "ready");

    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let (phone, _, offer) = phone.next().await;
    assert_eq!(offer["call_id"], json!(call));
    let (_phone, _, answered) = phone.next().await;
    assert_eq!(answered["action"], "answered");
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");
    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
}

/// The interpreter that `cargo xtask test` set up with paho.
pub(crate) fn python() -> PathBuf {
    let home = std::env::var_os("KOUMEN_TEST_PYTHON");
    let home = home.expect("run the tests by `cargo xtask test`, which sets up Python's paho");
    PathBuf::from(home).join("bin/python")
}

#[tokio::test]
async fn paho_answers_a_call_in_3_1() {
    paho_answers("3.1", "tcp").await;
}

#[tokio::test]
async fn paho_answers_a_call_in_3_1_1() {
    paho_answers("3.1.1", "tcp").await;
}

#[tokio::test]
async fn paho_answers_a_call_in_5() {
    paho_answers("5", "tcp").await;
}

#[tokio::test]
async fn paho_answers_a_call_over_websocket() {
    paho_answers("3.1.1", "websockets").await;
    paho_answers("5", "websockets").await;
}

/// As `PAHO`, with the client of the browsers, over `ws`, their only way.
const MQTT_JS: &str = r#"
const mqtt = require("mqtt")
const [version, address, username, password] = process.argv.slice(1)
const levels = {"3.1": ["MQIsdp", 3], "3.1.1": ["MQTT", 4], "5": ["MQTT", 5]}
const [protocolId, protocolVersion] = levels[version]
const client = mqtt.connect(`ws://${address}/mqtt`, {
  clientId: "mqttjs", username, password, protocolId, protocolVersion, reconnectPeriod: 0,
})
client.on("error", error => { console.error(`refused: ${error}`); process.exit(1) })
client.on("connect", () => {
  client.subscribe(["mqtt_call/incoming", "mqtt_call/controller/resident"], {qos: 1},
    error => console.log(error ? `refused ${error}` : "ready {}"))
})
client.on("message", (topic, payload) => {
  const heard = JSON.parse(payload)
  console.log(topic, JSON.stringify(heard))
  if (topic === "mqtt_call/incoming") {
    const answer = {action: "answered", call_id: heard.call_id}
    client.publish("mqtt_call/controller/resident", JSON.stringify(answer), {qos: 1})
  }
})
"#;

async fn mqtt_js_answers(version: &str) {
    let community = Community::start().await;
    let mum = &community.mum;
    let mut door = community.door().await;
    let address = community.server.http.strip_prefix("http://").unwrap();
    let mut node = Command::new("node");
    node.env("NODE_PATH", node_modules());
    let words = [version, address, &mum.resident_id, &mum.token];
    node.args(["-e", MQTT_JS, "--"]).args(words);
    let (phone, topic, _) = Listener::start(&mut node).next().await;
    assert_eq!(topic, "ready");

    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let (phone, _, offer) = phone.next().await;
    assert_eq!(offer["call_id"], json!(call));
    let (_phone, _, answered) = phone.next().await;
    assert_eq!(answered["action"], "answered");
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");
    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
}

/// The packages that `cargo xtask test` set up, mqtt.js among them.
fn node_modules() -> PathBuf {
    let home = std::env::var_os("KOUMEN_TEST_NODE");
    let home = home.expect("run the tests by `cargo xtask test`, which sets up Node's mqtt");
    PathBuf::from(home).join("node_modules")
}

#[tokio::test]
async fn mqtt_js_answers_a_call_over_websocket_in_every_version() {
    for version in ["3.1", "3.1.1", "5"] {
        mqtt_js_answers(version).await;
    }
}

#[tokio::test]
async fn curl_makes_a_whole_call() {
    let community = Community::start().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;
    let curl = |path: &str, headers: &[String], body: &Value| {
        let mut command = Command::new("curl");
        command.args([
            "-s",
            "-d",
            &body.to_string(),
            &format!("{}{path}", community.server.http),
        ]);
        for header in headers {
            command.args(["-H", header]);
        }
        serde_json::from_slice::<Value>(&command.output().unwrap().stdout).unwrap()
    };
    let bearer = |secret: &str| format!("Authorization: Bearer {secret}");
    let lobby = [bearer(&community.lobby.secret), "X-Device-Id: lobby".into()];

    let press = json!({"device_device_id": "lobby", "household_number": HOUSEHOLD});
    let pressed = curl("/api/mqtt/call", &lobby, &press);
    let call = incoming(&mut phone).await.call_id;
    assert_eq!(pressed["data"]["call_id"], *call);
    phone
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    let hangup = json!({"action": "hangup", "call_id": call});
    let ended = curl("/api/mqtt/controller/device", &lobby, &hangup);

    assert_eq!(ended["code"], 200, "{ended}");
}
