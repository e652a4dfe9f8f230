//! Relays that answer late, twice, wrongly or never; and those who may not speak by way of them.

use core::net::SocketAddr;

use patchcord_ice::{
    Candidate, CandidateKind, CandidatePolicy, Config, Event, GatheringState, RelayError,
};
use sansio::{Path, Rng, Transport};
use testkit::SeededRng;
use testkit::internet::{Place, TurnServer};
use turn::client::CloseReason;

use crate::homes::{Kind, RELAY, Scene, connect, converse, ms};
use crate::host::Host;

type Tamper = Box<dyn FnMut(&mut Vec<u8>) + Send>;

/// Two hosts that can reach everything, and may reach each other by a relay only.
fn relay_only(seed: u64) -> Scene {
    let config = Config { policy: CandidatePolicy::Relay, ..Config::default() };
    Scene::new([Kind::Open; 2], config, seed)
}

fn relayed(scene: &Scene) -> Vec<SocketAddr> {
    let candidates = scene.hosts.map(|host| scene.net[host].agent.signalled().1);
    let relayed = |c: Candidate| (c.kind == CandidateKind::Relayed).then(|| c.socket_addr());
    candidates.into_iter().flatten().filter_map(relayed).flatten().collect()
}

/// What a host was told of its relay.
fn failures(host: &Host) -> Vec<RelayError> {
    let failure = |event: &Event| match event {
        Event::RelayFailed { error, .. } => Some(error.clone()),
        _ => None,
    };
    host.events.iter().filter_map(failure).collect()
}

#[test]
fn nobody_waits_for_a_relay_that_never_answers() {
    let mut scene = Scene::new([Kind::Open; 2], Config::default(), 1);
    scene.net.turn_at(scene.relay).silent = true;
    scene.begin_gathering();
    scene.signal();
    let hosts = scene.hosts;
    let both = |net: &mut testkit::internet::Internet<Host>| {
        hosts.into_iter().all(|host| net[host].agent.route().is_some())
    };
    assert!(scene.net.run_until(both, ms(100)), "one round trip");
    converse(&mut scene);
    let (_, is_relayed) = connect(&mut scene);
    assert!(!is_relayed);
    for host in hosts {
        let host = &scene.net[host];
        assert_eq!(host.agent.gathering_state(), GatheringState::Complete);
        assert_eq!(failures(host), [RelayError::Allocation(CloseReason::TimedOut)]);
    }
}

#[test]
fn answers_that_are_late_are_taken_and_their_repetitions_are_not() {
    let mut scene = relay_only(1);
    scene.net.up(scene.relay).delay = ms(3000);
    scene.gather();
    // What was repeated meanwhile is answered too, and changes nothing.
    scene.net.run_for(ms(10_000));
    assert_eq!(relayed(&scene).len(), 2);
    assert_eq!(scene.net.turn_at(scene.relay).server.stats().allocated, 2);
    scene.net.up(scene.relay).delay = ms(0);
    scene.signal();
    assert!(connect(&mut scene).1);
    converse(&mut scene);
}

#[test]
fn answers_that_come_twice_are_one_answer() {
    let mut scene = relay_only(1);
    scene.net.up(scene.relay).duplicate = 1.0;
    scene.net.down(scene.relay).duplicate = 1.0;
    scene.gather();
    assert_eq!(relayed(&scene).len(), 2);
    assert_eq!(scene.net.turn_at(scene.relay).server.stats().allocated, 2);
    scene.signal();
    assert!(connect(&mut scene).1);
    converse(&mut scene);
}

#[test]
fn answers_that_are_wrong_are_none() {
    // A bit of each tenth datagram of the relay is flipped, in mid call too.
    for seed in 0..20 {
        let mut scene = relay_only(seed);
        let mut rng = SeededRng::new(seed);
        scene.net.turn_at(scene.relay).tamper(move |datagram| {
            if rng.chance(0.1) {
                let bit = rng.below(datagram.len() as u64 * 8) as usize;
                datagram[bit / 8] ^= 1 << (bit % 8);
            }
        });
        scene.gather();
        let known = relayed(&scene);
        assert_eq!(known.len(), 2, "seed {seed}");
        let is_relay = |address: &SocketAddr| address.ip().to_string() == RELAY;
        assert!(known.iter().all(is_relay), "seed {seed}: {known:?}");
        scene.signal();
        assert!(connect(&mut scene).1, "seed {seed}");
        for host in scene.hosts {
            let agent = &scene.net[host].agent;
            let learnt = |c: &&Candidate| c.kind == CandidateKind::PeerReflexive;
            let learnt: Vec<_> = agent.remote_candidates().filter(learnt).collect();
            assert!(learnt.is_empty(), "seed {seed}: {learnt:?}");
        }
        scene.net.turn_at(scene.relay).tamper(|_| {});
        converse(&mut scene);
    }
}

