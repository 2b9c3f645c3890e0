//! Registered clients on topics of their own (S1), beside phones on the fixed topics (S0).

use serde_json::{Value, json};
use sim::{DoorAction, Phone, PhoneAction, PushMessage, PushPhone, SimError, register};

use crate::community::{Community, HOUSEHOLD, SOON, control, incoming};
use crate::listener::{Listener, mosquitto};

pub(crate) async fn registered(community: &Community, name: &str, client: &str) -> PushPhone {
    let login = community.sign_in(name).await;
    PushPhone::connect(&community.server.address(), &login, client)
        .await
        .ok()
        .unwrap()
}

pub(crate) async fn offer(phone: &mut PushPhone) -> Value {
    match phone.next(SOON).await.ok().unwrap() {
        PushMessage::Incoming(incoming) => incoming,
        PushMessage::Control(other) | PushMessage::Sync(other) => panic!("no offer: {other}"),
    }
}

pub(crate) async fn told(phone: &mut PushPhone) -> Value {
    match phone.next(SOON).await.ok().unwrap() {
        PushMessage::Control(control) => control,
        PushMessage::Incoming(other) | PushMessage::Sync(other) => panic!("no control: {other}"),
    }
}

pub(crate) async fn synced(phone: &mut PushPhone) -> Value {
    match phone.next(SOON).await.ok().unwrap() {
        PushMessage::Sync(sync) => sync,
        PushMessage::Incoming(other) | PushMessage::Control(other) => panic!("no sync: {other}"),
    }
}

#[tokio::test]
async fn a_registered_phone_is_offered_the_call_on_its_own_topic() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut phone = registered(&community, "mum", "mum_android_1").await;

    let pressed = door.press(HOUSEHOLD).await.ok().unwrap();

    let offer = offer(&mut phone).await;
    assert_eq!(offer["call_id"], *pressed.call_id);
    assert_eq!(offer["caller_id"], "lobby");
    assert_eq!(
        offer["caller_info"],
        json!({"name": "lobby", "location": ""})
    );
    let room = offer["room_info"]["room_id"].as_str().unwrap();
    assert!(
        (1..=2_147_483_647).contains(&room.parse::<i64>().unwrap()),
        "{room}"
    );
    assert_eq!(
        (&*pressed.rtc.room_id_type, &*pressed.rtc.room_id),
        ("integer", room)
    );
    assert!(offer["room_info"]["user_id"].as_str().unwrap().len() <= 32);
}

#[tokio::test]
async fn the_first_to_accept_wins_across_both_families() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mut mum = registered(&community, "mum", "mum_android_1").await;
    let mut dad = community.phone(&community.dad, "dad-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    offer(&mut mum).await;
    incoming(&mut dad).await;
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");

    let won = dad
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    let lost = mum.act(&call, "accepted").await.ok().unwrap();

    assert!(won.is_success(), "{}", won.message);
    assert_eq!((lost.http_status, lost.code), (409, 409));
    assert_eq!(lost.data["status"], "answered");
    let elsewhere = told(&mut mum).await;
    assert_eq!(elsewhere["action"], "answered_elsewhere");
    assert_eq!(elsewhere["device_id"], *community.dad.resident_id);
    assert_eq!(synced(&mut mum).await["action"], "accepted");
    assert_eq!(control(&mut dad).await.action, "answered");
    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
}

#[tokio::test]
async fn other_devices_of_the_resident_learn_which_one_decided() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut first = registered(&community, "mum", "mum_android_1").await;
    let mut second = registered(&community, "mum", "mum_ios_2").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    offer(&mut first).await;
    offer(&mut second).await;

    first.act(&call, "rejected").await.ok().unwrap();

    let elsewhere = told(&mut second).await;
    assert_eq!(elsewhere["action"], "rejected_elsewhere");
    assert_eq!(elsewhere["device_id"], "mum_android_1");
    let sync = synced(&mut second).await;
    assert_eq!(
        (&sync["action"], &sync["device_id"]),
        (&json!("rejected"), &json!("mum_android_1"))
    );
    assert_eq!(synced(&mut first).await["device_id"], "mum_android_1");
}

#[tokio::test]
async fn a_cancelled_call_is_cancelled_on_the_own_topic() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut phone = registered(&community, "mum", "mum_android_1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    offer(&mut phone).await;

    door.control(&call, DoorAction::Cancelled, None)
        .await
        .ok()
        .unwrap();

    assert_eq!(told(&mut phone).await["action"], "cancelled");
}

