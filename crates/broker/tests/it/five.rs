//! What only MQTT 5 has.
//! MQTT 5 section numbers are in the code under test.

use std::num::NonZeroU32;

use rmqtt_codec::types::QoS;
use rmqtt_codec::v5::{
    Disconnect, DisconnectReasonCode, Packet, PublishProperties, RetainHandling, Subscribe,
    SubscriptionOptions,
};
use rmqtt_codec::{MqttPacket, v5};

use crate::client::{Client, Hello, Speaks, hello};
use crate::owner::House;

async fn subscribe_with(
    client: &mut Client,
    filter: &str,
    id: Option<u32>,
    options: SubscriptionOptions,
) -> Vec<u8> {
    let packet = Subscribe {
        packet_id: client.next_id(),
        id: id.and_then(NonZeroU32::new),
        user_properties: vec![],
        topic_filters: vec![(filter.into(), options)],
    };
    client.send(MqttPacket::V5(Packet::Subscribe(packet))).await;
    client.suback().await
}

#[tokio::test]
async fn connack_announces_what_is_offered() {
    let house = House::new();
    let mut client = Client::dial(house.address, Speaks::V5).await;
    let wish = Hello {
        client: String::new(),
        user: "u".into(),
        ..hello(Speaks::V5, "")
    };
    client
        .send_connect(&Hello {
            life_secs: u32::MAX,
            ..wish
        })
        .await;

    let MqttPacket::V5(Packet::ConnectAck(ack)) = client.receive().await else {
        panic!()
    };

    assert_eq!(ack.max_qos, QoS::ExactlyOnce);
    assert!(ack.shared_subscription_available);
    assert_eq!(ack.topic_alias_max, 16);
    assert_eq!(ack.max_packet_size, Some(256 * 1024));
    assert_eq!(ack.session_expiry_interval_secs, Some(24 * 60 * 60));
    assert!(ack.assigned_client_id.is_some());
}

#[tokio::test]
async fn overlapping_filters_deliver_once_with_all_their_identifiers() {
    let house = House::new();
    let (mut client, _) = Client::connect(house.address, &hello(Speaks::V5, "c")).await;
    let at = |qos| SubscriptionOptions {
        qos,
        ..Default::default()
    };
    subscribe_with(&mut client, "a/#", Some(1), at(QoS::AtMostOnce)).await;
    subscribe_with(&mut client, "a/+", Some(200), at(QoS::AtLeastOnce)).await;

    client.publish("a/b", "x", 1).await;

    let message = client.message().await;
    let mut ids: Vec<u32> = message
        .properties
        .unwrap()
        .subscription_ids
        .iter()
        .map(|id| id.get())
        .collect();
    ids.sort_unstable();
    assert_eq!((ids, message.qos), (vec![1, 200], QoS::AtLeastOnce));
    client.puback().await;
    client.settle().await;
}

#[tokio::test]
async fn no_local_and_retain_options_are_obeyed() {
    let house = House::new();
    let (mut client, _) = Client::connect(house.address, &hello(Speaks::V5, "c")).await;
    let (mut other, _) = Client::connect(house.address, &hello(Speaks::V5, "o")).await;
    client.publish_acked("a", "kept", true).await;
    let options = SubscriptionOptions {
        qos: QoS::AtMostOnce,
        no_local: true,
        retain_as_published: true,
        retain_handling: RetainHandling::NoAtSubscribe,
    };
    subscribe_with(&mut client, "a", None, options).await;

    client.publish_acked("a", "own", true).await;
    other.publish_acked("a", "foreign", true).await;

    let message = client.message().await;
    assert_eq!(
        (&message.payload[..], message.retain),
        (&b"foreign"[..], true)
    );
    let if_new = SubscriptionOptions {
        retain_handling: RetainHandling::AtSubscribeNew,
        ..Default::default()
    };
    subscribe_with(&mut other, "a", None, if_new).await;
    assert_eq!(other.text().await, "foreign");
    subscribe_with(&mut other, "a", None, if_new).await;
    other.settle().await;
}

