//! A driver that is driven by hand.

use core::time::Duration;
use std::io;
use std::sync::{Arc, Weak};

use peer::{DataChannelInit, MediaKind, Message};

use super::driver::Driver;
use super::output::Progress;
use super::*;
use crate::connection::{CloseReason, Connection, PeerConnection};
use crate::mux::Lane;
use crate::net::Family;
use crate::{Config, EndpointConfig};

pub(super) fn config() -> EndpointConfig {
    EndpointConfig { udp: "127.0.0.1:0".parse().unwrap(), ..EndpointConfig::default() }
}

fn assemble() -> (Endpoint, Driver) {
    Endpoint::assemble(config()).unwrap()
}

pub(super) fn connection(endpoint: &Endpoint) -> PeerConnection {
    endpoint.peer_connection(Config::default()).unwrap()
}

fn weak(connection: &PeerConnection) -> Weak<Connection> {
    Arc::downgrade(connection.connection())
}

/// An offer goes one way, an answer the other.
pub(super) async fn signal(caller: &PeerConnection, callee: &PeerConnection) {
    caller.set_local_description(None).await.unwrap();
    callee.set_remote_description(caller.local_description().unwrap()).await.unwrap();
    callee.set_local_description(None).await.unwrap();
    caller.set_remote_description(callee.local_description().unwrap()).await.unwrap();
}

#[tokio::test]
async fn the_last_handle_frees_the_connection() {
    let (endpoint, mut driver) = assemble();
    let first = connection(&endpoint);
    let channel = first.create_data_channel("x", DataChannelInit::default()).unwrap();
    let (clone, memory) = (first.clone(), weak(&first));
    driver.round();
    drop(first);
    drop(channel);
    driver.round();
    assert_eq!(endpoint.peer_count(), 1);
    drop(clone);
    driver.round();
    assert_eq!(endpoint.peer_count(), 0);
    assert_eq!(memory.strong_count(), 0);
}

#[tokio::test]
async fn a_connected_pair_leaves_no_reference_behind() {
    let (a, b) = (Endpoint::bind(config()).await.unwrap(), Endpoint::bind(config()).await.unwrap());
    let (caller, callee) = (connection(&a), connection(&b));
    let channel = caller.create_data_channel("x", DataChannelInit::default()).unwrap();
    signal(&caller, &callee).await;
    assert!(channel.opened().await);
    let memory = [weak(&caller), weak(&callee)];
    drop((caller, callee, channel));
    a.close().await;
    b.close().await;
    assert_eq!(memory.map(|m| m.strong_count()), [0, 0]);
}

