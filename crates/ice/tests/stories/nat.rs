//! NATs: peer-reflexive candidates on both sides of a check.

use patchcord_ice::{Agent, CandidateKind, Config, Event, LocalCandidateError, State};
use sansio::Machine;
use testkit::{LinkConfig, SeededRng};

use crate::scene::{Nat, address, agree, at, completed, ladder, ms, signal, simple_scene};

#[test]
fn a_host_behind_a_nat_is_found_by_its_checks() {
    for a_is_behind in [true, false] {
        let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
        let outside = address("203.0.113.9:40000");
        let nat = |inside: &str| Some(Nat { inside: address(inside), outside, open_to: vec![] });
        if a_is_behind {
            pair.a.nat = nat(crate::scene::A);
        } else {
            pair.b.nat = nat(crate::scene::B);
        }
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(1000)));
        assert!(agree(&pair));
        let (hidden, open) = if a_is_behind { (&pair.a, &pair.b) } else { (&pair.b, &pair.a) };
        let (here, there) = (hidden.selected_pair().unwrap(), open.selected_pair().unwrap());
        assert_eq!(here.local.kind, CandidateKind::PeerReflexive);
        assert_eq!(here.local.socket_addr(), Some(outside));
        assert_eq!(here.local.related, Some(here.path.local));
        assert_eq!(there.remote.kind, CandidateKind::PeerReflexive);
        assert_eq!(there.remote.socket_addr(), Some(outside));
        assert_eq!(here.local.priority, there.remote.priority);
        assert_eq!(here.priority, there.priority);
        assert!(hidden.local_candidates().all(|c| c.kind == CandidateKind::Host), "not signalled");
    }
}

#[test]
fn the_triggered_check_goes_at_once() {
    // b answers a's check, and checks a's address outside, which it has just learnt.
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    let (inside, outside) = (address(crate::scene::A), address("203.0.113.9:40000"));
    pair.a.nat = Some(Nat { inside, outside, open_to: vec![] });
    signal(&mut pair);
    pair.run_for(ms(60));
    let expected = [
        "0 a check",
        "0 b check", // to the address inside: it gets nowhere
        "20 b response",
        "20 b check",
        "40 a response",
        "40 a nomination",
        "60 b response",
    ];
    assert_eq!(ladder(&pair), expected);
    assert_eq!(pair.b.state(), State::Completed);
    assert!(pair.run_until(completed, ms(20)));
    assert_eq!(pair.now, at(80));
}

#[test]
fn what_a_stun_server_has_seen_is_checked_by_the_other_side() {
    // Both are behind NATs that let in what was sent to: the checks cross, and both get through.
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    let nat = |inside: &str, outside: &str| {
        Some(Nat { inside: address(inside), outside: address(outside), open_to: vec![] })
    };
    pair.a.nat = nat(crate::scene::A, "203.0.113.9:40000");
    pair.b.nat = nat(crate::scene::B, "203.0.113.8:50000");
    for host in [&mut pair.a, &mut pair.b] {
        let Some(Nat { inside, outside, .. }) = host.nat.clone() else { panic!("no NAT") };
        host.add_server_reflexive_candidate(at(0), inside, outside).unwrap();
        host.end_of_local_candidates(at(0));
    }
    let (_, candidates) = pair.a.signalled();
    let kinds: Vec<_> = candidates.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [CandidateKind::Host, CandidateKind::ServerReflexive]);
    assert_eq!(candidates[1].related, Some(address(crate::scene::A)));
    // RFC 8445 §5.1.2.1, with the local preference of the base: an IPv4 address comes second.
    assert_eq!(candidates[1].priority, 1_694_498_815 - 256);
    assert_ne!(candidates[0].foundation, candidates[1].foundation);

    signal(&mut pair);
    assert!(pair.run_until(completed, ms(3000)));
    assert!(agree(&pair));
    for host in [&pair.a, &pair.b] {
        let selected = host.selected_pair().unwrap();
        assert_eq!(selected.remote.kind, CandidateKind::ServerReflexive);
        assert_eq!(selected.local.kind, CandidateKind::ServerReflexive);
        assert!(
            host.candidate_pairs().all(|p| p.path.local == selected.path.local),
            "from its base"
        );
    }
}

#[test]
fn reflexive_candidates_need_a_base_and_tell_something_new() {
    let config = Config { max_local_candidates: 2, ..Config::default() };
    let mut agent = Agent::new(config, Box::new(SeededRng::new(1)));
    let (base, mapped) = (address(crate::scene::A), address("203.0.113.9:40000"));
    let mut add = |base, mapped| agent.add_server_reflexive_candidate(at(0), base, mapped);
    assert_eq!(add(base, mapped), Err(LocalCandidateError::Base(base)));
    agent.add_local_candidate(at(0), base).unwrap();
    let mut add = |base, mapped| agent.add_server_reflexive_candidate(at(0), base, mapped);
    let nowhere = address("0.0.0.0:1");
    assert_eq!(add(base, nowhere), Err(LocalCandidateError::Address(nowhere)));
    // Without a NAT the server sees the base: RFC 8445 §5.1.3.
    assert_eq!(add(base, base), Ok(()));
    assert_eq!((add(base, mapped), add(base, mapped)), (Ok(()), Ok(())));
    assert_eq!(add(base, address("203.0.113.9:1")), Err(LocalCandidateError::TooMany(2)));
    assert_eq!(agent.local_candidates().count(), 2);
    let told = core::iter::from_fn(|| agent.poll_event());
    assert_eq!(told.filter(|event| matches!(event, Event::LocalCandidate(_))).count(), 2);
}