#[tokio::test]
async fn a_phone_that_registers_while_it_rings_is_offered_the_call() {
    let community = Community::start().await;
    let door = community.door().await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let mut late = registered(&community, "mum", "mum_android_1").await;

    assert_eq!(offer(&mut late).await["call_id"], *call);
}

#[tokio::test]
async fn an_unregistered_phone_may_use_the_own_topics_too() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut registration = register(&community.server.address(), &community.dad, "dad_1")
        .await
        .ok()
        .unwrap();
    registration
        .mqtt_credentials
        .username
        .clone_from(&community.mum.resident_id);
    registration
        .mqtt_credentials
        .password
        .clone_from(&community.mum.token);
    let topics = &mut registration.topics;
    for topic in [
        &mut topics.incoming_calls,
        &mut topics.call_control,
        &mut topics.device_sync,
    ] {
        *topic = topic.replace(&community.dad.resident_id, &community.mum.resident_id);
    }
    let address = community.server.address();
    let mut phone = PushPhone::with(&address, &registration).await.ok().unwrap();

    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    assert_eq!(offer(&mut phone).await["call_id"], *call);
}

#[tokio::test]
async fn a_pass_is_good_for_its_own_client_id_only() {
    let community = Community::start().await;
    let address = community.server.address();
    let mut registration = register(&address, &community.mum, "mum_1")
        .await
        .ok()
        .unwrap();
    registration.mqtt_credentials.client_id = "mum_2".into();

    let refused = PushPhone::with(&address, &registration).await;

    assert!(matches!(refused, Err(SimError::ConnectRefused { .. })));
}

