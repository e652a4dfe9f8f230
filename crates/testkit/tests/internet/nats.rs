//! NATs: mapping, filtering, ports, time, and NATs behind NATs.

use core::net::SocketAddr;

use patchcord_testkit::internet::{Nat, Place};
use sansio::Path;
use stun::behavior::Dependence::{
    self, AddressAndPortDependent, AddressDependent, EndpointIndependent,
};

use crate::talker::{Net, Talker, at, ms, say};

const INSIDE: &str = "10.0.0.2:5000";

/// One host inside, one outside with two addresses.
fn scene(nat: Nat) -> (Net, Place, Place, Place) {
    let mut net = Net::new(1);
    let nat = net.nat(Place::CORE, ms(10), nat);
    let inside = net.host(nat, ms(1), &["10.0.0.2"], Talker::default());
    let outside = ["198.51.100.1", "198.51.100.2"];
    let outside = net.host(Place::CORE, ms(10), &outside, Talker::default());
    (net, nat, inside, outside)
}

fn nat(mapping: Dependence, filtering: Dependence) -> Nat {
    Nat::new("203.0.113.1", mapping, filtering)
}

#[test]
fn a_mapping_depends_on_what_it_should() {
    // The same address and port, another port, another address.
    let table = [
        (EndpointIndependent, [true, true, true]),
        (AddressDependent, [true, true, false]),
        (AddressAndPortDependent, [true, false, false]),
    ];
    for (mapping, expected) in table {
        let (mut net, _, inside, outside) = scene(nat(mapping, EndpointIndependent));
        let mut mapped = |to| say(&mut net, inside, INSIDE, outside, at(to)).unwrap();
        let first = mapped("198.51.100.1:1000");
        assert_eq!(first.ip(), at("203.0.113.1:0").ip());
        let others = ["198.51.100.1:1000", "198.51.100.1:2000", "198.51.100.2:1000"];
        assert_eq!(others.map(|to| mapped(to) == first), expected, "{mapping:?}");
    }
}

#[test]
fn a_filter_lets_in_what_it_should() {
    let table = [
        (EndpointIndependent, [true, true, true]),
        (AddressDependent, [true, true, false]),
        (AddressAndPortDependent, [true, false, false]),
    ];
    for (filtering, expected) in table {
        let (mut net, _, inside, outside) = scene(nat(EndpointIndependent, filtering));
        let to = at("198.51.100.1:1000");
        let mapped = say(&mut net, inside, INSIDE, outside, to).unwrap();
        let senders = ["198.51.100.1:1000", "198.51.100.1:2000", "198.51.100.2:1000"];
        let heard = senders.map(|from| say(&mut net, outside, from, inside, mapped));
        let passed = heard.map(|from| from.is_some());
        assert_eq!(passed, expected, "{filtering:?}");
        assert!(heard.iter().zip(senders).all(|(h, s)| h.is_none_or(|h| h == at(s))));
    }
}

#[test]
fn nobody_comes_in_without_a_mapping() {
    let (mut net, _, inside, outside) = scene(nat(EndpointIndependent, EndpointIndependent));
    for to in ["203.0.113.1:5000", "10.0.0.2:5000"] {
        assert_eq!(say(&mut net, outside, "198.51.100.1:1000", inside, at(to)), None);
    }
    let reasons: Vec<_> = net.trace.entries().filter_map(|entry| entry.dropped).collect();
    assert_eq!(
        reasons,
        [patchcord_testkit::Dropped::NoMapping, patchcord_testkit::Dropped::NoRoute]
    );
}

#[test]
fn a_mapping_lives_by_what_goes_out() {
    let (mut net, nat, inside, outside) = scene(nat(EndpointIndependent, EndpointIndependent));
    let to = at("198.51.100.1:1000");
    let mapped = say(&mut net, inside, INSIDE, outside, to).unwrap();
    net.run_for(ms(100_000));
    assert_eq!(say(&mut net, inside, INSIDE, outside, to), Some(mapped), "kept by this");
    net.run_for(ms(100_000));
    let from = "198.51.100.1:1000";
    assert!(say(&mut net, outside, from, inside, mapped).is_some(), "not by this");
    assert_eq!(net.nat_at(nat).timeout, ms(120_000));
    net.run_for(ms(20_000));
    assert_eq!(say(&mut net, outside, from, inside, mapped), None);
    let now = net.now;
    assert_eq!(net.nat_at(nat).mappings(now), 0);
    assert_ne!(say(&mut net, inside, INSIDE, outside, to), Some(mapped), "a new one");
}

