//! Connections with peers (RFC 6062), from the client's side.

use core::time::Duration;

use patchcord_turn::attribute::{ConnectionId, XorPeerAddress};
use patchcord_turn::client::{CloseReason, Config, Discard, Event, Relaying};
use patchcord_turn::server;
use sansio::{Datagram, Instant, Machine, Path, Transport};
use stun::{MessageBuilder, Method};

use crate::scene::{Caller, Host, PEER, SERVER, at, caller, host, server_config};

const NOW: Instant = Instant::ZERO;

fn config() -> Config {
    Config { relaying: Relaying::Connections, max_connections: 2, ..Config::default() }
}

/// Whatever both have to say, at once.
fn settle(alice: &mut Caller, host: &mut Host, now: Instant) {
    let mut buf = Vec::new();
    loop {
        if let Some(transmit) = alice.client.poll_transmit(now, &mut buf) {
            let _ = host.handle_input(now, Datagram::new(transmit.path.reversed(), now, &mut buf));
        } else if let Some(transmit) = host.poll_transmit(now, &mut buf) {
            let path = transmit.path.reversed();
            let _ = alice.client.handle_input(now, Datagram::new(path, now, &mut buf));
        } else {
            return;
        }
        buf.clear();
    }
}

fn events(alice: &mut Caller) -> Vec<Event> {
    core::iter::from_fn(|| alice.client.poll_event()).collect()
}

/// A client with an allocation for connections.
fn allocated(config: server::Config) -> (Caller, Host) {
    let mut alice = caller(self::config(), Transport::Tcp, 1);
    let mut host = host(config, 1);
    settle(&mut alice, &mut host, NOW);
    assert_eq!(events(&mut alice), [Event::Allocated]);
    assert_eq!(host.open.first().map(|relay| relay.transport), Some(Transport::Tcp));
    (alice, host)
}

/// The peer has answered the server: what the client's shell is asked for.
fn connect(alice: &mut Caller, host: &mut Host, now: Instant) -> ConnectionId {
    assert_eq!(alice.client.connect(at(PEER)), Ok(()));
    settle(alice, host, now);
    let Some(server::Event::Connect { id, .. }) = host.events.last().copied() else {
        unreachable!("{:?}", host.events)
    };
    assert_eq!(events(alice), [], "the peer has not answered yet");
    host.server.handle_connected(now, id);
    settle(alice, host, now);
    assert_eq!(events(alice), [Event::ConnectionWanted { id, peer: at(PEER) }]);
    id
}

/// The 5-tuple of another connection to the server.
fn data_path(port: u16) -> Path {
    let local = ([203, 0, 113, 7], port).into();
    Path { local, remote: at(SERVER), transport: Transport::Tcp }
}

#[test]
fn a_peer_is_connected_by_way_of_a_second_connection() {
    let (mut alice, mut host) = allocated(server_config());
    let id = connect(&mut alice, &mut host, NOW);
    let path = data_path(5001);
    assert!(alice.client.handle_opened(NOW, id, path));
    settle(&mut alice, &mut host, NOW);
    assert_eq!(events(&mut alice), [Event::Connected { id, peer: at(PEER), path }]);
    let joined = server::Event::Joined { id, client: path.reversed() };
    assert_eq!(host.events.last(), Some(&joined));
    assert!(!alice.client.handle_opened(NOW, id, data_path(5002)), "it has one");
    // Datagrams have no way here.
    assert!(alice.client.permit(at(PEER).ip()).is_ok() && alice.client.way(at(PEER)).is_none());
    // What follows on that connection is the application's.
    let mut bytes = *b"any bytes at all, long enough";
    let input = Datagram::new(path, NOW, &mut bytes);
    assert_eq!(alice.client.handle_input(NOW, input), Err(Discard::Path(path)));
    assert!(alice.client.connect(at(PEER)).is_err(), "one with each peer");
    alice.client.handle_closed(id);
    assert_eq!(alice.client.connect(at(PEER)), Ok(()));
}

#[test]
fn a_nonce_may_be_stale_by_the_time_the_connection_stands() {
    let nonce_lifetime = Duration::from_secs(5);
    let (mut alice, mut host) = allocated(server::Config { nonce_lifetime, ..server_config() });
    let id = connect(&mut alice, &mut host, NOW);
    let later = NOW + Duration::from_secs(10);
    assert!(alice.client.handle_opened(later, id, data_path(5001)));
    settle(&mut alice, &mut host, later);
    assert!(matches!(events(&mut alice)[..], [Event::Connected { .. }]));
}

