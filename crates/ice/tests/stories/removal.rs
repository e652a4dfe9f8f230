//! Candidates go while the call lasts.

use patchcord_ice::{Address, Candidate, CandidateKind, Config, Event, Role, State};
use sansio::{Datagram, Machine, Path};
use testkit::LinkConfig;

use crate::forge::{Check, agent, answer, drain, hand, path, them, usual_path};
use crate::scene::{
    A, B, Hosts, address, agree, at, completed, connected_scene, host, ladder, ms, scene, signal,
    states,
};

const TWO: [&str; 2] = ["192.0.2.1:5000", "192.0.2.2:5000"];

/// Two addresses at `a`, one at `b`, all pairs valid, and no event untold.
fn two_paths(seed: u64) -> Hosts {
    let mut pair = scene(LinkConfig::delayed(ms(20)), seed, &TWO, &[B]);
    // The other pair is valid before the nomination is answered: b has checked both.
    let of_b = pair.b.signalled();
    let of_a = pair.a.signalled();
    crate::scene::describe(&mut pair.b, at(0), of_a);
    pair.run_for(ms(60));
    crate::scene::describe(&mut pair.a, at(60), of_b);
    assert!(pair.run_until(completed, ms(2000)) && agree(&pair));
    pair.run_for(ms(100));
    (pair.a_events, pair.b_events) = (vec![], vec![]);
    pair
}

fn route_of_a(pair: &Hosts) -> Option<String> {
    pair.a.route().map(|route| route.path.local.to_string())
}

fn removed(events: &[Event]) -> Vec<&Candidate> {
    let removed = events.iter().filter_map(|event| match event {
        Event::LocalCandidateRemoved(candidate) => Some(candidate),
        _ => None,
    });
    removed.collect()
}

#[test]
fn data_moves_to_another_valid_pair_at_once() {
    let mut pair = two_paths(1);
    assert_eq!(route_of_a(&pair).as_deref(), Some(TWO[0]));
    let start = pair.now;
    pair.a.remove_local_candidate(start, address(TWO[0]));
    assert_eq!(route_of_a(&pair).as_deref(), Some(TWO[1]), "not a moment without a route");
    assert!(pair.a.candidate_pairs().all(|pair| pair.path.local == address(TWO[1])));
    pair.a.dead = vec![address(TWO[0])];

    // a ----- nomination -> b; a <- response ----- b
    assert!(pair.run_until(|pair| pair.a.selected_pair().is_some(), ms(1000)));
    assert_eq!(pair.now - start, ms(40), "one round trip");
    assert_eq!(states(&pair.a_events), [State::Connected, State::Completed]);
    let gone = removed(&pair.a_events);
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].socket_addr(), Some(address(TWO[0])));
}

#[test]
fn the_controlled_side_can_lose_an_address_too() {
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &[A], &[B, "198.51.100.2:6000"]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    pair.run_for(ms(100));
    let lost = address(B);
    assert_eq!(pair.b.route().unwrap().path.local, lost);
    let start = pair.now;
    pair.b.remove_local_candidate(start, lost);
    pair.b.dead = vec![lost];
    assert!(pair.run_until(|pair| pair.b.route().is_some(), ms(1000)));
    assert!(pair.now - start <= ms(40), "the other pair is checked at once");
}

#[test]
fn without_a_valid_pair_the_others_are_checked_again() {
    // Only the first pair was ever checked: it is nominated before Ta is over.
    let mut pair = scene(LinkConfig::delayed(ms(10)), 1, &TWO, &[B]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    pair.run_for(ms(500));
    let (start, before) = (pair.now, ladder(&pair).len());
    pair.a_events.clear();
    pair.a.remove_local_candidate(start, address(TWO[0]));
    pair.a.dead = vec![address(TWO[0])];
    assert_eq!((pair.a.route(), pair.a.state()), (None, State::Checking));
    assert!(pair.run_until(|pair| pair.a.state() == State::Completed, ms(1000)));
    assert_eq!(pair.now - start, ms(40), "two round trips");
    assert_eq!(route_of_a(&pair).as_deref(), Some(TWO[1]));
    let story = [State::Checking, State::Connected, State::Completed];
    assert_eq!(states(&pair.a_events), story);
    assert!(ladder(&pair).len() - before <= 6, "{:?}", ladder(&pair));
}

#[test]
fn an_address_that_comes_back_takes_its_place_again() {
    let mut pair = connected_scene(1);
    let before: Vec<_> = pair.a.local_candidates().cloned().collect();
    let start = pair.now;
    pair.a.remove_local_candidate(start, address(A));
    assert_eq!((pair.a.state(), pair.a.route()), (State::Disconnected, None));
    assert_eq!(pair.a.local_candidates().count(), 0);
    pair.run_for(ms(1000));
    pair.a.add_local_candidate(pair.now, address(A)).unwrap();
    pair.a.end_of_local_candidates(pair.now);
    let after: Vec<_> = pair.a.local_candidates().cloned().collect();
    assert_eq!(after[0].priority, before[0].priority);
    assert_ne!(after[0].foundation, before[0].foundation);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    assert_eq!(pair.now - start, ms(1000 + 200), "two round trips");
}

#[test]
fn an_agent_without_addresses_is_disconnected_and_then_fails() {
    let mut pair = connected_scene(1);
    pair.a_events.clear();
    let start = pair.now;
    pair.a.remove_local_candidate(start, address(A));
    pair.run_for(ms(39_499));
    assert_eq!(states(&pair.a_events), [State::Disconnected]);
    pair.run_for(ms(1));
    assert_eq!(states(&pair.a_events), [State::Disconnected, State::Failed]);
    assert_eq!(pair.a.poll_timeout(), None);
    let said = ladder(&pair).len();
    pair.a.add_local_candidate(pair.now, address(A)).unwrap();
    assert_eq!(pair.a.state(), State::Checking, "an address revives it");
    pair.run_for(ms(10));
    assert!(ladder(&pair).len() > said);
}

#[test]
fn reflexive_candidates_go_with_their_base() {
    let mut pair = connected_scene(1);
    pair.a_events.clear();
    let mapped = address("203.0.113.5:4000");
    pair.a.add_server_reflexive_candidate(pair.now, address(A), mapped).unwrap();
    pair.a.remove_local_candidate(pair.now, address(A));
    pair.step();
    let kinds: Vec<_> = removed(&pair.a_events).iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [CandidateKind::Host, CandidateKind::ServerReflexive]);
    assert_eq!(pair.a.local_candidates().count(), 0);
    // Nothing is sent from there, not even what was under way.
    let path = pair.b.route().unwrap().path.reversed();
    let said = ladder(&pair).iter().filter(|line| line.contains(" a ")).count();
    pair.run_for(ms(60_000));
    assert_eq!(ladder(&pair).iter().filter(|line| line.contains(" a ")).count(), said);
    let (now, mut data) = (pair.now, [20, 0, 0]);
    assert!(pair.a.agent.unwrap(now, Datagram::new(path, now, &mut data)).is_err());
}

