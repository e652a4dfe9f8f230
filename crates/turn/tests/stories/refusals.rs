//! Every code has a clear outcome; servers send clients elsewhere; peers are refused.

use core::time::Duration;

use patchcord_turn::client::{Client, CloseReason, Config, Event, State};
use patchcord_turn::server::{self, PeerPolicy};
use sansio::{Datagram, Instant, Machine, Path, Transport};
use stun::attribute::{AlternateDomain, AlternateServer, UnknownAttributes};
use stun::{Attribute, AttributeType, Class, ErrorCode, Message, MessageBuilder};

use crate::scene::{PEER, SERVER, Scene, at, caller, scene, server_config, with};

/// The last request of the client.
fn request(client: &mut Client, now: Instant) -> Option<(Path, Vec<u8>)> {
    let (mut buf, mut last) = (Vec::new(), None);
    while let Some(transmit) = client.poll_transmit(now, &mut buf) {
        last = Some((transmit.path, core::mem::take(&mut buf)));
    }
    last
}

/// Answers the client's open request with an error.
fn refuse(client: &mut Client, now: Instant, code: u16, more: &[(AttributeType, Vec<u8>)]) {
    let Some((path, bytes)) = request(client, now) else { unreachable!("it asks") };
    let (Ok(message), Ok(code)) = (Message::parse(&bytes), ErrorCode::new(code, "")) else {
        unreachable!("it is a message, and a code")
    };
    let mut out = Vec::new();
    more.iter().fold(MessageBuilder::error(&mut out, &message, code), |response, (kind, value)| {
        response.raw(*kind, value)
    });
    let _ = client.handle_input(now, Datagram::new(path, now, &mut out));
}

fn value<'a, A: Attribute<'a>>(attribute: &A) -> (AttributeType, Vec<u8>) {
    let mut out = Vec::new();
    attribute.write(&[0; 12].into(), &mut out);
    (A::TYPE, out)
}

#[test]
fn every_code_ends_an_allocation_with_its_reason() {
    let table = [
        (400, CloseReason::Refused(400)),
        (403, CloseReason::Refused(403)),
        (420, CloseReason::Refused(420)),
        (437, CloseReason::AllocationMismatch),
        (440, CloseReason::AddressFamily),
        (441, CloseReason::Credentials(441)),
        (442, CloseReason::Refused(442)),
        (486, CloseReason::QuotaReached),
        (500, CloseReason::Refused(500)),
        (508, CloseReason::InsufficientCapacity),
        (699, CloseReason::Refused(699)),
    ];
    for (code, reason) in table {
        let mut client = caller(Config::default(), Transport::Udp, 1).client;
        refuse(&mut client, Instant::ZERO, code, &[]);
        assert_eq!(client.poll_event(), Some(Event::Closed(reason)));
        assert_eq!((client.state(), client.poll_timeout()), (State::Closed, None));
        assert_eq!(request(&mut client, Instant::ZERO), None);
    }
}

#[test]
fn what_a_server_does_not_know_is_left_out() {
    let config = Config { dont_fragment: true, ..Config::default() };
    let (mut client, now) = (caller(config, Transport::Udp, 1).client, Instant::ZERO);
    let unknown = UnknownAttributes::parse(&[0, 0x1a], &[0; 12].into()).unwrap();
    refuse(&mut client, now, 420, &[value(&unknown)]);
    let (_, bytes) = request(&mut client, now).unwrap();
    let message = Message::parse(&bytes).unwrap();
    assert!(message.attributes().all(|one| one.kind != AttributeType::DONT_FRAGMENT));
    assert!(message.attributes().any(|one| one.kind == AttributeType::MOBILITY_TICKET));
    // Only once: the next complaint ends it. And so with 405.
    let mut client = caller(Config::default(), Transport::Udp, 1).client;
    refuse(&mut client, now, 405, &[]);
    let (_, bytes) = request(&mut client, now).unwrap();
    let message = Message::parse(&bytes).unwrap();
    assert!(message.attributes().all(|one| one.kind != AttributeType::MOBILITY_TICKET));
}

#[test]
fn a_server_sends_the_client_elsewhere_but_not_round_in_a_circle() {
    let (mut client, now) = (caller(Config::default(), Transport::Udp, 1).client, Instant::ZERO);
    let servers = ["192.0.2.2:3478", "192.0.2.3:3478", "192.0.2.4:3478"];
    for (n, server) in servers.into_iter().enumerate() {
        let domain = AlternateDomain::new("turn.example.org").unwrap();
        let more = [value(&AlternateServer(at(server))), value(&domain)];
        refuse(&mut client, now, 300, &more);
        let domain = Some("turn.example.org".into());
        let expected = Event::Redirected { server: at(server), domain };
        assert_eq!(client.poll_event(), Some(expected), "{n}");
        assert_eq!(client.path().remote, at(server));
    }
    let fourth = [value(&AlternateServer(at("192.0.2.5:3478")))];
    refuse(&mut client, now, 300, &fourth);
    assert_eq!(client.poll_event(), Some(Event::Closed(CloseReason::Redirected(4))));

    for server in [SERVER, "[2001:db8::1]:3478"] {
        let mut client = caller(Config::default(), Transport::Udp, 1).client;
        refuse(&mut client, now, 300, &[value(&AlternateServer(at(server)))]);
        assert_eq!(client.poll_event(), Some(Event::Closed(CloseReason::Redirected(1))));
    }
}

