//! NATs: peer-reflexive candidates on both sides of a check.

use patchcord_ice::{CandidateKind, State};
use testkit::LinkConfig;

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
