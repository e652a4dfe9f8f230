//! The host changes its network, and the allocation comes along (RFC 8016).

use core::time::Duration;

use patchcord_turn::AddressFamily;
use patchcord_turn::attribute::RequestedTransport;
use patchcord_turn::client::{Config, Event};
use patchcord_turn::server;
use sansio::{Datagram, Machine, Path, Transport};
use stun::Method;
use testkit::{LinkConfig, Pair};

use crate::asker::{self, Asker};
use crate::scene::{CLIENT, PEER, SERVER, Scene, at, caller, host, scene, server_config, with};

#[test]
fn a_move_keeps_address_permissions_and_channels() {
    let mut scene = scene();
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(Duration::from_secs(1));
    let relayed = scene.a.client.relayed(AddressFamily::Ipv4);
    for port in [6000, 6001, 6002] {
        let path = Path::udp(([203, 0, 113, 99], port).into(), at(SERVER));
        assert!(scene.a.client.move_to(scene.now, path));
        scene.run_for(Duration::from_secs(1));
        scene.a.say(PEER, b"from elsewhere");
        scene.run_for(Duration::from_secs(1));
    }
    assert_eq!(scene.a.heard.len(), 3);
    assert_eq!(scene.a.client.relayed(AddressFamily::Ipv4), relayed);
    assert_eq!(scene.a_events.iter().filter(|event| **event == Event::Moved).count(), 3);
    assert_eq!(scene.b.server.stats().allocated, 1);
    // And it is kept from there.
    scene.run_for(Duration::from_secs(3000));
    scene.a.say(PEER, b"still here");
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.heard.len(), 4);
}

/// The answer to the first request from there is lost: the ticket before is still good.
#[test]
fn a_lost_answer_does_not_lose_the_allocation() {
    let mut scene = scene();
    scene.a.client.permit(at(PEER).ip()).unwrap();
    scene.run_for(Duration::from_secs(1));
    let path = Path::udp(([203, 0, 113, 99], 6000).into(), at(SERVER));
    scene.b_to_a.drop_next(4);
    assert!(scene.a.client.move_to(scene.now, path));
    scene.run_for(Duration::from_secs(30));
    scene.a.say(PEER, b"from elsewhere");
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.heard.len(), 1);
}

/// A client over TCP, with a permission, whose connection the server has seen end.
fn disconnected() -> Scene {
    let link = LinkConfig::delayed(Duration::from_millis(20));
    let client = caller(Config::default(), Transport::Tcp, 1);
    let mut scene = Pair::new(client, host(server_config(), 1), link, 1);
    scene.a.client.permit(at(PEER).ip()).unwrap();
    scene.run_for(Duration::from_secs(1));
    assert!(scene.a.client.is_mobile());
    scene.b.server.handle_closed(scene.a.client.path().reversed());
    scene
}

/// Somebody else whose connection has the 5-tuple that the first one had.
fn bob(scene: &mut Scene) -> Asker {
    let mut bob = Asker::new(CLIENT, Transport::Tcp, ("bob", "builder"));
    let transport = asker::with(&RequestedTransport::UDP);
    let answer = bob.ask(&mut scene.b, scene.now, Method::ALLOCATE, &[transport]);
    assert_eq!(answer.map(|answer| answer.code()), Some(0));
    bob
}

#[test]
fn an_allocation_without_a_connection_speaks_to_nobody_until_its_ticket_comes() {
    let mut scene = disconnected();
    let relayed = scene.a.client.relayed(AddressFamily::Ipv4).unwrap();
    let hear = |scene: &mut Scene| {
        let (now, path, mut data) = (scene.now, Path::udp(relayed, at(PEER)), *b"hello");
        let input = Datagram::new(path, now, &mut data);
        scene.b.server.forward(now, input, &mut Vec::new())
    };
    assert_eq!(hear(&mut scene), Err(server::Discard::Peer(at(PEER))));
    let _bob = bob(&mut scene);
    assert_eq!(hear(&mut scene), Err(server::Discard::Peer(at(PEER))), "nor to him");
    let path = Path { local: at("203.0.113.99:6000"), ..scene.a.client.path() };
    assert!(scene.a.client.move_to(scene.now, path));
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a_events.last(), Some(&Event::Moved));
    let transmit = hear(&mut scene).unwrap().unwrap();
    assert_eq!(transmit.path, path.reversed());
    assert_eq!(scene.b.server.stats().allocations, 2);
}

