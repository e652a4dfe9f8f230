use core::time::Duration;
use std::sync::Arc;
use std::thread;

use peer::{ConnectionState, DataChannelInit, Message};

use crate::config::Config;
use crate::connection::{CloseReason, Event, PeerConnection};
use crate::endpoint::Endpoint;
use crate::endpoint::tests::{config, connection, signal};

/// Panics in the middle of the handshake.
#[derive(Debug)]
struct Defect;

impl dtls::KeyLog for Defect {
    fn log(&self, _: &str) {
        panic!("a defect");
    }
}

/// One of whose calls panics in the middle of its handshake.
fn defective(endpoint: &Endpoint) -> PeerConnection {
    let key_log: Option<Arc<dyn dtls::KeyLog>> = Some(Arc::new(Defect));
    endpoint.peer_connection(Config { key_log, ..Config::default() }).unwrap()
}

fn panic_within(connection: &PeerConnection) {
    connection.connection().change(|_, _| panic!("a defect"));
}

async fn until_over(connection: &PeerConnection) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(event) = connection.next_event().await {
        events.push(event);
    }
    events
}

fn panicked(connection: &PeerConnection) -> bool {
    matches!(connection.close_reason(), Some(CloseReason::Panicked))
}

#[tokio::test]
async fn a_connection_that_panics_in_the_driver_ends_alone() {
    let (server, clients) =
        (Endpoint::bind(config()).await.unwrap(), Endpoint::bind(config()).await.unwrap());
    let mut calls = Vec::new();
    for victim in [false, true, false] {
        let callee = if victim { defective(&server) } else { connection(&server) };
        let init = DataChannelInit { negotiated: true, id: Some(0), ..DataChannelInit::default() };
        let far = callee.create_data_channel("x", init.clone()).unwrap();
        let caller = connection(&clients);
        let near = caller.create_data_channel("x", init).unwrap();
        signal(&caller, &callee).await;
        calls.push((caller, near, callee, far));
    }
    let (_caller, _near, victim, far) = calls.remove(1);
    let events = until_over(&victim).await;
    let last = events.last().unwrap();
    assert!(matches!(last, Event::ConnectionStateChange(ConnectionState::Closed)), "{last:?}");
    assert!(panicked(&victim), "{:?}", victim.close_reason());
    assert!(!far.opened().await, "its handles answer as those of a closed connection");
    assert!(victim.create_data_channel("y", DataChannelInit::default()).is_err());
    victim.close().await;
    assert_eq!((server.peer_count(), server.stats().panicked), (2, 1));

    for (_, near, _, far) in &calls {
        assert!(near.opened().await && far.opened().await);
        near.send(Message::text("still here")).await.unwrap();
        assert_eq!(far.recv().await, Some(Message::text("still here")));
    }
    drop(calls);
    server.close().await;
    clients.close().await;
}

#[tokio::test]
async fn a_panic_on_the_thread_of_an_application_closes_the_connection_for_all() {
    let endpoint = Endpoint::bind(config()).await.unwrap();
    let (victim, other) = (connection(&endpoint), connection(&endpoint));
    let channel = victim.create_data_channel("x", DataChannelInit::default()).unwrap();
    let waiting = tokio::spawn(async move { channel.opened().await });
    let handle = victim.clone();
    assert!(thread::spawn(move || panic_within(&handle)).join().is_err());
    assert!(panicked(&victim));
    assert!(!waiting.await.unwrap(), "who waits is woken");
    while endpoint.peer_count() > 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(other.close_reason().is_none());
}

#[tokio::test]
async fn the_datagram_that_was_being_pulled_is_forgotten() {
    let (endpoint, mut driver) = Endpoint::assemble(config()).unwrap();
    let (victim, other) = (connection(&endpoint), connection(&endpoint));
    driver.round();
    let round = driver.isolate(|driver| {
        driver.outbox.bytes.extend_from_slice(b"half a datagr");
        panic_within(&victim);
    });
    assert_eq!((round, driver.outbox.bytes.len()), (None, 0));
    driver.round();
    assert_eq!(endpoint.peer_count(), 1);
    assert!(panicked(&victim) && other.close_reason().is_none());
}

#[tokio::test]
async fn who_works_for_others_goes_on() {
    let (endpoint, mut driver) = Endpoint::assemble(config()).unwrap();
    let victim = connection(&endpoint);
    assert_eq!(victim.connection().isolate(|| panic_within(&victim)), None);
    assert!(panicked(&victim));
    driver.round();
    assert_eq!(endpoint.peer_count(), 0);
}

#[tokio::test]
#[should_panic(expected = "of the driver itself")]
async fn a_panic_that_is_no_connections_goes_on() {
    let (endpoint, mut driver) = Endpoint::assemble(config()).unwrap();
    let _connection = connection(&endpoint);
    driver.round();
    driver.isolate(|_| panic!("a defect of the driver itself"));
}