#[test]
fn what_is_no_answer_is_not_taken_for_one() {
    // Nonsense, and well-formed answers to what nobody asked.
    let mut rng = SeededRng::new(7);
    let nonsense = move |datagram: &mut Vec<u8>| rng.fill(datagram);
    let others = |datagram: &mut Vec<u8>| datagram[19] ^= 1;
    let truncated = |datagram: &mut Vec<u8>| datagram.truncate(19);
    let tampers: [Tamper; 3] = [Box::new(nonsense), Box::new(others), Box::new(truncated)];
    for tamper in tampers {
        let mut scene = relay_only(1);
        scene.net.turn_at(scene.relay).tamper(tamper);
        scene.gather();
        assert_eq!(relayed(&scene), []);
        for host in scene.hosts {
            let timed_out = RelayError::Allocation(CloseReason::TimedOut);
            assert_eq!(failures(&scene.net[host]), [timed_out]);
        }
    }
}

#[test]
fn a_connection_that_nobody_accepts_is_given_up() {
    // TLS to a port that is blocked, and to one where nobody listens.
    for port in [3478, 80] {
        let mut scene = Scene::new([Kind::Tcp443Only, Kind::Open], Config::default(), 1);
        let (now, host) = (scene.net.now, scene.hosts[0]);
        let address = SocketAddr::new(RELAY.parse().unwrap(), port);
        let server = crate::homes::relay_at(address, Transport::Tls);
        scene.net[host].with(now, |agent| agent.add_relay(now, server)).unwrap();
        scene.net[host].gather(now, &[]);
        scene.net[host].with(now, |agent| agent.end_of_local_candidates(now));
        let complete = |net: &mut testkit::internet::Internet<Host>| {
            net[host].agent.gathering_state() == GatheringState::Complete
        };
        assert!(scene.net.run_until(complete, ms(20_000)), "{port}");
        assert_eq!(failures(&scene.net[host]), [RelayError::Unreachable]);
    }
}

#[test]
fn strangers_are_not_heard_by_way_of_a_relay() {
    let mut scene = relay_only(1);
    scene.gather();
    scene.signal();
    assert!(connect(&mut scene).1);
    let known = relayed(&scene);
    let address = "198.51.100.9";
    let stranger = Host::new(Config::default(), 99, &[address]);
    let stranger = scene.net.host(Place::CORE, ms(1), &[address], stranger);
    let local = SocketAddr::new(address.parse().unwrap(), 7);
    let heard = scene.hosts.map(|host| *scene.net[host].agent.counters());
    // To a relayed address, and to where the relay's client speaks from: data, a frame of a channel,
    // a Data indication with a peer and data in it.
    let mut indication = vec![0, 0x17, 0, 20, 0x21, 0x12, 0xa4, 0x42];
    indication.extend_from_slice(&[7; 12]);
    indication.extend_from_slice(&[0, 0x12, 0, 8, 0, 1, 0x12, 0x34, 0xe1, 0xba, 0xa5, 0x42]);
    indication.extend_from_slice(&[0, 0x13, 0, 4, b'd', b'a', b't', b'a']);
    let before = scene.net.turn_at(scene.relay).server.stats().not_permitted;
    let client: SocketAddr = "198.51.100.1:40001".parse().unwrap();
    for data in [b"data".to_vec(), vec![0x40, 0, 0, 4, 1, 2, 3, 4], indication] {
        for remote in [known[0], client] {
            scene.net[stranger].send(Path::udp(local, remote), data.clone());
        }
    }
    scene.net.run_for(ms(1000));
    let refused = scene.net.turn_at(scene.relay).server.stats().not_permitted - before;
    assert_eq!(refused, 3);
    for (host, before) in scene.hosts.into_iter().zip(heard) {
        let host = &scene.net[host];
        assert_eq!(host.heard, []);
        assert_eq!(host.agent.counters().requests_received, before.requests_received);
        let learnt = |c: &Candidate| c.kind == CandidateKind::PeerReflexive;
        assert!(!host.agent.remote_candidates().any(learnt));
    }
    assert!(scene.net[scene.hosts[0]].agent.counters().discarded.unknown_path > 0);
    converse(&mut scene);
}

#[test]
fn a_relay_that_has_forgotten_everybody_is_asked_anew_by_a_restart() {
    let mut scene = relay_only(1);
    scene.gather();
    scene.signal();
    assert!(connect(&mut scene).1);
    let before = relayed(&scene);
    *scene.net.turn_at(scene.relay) = TurnServer::new(&[RELAY], 77);
    scene.net.run_for(ms(10_000));
    for host in scene.hosts {
        let now = scene.net.now;
        scene.net[host].with(now, |agent| agent.restart(now));
    }
    // It asks who is there, says that there is no allocation, and again asks who is there.
    scene.net.run_for(ms(50 * 4 + 10));
    let after = relayed(&scene);
    assert_eq!(after.len(), 2);
    assert!(after.iter().all(|address| !before.contains(address)));
    scene.signal();
    assert!(connect(&mut scene).1);
    converse(&mut scene);
    assert_eq!(scene.hosts.map(|host| failures(&scene.net[host])), [vec![], vec![]]);
}
