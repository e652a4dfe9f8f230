//! TCP between server and peers (RFC 6062).

use core::time::Duration;

use patchcord_turn::attribute::{ConnectionId, RequestedTransport, XorPeerAddress};
use patchcord_turn::server::Event;
use sansio::{Instant, Machine, Transport};
use stun::{Message, Method};

use crate::asker::{Answer, Asker, with};
use crate::scene::{Host, PEER, at, host, server_config};

const NOW: Instant = Instant::ZERO;

fn asker(port: u16) -> Asker {
    let from = format!("203.0.113.7:{port}");
    Asker::new(&from, Transport::Tcp, ("alice", "wonderland"))
}

/// A host with a TCP allocation, and its client.
fn allocated(config: patchcord_turn::server::Config) -> (Host, Asker) {
    let (mut host, mut alice) = (host(config, 1), asker(5000));
    let transport = [with(&RequestedTransport::TCP)];
    let answer = alice.ask(&mut host, NOW, Method::ALLOCATE, &transport);
    assert_eq!(answer.map(|answer| answer.code()), Some(0));
    assert_eq!(host.open.first().map(|relay| relay.transport), Some(Transport::Tcp));
    (host, alice)
}

fn poll(host: &mut Host) -> Option<Answer> {
    let mut buf = Vec::new();
    host.poll_transmit(NOW, &mut buf).map(|_| Answer(buf))
}

fn connect(host: &mut Host, alice: &mut Asker) -> Option<ConnectionId> {
    let peer = [with(&XorPeerAddress(at(PEER)))];
    let answer = alice.ask(host, NOW, Method::CONNECT, &peer);
    assert!(answer.is_none(), "not before the peer has answered");
    match host.events.last() {
        Some(Event::Connect { id, peer, .. }) if *peer == at(PEER) => Some(*id),
        _ => None,
    }
}

#[test]
fn a_client_connects_to_a_peer() {
    let (mut host, mut alice) = allocated(server_config());
    let id = connect(&mut host, &mut alice).unwrap();
    let again = [with(&XorPeerAddress(at(PEER)))];
    let twice = alice.ask(&mut host, NOW, Method::CONNECT, &again);
    assert_eq!(twice.map(|answer| answer.code()), Some(446));
    host.server.handle_connected(NOW, id);
    assert_eq!(poll(&mut host).unwrap().get(), Some(id));
    // The data connection is another one; the control connection will not do.
    let bind = |host: &mut Host, asker: &mut Asker| {
        let answer = asker.ask(host, NOW, Method::CONNECTION_BIND, &[with(&id)]);
        answer.map(|answer| answer.code())
    };
    assert_eq!(bind(&mut host, &mut alice), Some(400));
    let mut bob = Asker::new("203.0.113.7:5002", Transport::Tcp, ("bob", "builder"));
    assert_eq!(bind(&mut host, &mut bob), Some(400), "it is not his");
    let mut data = asker(5001);
    assert_eq!(bind(&mut host, &mut data), Some(0));
    assert_eq!(host.events.last(), Some(&Event::Joined { id, client: data.path }));
    assert_eq!(bind(&mut host, &mut asker(5003)), Some(400), "only once");
    // It lives as long as the allocation, whatever time passes.
    host.handle_timeout(NOW + Duration::from_secs(300));
    assert!(!host.events.contains(&Event::Disconnect(id)));
    host.server.handle_closed(alice.path);
    host.handle_timeout(NOW + Duration::from_secs(301));
    assert!(host.events.contains(&Event::Disconnect(id)));
    assert!(host.open.is_empty());
}

#[test]
fn a_peer_that_is_not_there_is_reported() {
    let (mut host, mut alice) = allocated(server_config());
    let id = connect(&mut host, &mut alice).unwrap();
    host.server.handle_disconnected(id);
    assert_eq!(poll(&mut host).unwrap().code(), 447);
    // And one that neither answers nor refuses.
    let id = connect(&mut host, &mut alice).unwrap();
    host.handle_timeout(NOW + Duration::from_secs(30));
    assert_eq!(poll(&mut host).unwrap().code(), 447);
    assert!(host.events.contains(&Event::Disconnect(id)));
}

#[test]
fn a_peer_connects_if_it_is_permitted() {
    let (mut host, mut alice) = allocated(server_config());
    let relay = host.open[0];
    assert_eq!(host.server.handle_accepted(NOW, relay, at(PEER)), None);
    let peer = [with(&XorPeerAddress(at(PEER)))];
    let answer = alice.ask(&mut host, NOW, Method::CREATE_PERMISSION, &peer);
    assert_eq!(answer.map(|answer| answer.code()), Some(0));
    let id = host.server.handle_accepted(NOW, relay, at(PEER)).unwrap();
    let attempt = poll(&mut host).unwrap();
    assert_eq!(Message::parse(&attempt.0).unwrap().method(), Method::CONNECTION_ATTEMPT);
    assert_eq!(attempt.get(), Some(id));
    assert_eq!(attempt.get(), Some(XorPeerAddress(at(PEER))));
    // Nobody fetches it within half a minute.
    host.handle_timeout(NOW + Duration::from_secs(30));
    assert!(host.events.contains(&Event::Disconnect(id)));
}

#[test]
fn connections_are_bounded() {
    let config = patchcord_turn::server::Config { max_connections: 2, ..server_config() };
    let (mut host, mut alice) = allocated(config);
    let mut codes = Vec::new();
    for port in 0..4 {
        let peer = [with(&XorPeerAddress(([198, 51, 100, 2], port).into()))];
        let answer = alice.ask(&mut host, NOW, Method::CONNECT, &peer);
        codes.push(answer.map(|answer| answer.code()));
    }
    assert_eq!(codes, [None, None, Some(508), Some(508)]);
}

#[test]
fn a_tcp_allocation_relays_no_datagrams() {
    let (mut host, mut alice) = allocated(server_config());
    let peer = [with(&XorPeerAddress(at(PEER)))];
    alice.ask(&mut host, NOW, Method::CREATE_PERMISSION, &peer);
    let data = with(&patchcord_turn::attribute::Data(b"datagram"));
    let mut out = Vec::new();
    let id = [9; 12].into();
    let (kind, value) = (&peer[0].0, &peer[0].1);
    stun::MessageBuilder::indication(&mut out, Method::SEND, id)
        .raw(*kind, value)
        .raw(data.0, &data.1);
    let input = sansio::Datagram::new(alice.path, NOW, &mut out);
    assert!(host.handle_input(NOW, input).is_err());
    assert!(host.peers_heard.is_empty());
}
