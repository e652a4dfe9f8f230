//! Candidates with names: of multicast DNS, or fully qualified.

use patchcord_ice::{Address, Candidate, Event};
use testkit::LinkConfig;

use crate::scene::{B, address, agree, at, completed, ms, signal, simple_scene};

const NAME: &str = "9b36eaac-bb2e-49bb-bb78-21c41c499900.local";

#[test]
fn a_name_is_asked_about_and_used_when_resolved() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    let (credentials, candidates) = pair.b.signalled();
    let hidden = Candidate {
        address: Address::Name { name: NAME.into(), port: address(B).port() },
        ..candidates[0].clone()
    };
    pair.a.set_remote_credentials(at(0), credentials);
    pair.a.add_remote_candidate(at(0), hidden.clone());
    pair.a.add_remote_candidate(at(0), hidden);
    pair.a.end_of_remote_candidates(at(0));
    pair.run_for(ms(100));
    let asked = pair.a_events.iter().filter(|event| **event == Event::NameToResolve(NAME.into()));
    assert_eq!(asked.count(), 1);
    assert_eq!(pair.a.counters().ignored.redundant, 1);

    pair.a.resolve_name(at(100), "another.local", &["203.0.113.1".parse().unwrap()]);
    assert_eq!(pair.a.remote_candidates().count(), 0);
    pair.a.resolve_name(at(100), NAME, &[address(B).ip()]);
    assert_eq!(pair.a.remote_candidates().next().unwrap().socket_addr(), Some(address(B)));
    let (credentials, _) = pair.a.signalled();
    pair.b.set_remote_credentials(at(100), credentials);
    pair.b.end_of_remote_candidates(at(100));
    assert!(pair.run_until(completed, ms(1000)));
    let paths = [pair.a.route().unwrap().path, pair.b.route().unwrap().path.reversed()];
    assert_eq!(paths[0], paths[1]);
}

#[test]
fn a_name_that_nobody_resolves_is_counted_and_no_obstacle() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    let hidden = Candidate {
        address: Address::Name { name: NAME.into(), port: 1 },
        ..pair.b.signalled().1[0].clone()
    };
    pair.a.add_remote_candidate(at(0), hidden);
    signal(&mut pair);
    pair.a.resolve_name(at(0), NAME, &[]);
    assert_eq!(pair.a.counters().ignored.unresolved, 1);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
}

#[test]
fn what_cannot_be_used_is_ignored_and_counted() {
    use sansio::Transport;
    let mut pair = simple_scene(LinkConfig::default(), 1);
    let good = pair.b.signalled().1[0].clone();
    let at_address = |text| Candidate { address: Address::Ip(address(text)), ..good.clone() };
    for bad in [
        Candidate { component: 2, ..good.clone() },
        Candidate { transport: Transport::Tcp, ..good.clone() },
        at_address("198.51.100.1:0"),
        at_address("224.0.0.251:5353"),
        at_address("0.0.0.0:9"),
    ] {
        pair.a.add_remote_candidate(at(0), bad);
    }
    pair.a.add_remote_candidate(at(0), good.clone());
    pair.a.add_remote_candidate(at(0), good);
    let ignored = pair.a.counters().ignored;
    assert_eq!((ignored.component, ignored.transport, ignored.address), (1, 1, 3));
    assert_eq!(ignored.redundant, 1);
    assert_eq!(pair.a.remote_candidates().count(), 1);
}