#[tokio::test]
async fn nobody_subscribes_to_what_is_not_theirs() {
    let community = Community::start().await;
    let address = community.server.address();
    let mine = register(&address, &community.mum, "mum_1")
        .await
        .ok()
        .unwrap();
    let foreign = register(&address, &community.neighbour, "n_1")
        .await
        .ok()
        .unwrap();
    let wide = [
        "#",
        "users/#",
        "users/+/calls/incoming",
        "mqtt_call/#",
        "mqtt_call/controller/device",
    ];
    let strangers = wide.into_iter().map(str::to_owned);

    for filter in strangers.chain([foreign.topics.incoming_calls, foreign.topics.call_control]) {
        let mut asked = mine.clone();
        asked.topics.incoming_calls.clone_from(&filter);
        let refused = PushPhone::with(&address, &asked).await;
        assert!(
            matches!(refused, Err(SimError::SubscriptionRefused)),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn registration_is_for_oneself_and_names_what_is_missing() {
    let community = Community::start().await;
    let bearer = format!("Bearer {}", community.mum.token);
    let headers = [("authorization", &*bearer)];
    let path = "/api/mqtt/clients/register";
    let foreign = json!({"user_id": community.dad.resident_id, "client_id": "x"});
    let nameless = json!({"user_id": community.mum.resident_id});

    assert_eq!(community.server.post(path, &headers, &foreign).await.0, 404);
    let (status, reply) = community.server.post(path, &headers, &nameless).await;
    assert_eq!(
        (status, &reply["message"]),
        (400, &json!("缺少字段 client_id"))
    );
    assert_eq!(community.server.post(path, &[], &nameless).await.0, 401);
}

#[tokio::test]
async fn offers_leave_in_the_order_of_priority() {
    let community = Community::start().await;
    let door = community.door().await;
    registered(&community, "mum", "mum_background").await;
    registered(&community, "mum", "mum_active").await;
    for (client, status) in [("mum_background", "background"), ("mum_active", "active")] {
        let body = json!({"client_id": client, "status": status, "last_active": 1});
        let (code, reply) = put_status(&community, &body).await;
        assert_eq!(
            (code, reply),
            (200, json!({"code": 0, "message": "成功", "data": null}))
        );
    }
    let unknown = json!({"client_id": "nobody", "status": "active"});
    assert_eq!(put_status(&community, &unknown).await.0, 404);

    door.press(HOUSEHOLD).await.ok().unwrap();
    let call = door.press("1-102").await.ok().unwrap().call_id;
    door.control(&call, DoorAction::Cancelled, None)
        .await
        .ok()
        .unwrap();

    let records = community.records().await;
    let legs = records[1]["legs"].as_array().unwrap();
    let order: Vec<&str> = legs
        .iter()
        .map(|leg| leg["endpoint"].as_str().unwrap())
        .collect();
    assert!(
        order[0].ends_with(":mum_active") && order[1].ends_with(":mum_background"),
        "{order:?}"
    );
}

async fn put_status(community: &Community, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/mqtt/clients/status", community.server.http);
    let request = community
        .server
        .client
        .put(url)
        .bearer_auth(&community.mum.token);
    let response = request.body(body.to_string()).send().await.unwrap();
    let status = response.status().as_u16();
    (
        status,
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap(),
    )
}

#[tokio::test]
async fn a_login_that_registered_acts_for_its_client() {
    let community = Community::start().await;
    let door = community.door().await;
    let login = community.sign_in("mum").await;
    register(&community.server.address(), &login, "mum_1")
        .await
        .ok()
        .unwrap();
    let by_login = Phone::connect(&community.server.address(), &login, "other")
        .await
        .unwrap();
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let won = by_login
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    by_login
        .respond(&call, PhoneAction::Hangup, None)
        .await
        .ok()
        .unwrap();

    assert!(won.is_success(), "{}", won.message);
    let record = &community.records().await[0];
    assert!(
        record["answered_by"].as_str().unwrap().ends_with(":mum_1"),
        "{record}"
    );
}

#[tokio::test]
async fn a_login_that_registers_in_mid_call_keeps_its_hand_on_the_call() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let phone = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    let respond = |action| phone.respond(&call, action, None);
    assert!(respond(PhoneAction::Answered).await.unwrap().is_success());

    let address = community.server.address();
    register(&address, &community.mum, "mum_1").await.unwrap();

    assert_eq!(phone.session(&call).await.unwrap().status, "answered");
    assert!(respond(PhoneAction::Answered).await.unwrap().is_success());
    assert!(respond(PhoneAction::Hangup).await.unwrap().is_success());
    for expected in ["ringing", "answered", "hangup"] {
        assert_eq!(door.next(SOON).await.unwrap().action, expected);
    }
}

#[tokio::test]
async fn the_ninth_client_pushes_the_first_one_out() {
    let community = Community::start().await;
    let mut first = registered(&community, "mum", "mum_0").await;
    let mut second = registered(&community, "mum", "mum_1").await;

    let address = community.server.address();
    for n in 2..=8 {
        let name = format!("mum_{n}");
        register(&address, &community.mum, &name).await.unwrap();
    }

    let cut_off = first.next(SOON).await.err().unwrap();
    assert!(!matches!(cut_off, SimError::Quiet(_)), "{cut_off}");
    let door = community.door().await;
    door.press(HOUSEHOLD).await.unwrap();
    offer(&mut second).await;
}

#[tokio::test]
async fn a_door_of_the_own_form_hears_its_own_topic() {
    let community = Community::start().await;
    let secret = community.own_door("garden").await;
    let mut listening = mosquitto("mosquitto_sub", &community, "garden", &secret);
    listening.args(["-v", "-t", "devices/garden/calls/control"]);
    let garden = Listener::start(&mut listening);
    let bearer = format!("Bearer {secret}");
    let headers = [("x-device-id", "garden"), ("authorization", &*bearer)];
    let press = json!({"device_device_id": "garden", "household_number": HOUSEHOLD});
    let (_, pressed) = community
        .server
        .post("/api/mqtt/call", &headers, &press)
        .await;
    let call = &pressed["data"]["call_id"];

    let (garden, topic, ringing) = garden.next().await;
    let hangup = json!({"call_id": call, "action": "cancelled"});
    let path = "/api/mqtt/calls/caller-action";
    let (status, reply) = community.server.post(path, &headers, &hangup).await;
    let (_garden, _, ended) = garden.next().await;

    assert_eq!(topic, "devices/garden/calls/control");
    assert_eq!(
        (&ringing["action"], &ringing["call_id"]),
        (&json!("ringing"), call)
    );
    assert_eq!((status, &reply["code"]), (200, &json!(0)), "{reply}");
    assert_eq!(
        (&ended["action"], &ended["reason"]),
        (&json!("hangup"), &json!("cancelled"))
    );
}
