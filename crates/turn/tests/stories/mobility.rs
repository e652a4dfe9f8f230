//! The host changes its network, and the allocation comes along (RFC 8016).

use core::time::Duration;

use patchcord_turn::AddressFamily;
use patchcord_turn::client::{Config, Event};
use patchcord_turn::server;
use sansio::Path;

use crate::scene::{PEER, SERVER, at, scene, server_config, with};

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