#[tokio::test]
async fn properties_travel_and_nothing_is_added() {
    let house = House::new();
    let (mut reader, _) = Client::connect(house.address, &hello(Speaks::V5, "reader")).await;
    let (mut writer, _) = Client::connect(house.address, &hello(Speaks::V5, "writer")).await;
    reader.subscribe(&[("#", 0)]).await;
    let properties = PublishProperties {
        topic_alias: None,
        correlation_data: Some("c".into()),
        message_expiry_interval: NonZeroU32::new(100),
        content_type: Some("text".into()),
        user_properties: vec![("k".into(), "1".into()), ("k".into(), "2".into())],
        is_utf8_payload: true,
        response_topic: Some("answer".into()),
        subscription_ids: vec![],
    };
    let mut publish = writer.publish_packet("a", "x", 0, false);
    publish.properties = Some(properties.clone());

    writer.send_publish(publish).await;
    writer.publish("b", "y", 0).await;

    assert_eq!(reader.message().await.properties, Some(properties));
    assert_eq!(
        reader.message().await.properties,
        Some(PublishProperties::default())
    );
}

#[tokio::test]
async fn the_receive_maximum_of_the_client_is_kept() {
    let house = House::new();
    let wish = Hello {
        receive_max: Some(2),
        ..hello(Speaks::V5, "c")
    };
    let (mut client, _) = Client::connect(house.address, &wish).await;
    let (mut writer, _) = Client::connect(house.address, &hello(Speaks::V5, "w")).await;
    client.subscribe(&[("a", 1)]).await;
    for number in 0..4 {
        writer.publish_acked("a", &number.to_string(), false).await;
    }

    let (one, two) = (client.message().await, client.message().await);
    client.settle().await;
    client.ack(&two).await;
    let three = client.message().await;

    assert_eq!(&three.payload[..], b"2");
    client.settle().await;
    client.ack(&one).await;
    assert_eq!(client.text().await, "3");
}

#[tokio::test]
async fn a_message_larger_than_the_client_takes_is_skipped() {
    let house = House::new();
    let wish = Hello {
        packet_max: Some(40),
        ..hello(Speaks::V5, "c")
    };
    let (mut client, _) = Client::connect(house.address, &wish).await;
    client.subscribe(&[("a", 1)]).await;
    let (mut writer, _) = Client::connect(house.address, &hello(Speaks::V5, "w")).await;

    writer.publish_acked("a", &"x".repeat(100), false).await;
    writer.publish_acked("a", "small", false).await;

    assert_eq!(client.text().await, "small");
}

#[tokio::test]
async fn disconnect_with_will_publishes_it() {
    let house = House::new();
    let (mut reader, _) = Client::connect(house.address, &hello(Speaks::V5, "reader")).await;
    reader.subscribe(&[("gone", 0)]).await;
    let wish = Hello {
        will: Some(("gone".into(), "bye".into(), false)),
        ..hello(Speaks::V5, "c")
    };
    let (mut client, _) = Client::connect(house.address, &wish).await;

    let reason = DisconnectReasonCode::DisconnectWithWillMessage;
    client
        .send(MqttPacket::V5(v5::Packet::Disconnect(Disconnect::new(
            reason,
        ))))
        .await;

    assert_eq!(reader.text().await, "bye");
}

#[tokio::test]
async fn a_disconnect_can_shorten_the_session() {
    let mut house = House::new();
    let wish = Hello {
        clean: false,
        life_secs: 3600,
        ..hello(Speaks::V5, "c")
    };
    let (mut client, _) = Client::connect(house.address, &wish).await;
    let disconnect = Disconnect {
        session_expiry_interval_secs: Some(0),
        ..Disconnect::default()
    };

    client
        .send(MqttPacket::V5(v5::Packet::Disconnect(disconnect)))
        .await;

    house.end_of("c").await;
    assert_eq!(house.broker.counts().sessions, 0);
}