#[test]
fn an_allocation_whose_ticket_never_comes_ends_and_leaves_the_next_one_alone() {
    let mut scene = disconnected();
    scene.now += Duration::from_secs(300);
    let mut bob = bob(&mut scene);
    scene.now += Duration::from_secs(400);
    let now = scene.now;
    scene.b.handle_timeout(now);
    assert_eq!((scene.b.server.allocations_of("alice"), scene.b.open.len()), (0, 1));
    let answer = bob.ask(&mut scene.b, now, Method::REFRESH, &[]);
    assert_eq!(answer.map(|answer| answer.code()), Some(0));
}

/// The ticket is worth nothing to a server that has restarted, or to one behind the same name.
#[test]
fn a_move_that_is_refused_ends_in_another_allocation() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let link = LinkConfig::delayed(Duration::from_millis(20));
        let mut scene =
            Pair::new(caller(Config::default(), transport, 1), host(server_config(), 1), link, 1);
        scene.a.client.bind(at(PEER)).unwrap();
        scene.run_for(Duration::from_secs(1));
        let before = scene.a.client.relayed(AddressFamily::Ipv4);
        scene.b = host(server_config(), 9);
        let local = ([203, 0, 113, 99], 6000).into();
        let path = Path { local, remote: at(SERVER), transport };
        assert!(scene.a.client.move_to(scene.now, path));
        // A fresh nonce, "437", and an Allocate.
        let began = scene.now;
        let back = |s: &mut Scene| s.a_events.last() == Some(&Event::Allocated);
        scene.a_events.clear();
        assert!(scene.run_until(back, Duration::from_secs(1)));
        assert_eq!(scene.now - began, Duration::from_millis(3 * 40));
        assert_eq!(scene.a_events, [Event::MoveRefused(437), Event::Allocated]);
        assert_ne!(scene.a.client.relayed(AddressFamily::Ipv4), before);
        scene.run_for(Duration::from_secs(1));
        scene.a.say(PEER, b"in a channel again");
        scene.run_for(Duration::from_secs(1));
        assert_eq!((scene.a.heard.len(), scene.a.in_channel.last()), (1, Some(&true)));
    }
}

/// Over a stream the server keeps what has a ticket when the connection breaks.
#[test]
fn an_allocation_survives_its_connection() {
    let link = LinkConfig::delayed(Duration::from_millis(20));
    let client = caller(Config::default(), Transport::Tcp, 1);
    let mut scene = Pair::new(client, host(server_config(), 1), link, 1);
    scene.a.client.bind(at(PEER)).unwrap();
    scene.run_for(Duration::from_secs(1));
    let relayed = scene.a.client.relayed(AddressFamily::Ipv4);
    scene.b.server.handle_closed(scene.a.client.path().reversed());
    let path = Path { local: ([203, 0, 113, 7], 6000).into(), ..scene.a.client.path() };
    assert!(scene.a.client.move_to(scene.now, path));
    scene.run_for(Duration::from_secs(1));
    scene.a.say(PEER, b"by another connection");
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.heard.len(), 1);
    assert_eq!(scene.a.client.relayed(AddressFamily::Ipv4), relayed);
    assert_eq!(scene.b.server.stats().allocated, 1);
}

/// Nothing is lost on a stream: who does not answer there does not know what to say.
#[test]
fn a_ticket_that_is_not_answered_on_a_stream_is_not_shown_again() {
    let link = LinkConfig::delayed(Duration::from_millis(20));
    let client = caller(Config::default(), Transport::Tcp, 1);
    let mut scene = Pair::new(client, host(server_config(), 1), link, 1);
    scene.run_for(Duration::from_secs(1));
    let path = Path { local: at("203.0.113.99:6000"), ..scene.a.client.path() };
    assert!(scene.a.client.move_to(scene.now, path));
    scene.a_to_b.drop_if(|_| true);
    let began = scene.now;
    let told = |s: &mut Scene| s.a_events.contains(&Event::Unanswered);
    assert!(scene.run_until(told, Duration::from_secs(60)));
    assert_eq!(scene.now - began, Duration::from_secs(5));
    assert!(!scene.a.client.is_mobile() && !scene.a.client.move_to(scene.now, path));
}

#[test]
fn without_a_ticket_there_is_no_move() {
    let server = server::Config { mobility: false, ..server_config() };
    let client = Config { mobility: false, ..Config::default() };
    let mut scene = with(client, server);
    scene.run_for(Duration::from_secs(1));
    let path = Path::udp(([203, 0, 113, 99], 6000).into(), at(SERVER));
    assert!(!scene.a.client.is_mobile());
    assert!(!scene.a.client.move_to(scene.now, path));
}
