//! A relay survives its own host's change of network: calls that go by relays alone, and of which one
//! side moves. Nobody signals anything.

use core::time::Duration;

use patchcord_ice::{CandidatePolicy, Config, Event, RelayError, State};
use stun::behavior::Dependence::{AddressAndPortDependent, EndpointIndependent};
use testkit::internet::TurnServer;
use turn::server::{self, RelayAddress};

use crate::homes::{Kind, RELAY, Scene, connect, converse, ms};
use crate::roaming::{plug_in, states, unplug, until_heard};

const HOME: Kind = Kind::Nat(EndpointIndependent, AddressAndPortDependent);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    /// RFC 8016.
    Mobile,
    Plain,
}

/// A call by relays alone, that has stood for a second.
fn call(kind: Server) -> Scene {
    let config = Config { policy: CandidatePolicy::Relay, ..Config::default() };
    let mut scene = Scene::new([HOME; 2], config, 1);
    *scene.net.turn_at(scene.relay) = TurnServer::with_config(
        server::Config {
            relays: vec![RelayAddress::new(RELAY.parse().unwrap())],
            mobility: kind == Server::Mobile,
            ..server::Config::default()
        },
        7,
    );
    scene.gather();
    scene.signal();
    assert!(connect(&mut scene).1);
    scene.net.run_for(ms(1000));
    forget_events(&mut scene);
    scene
}

fn forget_events(scene: &mut Scene) {
    for host in scene.hosts {
        scene.net[host].events.clear();
    }
}

/// How many candidates a side has lost and got.
fn changed(scene: &Scene, side: usize) -> (usize, usize) {
    let events = || scene.net[scene.hosts[side]].events.iter();
    let lost = events().filter(|event| matches!(event, Event::LocalCandidateRemoved(_)));
    (lost.count(), events().filter(|event| matches!(event, Event::LocalCandidate(_))).count())
}

/// Whether a side has doubted that the other one is there.
fn alarmed(scene: &Scene, side: usize) -> bool {
    let is_well = |state: &State| matches!(state, State::Connected | State::Completed);
    !states(scene, side).iter().all(is_well)
}

fn allocated(scene: &mut Scene) -> u64 {
    scene.net.turn_at(scene.relay).server.stats().allocated
}

/// When each side hears the other again, of them the one that has moved first.
fn silence(scene: &mut Scene, moved: usize) -> [Duration; 2] {
    let heard = until_heard(scene, ms(60_000)).map(|time| time.unwrap());
    [heard[moved], heard[1 - moved]]
}

#[test]
fn an_allocation_that_can_move_comes_along_and_nobody_learns_of_it() {
    for side in [0, 1] {
        let mut scene = call(Server::Mobile);
        plug_in(&mut scene, side);
        unplug(&mut scene, side);
        // 25 ms from a host to the server: a nonce for the new address, and the ticket. Who has not
        // moved is heard as soon as the server knows, the other one a round trip later.
        let [hears, is_heard] = silence(&mut scene, side);
        assert_eq!([hears, is_heard], [ms(100), ms(150)]);
        scene.net.run_for(ms(5000));
        converse(&mut scene);
        for side in [0, 1] {
            assert_eq!((changed(&scene, side), alarmed(&scene, side)), ((0, 0), false));
        }
        assert_eq!(allocated(&mut scene), 2);
    }
}

#[test]
fn another_candidate_takes_the_place_of_one_that_cannot_move() {
    for side in [0, 1] {
        let mut scene = call(Server::Plain);
        plug_in(&mut scene, side);
        unplug(&mut scene, side);
        // A nonce, an allocation, a permission; checks, and for the controlled side the other one's
        // nomination.
        let silence = silence(&mut scene, side);
        assert!(silence.iter().all(|time| *time <= ms(600)), "{side}: {silence:?}");
        scene.net.run_for(ms(5000));
        converse(&mut scene);
        assert_eq!((changed(&scene, side), changed(&scene, 1 - side)), ((1, 1), (0, 0)));
        assert_eq!(allocated(&mut scene), 3);
        let over = |state: &State| *state == State::Failed;
        assert!(!states(&scene, 0).iter().chain(&states(&scene, 1)).any(over));
    }
}

#[test]
fn between_two_networks_there_may_be_none() {
    for kind in [Server::Mobile, Server::Plain] {
        let mut scene = call(kind);
        unplug(&mut scene, 0);
        scene.net.run_for(ms(3000));
        let told = |event: &Event| match event {
            Event::RelayFailed { error, .. } => Some(error.clone()),
            _ => None,
        };
        let events = &scene.net[scene.hosts[0]].events;
        let told: Vec<_> = events.iter().filter_map(told).collect();
        assert_eq!(told, [RelayError::Unreachable], "once, however often it is tried");
        plug_in(&mut scene, 0);
        let silence = silence(&mut scene, 0);
        match kind {
            Server::Mobile => assert_eq!(silence, [ms(100), ms(150)]),
            Server::Plain => assert!(silence.iter().all(|time| *time <= ms(600)), "{silence:?}"),
        }
        scene.net.run_for(ms(5000));
        converse(&mut scene);
        assert_eq!(changed(&scene, 0), if kind == Server::Mobile { (0, 0) } else { (1, 1) });
        assert!(!states(&scene, 0).contains(&State::Failed));
    }
}

