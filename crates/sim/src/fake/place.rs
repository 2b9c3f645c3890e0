//! Where a scripted server listens: any free loopback port.
//!
//! The clock it gives out stands still, so that requests can be compared as text.

use tokio::net::TcpListener;

use crate::server::ServerAddress;

pub(crate) async fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

pub(crate) fn address(web: &TcpListener, mqtt: &TcpListener) -> ServerAddress {
    ServerAddress {
        http: format!("http://{}", web.local_addr().unwrap()),
        mqtt_host: "127.0.0.1".to_owned(),
        mqtt_port: mqtt.local_addr().unwrap().port(),
        clock: || 5,
    }
}