#[test]
fn a_permitted_peer_connects() {
    let (mut alice, mut host) = allocated(server_config());
    let (relay, path) = (host.open[0], data_path(5001));
    assert_eq!(host.server.handle_accepted(NOW, relay, at(PEER)), None);
    assert_eq!(alice.client.permit(at(PEER).ip()), Ok(()));
    settle(&mut alice, &mut host, NOW);
    let Some(id) = host.server.handle_accepted(NOW, relay, at(PEER)) else {
        unreachable!("it is permitted")
    };
    settle(&mut alice, &mut host, NOW);
    let wanted = Event::ConnectionWanted { id, peer: at(PEER) };
    assert_eq!(events(&mut alice), [Event::Permitted(at(PEER).ip()), wanted]);
    assert!(alice.client.handle_opened(NOW, id, path));
    settle(&mut alice, &mut host, NOW);
    assert_eq!(events(&mut alice), [Event::Connected { id, peer: at(PEER), path }]);
}

#[test]
fn refusals_have_their_code() {
    let refused = |peer: &str, code| Event::ConnectionRefused { peer: at(peer), code };
    let (mut alice, mut host) = allocated(server_config());
    let inside = "10.0.0.1:80";
    assert_eq!(alice.client.connect(at(inside)), Ok(()));
    settle(&mut alice, &mut host, NOW);
    assert_eq!(events(&mut alice), [refused(inside, Some(403))]);
    // The peer does not answer, says the server.
    assert_eq!(alice.client.connect(at(PEER)), Ok(()));
    settle(&mut alice, &mut host, NOW);
    let Some(server::Event::Connect { id, .. }) = host.events.last().copied() else {
        unreachable!("{:?}", host.events)
    };
    host.server.handle_disconnected(id);
    settle(&mut alice, &mut host, NOW);
    assert_eq!(events(&mut alice), [refused(PEER, Some(447))]);
    // The server has forgotten the connection before ours was there.
    let id = connect(&mut alice, &mut host, NOW);
    host.server.handle_disconnected(id);
    assert!(alice.client.handle_opened(NOW, id, data_path(5001)));
    settle(&mut alice, &mut host, NOW);
    assert_eq!(events(&mut alice), [refused(PEER, Some(400))]);
}

#[test]
fn a_connection_that_nobody_opens_is_given_up_after_half_a_minute() {
    let (mut alice, mut host) = allocated(server_config());
    let id = connect(&mut alice, &mut host, NOW);
    let end = NOW + Duration::from_secs(30);
    assert_eq!(alice.client.poll_timeout(), Some(end));
    alice.client.handle_timeout(end);
    let refused = Event::ConnectionRefused { peer: at(PEER), code: None };
    assert_eq!(events(&mut alice), [refused]);
    assert!(!alice.client.handle_opened(end, id, data_path(5001)));
    assert_eq!(alice.client.poll_transmit(end, &mut Vec::new()), None);
}

#[test]
fn a_peer_without_permission_and_one_too_many_change_nothing() {
    let (mut alice, mut host) = allocated(server_config());
    let attempt = |number: u8| {
        let mut bytes = Vec::new();
        MessageBuilder::indication(&mut bytes, Method::CONNECTION_ATTEMPT, [number; 12].into())
            .attribute(&ConnectionId(number.into()))
            .attribute(&XorPeerAddress(([198, 51, 100, 2], 7000 + u16::from(number)).into()));
        bytes
    };
    let hear = |alice: &mut Caller, number| {
        let path = alice.client.path();
        alice.client.handle_input(NOW, Datagram::new(path, NOW, &mut attempt(number)))
    };
    assert!(matches!(hear(&mut alice, 1), Err(Discard::Peer(_))));
    assert_eq!(alice.client.permit(at(PEER).ip()), Ok(()));
    settle(&mut alice, &mut host, NOW);
    assert_eq!((hear(&mut alice, 1), hear(&mut alice, 2)), (Ok(()), Ok(())));
    assert!(matches!(hear(&mut alice, 2), Err(Discard::Peer(_))), "it is known");
    assert_eq!(hear(&mut alice, 3), Err(Discard::Connections(2)));
    assert!(alice.client.connect(at("198.51.100.9:1")).is_err());
    assert_eq!(events(&mut alice).len(), 3, "the permission, and two connections");
}

#[test]
fn over_udp_there_are_no_connections() {
    let (mut alice, mut host) = (caller(config(), Transport::Udp, 1), host(server_config(), 1));
    settle(&mut alice, &mut host, NOW);
    assert_eq!(events(&mut alice), [Event::Closed(CloseReason::Refused(400))]);
}

#[test]
fn closing_ends_connections_that_are_under_way() {
    let (mut alice, mut host) = allocated(server_config());
    let id = connect(&mut alice, &mut host, NOW);
    alice.client.close(NOW);
    assert!(!alice.client.handle_opened(NOW, id, data_path(5001)));
    settle(&mut alice, &mut host, NOW);
    assert_eq!(events(&mut alice), [Event::Closed(CloseReason::Closed)]);
    assert!(host.events.contains(&server::Event::Disconnect(id)));
}
