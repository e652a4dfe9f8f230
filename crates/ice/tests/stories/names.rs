//! Candidates with names: of multicast DNS, or fully qualified.

use patchcord_ice::{Address, Agent, Candidate, CandidateKind, Config, Event};
use testkit::{LinkConfig, SeededRng};

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
fn a_hidden_host_tells_its_name_and_nothing_else() {
    let (mut agent, outside) = hiding();
    agent.add_server_reflexive_candidate(at(0), address(B), outside).unwrap();
    // A host without a NAT: only this way does the other side learn its address.
    agent.add_server_reflexive_candidate(at(0), address(B), address(B)).unwrap();
    let signalled: Vec<Candidate> = agent.signalled().1;
    let name = Address::Name { name: NAME.into(), port: address(B).port() };
    let hides = Some(address("0.0.0.0:9"));
    assert_eq!(signalled[0].address, name);
    assert_eq!((signalled[0].kind, signalled[0].related), (CandidateKind::Host, None));
    for (candidate, mapped) in signalled[1..].iter().zip([outside, address(B)]) {
        assert_eq!(candidate.kind, CandidateKind::ServerReflexive);
        assert_eq!((candidate.socket_addr(), candidate.related), (Some(mapped), hides));
    }
    assert_eq!(signalled.len(), 3);
    // The same address is not told in the open later.
    agent.add_local_candidate(at(0), address(B)).unwrap();
    assert_eq!(agent.signalled().1, signalled);
}

#[test]
fn a_hidden_host_is_reached_by_its_name_and_without() {
    for resolved in [true, false] {
        let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
        pair.b.agent = hiding().0;
        pair.b.end_of_local_candidates(at(0));
        signal(&mut pair);
        if resolved {
            pair.a.resolve_name(at(0), NAME, &[address(B).ip()]);
        }
        assert!(pair.run_until(completed, ms(1000)) && agree(&pair), "{resolved}");
        let selected = pair.b.selected_pair().unwrap();
        assert_eq!(selected.local.socket_addr(), None, "its address is known, and not a new one");
        assert_eq!(selected.path.local, address(B));
    }
}

/// An agent at [`B`] that tells [`NAME`] in its place, and where a NAT would show it.
fn hiding() -> (Agent, core::net::SocketAddr) {
    let mut agent = Agent::new(Config::default(), Box::new(SeededRng::new(3)));
    agent.add_hidden_candidate(at(0), address(B), NAME).unwrap();
    (agent, address("203.0.113.9:40000"))
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