#[test]
fn ports_are_preserved_if_they_are_free() {
    let mut preserving = nat(EndpointIndependent, EndpointIndependent);
    preserving.preserves_ports = true;
    let (mut net, nat, first, outside) = scene(preserving);
    let second = net.host(nat, ms(1), &["10.0.0.3"], Talker::default());
    let to = at("198.51.100.1:1000");
    let mapped = say(&mut net, first, INSIDE, outside, to);
    assert_eq!(mapped, Some(at("203.0.113.1:5000")));
    let other = say(&mut net, second, "10.0.0.3:5000", outside, to).unwrap();
    assert_ne!(other.port(), 5000);
    net.nat_at(nat).reboot();
    assert_eq!(say(&mut net, outside, "198.51.100.1:1000", first, mapped.unwrap()), None);
    assert_eq!(say(&mut net, first, INSIDE, outside, to), mapped);
}

#[test]
fn a_hairpin_shows_the_address_outside() {
    for hairpins in [false, true] {
        let mut it = nat(EndpointIndependent, AddressDependent);
        it.hairpins = hairpins;
        let (mut net, nat, first, outside) = scene(it);
        let second = net.host(nat, ms(1), &["10.0.0.3"], Talker::default());
        let to = at("198.51.100.1:1000");
        let of_first = say(&mut net, first, INSIDE, outside, to).unwrap();
        let of_second = say(&mut net, second, "10.0.0.3:5000", outside, to).unwrap();
        assert_eq!(say(&mut net, second, "10.0.0.3:5000", first, of_first), None, "filtered");
        assert_eq!(say(&mut net, first, INSIDE, second, of_second), hairpins.then_some(of_first));
        // Inside, nothing is translated.
        let direct = say(&mut net, first, INSIDE, second, at("10.0.0.3:5000"));
        assert_eq!(direct, Some(at(INSIDE)));
    }
}

#[test]
fn a_nat_behind_a_nat_translates_twice() {
    let mut net = Net::new(1);
    let carrier = nat(EndpointIndependent, EndpointIndependent);
    let carrier = net.nat(Place::CORE, ms(10), carrier);
    let homes = ["100.64.0.1", "100.64.0.2"].map(|address| {
        let home = Nat::new(address, EndpointIndependent, EndpointIndependent);
        let home = net.nat(carrier, ms(5), home);
        net.host(home, ms(1), &["10.0.0.2"], Talker::default())
    });
    let outside = net.host(Place::CORE, ms(10), &["198.51.100.1"], Talker::default());
    let to = at("198.51.100.1:1000");
    let mapped: [SocketAddr; 2] =
        homes.map(|home| say(&mut net, home, INSIDE, outside, to).unwrap());
    assert!(mapped.iter().all(|mapped| mapped.ip() == at("203.0.113.1:0").ip()));
    assert_ne!(mapped[0], mapped[1]);
    for (home, mapped) in homes.into_iter().zip(mapped) {
        assert_eq!(
            say(&mut net, outside, "198.51.100.1:7", home, mapped),
            Some(at("198.51.100.1:7"))
        );
    }
    // From home to home the way is by what the carrier's network sees of them.
    assert_eq!(say(&mut net, homes[0], INSIDE, homes[1], at("10.0.0.2:5000")), None);
}

