//! TCP between server and peers (RFC 6062).

use core::net::SocketAddr;
use core::time::Duration;

use patchcord_turn::AddressFamily;
use patchcord_turn::attribute::{
    ConnectionId, RequestedAddressFamily, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use patchcord_turn::server::{Config, Event, RateLimit, RelayAddress, Toward};
use sansio::{Instant, Machine, Transport};
use stun::{Message, Method};

use crate::asker::{Answer, Asker, with};
use crate::scene::{Host, PEER, SERVER, at, host, server_config};

const NOW: Instant = Instant::ZERO;

fn asker(port: u16) -> Asker {
    let from = format!("203.0.113.7:{port}");
    Asker::new(&from, Transport::Tcp, ("alice", "wonderland"))
}

/// A host with a TCP allocation, and its client.
fn allocated(config: Config) -> (Host, Asker) {
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

/// The code of the answer to a Connect, or where the server connects to.
fn reached(host: &mut Host, alice: &mut Asker, peer: SocketAddr) -> Result<SocketAddr, u16> {
    let answer = alice.ask(host, NOW, Method::CONNECT, &[with(&XorPeerAddress(peer))]);
    match (answer, host.events.last()) {
        (Some(answer), _) => Err(answer.code()),
        (None, Some(Event::Connect { peer, .. })) => Ok(*peer),
        (None, event) => unreachable!("{event:?}"),
    }
}

/// What connects comes from the server itself, past its firewall.
#[test]
fn a_relay_is_a_peer_of_another_and_the_server_itself_is_not() {
    let (local, announced) = (at("10.0.0.5:0").ip(), at(SERVER).ip());
    let config = Config { relays: vec![RelayAddress { local, announced }], ..server_config() };
    let (mut host, mut alice) = allocated(config);
    let mut bob = Asker::new("203.0.113.8:5000", Transport::Tcp, ("bob", "builder"));
    let transport = [with(&RequestedTransport::TCP)];
    let answer = bob.ask(&mut host, NOW, Method::ALLOCATE, &transport).unwrap();
    let Some(XorRelayedAddress(relayed)) = answer.get() else { unreachable!("{answer:?}") };
    assert_eq!(relayed.ip(), announced);
    // Services, the listening port, and a port of relays that nobody has.
    let free = if relayed.port() < 60_000 { 60_001 } else { 50_001 };
    for port in [22, 80, 3478, free] {
        let own = SocketAddr::new(announced, port);
        assert_eq!(reached(&mut host, &mut alice, own), Err(403), "{own}");
    }
    assert_eq!(reached(&mut host, &mut alice, SocketAddr::new(local, 22)), Err(403));
    // A relay of datagrams takes no connections.
    let mut carol = Asker::new("203.0.113.9:5000", Transport::Udp, ("bob", "builder"));
    let answer = carol.ask(&mut host, NOW, Method::ALLOCATE, &[with(&RequestedTransport::UDP)]);
    let Some(XorRelayedAddress(udp)) = answer.and_then(|answer| answer.get()) else {
        unreachable!("an allocation")
    };
    assert_eq!(reached(&mut host, &mut alice, udp), Err(403));
    let bound = SocketAddr::new(local, relayed.port());
    assert_eq!(reached(&mut host, &mut alice, relayed), Ok(bound));
    // And bob hears of alice by the address that she was told.
    let peer = [with(&XorPeerAddress(relayed))];
    bob.ask(&mut host, NOW, Method::CREATE_PERMISSION, &peer).unwrap();
    let (hers, his) = (host.open[0], host.open[1]);
    host.server.handle_accepted(NOW, his, hers.local).unwrap();
    let known_as = SocketAddr::new(announced, hers.local.port());
    assert_eq!(poll(&mut host).unwrap().get(), Some(XorPeerAddress(known_as)));
}

#[test]
fn the_server_is_not_reached_in_disguise_either() {
    let (mut host, mut alice) = (host(server_config(), 1), asker(5000));
    let ipv6 = [with(&RequestedTransport::TCP), with(&RequestedAddressFamily(AddressFamily::Ipv6))];
    assert_eq!(alice.ask(&mut host, NOW, Method::ALLOCATE, &ipv6).unwrap().code(), 0);
    for own in ["[::ffff:192.0.2.1]:22", "[64:ff9b::192.0.2.1]:22", "[2002:c000:201::1]:22"] {
        assert_eq!(reached(&mut host, &mut alice, at(own)), Err(403), "{own}");
    }
    assert!(reached(&mut host, &mut alice, at("[2001:db8:2::2]:22")).is_ok());
}

#[test]
fn the_operator_may_open_the_server_itself() {
    let mut config = server_config();
    config.peers.allowed.push("192.0.2.1".parse().unwrap());
    let (mut host, mut alice) = allocated(config);
    let own = SocketAddr::new(at(SERVER).ip(), 22);
    assert_eq!(reached(&mut host, &mut alice, own), Ok(own));
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
    let config = Config { max_connections: 2, ..server_config() };
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
fn bytes_of_connections_wait_for_the_bandwidth_of_their_allocation() {
    let bandwidth = Some(RateLimit { per_second: 1000, burst: 500 });
    let (mut host, mut alice) = allocated(Config { bandwidth, ..server_config() });
    let id = connect(&mut host, &mut alice).unwrap();
    let carry = |host: &mut Host, toward, count| {
        host.server.handle_bytes(NOW, id, toward, count).map(|wait| wait.as_millis())
    };
    assert_eq!(carry(&mut host, Toward::Peer, 100), None, "it is not joined yet");
    host.server.handle_connected(NOW, id);
    poll(&mut host);
    let mut data = asker(5001);
    assert_eq!(data.ask(&mut host, NOW, Method::CONNECTION_BIND, &[with(&id)]).unwrap().code(), 0);
    let waits = [(Toward::Peer, 400), (Toward::Client, 100), (Toward::Peer, 300)]
        .map(|(toward, count)| carry(&mut host, toward, count));
    assert_eq!(waits, [Some(0), Some(0), Some(300)]);
    let stats = host.server.stats();
    assert_eq!((stats.stream_bytes_to_peers, stats.stream_bytes_to_clients), (700, 100));
    assert_eq!((stats.joined, stats.datagrams_to_peers), (1, 0));
    host.server.handle_disconnected(id);
    assert_eq!(carry(&mut host, Toward::Peer, 1), None, "it is gone");
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
