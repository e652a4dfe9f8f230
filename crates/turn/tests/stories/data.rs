//! What is said to a peer arrives, in indications and in channels, over datagrams and streams.

use core::time::Duration;

use patchcord_turn::AddressFamily;
use patchcord_turn::client::{Config, Event, Families, State};
use sansio::{Instant, Transport};
use testkit::{LinkConfig, Pair};

use crate::scene::{CLIENT, PEER, SERVER, at, caller, host, scene, server_config, with};

/// ```text
///   0  Allocate ->                 20
///  40  <- 401                      20
///  40  Allocate, credentials ->    60   the socket opens at once
///  80  <- relayed address          60
/// ```
#[test]
fn an_allocation_takes_two_round_trips() {
    let mut scene = scene();
    assert!(scene.run_until(|s| s.a.client.state() == State::Allocated, Duration::from_secs(1)));
    assert_eq!(scene.now, Instant::from_millis(80));
    assert_eq!(scene.a_events, [Event::Allocated]);
    assert_eq!(scene.a.client.mapped(), Some(at(CLIENT)));
    let relayed = scene.a.client.relayed(AddressFamily::Ipv4).unwrap();
    assert_eq!(relayed.ip(), at(SERVER).ip());
    assert!(relayed.port() >= 49_152);
    assert_eq!(scene.b.open.first().map(|relay| relay.local), Some(relayed));
    assert_eq!(scene.a.client.relayed(AddressFamily::Ipv6), None);
    assert_eq!(scene.b.server.stats().allocations, 1);
}

/// What is said before the server has permitted the peer goes right behind the request, so a first
/// word and its echo take the allocation and one round trip.
#[test]
fn the_first_word_waits_for_nothing_but_the_allocation() {
    let mut scene = scene();
    scene.a.client.permit(at(PEER).ip()).unwrap();
    scene.a.say(PEER, b"hello");
    assert!(scene.run_until(|s| !s.a.heard.is_empty(), Duration::from_secs(1)));
    assert_eq!(scene.now, Instant::from_millis(120));
    assert_eq!(scene.a.heard, [(at(PEER), b"hello".to_vec())]);
    assert_eq!(scene.a.in_channel, [false]);
    assert_eq!(scene.a_events, [Event::Allocated, Event::Permitted(at(PEER).ip())]);
}

#[test]
fn indications_go_over_to_the_channel_when_it_stands() {
    let mut scene = scene();
    scene.a.client.bind(at(PEER)).unwrap();
    scene.a.say(PEER, b"in an indication");
    assert!(scene.run_until(|s| s.a.client.is_bound(at(PEER)), Duration::from_secs(1)));
    for data in [&b""[..], b"x", b"in a channel"] {
        scene.a.say(PEER, data);
    }
    scene.run_for(Duration::from_millis(100));
    assert_eq!(scene.a.in_channel, [false, true, true, true]);
    let heard: Vec<_> = scene.a.heard.iter().map(|(_, data)| &data[..]).collect();
    assert_eq!(heard, [&b"in an indication"[..], b"", b"x", b"in a channel"]);
    let stats = scene.b.server.stats();
    assert_eq!((stats.datagrams_to_peers, stats.datagrams_to_clients), (4, 4));
    // A channel costs four bytes: "in a channel" has 12.
    assert_eq!(scene.trace.entries().last().map(|entry| entry.data.len()), Some(16));
}

#[test]
fn on_a_stream_everything_is_padded_and_sent_once() {
    for transport in [Transport::Tcp, Transport::Tls] {
        let link = LinkConfig::delayed(Duration::from_millis(20));
        let (a, b) = (caller(Config::default(), transport, 1), host(server_config(), 1));
        let mut scene = Pair::new(a, b, link, 1);
        scene.a.client.bind(at(PEER)).unwrap();
        for length in 0..20 {
            scene.a.say(PEER, &vec![7; length]);
        }
        scene.run_for(Duration::from_millis(150));
        for length in 0..20 {
            scene.a.say(PEER, &vec![8; length]);
        }
        scene.run_for(Duration::from_secs(30));
        let lengths = scene.a.heard.iter().map(|(_, data)| data.len());
        assert!(lengths.eq((0..20).chain(0..20)), "{transport}");
        assert!(scene.a.in_channel[20..].iter().all(|channel| *channel));
        assert!(scene.trace.entries().all(|entry| entry.data.len() % 4 == 0));
    }
}

#[test]
fn both_families_come_with_one_request() {
    let config = Config { families: Families::Both, ..Config::default() };
    let mut scene = with(config, server_config());
    let peer6 = "[2001:db8:2::2]:7000";
    for peer in [PEER, peer6] {
        scene.a.client.bind(at(peer)).unwrap();
        scene.a.say(peer, peer.as_bytes());
    }
    scene.run_for(Duration::from_millis(300));
    assert!(scene.a.client.relayed(AddressFamily::Ipv4).is_some_and(|one| one.is_ipv4()));
    assert!(scene.a.client.relayed(AddressFamily::Ipv6).is_some_and(|one| one.is_ipv6()));
    let heard: Vec<_> = scene.a.heard.iter().map(|(peer, _)| *peer).collect();
    assert_eq!(heard, [at(PEER), at(peer6)]);
    assert_eq!(scene.b.open.len(), 2);
}

#[test]
fn of_two_families_the_one_that_there_is_is_given() {
    let config = Config { families: Families::Both, ..Config::default() };
    let mut server = server_config();
    server.relays.pop();
    let mut scene = with(config, server);
    scene.run_for(Duration::from_millis(300));
    assert!(scene.a.client.relayed(AddressFamily::Ipv4).is_some());
    assert_eq!(scene.a.client.refused_family(), Some((AddressFamily::Ipv6, 440)));
}

/// Two clients of one server reach each other through two relays of it, and nothing else of it.
#[test]
fn a_relay_is_a_peer_of_another_and_the_server_itself_is_not() {
    let mut scene = scene();
    scene.run_for(Duration::from_millis(100));
    let own = scene.a.client.relayed(AddressFamily::Ipv4).unwrap();
    scene.a.client.permit(own.ip()).unwrap();
    // Through its own relay back to itself; the listening port is no relay.
    scene.a.say(&own.to_string(), b"to a relay");
    scene.a.say(SERVER, b"to the server");
    scene.run_for(Duration::from_millis(100));
    let heard: Vec<_> = scene.b.peers_heard.iter().map(|(path, _)| path.remote).collect();
    assert_eq!(heard, [own]);
    assert_eq!(scene.b.server.stats().not_permitted, 1);
}
