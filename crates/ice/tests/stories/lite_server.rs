//! A lite agent on this side, as a server is: it answers, and uses what is nominated.

use patchcord_ice::{Config, Discard, Implementation, Role, State};
use sansio::{Datagram, Machine};
use testkit::{LinkConfig, Pair};

use crate::forge::{Check, drain, hand, path, them};
use crate::scene::{
    A, B, Hosts, address, agree, at, completed, describe, host, ladder, ms, signal, states,
};

fn lite() -> Config {
    Config { implementation: Implementation::Lite, ..Config::default() }
}

/// The full `a`, and the lite `b`.
fn scene(link: LinkConfig, seed: u64, addresses: &[&str]) -> Hosts {
    let a = host(Config::default(), 2 * seed, Role::Controlling, addresses);
    let b = host(lite(), 2 * seed + 1, Role::Controlled, &[B]);
    Pair::new(a, b, link, seed)
}

/// Signals both descriptions, and that `b` is lite.
fn introduce(pair: &mut Hosts) {
    pair.a.set_remote_implementation(pair.now, Implementation::Lite);
    signal(pair);
}

/// Whether `b` has ever asked anything.
fn b_asked(pair: &Hosts) -> bool {
    ladder(pair).iter().any(|line| line.ends_with("b check") || line.ends_with("b nomination"))
}

#[test]
fn one_round_trip_and_both_have_the_pair() {
    let mut pair = scene(LinkConfig::delayed(ms(50)), 1, &[A]);
    introduce(&mut pair);
    assert!(pair.run_until(|pair| pair.b.selected_pair().is_some(), ms(1000)));
    assert_eq!((pair.now, pair.b.state()), (at(50), State::Completed));
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    assert_eq!(pair.now, at(100));
    assert_eq!(ladder(&pair), ["0 a nomination", "50 b response"]);
    assert_eq!(states(&pair.b_events), [State::Checking, State::Completed]);
}

#[test]
fn data_goes_before_the_nomination() {
    // a does not say which pair it will have until all are checked.
    let mut pair = scene(LinkConfig::delayed(ms(50)), 1, &[A]);
    let (of_a, of_b) = (pair.a.signalled(), pair.b.signalled());
    describe(&mut pair.b, at(0), of_a);
    // It learns of the candidate alone: more may come.
    pair.a.set_remote_credentials(at(0), of_b.0);
    pair.a.add_remote_candidate(at(0), of_b.1[0].clone());
    assert!(pair.run_until(|pair| pair.b.route().is_some(), ms(1000)));
    assert_eq!(pair.now, at(50), "half a round trip");
    assert!(pair.b.selected_pair().is_none());
    assert!(pair.run_until(|pair| pair.b.selected_pair().is_some(), ms(1000)));
    assert!(agree(&pair) || pair.a.selected_pair().is_none());
}

#[test]
fn it_is_controlled_whatever_the_signalling_says() {
    let mut server = host(lite(), 1, Role::Controlling, &[B]);
    assert_eq!(server.role(), Role::Controlled);
    server.set_role(at(0), Role::Controlling);
    assert_eq!(server.role(), Role::Controlled);
    // RFC 8445 §6.1.1: if both are, it is as among full ones.
    server.set_remote_implementation(at(0), Implementation::Lite);
    server.set_role(at(0), Role::Controlling);
    assert_eq!(server.role(), Role::Controlling);
}

#[test]
fn who_does_not_know_that_it_is_lite_is_told_by_a_refusal() {
    let mut pair = scene(LinkConfig::delayed(ms(50)), 1, &[A]);
    pair.a.set_role(at(0), Role::Controlled);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(2000)) && agree(&pair));
    assert_eq!((pair.a.role(), pair.b.role()), (Role::Controlling, Role::Controlled));
    let expected =
        ["0 a check", "50 b refusal", "100 a check", "150 b response", "200 a nomination"];
    assert_eq!(ladder(&pair)[..5], expected);
    assert!(!b_asked(&pair));
}

#[test]
fn it_never_asks_over_any_link() {
    for seed in 0..100 {
        let link = LinkConfig { loss: 0.2, jitter: ms(20), ..LinkConfig::delayed(ms(20)) };
        let mut pair = scene(link, seed, &[A, "192.0.2.2:5000"]);
        if seed % 2 == 0 {
            pair.a.dead = vec![address(A)];
        }
        introduce(&mut pair);
        assert!(pair.run_until(|pair| pair.a.state() == State::Completed, ms(20_000)), "{seed}");
        pair.run_for(ms(60_000));
        assert!(agree(&pair), "{seed}");
        assert!(!b_asked(&pair), "{seed}");
    }
}

#[test]
fn the_checks_of_the_other_side_keep_it_alive() {
    let mut pair = scene(LinkConfig::delayed(ms(50)), 1, &[A]);
    introduce(&mut pair);
    pair.run_for(ms(600_000));
    assert_eq!((pair.a.state(), pair.b.state()), (State::Completed, State::Completed));
    pair.b_events.clear();
    pair.a_to_b.config.loss = 1.0;
    let start = pair.now;
    assert!(pair.run_until(|pair| pair.b.state() == State::Disconnected, ms(30_000)));
    assert!(pair.now - start <= ms(7_050));
    assert!(pair.run_until(|pair| pair.b.state() == State::Failed, ms(60_000)));
    assert!(pair.now - start <= ms(30_050));
    assert_eq!((pair.b.route(), pair.b.poll_timeout()), (None, None));
}