#[test]
fn nat64_translates_the_family_and_nothing_else() {
    let mut net = Net::new(1);
    let mobile = net.nat(Place::CORE, ms(10), Nat::nat64("203.0.113.1"));
    let phone = net.host(mobile, ms(1), &["2001:db8:1::2"], Talker::default());
    let old = net.host(Place::CORE, ms(10), &["198.51.100.1"], Talker::default());
    let new = net.host(Place::CORE, ms(10), &["2001:db8:2::1"], Talker::default());
    let local = "[2001:db8:1::2]:5000";
    let synthesized = Nat::synthesized(at("198.51.100.1:1000"));
    assert_eq!(synthesized, at("[64:ff9b::c633:6401]:1000"), "RFC 6052 §2.4");
    let mapped = say(&mut net, phone, local, old, synthesized).unwrap();
    assert_eq!(mapped.ip(), at("203.0.113.1:0").ip());
    // RFC 6146: whoever has the address that was sent to may answer, seen under its other name.
    let answer = say(&mut net, old, "198.51.100.1:7", phone, mapped);
    assert_eq!(answer, Some(at("[64:ff9b::c633:6401]:7")));
    assert_eq!(say(&mut net, phone, local, new, at("[2001:db8:2::1]:7")), Some(at(local)));
    let back = say(&mut net, new, "[2001:db8:2::1]:8", phone, at(local));
    assert_eq!(back, Some(at("[2001:db8:2::1]:8")));
}

#[test]
fn a_host_that_moves_has_other_neighbours() {
    let (mut net, _, inside, outside) = scene(nat(EndpointIndependent, EndpointIndependent));
    let to = at("198.51.100.1:1000");
    let mapped = say(&mut net, inside, INSIDE, outside, to).unwrap();
    let other = Nat::new("203.0.113.2", EndpointIndependent, EndpointIndependent);
    let other = net.nat(Place::CORE, ms(10), other);
    net.move_to(inside, other);
    net.readdress(inside, &["172.16.0.2"]);
    assert_eq!(say(&mut net, inside, INSIDE, outside, to), None, "not its address any more");
    assert_eq!(say(&mut net, outside, "198.51.100.1:1000", inside, mapped), None);
    let moved = say(&mut net, inside, "172.16.0.2:5000", outside, to).unwrap();
    assert_eq!(moved.ip(), at("203.0.113.2:0").ip());
}

#[test]
fn a_host_sends_by_the_interface_that_has_the_address() {
    let (mut net, _, host, outside) = scene(nat(EndpointIndependent, EndpointIndependent));
    let mobile = Nat::new("203.0.113.2", EndpointIndependent, EndpointIndependent);
    let mobile = net.nat(Place::CORE, ms(10), mobile);
    let interface = net.interface(host, mobile, ms(1), &["100.64.0.2"]);
    let to = at("198.51.100.1:1000");
    let home = say(&mut net, host, INSIDE, outside, to).unwrap();
    let away = say(&mut net, host, "100.64.0.2:5000", outside, to).unwrap();
    assert_eq!([home, away].map(|it| it.ip().to_string()), ["203.0.113.1", "203.0.113.2"]);
    for mapped in [home, away] {
        let heard = say(&mut net, outside, "198.51.100.1:1000", host, mapped);
        assert_eq!(heard, Some(to));
    }
    net.readdress(interface, &[]);
    assert_eq!(say(&mut net, host, "100.64.0.2:5000", outside, to), None);
    assert_eq!(say(&mut net, outside, "198.51.100.1:1000", host, away), None);
    assert_eq!(say(&mut net, host, INSIDE, outside, to), Some(home));
}

#[test]
fn wires_delay_and_lose() {
    let (mut net, nat, inside, outside) = scene(nat(EndpointIndependent, EndpointIndependent));
    let path = Path::udp(at(INSIDE), at("198.51.100.1:1000"));
    net[inside].to_say.push_back((path, vec![1]));
    assert!(net.run_until(|net| !net[outside].heard.is_empty(), ms(1000)));
    assert_eq!(net.now, sansio::Instant::from_millis(21));
    net.up(nat).loss = 1.0;
    net[inside].to_say.push_back((path, vec![2]));
    assert!(!net.run_until(|net| net[outside].heard.len() > 1, ms(1000)));
    net.up(nat).loss = 0.0;
    net.down(outside).duplicate = 1.0;
    net[inside].to_say.push_back((path, vec![3]));
    net.run_for(ms(100));
    let heard: Vec<_> = net[outside].heard.iter().map(|(_, _, data)| data[0]).collect();
    assert_eq!(heard, [1, 3, 3]);
}