#[tokio::test]
async fn a_forwarding_leaves_no_reference_behind() {
    let (a, b) = (Endpoint::bind(config()).await.unwrap(), Endpoint::bind(config()).await.unwrap());
    let (caller, callee) = (connection(&a), connection(&b));
    let track = caller.add_track(MediaKind::Video, &[]).unwrap();
    signal(&caller, &callee).await;
    let far = callee.transceivers().remove(0);
    let echo = tokio::spawn(async move { far.receiver().forward(&far.sender()).await });
    for connection in [&caller, &callee] {
        while connection.connection_state() != peer::ConnectionState::Connected {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let memory = [weak(&caller), weak(&callee)];
    drop((track, caller, callee));
    // The caller is gone, which the callee learns; that ends the forwarding, which held it.
    echo.await.unwrap();
    a.close().await;
    b.close().await;
    assert_eq!(memory.map(|m| m.strong_count()), [0, 0]);
}

#[tokio::test]
async fn a_dead_socket_ends_all_connections_with_a_reason() {
    let (endpoint, mut driver) = assemble();
    let (old, new) = (connection(&endpoint), connection(&endpoint));
    let channel = old.create_data_channel("x", DataChannelInit::default()).unwrap();
    driver.round();
    let late = connection(&endpoint);
    let waiting = tokio::spawn(async move { channel.send(Message::text("never")).await });
    tokio::task::yield_now().await;
    driver.end(&CloseReason::Socket(Arc::new(io::Error::other("unplugged"))));
    for connection in [&old, &new, &late] {
        let reason = connection.close_reason().unwrap();
        assert!(matches!(&reason, CloseReason::Socket(_)), "{reason}");
        while connection.next_event().await.is_some() {}
        connection.close().await;
    }
    assert!(waiting.await.unwrap().is_err());
    assert_eq!(endpoint.peer_count(), 0);
    let refused = endpoint.peer_connection(Config::default());
    assert!(matches!(refused, Err(PeerConnectionError::Closed)));
    endpoint.close().await;
}

#[tokio::test]
async fn a_full_endpoint_refuses_and_takes_again() {
    let (endpoint, mut driver) =
        Endpoint::assemble(EndpointConfig { max_peers: 2, ..config() }).unwrap();
    let first = connection(&endpoint);
    let _second = connection(&endpoint);
    let refused = endpoint.peer_connection(Config::default());
    assert!(matches!(refused, Err(PeerConnectionError::TooMany(2))));
    drop(first);
    driver.round();
    let _third = connection(&endpoint);
}

#[tokio::test]
async fn a_check_finds_a_connection_that_has_had_no_turn_yet() {
    let (a, mut driver) = assemble();
    let b = Endpoint::bind(config()).await.unwrap();
    let (caller, callee) = (connection(&a), connection(&b));
    let _channel = caller.create_data_channel("x", DataChannelInit::default()).unwrap();
    signal(&caller, &callee).await;
    while a.stats().received == 0 {
        tokio::task::yield_now().await;
        driver.read(Lane(0), Family::V4).unwrap();
    }
    assert_eq!(a.stats().strangers, 0);
}

#[tokio::test]
async fn a_crowd_has_its_turns_in_several_rounds() {
    let (endpoint, mut driver) = assemble();
    let crowd: Vec<_> = (0..100).map(|_| connection(&endpoint)).collect();
    assert_eq!(driver.round(), Progress::More);
    assert_eq!(driver.dirty.len(), 36, "sockets are read in between");
    assert_eq!(driver.round(), Progress::Done);
    assert_eq!(endpoint.peer_count(), crowd.len());
}

#[tokio::test]
async fn while_a_socket_is_full_nobody_is_pulled() {
    let (endpoint, mut driver) = assemble();
    let other = connection(&endpoint);
    let one = connection(&endpoint);
    other.create_data_channel("x", DataChannelInit::default()).unwrap();
    signal(&other, &one).await;
    // The reactor has not run yet: a socket that it has not called writable takes nothing.
    assert_eq!(driver.round(), Progress::Blocked);
    assert!(!driver.outbox.is_empty());
    assert_eq!(driver.dirty.len(), 1);
    let waiting = driver.outbox.bytes.len();
    assert_eq!(driver.round(), Progress::Blocked);
    assert_eq!((driver.outbox.bytes.len(), endpoint.stats().sent), (waiting, 0));
    // Driven, it goes on where it was.
    tokio::spawn(driver.run());
    while endpoint.stats().sent == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(endpoint.stats().lost, 0);
}

#[tokio::test]
async fn a_failed_connection_that_nobody_can_restart_is_over() {
    let endpoint = Endpoint::bind(config()).await.unwrap();
    let silent = Endpoint::assemble(config()).unwrap();
    let mut impatient = peer::Config::new(Arc::new(peer::Certificate::generate().unwrap()));
    impatient.ice.patience = Duration::from_millis(100);
    impatient.ice.rto = Duration::from_millis(1);
    let caller = endpoint.connect(impatient, Config::default().choices()).unwrap();
    let channel = caller.create_data_channel("x", DataChannelInit::default()).unwrap();
    let nobody = connection(&silent.0);
    signal(&caller, &nobody).await;
    // A handle could restart ICE, so the connection waits for that.
    while caller.connection_state() != peer::ConnectionState::Failed {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(endpoint.peer_count(), 1);
    drop(caller);
    assert!(!channel.opened().await);
    assert_eq!(channel.recv().await, None);
    while endpoint.peer_count() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
