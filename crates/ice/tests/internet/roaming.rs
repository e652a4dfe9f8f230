//! Networks that change during a call: nobody signals anything, and nobody restarts.

use core::time::Duration;

use patchcord_ice::{Config, Event, PairState, State};
use sansio::{Datagram, Transport};
use stun::behavior::Dependence::{AddressAndPortDependent, EndpointIndependent};
use testkit::internet::{self, Nat, Place};

use crate::homes::{Kind, Scene, connect, converse, ms};

const HOME: Kind = Kind::Nat(EndpointIndependent, AddressAndPortDependent);

/// A call that has stood for a second.
fn call(kinds: [Kind; 2]) -> Scene {
    let mut scene = Scene::new(kinds, Config::default(), 1);
    scene.gather();
    scene.signal();
    let _ = connect(&mut scene);
    scene.net.run_for(ms(1000));
    for host in scene.hosts {
        scene.net[host].events.clear();
    }
    scene
}

/// Both say something every 10 ms; how long it takes until each hears the other.
pub(crate) fn until_heard(scene: &mut Scene, limit: Duration) -> [Option<Duration>; 2] {
    let start = scene.net.now;
    for host in scene.hosts {
        scene.net[host].heard.clear();
    }
    let mut heard = [None; 2];
    while scene.net.now < start + limit && heard.contains(&None) {
        for host in scene.hosts {
            let now = scene.net.now;
            let _nowhere_to_go = scene.net[host].say(now, b"are you there?");
        }
        scene.net.run_for(ms(10));
        for (first, host) in heard.iter_mut().zip(scene.hosts) {
            let said = scene.net[host].heard.first();
            *first = first.or(said.map(|(at, _)| *at - start));
        }
    }
    heard
}

pub(crate) fn states(scene: &Scene, side: usize) -> Vec<State> {
    let state = |event: &Event| match event {
        Event::StateChanged(state) => Some(*state),
        _ => None,
    };
    scene.net[scene.hosts[side]].events.iter().filter_map(state).collect()
}

/// The sides whose networks change, with networks of both: the other one is open, or at home too.
const CASES: [(usize, [Kind; 2]); 4] =
    [(0, [HOME, Kind::Open]), (1, [Kind::Open, HOME]), (0, [HOME; 2]), (1, [HOME; 2])];

const MOBILE: &str = "100.64.0.2";

/// Gives a host another interface, in a mobile network.
pub(crate) fn plug_in(scene: &mut Scene, side: usize) {
    let mobile = Nat::new("203.0.113.9", EndpointIndependent, AddressAndPortDependent);
    let mobile = scene.net.nat(Place::CORE, ms(20), mobile);
    scene.net.interface(scene.hosts[side], mobile, ms(5), &[MOBILE]);
    let now = scene.net.now;
    scene.net[scene.hosts[side]].gain(now, MOBILE);
}

/// Takes a host's first interface away.
pub(crate) fn unplug(scene: &mut Scene, side: usize) {
    scene.net.readdress(scene.hosts[side], &[]);
    let now = scene.net.now;
    scene.net[scene.hosts[side]].lose(now, &format!("10.0.{side}.2"));
}

#[test]
fn a_host_goes_from_one_network_to_another() {
    for (side, kinds) in CASES {
        let mut scene = call(kinds);
        plug_in(&mut scene, side);
        unplug(&mut scene, side);
        let [there, here] = until_heard(&mut scene, ms(10_000)).map(|time| time.unwrap());
        let (moved, other) = if side == 0 { (here, there) } else { (there, here) };
        // The other side hears it after a round trip of checks (or two: a relay of the other side
        // may be its first way), and a way; it hears the other side when that has followed.
        assert!(moved <= ms(400) && other <= ms(650), "{kinds:?} {side}: {moved:?} {other:?}");
        let lost = |state: &State| matches!(state, State::Disconnected | State::Failed);
        assert!(!states(&scene, 0).iter().chain(&states(&scene, 1)).any(lost));
        scene.net.run_for(ms(5000));
        converse(&mut scene);
    }
}

