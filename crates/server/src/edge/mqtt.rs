//! Plain MQTT: one thread for all its connections. The broker's core is behind one lock, so a second
//! thread would wait for it, and waking that one costs more than the work.

use std::future::Future;
use std::io;

use broker::Broker;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::machine::run_apart;

/// Serves until stopped.
pub(crate) fn serve_mqtt(
    listener: TcpListener,
    broker: Broker,
    stop: CancellationToken,
) -> io::Result<impl Future<Output = io::Result<()>> + Send> {
    let listener = listener.into_std()?;
    run_apart("mqtt", move || async move {
        broker.serve(TcpListener::from_std(listener)?, stop).await
    })
}
