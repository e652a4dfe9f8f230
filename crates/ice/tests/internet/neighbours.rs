//! Hosts behind one NAT, in one home or in two; and homes that use the same private addresses.

use core::time::Duration;

use patchcord_ice::{CandidateKind, Config};
use stun::behavior::Dependence::{AddressAndPortDependent, EndpointIndependent};
use testkit::internet::{Nat, Place};

use crate::homes::{Kind, Scene, connect, converse, ms};
use crate::host::Host;

const HOME: Kind = Kind::Nat(EndpointIndependent, AddressAndPortDependent);

fn home(outside: &str) -> Nat {
    Nat::new(outside, EndpointIndependent, AddressAndPortDependent)
}

/// Signals, and lets them connect and converse.
fn meet(scene: &mut Scene) -> ([Duration; 2], bool) {
    scene.gather();
    scene.signal();
    let outcome = connect(scene);
    converse(scene);
    outcome
}

#[test]
fn in_one_home_the_way_is_through_the_home() {
    //  core ─ 20 ms ─ NAT ┬ 5 ms ─ a
    //                     └ 5 ms ─ b
    let mut nat = None;
    let network = |net: &mut testkit::internet::Internet<Host>, _| {
        *nat.get_or_insert_with(|| net.nat(Place::CORE, ms(20), home("203.0.113.1")))
    };
    let addresses = ["192.168.1.2", "192.168.1.3"];
    let mut scene = Scene::with([HOME; 2], network, addresses, Config::default(), 1);
    let (connected, relayed) = meet(&mut scene);
    assert_eq!((connected, relayed), ([ms(20); 2], false), "one round trip at home");
    let pair = scene.net[scene.hosts[0]].agent.selected_pair().unwrap();
    assert_eq!(pair.remote.kind, CandidateKind::Host);
}

#[test]
fn two_homes_of_one_carrier_meet_where_it_lets_them_turn_round() {
    //                         ┌ home NAT ─ 5 ms ─ a
    //  core ─ 20 ms ─ carrier ┤
    //                         └ home NAT ─ 5 ms ─ b
    for hairpins in [true, false] {
        let mut carrier = None;
        let network = |net: &mut testkit::internet::Internet<Host>, side| {
            let carrier = *carrier.get_or_insert_with(|| {
                let mut nat = home("203.0.113.1");
                nat.hairpins = hairpins;
                net.nat(Place::CORE, ms(20), nat)
            });
            net.nat(carrier, ms(0), home(&format!("100.64.0.{}", side + 1)))
        };
        let addresses = ["10.0.0.2", "10.0.1.2"];
        let mut scene = Scene::with([HOME; 2], network, addresses, Config::default(), 1);
        let (connected, relayed) = meet(&mut scene);
        // Their reflexive addresses have the second turn; the carrier is 5 ms away from each, and
        // a's check is there first: it comes to nothing, and b's triggers another. The relays have
        // the third turn, and a round trip of 100 ms.
        let expected = if hairpins { [ms(50 + 10 + 20), ms(50 + 20)] } else { [ms(100 + 100); 2] };
        assert_eq!((connected, relayed), (expected, !hairpins));
    }
}

#[test]
fn private_addresses_that_both_have_lead_astray_and_do_no_harm() {
    // Each checks the other's private address, and speaks to itself.
    let network = |net: &mut testkit::internet::Internet<Host>, side| {
        net.nat(Place::CORE, ms(20), home(&format!("203.0.113.{}", side + 1)))
    };
    let mut scene = Scene::with([HOME; 2], network, ["10.0.0.2"; 2], Config::default(), 1);
    let (connected, relayed) = meet(&mut scene);
    assert_eq!((connected, relayed), ([ms(150); 2], false), "as between any two homes");
    for host in scene.hosts {
        let agent = &scene.net[host].agent;
        assert!(agent.counters().discarded.unknown_user > 0, "its own checks");
        assert!(agent.remote_candidates().all(|c| c.kind != CandidateKind::PeerReflexive));
    }
}

#[test]
fn a_neighbour_with_the_address_of_the_other_side_is_a_stranger() {
    // b's private address is that of somebody in a's home, who has an agent too.
    let network = |net: &mut testkit::internet::Internet<Host>, side| {
        net.nat(Place::CORE, ms(20), home(&format!("203.0.113.{}", side + 1)))
    };
    let addresses = ["10.0.0.2", "10.0.0.3"];
    let mut scene = Scene::with([HOME; 2], network, addresses, Config::default(), 1);
    let now = scene.net.now;
    let mut stranger = Host::new(Config::default(), 99, &["10.0.0.3"]);
    stranger.gather(now, &[]);
    let stranger = scene.net.host(scene.networks[0], ms(5), &["10.0.0.3"], stranger);
    let (connected, relayed) = meet(&mut scene);
    assert_eq!((connected, relayed), ([ms(150); 2], false));
    let counters = scene.net[stranger].agent.counters();
    assert!(counters.discarded.unknown_user > 0, "it has been asked");
    assert_eq!((counters.requests_received, counters.responses_sent), (0, 0), "and said nothing");
}
