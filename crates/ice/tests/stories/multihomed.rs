//! Hosts with several addresses, some of them dead.

use patchcord_ice::{CandidateKind, PairState};
use testkit::LinkConfig;

use crate::scene::{address, agree, at, completed, ladder, ms, scene, signal};

const A: [&str; 3] = ["192.0.2.1:5000", "192.0.2.2:5000", "192.0.2.3:5000"];
const B: [&str; 3] = ["198.51.100.1:6000", "198.51.100.2:6000", "198.51.100.3:6000"];

#[test]
fn finds_the_one_pair_of_nine_that_works() {
    for living in 0..9 {
        let mut pair = scene(LinkConfig::delayed(ms(20)), living, &A, &B);
        let (a, b) = (A[living as usize / 3], B[living as usize % 3]);
        pair.a.dead = A.iter().filter(|other| **other != a).map(|text| address(text)).collect();
        pair.b.dead = B.iter().filter(|other| **other != b).map(|text| address(text)).collect();
        signal(&mut pair);
        assert!(pair.run_until(completed, ms(2000)), "{a} {b}");
        assert!(agree(&pair));
        let path = pair.a.route().unwrap().path;
        assert_eq!((path.local, path.remote), (address(a), address(b)));
    }
}

#[test]
fn the_best_pair_wins_when_all_work() {
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &A, &B);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)));
    assert!(agree(&pair));
    let path = pair.a.route().unwrap().path;
    assert_eq!((path.local, path.remote), (address(A[0]), address(B[0])));
    assert_eq!(pair.now, at(80), "two round trips: there was nothing to wait for");
}

#[test]
fn ordinary_checks_are_paced() {
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &A, &B);
    let of_b = pair.b.signalled();
    crate::scene::describe(&mut pair.a, at(0), of_b);
    pair.a_to_b.config.loss = 1.0;
    pair.run_for(ms(449));
    let expected: Vec<_> = (0..9).map(|n| format!("{} a check", n * 50)).collect();
    assert_eq!(ladder(&pair), expected);
    // RFC 8445 §14.3: the second requests come when all pairs have had their first.
    assert!(pair.a.candidate_pairs().all(|pair| pair.state == PairState::InProgress));
    let mut priorities: Vec<_> = pair.a.candidate_pairs().map(|pair| pair.priority).collect();
    priorities.sort_unstable();
    priorities.dedup();
    assert_eq!(priorities.len(), 9);
}

#[test]
fn data_flows_before_the_better_pair_is_given_up() {
    // The best pair is dead: the next one carries data after a round trip, and is nominated when
    // patience ends.
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &A[..2], &B[..1]);
    pair.a.dead = vec![address(A[0])];
    signal(&mut pair);
    assert!(pair.run_until(|pair| pair.a.route().is_some(), ms(1000)));
    assert_eq!(pair.now, at(90), "the second check goes after 50 ms");
    assert!(pair.run_until(|pair| pair.a.selected_pair().is_some(), ms(1000)));
    assert_eq!(pair.now, at(90 + 100 + 40), "patience, and one more round trip");
    assert!(agree(&pair));
}

#[test]
fn ipv6_and_ipv4_are_tried_in_turn() {
    let a = ["192.0.2.1:5000", "[2001:db8::1]:5000", "[fe80::1%3]:5000"];
    let b = ["198.51.100.1:6000", "[2001:db8::2]:6000", "[fe80::2%7]:6000"];
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &a, &b);
    signal(&mut pair);
    let pairs: Vec<_> = pair.a.candidate_pairs().map(|pair| pair.path).collect();
    assert_eq!(pairs.len(), 3, "each family and scope with its like: {pairs:?}");
    assert!(pairs.iter().any(|path| path.remote == address("[fe80::2%3]:6000")));
    assert!(pair.run_until(|pair| pair.a.selected_pair().is_some(), ms(1000)));
    assert_eq!(pair.a.route().unwrap().path.local, address("[2001:db8::1]:5000"));
    assert!(agree(&pair));
    let selected = pair.b.selected_pair().unwrap();
    assert_eq!(selected.local.kind, CandidateKind::Host);
    assert_eq!(selected.remote.kind, CandidateKind::Host);
}

#[test]
fn a_dead_family_costs_one_turn() {
    let a = ["192.0.2.1:5000", "[2001:db8::1]:5000"];
    let b = ["198.51.100.1:6000", "[2001:db8::2]:6000"];
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &a, &b);
    pair.b.dead = vec![address(b[1])];
    signal(&mut pair);
    assert!(pair.run_until(|pair| pair.a.route().is_some(), ms(1000)));
    assert_eq!(pair.now, at(90));
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    assert_eq!(pair.a.route().unwrap().path.local, address(a[0]));
}

#[test]
fn four_by_four_connect_without_time_passing() {
    // Ta stands between ordinary checks only: the best pair needs none of it.
    let a = ["192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1", "192.0.2.4:1"];
    let b = ["192.0.2.11:1", "192.0.2.12:1", "192.0.2.13:1", "192.0.2.14:1"];
    let mut pair = scene(LinkConfig::default(), 1, &a, &b);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)));
    assert_eq!(pair.now, at(0));
}