#[test]
fn an_interface_that_goes_has_a_successor() {
    // The other one has been there for a while: a pair from it is valid where the other side is
    // open, and otherwise found as fast as without.
    for (side, kinds) in CASES {
        let mut scene = call(kinds);
        plug_in(&mut scene, side);
        scene.net.run_for(ms(1000));
        unplug(&mut scene, side);
        let [there, here] = until_heard(&mut scene, ms(10_000)).map(|time| time.unwrap());
        let (moved, other) = if side == 0 { (here, there) } else { (there, here) };
        if kinds[1 - side] == Kind::Open {
            assert_eq!(moved, ms(50), "{kinds:?}: at once");
            assert!(other <= ms(300), "{kinds:?} {side}: {other:?}");
        } else {
            assert!(moved <= ms(400) && other <= ms(650), "{kinds:?} {side}: {moved:?} {other:?}");
        }
        scene.net.run_for(ms(5000));
        converse(&mut scene);
    }
}

#[test]
fn a_nat_that_begins_anew_costs_two_seconds() {
    // Its mappings are gone, and what the other side sends goes nowhere. The silence is noticed
    // (`Config::doubt_after`), a check makes a new mapping, the other side sees where it comes from,
    // asks back, and follows.
    for (side, kinds) in [CASES[0], CASES[1]] {
        let mut scene = call(kinds);
        until_heard(&mut scene, ms(1000));
        scene.net.nat_at(scene.networks[side]).reboot();
        let heard = until_heard(&mut scene, ms(10_000)).map(|time| time.unwrap());
        let late = |time: &Duration| *time > ms(2000 + 300);
        assert!(!heard.iter().any(late), "{kinds:?}: {heard:?}");
        assert_eq!((states(&scene, 0), states(&scene, 1)), (vec![], vec![]), "nobody was alarmed");
        converse(&mut scene);
    }
}

#[test]
fn a_nat_that_begins_anew_in_silence_is_noticed_by_the_next_consent_check() {
    for (side, kinds) in [CASES[0], CASES[1]] {
        let mut scene = call(kinds);
        scene.net.nat_at(scene.networks[side]).outside = "203.0.113.77".parse().unwrap();
        scene.net.run_for(ms(6000 + 200));
        let heard = until_heard(&mut scene, ms(10_000)).map(|time| time.unwrap());
        let late = |time: &Duration| *time > ms(300);
        assert!(!heard.iter().any(late), "{kinds:?}: {heard:?}");
        converse(&mut scene);
    }
}

#[test]
fn where_the_other_side_filters_a_relay_takes_over() {
    // Nothing from the new mapping passes the other side's filter. After 7 s all pairs are checked.
    for (side, kinds) in [CASES[2], CASES[3]] {
        let mut scene = call(kinds);
        until_heard(&mut scene, ms(1000));
        scene.net.nat_at(scene.networks[side]).reboot();
        let heard = until_heard(&mut scene, ms(10_000)).map(|time| time.unwrap());
        assert!(heard.iter().all(|time| *time < ms(8000)), "{kinds:?}: {heard:?}");
        scene.net.run_for(ms(1000));
        converse(&mut scene);
        for side in [0, 1] {
            assert!(!states(&scene, side).contains(&State::Failed));
        }
    }
}

#[test]
fn data_that_anybody_can_send_moves_nobody() {
    // In a silent call, something comes on a pair that is valid and not in use.
    for (side, kinds) in [CASES[0], CASES[1]] {
        for victim in [0, 1] {
            let mut scene = call(kinds);
            plug_in(&mut scene, side);
            scene.net.run_for(ms(1000));
            let host = scene.hosts[victim];
            let agent = &scene.net[host].agent;
            let before = agent.route().unwrap().path;
            let is_backup = |pair: &patchcord_ice::CandidatePair<'_>| {
                pair.state == PairState::Succeeded
                    && pair.path.transport == Transport::Udp
                    && pair.path != before
                    && pair.path.local.port() == before.local.port()
            };
            let path = agent.candidate_pairs().find(is_backup).unwrap().path;
            let now = scene.net.now;
            let mut bytes = [128; 20];
            let forged = Datagram::new(path, now, &mut bytes);
            internet::Host::handle_input(&mut scene.net[host], now, forged);
            scene.net.run_for(ms(3000));
            for (side, host) in scene.hosts.into_iter().enumerate() {
                let moved = |event: &Event| matches!(event, Event::RouteChanged(_));
                assert!(!scene.net[host].events.iter().any(moved), "{kinds:?} {side}");
            }
        }
    }
}