#[test]
fn over_a_stream_another_server_is_another_connection() {
    let (mut client, now) = (caller(Config::default(), Transport::Tls, 1).client, Instant::ZERO);
    refuse(&mut client, now, 300, &[value(&AlternateServer(at("192.0.2.2:5349")))]);
    assert_eq!(client.state(), State::Redirected);
    assert!(matches!(client.poll_event(), Some(Event::Redirected { .. })));
    assert_eq!((request(&mut client, now), client.poll_timeout()), (None, None));
    let path = Path { remote: at("192.0.2.2:5349"), ..client.path() };
    client.reconnect(now, path);
    assert_eq!(request(&mut client, now).map(|(path, _)| path), Some(path));
}

/// One server sends us to another, which breaks; so we ask the first one again.
#[test]
fn who_begins_anew_may_be_sent_to_the_same_server_again() {
    let (mut client, now) = (caller(Config::default(), Transport::Tcp, 1).client, Instant::ZERO);
    let first = client.path();
    let second = Path { remote: at("192.0.2.2:3478"), ..first };
    for _ in 0..5 {
        refuse(&mut client, now, 300, &[value(&AlternateServer(second.remote))]);
        assert!(matches!(client.poll_event(), Some(Event::Redirected { .. })));
        client.reconnect(now, second);
        assert_eq!(request(&mut client, now).map(|(path, _)| path), Some(second));
        client.reconnect(now, first);
    }
}

#[test]
fn peers_that_lead_inside_are_forbidden_and_do_not_spoil_the_others() {
    let mut scene = scene();
    for ip in ["127.0.0.1", "198.51.100.2", "10.0.0.1", "169.254.169.254", "198.51.100.3"] {
        scene.a.client.permit(ip.parse().unwrap()).unwrap();
    }
    scene.run_for(Duration::from_secs(1));
    let refused = |ip: &str| {
        let event = Event::PermissionRefused { ip: ip.parse().unwrap(), code: Some(403) };
        scene.a_events.contains(&event)
    };
    assert!(refused("127.0.0.1") && refused("10.0.0.1") && refused("169.254.169.254"));
    let permitted = |ip: &str| scene.a_events.contains(&Event::Permitted(ip.parse().unwrap()));
    assert!(permitted("198.51.100.2") && permitted("198.51.100.3"));
    assert!(scene.a.client.way(at("127.0.0.1:80")).is_none());
}

#[test]
fn nobody_waits_for_peers_that_are_forbidden() {
    let mut scene = scene();
    for ip in ["10.0.0.1", "198.51.100.2"] {
        scene.a.client.permit(ip.parse().unwrap()).unwrap();
    }
    let allocated = |scene: &mut Scene| scene.a.client.state() == State::Allocated;
    assert!(scene.run_until(allocated, Duration::from_secs(1)));
    let asked = scene.now;
    let public = "198.51.100.2".parse().unwrap();
    let permitted = |scene: &mut Scene| scene.a.client.is_permitted(public);
    assert!(scene.run_until(permitted, Duration::from_secs(1)));
    assert_eq!(scene.now - asked, Duration::from_millis(40), "one round trip");
}

#[test]
fn a_peer_of_another_family_is_a_mismatch() {
    let mut scene = scene();
    let ip = "2001:db8:2::2".parse().unwrap();
    scene.a.client.permit(ip).unwrap();
    scene.run_for(Duration::from_secs(1));
    let refused = Event::PermissionRefused { ip, code: Some(443) };
    assert_eq!(scene.a_events.last(), Some(&refused));
}

#[test]
fn the_operator_may_allow_what_is_inside() {
    let allowed = vec!["10.0.0.0/8".parse().unwrap()];
    let peers = PeerPolicy { allowed, denied: Vec::new() };
    let mut scene = with(Config::default(), server::Config { peers, ..server_config() });
    scene.a.client.bind(at("10.0.0.1:5")).unwrap();
    scene.run_for(Duration::from_secs(1));
    assert!(scene.a.client.is_bound(at("10.0.0.1:5")));
}

/// Whoever has no permission is not heard, and whoever knows the relayed address cannot speak.
#[test]
fn strangers_do_not_reach_the_client() {
    let mut scene = scene();
    scene.a.client.permit(at(PEER).ip()).unwrap();
    scene.run_for(Duration::from_secs(1));
    let relayed = scene.b.open[0].local;
    for source in ["198.51.100.3:7000", "203.0.113.7:5000"] {
        let mut data = *b"let me in";
        let input = Datagram::new(Path::udp(relayed, at(source)), scene.now, &mut data);
        let outcome = scene.b.server.handle_input(scene.now, input);
        assert_eq!(outcome, Err(server::Discard::Peer(at(source))));
    }
    // Another port of the peer's address is the peer's.
    let mut data = *b"it is me";
    let input = Datagram::new(Path::udp(relayed, at("198.51.100.2:9")), scene.now, &mut data);
    assert_eq!(scene.b.server.handle_input(scene.now, input), Ok(()));
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.heard, [(at("198.51.100.2:9"), b"it is me".to_vec())]);
}

/// Somebody who has seen no request, and somebody who answers without the password.
#[test]
fn forged_responses_are_discarded() {
    let mut scene = scene();
    scene.run_for(Duration::from_millis(50));
    let path = scene.a.client.path();
    // The second one, with credentials.
    let bytes = scene.trace.entries().last().map(|entry| entry.data.clone()).unwrap();
    let message = Message::parse(&bytes).unwrap();
    let mut unsigned = Vec::new();
    MessageBuilder::success(&mut unsigned, &message);
    let mut unknown = Vec::new();
    let (class, method) = (Class::SuccessResponse, message.method());
    MessageBuilder::new(&mut unknown, class, method, [1; 12].into());
    for mut forged in [unsigned, unknown] {
        let input = Datagram::new(path, scene.now, &mut forged);
        assert!(scene.a.client.handle_input(scene.now, input).is_err());
    }
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.client.state(), State::Allocated);
}