/// The address is still there, but the system speaks to the server from another one, and what leaves
/// the first goes nowhere.
fn lose_route(scene: &mut Scene, side: usize) {
    plug_in(scene, side);
    scene.net.readdress(scene.hosts[side], &[]);
    scene.net[scene.hosts[side]].addresses.swap(0, 1);
}

#[test]
fn a_restart_finds_the_new_route_at_once() {
    let mut scene = call(Server::Mobile);
    lose_route(&mut scene, 0);
    scene.net.run_for(ms(1000));
    for host in scene.hosts {
        let now = scene.net.now;
        scene.net[host].with(now, |agent| agent.restart(now));
    }
    // With the credentials of before: the others have not been signalled yet.
    assert_eq!(silence(&mut scene, 0), [ms(100), ms(150)]);
    scene.signal();
    scene.net.run_for(ms(5000));
    converse(&mut scene);
    assert_eq!((changed(&scene, 0), allocated(&mut scene)), ((0, 0), 2));
}

#[test]
fn silence_finds_the_new_route_without_a_restart() {
    for kind in [Server::Mobile, Server::Plain] {
        let mut scene = call(kind);
        until_heard(&mut scene, ms(1000));
        lose_route(&mut scene, 0);
        let silence = silence(&mut scene, 0);
        // `Config::disconnected_after`, then as above.
        let limit = ms(7000 + if kind == Server::Mobile { 200 } else { 700 });
        assert!(silence.iter().all(|time| *time <= limit), "{kind:?}: {silence:?}");
        scene.net.run_for(ms(5000));
        converse(&mut scene);
        assert!(!states(&scene, 0).contains(&State::Failed));
    }
}

#[test]
fn a_nat_that_begins_anew_does_not_cost_an_allocation_that_can_move() {
    let mut scene = call(Server::Mobile);
    until_heard(&mut scene, ms(1000));
    // The server sees us at another address, which it does not know.
    scene.net.nat_at(scene.networks[0]).outside = "203.0.113.77".parse().unwrap();
    scene.net.nat_at(scene.networks[0]).reboot();
    let silence = silence(&mut scene, 0);
    // A nonce, "437", the ticket.
    let limit = ms(7000 + 3 * 50 + 50 + 10);
    assert!(silence.iter().all(|time| *time <= limit), "{silence:?}");
    scene.net.run_for(ms(5000));
    converse(&mut scene);
    assert_eq!((changed(&scene, 0), allocated(&mut scene)), ((0, 0), 2));
}

#[test]
fn a_server_that_begins_anew_again_and_again_does_not_end_a_call() {
    for kind in [Server::Mobile, Server::Plain] {
        let mut scene = call(kind);
        for seed in 100..104 {
            scene.net.run_for(ms(600_000));
            *scene.net.turn_at(scene.relay) = TurnServer::new(&[RELAY], seed);
            // Both sides notice the silence, and have other candidates then, which are trickled.
            scene.net.run_for(ms(10_000));
            scene.signal();
            scene.net.run_for(ms(5000));
            converse(&mut scene);
        }
    }
}

#[test]
fn a_server_that_is_silent_for_a_while_keeps_what_it_has() {
    for kind in [Server::Mobile, Server::Plain] {
        let mut scene = call(kind);
        until_heard(&mut scene, ms(1000));
        scene.net.turn_at(scene.relay).silent = true;
        scene.net.run_for(ms(15_000));
        scene.net.turn_at(scene.relay).silent = false;
        scene.net.run_for(ms(10_000));
        converse(&mut scene);
        for side in [0, 1] {
            assert!(states(&scene, side).contains(&State::Disconnected));
            assert_eq!(changed(&scene, side), (0, 0), "{kind:?}");
        }
        assert_eq!(allocated(&mut scene), 2);
    }
}

#[test]
fn a_ticket_that_is_not_answered_on_a_stream_costs_five_seconds() {
    let config = Config { policy: CandidatePolicy::Relay, ..Config::default() };
    let mut scene = Scene::new([Kind::UdpBlocked, HOME], config, 1);
    scene.gather();
    scene.signal();
    assert!(connect(&mut scene).1);
    forget_events(&mut scene);
    plug_in(&mut scene, 0);
    let (now, host) = (scene.net.now, scene.hosts[0]);
    scene.net.readdress(host, &[]);
    scene.net[host].lose(now, "198.51.100.1");
    // Its answers are lost in the server.
    scene.net.turn_at(scene.relay).silent = true;
    scene.net.run_for(ms(5000));
    assert_eq!(changed(&scene, 0), (0, 0));
    scene.net.run_for(ms(60));
    assert_eq!(changed(&scene, 0), (1, 0));
    scene.net.turn_at(scene.relay).silent = false;
    scene.net.run_for(ms(200));
    assert_eq!(changed(&scene, 0), (1, 1));
    scene.signal();
    scene.net.run_for(ms(2000));
    converse(&mut scene);
}
