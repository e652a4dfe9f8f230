//! Everything that the other side can fill has a bound, and here it is filled.

use patchcord_ice::{
    Address, Candidate, CandidateKind, Config, Discard, Event, LocalCandidateError, State,
};
use sansio::Machine;
use stun::attribute::XorMappedAddress;
use stun::{Class, IntegrityKey, Message, MessageBuilder};
use testkit::LinkConfig;

use crate::forge::{Check, agent, count, drain, hand, path, them, usual_path};
use crate::scene::{A, B, address, agree, at, completed, ms, scene_with, signal, simple_scene};

fn remote(n: u32, priority: u32) -> Candidate {
    Candidate {
        foundation: n.to_string().into(),
        component: 1,
        transport: sansio::Transport::Udp,
        tcp_type: None,
        priority,
        address: Address::Ip(address(&format!("198.51.100.1:{}", 10_000 + n))),
        kind: CandidateKind::Host,
        related: None,
        ufrag: None,
    }
}

#[test]
fn remote_candidates() {
    let mut agent = agent(Config { max_remote_candidates: 10, ..Config::default() });
    for n in 0..15 {
        agent.add_remote_candidate(at(0), remote(n, n));
    }
    assert_eq!(agent.remote_candidates().count(), 10);
    assert_eq!(agent.counters().ignored.excess, 5);
}

