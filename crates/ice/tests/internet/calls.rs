//! Calls that last, and what they do without UDP.

use core::net::SocketAddr;
use core::time::Duration;

use patchcord_ice::{Config, Event, State, TcpType};
use sansio::Transport;
use stun::behavior::Dependence::{AddressAndPortDependent, EndpointIndependent};
use testkit::internet::TurnServer;
use turn::server::{self, RelayAddress};

use crate::homes::{Kind, RELAY, Scene, connect, converse, ms};
use crate::host::PORT;

const MINUTE: Duration = Duration::from_secs(60);

/// How often a host's state has changed.
fn changes(scene: &Scene, side: usize) -> usize {
    let host = &scene.net[scene.hosts[side]];
    host.events.iter().filter(|event| matches!(event, Event::StateChanged(_))).count()
}

/// Both say something every 200 ms for so long; everything is heard.
fn talk(scene: &mut Scene, time: Duration) {
    for host in scene.hosts {
        scene.net[host].heard.clear();
    }
    let end = scene.net.now + time;
    let mut said = 0;
    while scene.net.now < end {
        for host in scene.hosts {
            let now = scene.net.now;
            assert!(scene.net[host].say(now, b"and so on"));
        }
        said += 1;
        scene.net.run_for(ms(200));
    }
    scene.net.run_for(ms(1000));
    for host in scene.hosts {
        assert_eq!(scene.net[host].heard.len(), said);
    }
}

#[test]
fn ten_minutes_by_a_relay_whose_allocations_last_one() {
    // UDP on one side; on the other TCP, or TLS to port 443.
    for kind in [Kind::UdpBlocked, Kind::Tcp443Only] {
        let strict = Kind::Nat(AddressAndPortDependent, AddressAndPortDependent);
        let mut scene = Scene::new([strict, kind], Config::default(), 1);
        *scene.net.turn_at(scene.relay) = TurnServer::with_config(
            server::Config {
                relays: vec![RelayAddress::new(RELAY.parse().unwrap())],
                lifetime: MINUTE,
                max_lifetime: MINUTE,
                // Nonces go stale in mid call.
                nonce_lifetime: MINUTE,
                ..server::Config::default()
            },
            7,
        );
        scene.gather();
        scene.signal();
        assert!(connect(&mut scene).1);
        let before = [0, 1].map(|side| changes(&scene, side));
        talk(&mut scene, 10 * MINUTE);
        assert_eq!([0, 1].map(|side| changes(&scene, side)), before);
    }
}

#[test]
fn consent_keeps_mappings_alive_that_die_after_ten_seconds() {
    let home = Kind::Nat(EndpointIndependent, AddressAndPortDependent);
    let mut scene = Scene::new([home; 2], Config::default(), 1);
    for network in scene.networks {
        scene.net.nat_at(network).timeout = ms(10_000);
    }
    scene.gather();
    scene.signal();
    assert!(!connect(&mut scene).1);
    // In silence. The relays have lost sight of their clients, and are asked anew.
    scene.net.run_for(10 * MINUTE);
    for host in scene.hosts {
        let lost = |event: &Event| {
            matches!(event, Event::StateChanged(State::Disconnected | State::Failed))
        };
        assert!(!scene.net[host].events.iter().any(lost));
    }
    converse(&mut scene);
}

#[test]
fn without_udp_a_host_that_listens_needs_no_relay() {
    // The host behind the firewall connects; the other one is where anybody can reach it.
    for blocked in [0, 1] {
        let mut kinds = [Kind::Open; 2];
        kinds[blocked] = Kind::UdpBlocked;
        let mut scene = Scene::new(kinds, Config::default(), 1);
        let now = scene.net.now;
        for side in [0, 1] {
            let tcp_type = if side == blocked { TcpType::Active } else { TcpType::Passive };
            let host = &mut scene.net[scene.hosts[side]];
            let local = SocketAddr::new(host.addresses[0], PORT);
            host.with(now, |agent| agent.add_tcp_candidate(now, tcp_type, local)).unwrap();
        }
        scene.gather();
        scene.signal();
        let (connected, relayed) = connect(&mut scene);
        assert!(!relayed);
        for host in scene.hosts {
            let pair = scene.net[host].agent.selected_pair().unwrap();
            assert_eq!(pair.path.transport, Transport::Tcp);
        }
        // UDP has the first turn, then TCP: its handshake, and a check.
        assert_eq!(connected[blocked], ms(50 + 100 + 100));
        talk(&mut scene, MINUTE);
    }
}

#[test]
fn who_closes_gives_the_allocation_back() {
    let kinds = [Kind::UdpBlocked, Kind::Open];
    let mut scene = Scene::new(kinds, Config::default(), 1);
    scene.gather();
    scene.signal();
    connect(&mut scene);
    assert_eq!(scene.net.turn_at(scene.relay).server.stats().allocations, 2);
    for host in scene.hosts {
        let now = scene.net.now;
        scene.net[host].with(now, |agent| agent.close(now));
    }
    scene.net.run_for(ms(1000));
    assert_eq!(scene.net.turn_at(scene.relay).server.stats().allocations, 0);
}