#[test]
fn data_keeps_it_alive_too() {
    // An RFC 5245 agent does not ask for consent.
    let mut pair = scene(LinkConfig::delayed(ms(50)), 1, &[A]);
    introduce(&mut pair);
    pair.run_for(ms(1000));
    let route = pair.b.route().unwrap().path;
    pair.a.close(pair.now);
    pair.b_events.clear();
    for _ in 0..100 {
        pair.run_for(ms(1000));
        let mut data = [20, 0, 0];
        let datagram = Datagram::new(route, pair.now, &mut data);
        assert!(pair.b.agent.unwrap(pair.now, datagram).unwrap().is_some());
    }
    assert_eq!((pair.b.state(), states(&pair.b_events)), (State::Completed, vec![]));
}

#[test]
fn a_restart_overlaps() {
    let mut pair = scene(LinkConfig::delayed(ms(50)), 1, &[A]);
    introduce(&mut pair);
    pair.run_for(ms(1000));
    pair.b.restart(pair.now);
    pair.run_for(ms(40_000));
    assert!(pair.b.route().is_some(), "the old generation is still asked for");
    pair.a.restart(pair.now);
    introduce(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    assert!(!b_asked(&pair));
}

/// Two lite agents that know it of each other, in either order of candidates and knowledge.
fn two_lite(link: LinkConfig, seed: u64, known_first: bool) -> Hosts {
    let a = host(lite(), 2 * seed, Role::Controlling, &[A]);
    let b = host(lite(), 2 * seed + 1, Role::Controlled, &[B]);
    let mut pair = Pair::new(a, b, link, seed);
    if !known_first {
        signal(&mut pair);
    }
    pair.a.set_remote_implementation(at(0), Implementation::Lite);
    pair.b.set_remote_implementation(at(0), Implementation::Lite);
    if known_first {
        signal(&mut pair);
    }
    pair
}

#[test]
fn two_lite_agents_ask_each_other() {
    for known_first in [false, true] {
        let mut pair = two_lite(LinkConfig::delayed(ms(50)), 1, known_first);
        assert_eq!((pair.a.role(), pair.b.role()), (Role::Controlling, Role::Controlled));
        assert!(pair.run_until(completed, ms(1000)) && agree(&pair), "{known_first}");
        assert_eq!(pair.now, at(100), "the first check nominates");
        let start = ladder(&pair);
        assert_eq!(start[..2], ["0 a nomination", "0 b check"]);
        pair.run_for(ms(60_000));
        assert!(completed(&mut pair) && b_asked(&pair), "consent goes on");
        // b is gone, and a notices as a full agent does.
        pair.b.close(pair.now);
        pair.run_for(ms(35_000));
        assert_eq!((pair.a.state(), pair.a.route()), (State::Failed, None));
    }
}

#[test]
fn two_lite_agents_agree_over_bad_links() {
    for seed in 0..40 {
        let link = LinkConfig { loss: 0.2, jitter: ms(20), ..LinkConfig::delayed(ms(20)) };
        let mut pair = two_lite(link, seed, seed % 2 == 0);
        assert!(pair.run_until(completed, ms(40_000)), "{seed}");
        pair.run_for(ms(100));
        assert!(agree(&pair), "{seed}");
    }
}

#[test]
fn one_that_was_lite_alone_is_so_again_when_the_other_side_is_full() {
    let mut server = host(lite(), 1, Role::Controlling, &[B]).agent;
    assert_eq!(server.role(), Role::Controlled);
    server.set_remote_implementation(at(0), Implementation::Lite);
    assert_eq!(server.role(), Role::Controlling);
    server.set_remote_implementation(at(0), Implementation::Full);
    assert_eq!(server.role(), Role::Controlled);
}

#[test]
fn strangers_do_not_move_it() {
    let mut server = host(lite(), 1, Role::Controlled, &[B]).agent;
    server.set_remote_credentials(at(0), them());
    let from = path(B, A);
    let good = Check { nominates: true, ..Check::to(&server) };
    let stranger = Check { pwd: them().pwd().into(), ..good.clone() };
    let result = hand(&mut server, at(0), from, &stranger.write());
    assert!(matches!(result, Err(Discard::Integrity(_))));
    assert_eq!((server.route(), drain(&mut server, at(0))), (None, vec![]));
    hand(&mut server, at(0), from, &good.write()).unwrap();
    assert_eq!(server.route().map(|route| route.path), Some(from));
    assert_eq!(drain(&mut server, at(0)).len(), 1);
}

#[test]
fn an_address_that_goes_takes_its_pairs_along() {
    let mut pair = scene(LinkConfig::delayed(ms(50)), 1, &[A]);
    introduce(&mut pair);
    pair.run_for(ms(1000));
    pair.b.remove_local_candidate(pair.now, address(B));
    assert_eq!((pair.b.route(), pair.b.state()), (None, State::Disconnected));
    pair.b.add_local_candidate(pair.now, address(B)).unwrap();
    pair.b.end_of_local_candidates(pair.now);
    pair.run_for(ms(10_000));
    assert!(pair.b.route().is_some(), "it is asked again, and that is enough");
    assert!(!b_asked(&pair));
}
