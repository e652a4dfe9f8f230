//! Networks that change during a call: nobody signals anything, and nobody restarts.

use core::time::Duration;

use patchcord_ice::CandidateKind::ServerReflexive;
use patchcord_ice::{CandidatePolicy, Config, Event, PairState, State};
use sansio::{Datagram, Transport};
use stun::behavior::Dependence::{AddressAndPortDependent, EndpointIndependent};
use testkit::internet::{self, Nat, Place};

use crate::homes::{Kind, Scene, connect, converse, is_relayed, ms};

const HOME: Kind = Kind::Nat(EndpointIndependent, AddressAndPortDependent);

/// A call that has stood for a second.
fn call(kinds: [Kind; 2]) -> Scene {
    call_with(kinds, Config::default())
}

fn call_with(kinds: [Kind; 2], config: Config) -> Scene {
    let mut scene = Scene::new(kinds, config, 1);
    scene.gather();
    scene.signal();
    let _ = connect(&mut scene);
    scene.net.run_for(ms(1000));
    for host in scene.hosts {
        scene.net[host].events.clear();
        scene.net[host].candidates.clear();
    }
    scene
}

/// What `a=ice-options:renomination` says.
fn set_renomination(scene: &mut Scene, follows: bool) {
    let now = scene.net.now;
    for host in scene.hosts {
        scene.net[host].agent.set_remote_renomination(now, follows);
    }
}

/// Signals new candidates, 100 ms after they were found; `told`: how many were signalled.
fn trickle(scene: &mut Scene, told: &mut [usize; 2]) {
    let now = scene.net.now;
    for side in [0, 1] {
        let [from, to] = [side, 1 - side].map(|side| scene.hosts[side]);
        let fresh = scene.net[from].candidates[told[side]..].to_vec();
        for (_, candidate) in fresh.into_iter().filter(|(at, _)| *at + ms(100) <= now) {
            told[side] += 1;
            scene.net[to].with(now, |agent| agent.add_remote_candidate(now, candidate));
        }
    }
}

/// Both say something every 10 ms; how long it takes until each hears the other.
pub(crate) fn until_heard(scene: &mut Scene, limit: Duration) -> [Option<Duration>; 2] {
    until_heard_with(scene, limit, |_| {})
}

/// The same, with something that happens meanwhile.
fn until_heard_with(
    scene: &mut Scene,
    limit: Duration,
    mut meanwhile: impl FnMut(&mut Scene),
) -> [Option<Duration>; 2] {
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
        meanwhile(scene);
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
fn where_the_other_side_filters_its_relay_shows_the_direct_way() {
    // Nothing from the new mapping passes the other side's filter, but for what goes by its relay:
    // that sees where it comes from. After 2 s of silence and three questions all pairs are checked;
    // a check by the relay and its answer, and two round trips of checks follow.
    for (side, kinds) in [CASES[2], CASES[3]] {
        for renominates in [false, true] {
            let mut scene = call(kinds);
            set_renomination(&mut scene, renominates);
            until_heard(&mut scene, ms(1000));
            scene.net.nat_at(scene.networks[side]).reboot();
            scene.net.run_for(ms(100));
            let heard = until_heard(&mut scene, ms(10_000)).map(|time| time.unwrap());
            let late = |time: &Duration| *time > ms(1900 + 1500 + 610);
            assert!(!heard.iter().any(late), "{kinds:?} {side}: {heard:?}");
            is_direct_after(&mut scene, ms(1000));
        }
    }
}

#[test]
fn a_home_with_another_address_is_found_by_what_a_server_says() {
    // The other side's relay lets nothing in from there, and the own one has forgotten us. It is
    // asked again, and so is the STUN server; signalling takes 100 ms.
    for (side, kinds) in [CASES[2], CASES[3]] {
        for renominates in [false, true] {
            let mut scene = call(kinds);
            set_renomination(&mut scene, renominates);
            until_heard(&mut scene, ms(1000));
            let home = scene.networks[side];
            scene.net.nat_at(home).outside = "203.0.113.77".parse().unwrap();
            scene.net.run_for(ms(100));
            let mut told = [0; 2];
            let heard = until_heard_with(&mut scene, ms(10_000), |scene| trickle(scene, &mut told));
            let heard = heard.map(|time| time.unwrap());
            let late = |time: &Duration| *time > ms(1900 + 1500 + 610);
            assert!(!heard.iter().any(late), "{kinds:?} {side}: {heard:?}");
            is_direct_after(&mut scene, ms(2000));
            let agent = &scene.net[scene.hosts[side]].agent;
            let reflexive = agent.local_candidates().filter(|c| c.kind == ServerReflexive);
            assert_eq!(reflexive.count(), 1, "the former one is no more");
        }
    }
}

#[test]
fn a_relay_that_has_lost_sight_of_us_is_asked_anew() {
    // Nothing is signalled, and between two strict NATs nothing else works. The own relay says that it
    // does not know us, gives another address, and from there the other side's relay is reached.
    let strict = Kind::Nat(AddressAndPortDependent, AddressAndPortDependent);
    for (side, policy) in
        [(0, CandidatePolicy::All), (1, CandidatePolicy::All), (0, CandidatePolicy::Relay)]
    {
        let mut scene = call_with([strict; 2], Config { policy, ..Config::default() });
        until_heard(&mut scene, ms(1000));
        let home = scene.networks[side];
        scene.net.nat_at(home).outside = "203.0.113.77".parse().unwrap();
        scene.net.run_for(ms(100));
        let heard = until_heard(&mut scene, ms(20_000));
        let late = |time: &Option<Duration>| time.is_none_or(|it| it > ms(1900 + 1500 + 850));
        assert!(!heard.iter().any(late), "{side}: {heard:?}");
        scene.net.run_for(ms(1000));
        assert_eq!(is_relayed(&scene.net, scene.hosts[side]), Some(true));
        converse(&mut scene);
    }
}

/// After some time both use a direct way, and nobody was alarmed.
#[track_caller]
fn is_direct_after(scene: &mut Scene, time: Duration) {
    scene.net.run_for(time);
    let relayed = scene.hosts.map(|host| is_relayed(&scene.net, host));
    assert_eq!(relayed, [Some(false); 2]);
    let lost = |state: &State| matches!(state, State::Disconnected | State::Failed);
    assert!(!states(scene, 0).iter().chain(&states(scene, 1)).any(lost));
    for host in scene.hosts {
        scene.net[host].heard.clear();
    }
    converse(scene);
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
