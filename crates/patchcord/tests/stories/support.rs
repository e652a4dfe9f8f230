//! Endpoints on the loopback interface, and the signalling between two connections.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use patchcord::{
    Certificate, Config, DataChannel, DataChannelInit, Endpoint, EndpointConfig, Event, Message,
    PeerConnection,
};

/// Nothing here takes long; this is for a machine that is busy with something else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it took too long")
}

/// Polls a condition that nothing announces.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    within(async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

pub(crate) async fn endpoint() -> Endpoint {
    static CERTIFICATE: LazyLock<Arc<Certificate>> =
        LazyLock::new(|| Arc::new(Certificate::generate().unwrap()));
    let config = EndpointConfig {
        udp: "127.0.0.1:0".parse().unwrap(),
        certificate: Some(Arc::clone(&CERTIFICATE)),
        ..Default::default()
    };
    Endpoint::bind(config).await.unwrap()
}

pub(crate) fn connection(endpoint: &Endpoint) -> PeerConnection {
    endpoint.peer_connection(Config::default()).unwrap()
}

/// An offer goes one way, an answer the other.
pub(crate) async fn signal(caller: &PeerConnection, callee: &PeerConnection) {
    caller.set_local_description(None).await.unwrap();
    caller.gathering_complete().await;
    callee.set_remote_description(caller.local_description().unwrap()).await.unwrap();
    callee.set_local_description(None).await.unwrap();
    callee.gathering_complete().await;
    caller.set_remote_description(callee.local_description().unwrap()).await.unwrap();
}

/// The next channel that the other side opens.
pub(crate) async fn incoming(connection: &PeerConnection) -> DataChannel {
    within(async {
        loop {
            let event = connection.next_event().await.expect("a channel");
            if let Event::DataChannel(channel) = event {
                return channel;
            }
        }
    })
    .await
}

/// Two connections with an open channel between them.
pub(crate) struct Pair {
    pub(crate) caller: PeerConnection,
    pub(crate) callee: PeerConnection,
    pub(crate) near: DataChannel,
    pub(crate) far: DataChannel,
}

pub(crate) async fn pair(a: &Endpoint, b: &Endpoint) -> Pair {
    pair_with(connection(a), connection(b)).await
}

pub(crate) async fn pair_with(caller: PeerConnection, callee: PeerConnection) -> Pair {
    let near = caller.create_data_channel("test", DataChannelInit::default()).unwrap();
    signal(&caller, &callee).await;
    assert!(within(near.opened()).await);
    let far = incoming(&callee).await;
    Pair { caller, callee, near, far }
}

/// Returns every message on its channel until the connection is over.
pub(crate) async fn echo(connection: PeerConnection) {
    while let Some(event) = connection.next_event().await {
        if let Event::DataChannel(channel) = event {
            tokio::spawn(async move {
                while let Some(message) = channel.recv().await {
                    if channel.send(message).await.is_err() {
                        break;
                    }
                }
            });
        }
    }
}

/// A message whose bytes depend on its number.
pub(crate) fn numbered(n: usize, len: usize) -> Message {
    let bytes: Vec<u8> = (0..len).map(|i| (n * 31 + i * 7 + i / 251) as u8).collect();
    Message::binary(bytes)
}