#[test]
fn answers_that_wait_go_with_the_address() {
    let mut agent = agent(Config::default());
    let check = Check::to(&agent).write();
    hand(&mut agent, at(0), usual_path(), &check).unwrap();
    agent.remove_local_candidate(at(0), address(A));
    assert_eq!(drain(&mut agent, at(0)), []);
    assert!(hand(&mut agent, at(0), usual_path(), &check).is_err());
}

#[test]
fn an_unknown_address_changes_nothing() {
    let mut pair = connected_scene(1);
    pair.a_events.clear();
    pair.a.remove_local_candidate(pair.now, address("192.0.2.99:1"));
    assert!(pair.a.route().is_some() && pair.a_events.is_empty());
    assert_eq!(pair.a.poll_event(), None);
}

#[test]
fn the_other_side_can_withdraw_a_candidate() {
    let mut pair = scene(LinkConfig::delayed(ms(20)), 1, &[A], &[B, "198.51.100.2:6000"]);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
    pair.run_for(ms(100));
    let withdrawn = pair.b.local_candidates().next().unwrap().clone();
    assert_eq!(withdrawn.socket_addr(), Some(address(B)));
    pair.b.dead = vec![address(B)];
    let start = pair.now;
    pair.a.remove_remote_candidate(start, &withdrawn);
    assert!(pair.a.remote_candidates().all(|c| c.socket_addr() != Some(address(B))));
    assert!(pair.run_until(|pair| pair.a.state() == State::Completed, ms(1000)));
    assert_eq!(pair.now - start, ms(40), "the other pair was valid already");
    assert_eq!(pair.a.route().unwrap().path.remote, address("198.51.100.2:6000"));
}

#[test]
fn a_name_can_be_withdrawn_before_and_after_it_is_resolved() {
    let mut agent = agent(Config::default());
    let named = Candidate {
        foundation: "1".into(),
        component: 1,
        transport: sansio::Transport::Udp,
        tcp_type: None,
        priority: 7,
        address: Address::Name { name: "x.local".into(), port: 9 },
        kind: CandidateKind::Host,
        related: None,
        ufrag: None,
    };
    for resolved in [false, true] {
        agent.add_remote_candidate(at(0), named.clone());
        if resolved {
            agent.resolve_name(at(0), "x.local", &["198.51.100.9".parse().unwrap()]);
            assert_eq!(agent.remote_candidates().count(), 1);
        }
        agent.remove_remote_candidate(at(0), &named);
        agent.resolve_name(at(0), "x.local", &["198.51.100.9".parse().unwrap()]);
        assert_eq!(agent.remote_candidates().count(), 0, "{resolved}");
    }
}

#[test]
fn a_path_kept_over_a_restart_goes_with_its_address() {
    let mut pair = connected_scene(1);
    pair.a.restart(pair.now);
    assert!(pair.a.route().is_some(), "of the generation before");
    pair.a.remove_local_candidate(pair.now, address(A));
    assert_eq!(pair.a.route(), None);
    assert_eq!(pair.a.ufrags().count(), 1);
}

#[test]
fn a_pair_belongs_to_the_socket_that_it_sends_from() {
    // The other side claims to see what comes from one of our addresses as coming from another.
    let mut agent = host(Config::default(), 1, Role::Controlled, &TWO).agent;
    agent.set_remote_credentials(at(0), them());
    let used = path(TWO[0], B);
    let check = Check::to(&agent).write();
    hand(&mut agent, at(0), used, &check).unwrap();
    for (path, bytes) in drain(&mut agent, at(0)) {
        let lie = Path { local: address(TWO[1]), ..path };
        let _ = hand(&mut agent, at(1), path, &answer(lie, &bytes));
    }
    assert_eq!(agent.route().map(|route| route.path), Some(used));
    agent.remove_local_candidate(at(2), address(TWO[1]));
    assert_eq!(agent.route().map(|route| route.path), Some(used), "it is another's");
    agent.remove_local_candidate(at(2), address(TWO[0]));
    assert_eq!((agent.route(), agent.candidate_pairs().count()), (None, 0));
}
