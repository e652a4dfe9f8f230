//! What ICMP says of datagrams to peers gets to the client that has sent them, and to nobody else.

use core::time::Duration;

use patchcord_turn::attribute::Icmp;
use patchcord_turn::client::{Config, Event};
use patchcord_turn::server;
use sansio::{Datagram, Instant, Machine, Transmit};

use crate::scene::{CLIENT, PEER, SERVER, Scene, at, server_config, with};

/// Destination unreachable, port unreachable.
const NO_PORT: Icmp = Icmp { kind: 3, code: 3, data: 0 };

/// A client whose peer is permitted.
fn permitted(config: server::Config) -> Scene {
    let mut scene = with(Config::default(), config);
    assert!(scene.a.client.permit(at(PEER).ip()).is_ok());
    let one_second = Duration::from_secs(1);
    assert!(scene.run_until(|s| s.a.client.is_permitted(at(PEER).ip()), one_second));
    scene.a_events.clear();
    scene
}

/// The relay socket hears of an error: what the server has for its client.
fn hear(scene: &mut Scene, peer: &str, error: Icmp) -> Option<(Transmit<sansio::Path>, Vec<u8>)> {
    let (now, local, mut out) = (scene.now, scene.b.open[0].local, Vec::new());
    let transmit = scene.b.server.handle_icmp(now, (local, at(peer)), error, &mut out);
    assert_eq!(transmit.map_or(0, |transmit| transmit.len), out.len());
    transmit.map(|transmit| (transmit, out))
}

#[test]
fn the_client_is_told() {
    let mut scene = permitted(server_config());
    for error in [NO_PORT, Icmp { kind: 3, code: 4, data: 1280 }, Icmp { kind: 11, ..NO_PORT }] {
        let Some((transmit, mut bytes)) = hear(&mut scene, PEER, error) else {
            unreachable!("{error:?} is told")
        };
        assert_eq!((transmit.path.local, transmit.path.remote), (at(SERVER), at(CLIENT)));
        let (now, path) = (scene.now, transmit.path.reversed());
        let input = Datagram::new(path, now, &mut bytes);
        assert!(matches!(scene.a.client.unwrap(now, input), Ok(None)));
        let expected = Event::Icmp { peer: at(PEER), error };
        assert_eq!(scene.a.client.poll_event(), Some(expected));
    }
}

#[test]
fn what_is_nobodys_business_is_not_told() {
    let mut scene = permitted(server_config());
    // Redirect; echo reply; the number of IPv6 for an IPv4 peer.
    for kind in [5, 0, 1] {
        assert_eq!(hear(&mut scene, PEER, Icmp { kind, ..NO_PORT }), None);
    }
    assert_eq!(hear(&mut scene, "198.51.100.9:7000", NO_PORT), None, "it has no permission");
    let mut out = Vec::new();
    let nowhere = (at("192.0.2.1:1"), at(PEER));
    let told = scene.b.server.handle_icmp(scene.now, nowhere, NO_PORT, &mut out);
    assert_eq!((told, out.len()), (None, 0), "no relay socket");
    // The permission ends, and with it what it lets in.
    let later = scene.now + Duration::from_secs(301);
    let local = scene.b.open[0].local;
    let told = scene.b.server.handle_icmp(later, (local, at(PEER)), NO_PORT, &mut out);
    assert_eq!((told, out.len()), (None, 0));
}

#[test]
fn errors_count_towards_the_bandwidth() {
    let bandwidth = Some(server::RateLimit { per_second: 100, burst: 100 });
    let mut scene = permitted(server::Config { bandwidth, ..server_config() });
    // 44 bytes each.
    let told = (0..5).filter(|_| hear(&mut scene, PEER, NO_PORT).is_some()).count();
    assert_eq!(told, 2);
    scene.now += Duration::from_secs(1);
    assert!(scene.now > Instant::ZERO && hear(&mut scene, PEER, NO_PORT).is_some());
}
