//! Datagrams that are to arrive in one piece or not at all, RFC 8656 §7.2 and §11.2.

use core::time::Duration;

use patchcord_turn::client::{Config, State, Way};
use patchcord_turn::server::{self, Discard};
use sansio::{Datagram, Instant, Machine, Path, Transmit};
use stun::{AttributeType, Message, MessageBuilder, Method};

use crate::scene::{CLIENT, PEER, SERVER, Scene, at, server_config, with};

/// A client that has asked, with a permission and a channel for the peer.
fn asked(dont_fragment: bool) -> Scene {
    let config = Config { dont_fragment: true, ..Config::default() };
    let mut scene = with(config, server::Config { dont_fragment, ..server_config() });
    assert!(scene.a.client.bind(at(PEER)).is_ok());
    assert!(scene.run_until(|s| s.a.client.is_bound(at(PEER)), Duration::from_secs(1)));
    scene
}

/// What the server makes of data that goes this way.
fn relayed(scene: &mut Scene, way: Way) -> Result<Option<Transmit<Path>>, Discard> {
    let mut buf = vec![0xee; way.head()];
    buf.extend_from_slice(b"hello");
    let Ok(transmit) = scene.a.client.wrap(way, &mut buf, 0) else { unreachable!("it has room") };
    assert_eq!((transmit.len, transmit.dont_fragment), (buf.len(), false));
    forward(scene, &mut buf)
}

fn forward(scene: &mut Scene, bytes: &mut [u8]) -> Result<Option<Transmit<Path>>, Discard> {
    let (now, path, mut out) = (scene.now, Path::udp(at(SERVER), at(CLIENT)), Vec::new());
    let outcome = scene.b.server.forward(now, Datagram::new(path, now, bytes), &mut out);
    assert_eq!(out, if outcome.is_ok() { &b"hello"[..] } else { &[] });
    outcome
}

#[test]
fn the_shell_is_told_of_each_datagram() {
    let mut scene = asked(true);
    let client = &scene.a.client;
    let ways = [client.way(at(PEER)).unwrap(), client.whole_way(at(PEER)).unwrap()];
    // An indication has 36 bytes in front of its data, and four more for the flag.
    assert_eq!(ways.map(|way| (way.is_channel(), way.head())), [(true, 4), (false, 40)]);
    for (way, dont_fragment) in [(ways[0], false), (ways[1], true), (ways[0], false)] {
        let transmit = relayed(&mut scene, way).unwrap().unwrap();
        assert_eq!((transmit.path.remote, transmit.dont_fragment), (at(PEER), dont_fragment));
    }
    // And if the datagram is polled.
    let mut buf = vec![0; ways[1].head() + 5];
    scene.a.client.wrap(ways[1], &mut buf, 0).unwrap();
    let (now, path) = (scene.now, Path::udp(at(SERVER), at(CLIENT)));
    scene.b.server.handle_input(now, Datagram::new(path, now, &mut buf)).unwrap();
    let polled = scene.b.server.poll_transmit(now, &mut Vec::new());
    assert!(polled.is_some_and(|transmit| transmit.dont_fragment));
}

/// ```text
///   0  Allocate ->                                20
///  40  <- 401                                     20
///  40  Allocate, credentials ->                   60
///  80  <- 420, DONT-FRAGMENT                      60
///  80  Allocate, credentials, no flag ->         100
/// 120  <- relayed address                        100
/// ```
#[test]
fn a_server_whose_shell_cannot_says_so() {
    let config = Config { dont_fragment: true, ..Config::default() };
    let mut scene = with(config, server_config());
    assert!(scene.a.client.permit(at(PEER).ip()).is_ok());
    assert!(scene.run_until(|s| s.a.client.state() == State::Allocated, Duration::from_secs(1)));
    assert_eq!(scene.now, Instant::from_millis(120));
    assert!(scene.a.client.way(at(PEER)).is_some());
    assert_eq!(scene.a.client.whole_way(at(PEER)), None);
}

#[test]
fn who_asks_nevertheless_is_not_heard() {
    let mut scene = asked(false);
    let mut asking = Vec::new();
    let indication = MessageBuilder::indication(&mut asking, Method::SEND, [1; 12].into());
    indication
        .attribute(&patchcord_turn::attribute::XorPeerAddress(at(PEER)))
        .attribute(&patchcord_turn::attribute::DontFragment)
        .raw(AttributeType::DATA, b"hello");
    let refused = Err(Discard::NotUnderstood(AttributeType::DONT_FRAGMENT));
    assert_eq!(forward(&mut scene, &mut asking), refused);
    // RFC 8489 §6.3.2: so with anything else that is to be understood.
    let mut strange = Vec::new();
    let indication = MessageBuilder::indication(&mut strange, Method::SEND, [2; 12].into());
    indication
        .attribute(&patchcord_turn::attribute::XorPeerAddress(at(PEER)))
        .raw(AttributeType(0x7fff), &[])
        .raw(AttributeType::DATA, b"hello");
    let refused = Err(Discard::NotUnderstood(AttributeType(0x7fff)));
    assert_eq!(forward(&mut scene, &mut strange), refused);
    assert_eq!(scene.b.server.stats().discarded, 2);
}

#[test]
fn who_has_not_asked_the_server_asks_it_of_no_datagram() {
    let config = server::Config { dont_fragment: true, ..server_config() };
    let mut scene = with(Config::default(), config);
    assert!(scene.a.client.permit(at(PEER).ip()).is_ok());
    scene.run_for(Duration::from_secs(1));
    assert_eq!(scene.a.client.whole_way(at(PEER)), None);
    let way = scene.a.client.way(at(PEER)).unwrap();
    assert!(relayed(&mut scene, way).is_ok_and(|it| it.is_some_and(|it| !it.dont_fragment)));
    let mut buf = vec![0; way.head()];
    scene.a.client.wrap(way, &mut buf, 0).unwrap();
    let message = Message::parse(&buf).unwrap();
    assert!(message.attributes().all(|one| one.kind != AttributeType::DONT_FRAGMENT));
}