#[test]
fn candidates_that_were_of_no_use_make_room() {
    let config = Config { max_remote_candidates: 3, ..Config::default() };
    let mut pair = scene_with(config, LinkConfig::delayed(ms(20)), 1, &[A], &[B]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    // The other side moves from network to network, and none of them reaches us.
    for n in 0..20 {
        pair.a.agent.add_remote_candidate(pair.now, remote(n, n));
        pair.run_for(ms(100_000));
    }
    let kept: Vec<_> = pair.a.remote_candidates().filter_map(Candidate::socket_addr).collect();
    let newest = [18, 19].map(|n| remote(n, n).socket_addr().unwrap());
    assert_eq!(kept, [address(B), newest[0], newest[1]], "the one in use, and the newest");
    assert_eq!(pair.a.counters().ignored.excess, 18);
    assert!(agree(&pair));
}

#[test]
fn names_count_as_remote_candidates() {
    let mut agent = agent(Config { max_remote_candidates: 10, ..Config::default() });
    for n in 0..15 {
        let name = Address::Name { name: format!("{n}.local").into(), port: 9 };
        agent.add_remote_candidate(at(0), Candidate { address: name, ..remote(n, n) });
    }
    agent.add_remote_candidate(at(0), remote(1, 1));
    assert_eq!(agent.remote_candidates().count(), 0);
    assert_eq!(agent.counters().ignored.excess, 6);
    let events = core::iter::from_fn(|| agent.poll_event());
    assert_eq!(events.filter(|event| matches!(event, Event::NameToResolve(_))).count(), 10);
}

#[test]
fn local_candidates() {
    let mut agent = agent(Config { max_local_candidates: 3, ..Config::default() });
    let mut add = |text| agent.add_local_candidate(at(0), address(text));
    assert_eq!(add(A), Ok(()), "known already");
    assert_eq!((add("192.0.2.2:1"), add("192.0.2.3:1")), (Ok(()), Ok(())));
    assert_eq!(add("192.0.2.4:1"), Err(LocalCandidateError::TooMany(3)));
    let bad = address("0.0.0.0:1");
    assert_eq!(add("0.0.0.0:1"), Err(LocalCandidateError::Address(bad)));
    assert_eq!(agent.local_candidates().count(), 3);
}

#[test]
fn pairs_keep_the_best() {
    let mut agent = agent(Config { max_pairs: 10, ..Config::default() });
    agent.set_remote_credentials(at(0), them());
    for n in 0..20 {
        agent.add_remote_candidate(at(0), remote(n, 1000 + n % 10 * 100 + n));
    }
    let mut kept: Vec<_> = agent.candidate_pairs().map(|pair| pair.remote.priority).collect();
    kept.sort_unstable();
    assert_eq!(kept, [1505, 1515, 1606, 1616, 1707, 1717, 1808, 1818, 1909, 1919]);
}

#[test]
fn relays_have_places_of_their_own() {
    // 200 addresses of Docker bridges and VPNs, before and after the relay's.
    for late in [false, true] {
        let config = Config { max_remote_candidates: 300, ..Config::default() };
        let mut agent = agent(config);
        agent.set_remote_credentials(at(0), them());
        let relay = Candidate { kind: CandidateKind::Relayed, ..remote(500, 1) };
        if !late {
            agent.add_remote_candidate(at(0), relay.clone());
        }
        for n in 0..200 {
            agent.add_remote_candidate(at(0), remote(n, 1000 + n));
        }
        if late {
            agent.add_remote_candidate(at(0), relay.clone());
        }
        assert_eq!(agent.candidate_pairs().count(), 100);
        assert!(agent.candidate_pairs().any(|pair| *pair.remote == relay), "late: {late}");
    }
}

#[test]
fn relays_do_not_fill_the_list() {
    let mut agent = agent(Config { max_pairs: 16, ..Config::default() });
    agent.set_remote_credentials(at(0), them());
    for n in 0..20 {
        agent.add_remote_candidate(at(0), remote(n, 1000 + n));
        let relay = Candidate { kind: CandidateKind::Relayed, ..remote(500 + n, 1 + n) };
        agent.add_remote_candidate(at(0), relay);
    }
    let of_relays = agent.candidate_pairs().filter(|p| p.remote.kind == CandidateKind::Relayed);
    assert_eq!((of_relays.count(), agent.candidate_pairs().count()), (2, 16));
}

#[test]
fn a_pair_that_has_failed_makes_room_for_any_and_those_that_wait_come_in() {
    let mut agent = agent(Config { max_pairs: 2, ..Config::default() });
    agent.set_remote_credentials(at(0), them());
    for n in 0..6 {
        agent.add_remote_candidate(at(0), remote(n, 100 - n));
    }
    let mut checked = Vec::new();
    for millis in (0..150_000).step_by(50) {
        agent.handle_timeout(at(millis));
        for (path, _) in drain(&mut agent, at(millis)) {
            if !checked.contains(&path.remote) {
                checked.push(path.remote);
            }
        }
    }
    // Two, and two that waited after them; no more wait than are looked at.
    let expected = [0, 1, 2, 3].map(|n| remote(n, 0).socket_addr().unwrap());
    assert_eq!(checked, expected);
    assert_eq!((agent.state(), agent.candidate_pairs().count()), (State::Failed, 2));
    // A lower one than both takes the place of one that has failed.
    agent.add_remote_candidate(at(150_000), remote(9, 1));
    assert!(agent.candidate_pairs().any(|pair| *pair.remote == remote(9, 1)));
}

#[test]
fn the_only_pair_that_works_is_found_among_too_many() {
    let ours = ["192.0.2.11:5000", "192.0.2.12:5000", "192.0.2.13:5000", "192.0.2.14:5000", A];
    let theirs = ["198.51.100.11:1", "198.51.100.12:1", "198.51.100.13:1", "198.51.100.14:1", B];
    let config = Config { max_pairs: 16, ..Config::default() };
    let mut pair = scene_with(config, LinkConfig::delayed(ms(20)), 1, &ours, &theirs);
    let dead: Vec<_> = ours[..4].iter().chain(&theirs[..4]).map(|text| address(text)).collect();
    (pair.a.dead, pair.b.dead) = (dead.clone(), dead);
    signal(&mut pair);
    // The first have failed after 63 + 16 times the RTO, which is 16 times Ta.
    assert!(pair.run_until(completed, ms(70_000)) && agree(&pair));
    assert_eq!(pair.a.route().map(|route| route.path), Some(path(A, B)));
}

#[test]
fn what_cannot_be_used_forgets_nobody() {
    let config = Config { max_remote_candidates: 2, ..Config::default() };
    let mut pair = scene_with(config, LinkConfig::delayed(ms(20)), 1, &[A], &[B]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    pair.a.agent.add_remote_candidate(pair.now, remote(1, 1));
    pair.run_for(ms(100_000));
    let known = |pair: &crate::scene::Hosts| pair.a.remote_candidates().count();
    assert_eq!(known(&pair), 2, "one of them is of no use");
    let useless = [
        Candidate { component: 2, ..remote(2, 2) },
        Candidate { ufrag: Some("else".into()), ..remote(2, 2) },
        Candidate { address: Address::Ip(address("0.0.0.0:1")), ..remote(2, 2) },
        remote(1, 1),
    ];
    for candidate in useless {
        pair.a.agent.add_remote_candidate(pair.now, candidate);
        assert_eq!((known(&pair), pair.a.counters().ignored.excess), (2, 0));
    }
    pair.a.agent.add_remote_candidate(pair.now, remote(3, 3));
    assert_eq!((known(&pair), pair.a.counters().ignored.excess), (2, 1));
}

#[test]
fn a_pair_that_is_being_checked_is_not_pruned() {
    let mut agent = agent(Config { max_pairs: 2, ..Config::default() });
    agent.set_remote_credentials(at(0), them());
    agent.add_remote_candidate(at(0), remote(1, 1));
    assert_eq!(count(&drain(&mut agent, at(0)), Class::Request), 1);
    for n in 2..20 {
        agent.add_remote_candidate(at(0), remote(n, n));
    }
    let kept: Vec<_> = agent.candidate_pairs().map(|pair| pair.remote.priority).collect();
    assert_eq!(kept, [1, 19]);
}

#[test]
fn peer_reflexive_candidates_replace_the_oldest() {
    let mut agent = agent(Config { max_peer_reflexive: 5, ..Config::default() });
    agent.set_remote_credentials(at(0), them());
    for n in 0..20 {
        let from = path(A, &format!("203.0.113.{n}:9"));
        let check = Check::to(&agent).write();
        hand(&mut agent, at(0), from, &check).unwrap();
    }
    let kept: Vec<_> = agent.remote_candidates().filter_map(Candidate::socket_addr).collect();
    let newest: Vec<_> = (15..20).map(|n| address(&format!("203.0.113.{n}:9"))).collect();
    assert_eq!(kept, newest);
    assert_eq!(agent.candidate_pairs().count(), 5);
    assert_eq!(agent.counters().ignored.excess, 15);
    // All are answered; only what is remembered is checked.
    let sent = drain(&mut agent, at(0));
    assert_eq!((count(&sent, Class::SuccessResponse), count(&sent, Class::Request)), (20, 5));
}

#[test]
fn local_peer_reflexive_candidates() {
    // The other side claims to see us at ever new addresses.
    let mut agent = agent(Config { max_peer_reflexive: 5, ..Config::default() });
    agent.set_remote_credentials(at(0), them());
    for n in 0..10 {
        agent.add_remote_candidate(at(0), remote(n, 100 - n));
    }
    for n in 0..10 {
        for (path, request) in drain(&mut agent, at(50 * n)) {
            let mut out = vec![];
            MessageBuilder::success(&mut out, &Message::parse(&request).unwrap())
                .attribute(&XorMappedAddress(address(&format!("203.0.113.{n}:9"))))
                .integrity(&IntegrityKey::short_term(them().pwd()))
                .fingerprint();
            hand(&mut agent, at(50 * n), path, &out).unwrap();
        }
    }
    let learnt = agent.candidate_pairs().filter(|p| p.local.kind == CandidateKind::PeerReflexive);
    assert_eq!(learnt.count(), 5);
    assert_eq!(agent.counters().ignored.excess, 5);
}

#[test]
fn early_checks_keep_the_newest() {
    let mut agent = agent(Config { max_early_checks: 4, ..Config::default() });
    for n in 0..10 {
        let from = path(A, &format!("203.0.113.{n}:9"));
        let check = Check::to(&agent).write();
        hand(&mut agent, at(0), from, &check).unwrap();
        hand(&mut agent, at(0), from, &check).unwrap();
    }
    assert_eq!(count(&drain(&mut agent, at(0)), Class::SuccessResponse), 20);
    agent.set_remote_credentials(at(1), them());
    let checked: Vec<_> = drain(&mut agent, at(1)).iter().map(|(path, _)| path.remote).collect();
    let newest: Vec<_> = (6..10).map(|n| address(&format!("203.0.113.{n}:9"))).collect();
    assert_eq!(checked, newest);
}

#[test]
fn responses_that_wait() {
    let mut agent = agent(Config { max_responses: 3, ..Config::default() });
    let check = Check::to(&agent).write();
    for _ in 0..3 {
        hand(&mut agent, at(0), usual_path(), &check).unwrap();
    }
    assert_eq!(hand(&mut agent, at(0), usual_path(), &check), Err(Discard::Busy(3)));
    assert_eq!(drain(&mut agent, at(0)).len(), 3);
    hand(&mut agent, at(0), usual_path(), &check).unwrap();
}

#[test]
fn tight_bounds_still_connect() {
    let config = Config {
        max_local_candidates: 1,
        max_remote_candidates: 1,
        max_peer_reflexive: 1,
        max_pairs: 1,
        max_early_checks: 1,
        max_responses: 1,
        ..Config::default()
    };
    let mut pair = scene_with(config, LinkConfig::delayed(ms(20)), 1, &[A], &[B]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
}

#[test]
fn a_closed_agent_holds_and_does_nothing() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    signal(&mut pair);
    pair.run_for(ms(30));
    pair.a.close(pair.now);
    let now = pair.now;
    signal(&mut pair);
    pair.a.restart(now);
    pair.a.end_of_local_candidates(now);
    pair.a.add_local_candidate(now, address("192.0.2.9:9")).unwrap();
    pair.a.handle_timeout(now);
    assert_eq!(drain(&mut pair.a, now), []);
    assert_eq!((pair.a.poll_timeout(), pair.a.route()), (None, None));
    assert_eq!(pair.a.local_candidates().count(), 1);
    assert!(hand(&mut pair.a, now, usual_path(), &[]).is_err());
}
