//! Trickle: credentials, candidates and their end come one by one, and in no order.

use patchcord_ice::{CandidateKind, Config, Event, GatheringState, Role, State};
use testkit::{LinkConfig, Pair};

use crate::scene::{
    A, B, Host, address, agree, at, completed, describe, host, ms, simple_scene, states,
};

#[test]
fn candidates_that_come_late_are_checked_at_once() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    let ((a_credentials, a_candidates), (b_credentials, b_candidates)) =
        (pair.a.signalled(), pair.b.signalled());
    pair.a.set_remote_credentials(at(0), b_credentials);
    pair.b.set_remote_credentials(at(0), a_credentials);
    pair.run_for(ms(3000));
    assert_eq!((pair.a.state(), pair.b.state()), (State::New, State::New));
    assert_eq!(pair.trace.entries().len(), 0);

    pair.a.add_remote_candidate(at(3000), b_candidates[0].clone());
    assert!(pair.run_until(|pair| pair.b.route().is_some(), ms(1000)));
    assert_eq!(pair.now, at(3060), "a's check, and b's triggered one");
    pair.run_for(ms(500));
    assert_eq!((pair.a.state(), pair.b.state()), (State::Connected, State::Connected));
    assert_eq!(pair.b.selected_pair().unwrap().remote.kind, CandidateKind::PeerReflexive);

    // What was learnt from a check gets its true nature from signalling.
    pair.b.add_remote_candidate(pair.now, a_candidates[0].clone());
    assert_eq!(pair.b.selected_pair().unwrap().remote.kind, CandidateKind::Host);
    assert_eq!(pair.b.remote_candidates().count(), 1);
    assert!(agree(&pair));
    let priority = |host: &Host| host.selected_pair().map(|pair| pair.priority);
    assert_eq!(priority(&pair.a), priority(&pair.b));

    pair.a.end_of_remote_candidates(pair.now);
    assert_eq!((pair.a.state(), pair.b.state()), (State::Completed, State::Connected));
    pair.b.end_of_remote_candidates(pair.now);
    assert!(completed(&mut pair));
}

#[test]
fn local_candidates_may_come_after_the_description() {
    let a = host(Config::default(), 1, Role::Controlling, &[A]);
    let mut b = host(Config::default(), 2, Role::Controlled, &[]);
    describe(&mut b, at(0), a.signalled());
    let mut pair = Pair::new(a, b, LinkConfig::delayed(ms(20)), 1);
    let credentials = pair.b.local_credentials().clone();
    pair.a.set_remote_credentials(at(0), credentials);
    pair.run_for(ms(700));
    pair.b.add_local_candidate(at(700), address(B)).unwrap();
    assert_eq!(pair.b.gathering_state(), GatheringState::Gathering);
    pair.b.end_of_local_candidates(at(700));
    assert!(pair.run_until(|pair| pair.b.route().is_some(), ms(1000)));
    assert_eq!(pair.now, at(740), "a's answer to b's check");
    let signalled = |event: &&Event| matches!(event, Event::LocalCandidate(_));
    assert_eq!(pair.b_events.iter().filter(signalled).count(), 1);
    pair.run_for(ms(500));
    assert!(agree(&pair));
}

#[test]
fn checks_that_outrun_the_answer_are_answered_and_remembered() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    let (offer, (credentials, _)) = (pair.a.signalled(), pair.b.signalled());
    describe(&mut pair.b, at(0), offer);
    pair.run_for(ms(300));
    assert!(pair.b.route().is_some(), "a has answered without knowing whom");
    assert_eq!((pair.a.state(), pair.a.route()), (State::New, None));

    // Not even a candidate is needed: b's check has brought it.
    pair.a.set_remote_credentials(at(300), credentials);
    assert!(pair.run_until(|pair| pair.a.route().is_some(), ms(1000)));
    assert_eq!(pair.now, at(340));
    assert_eq!(pair.a.remote_candidates().next().unwrap().kind, CandidateKind::PeerReflexive);
    pair.run_for(ms(500));
    assert!(agree(&pair));
}

#[test]
fn a_better_pair_that_trickles_in_time_is_the_one_nominated() {
    let a = host(Config::default(), 1, Role::Controlling, &[A]);
    let b =
        host(Config::default(), 2, Role::Controlled, &["198.51.100.7:7000", "198.51.100.8:7000"]);
    let mut pair = Pair::new(a, b, LinkConfig::delayed(ms(20)), 1);
    let ((a_credentials, a_candidates), (b_credentials, b_candidates)) =
        (pair.a.signalled(), pair.b.signalled());
    pair.a.set_remote_credentials(at(0), b_credentials);
    pair.a.add_remote_candidate(at(0), b_candidates[1].clone());
    pair.b.set_remote_credentials(at(0), a_credentials);
    pair.run_for(ms(50));
    assert!(pair.a.route().is_some());
    pair.a.add_remote_candidate(at(50), b_candidates[0].clone());
    pair.a.end_of_remote_candidates(at(50));
    pair.b.add_remote_candidate(at(50), a_candidates[0].clone());
    pair.run_for(ms(500));
    assert!(agree(&pair));
    assert_eq!(pair.a.route().unwrap().path.remote, address("198.51.100.7:7000"));
    assert_eq!(states(&pair.a_events), [State::Checking, State::Connected, State::Completed]);
}

#[test]
fn candidates_of_another_generation_are_ignored() {
    let mut pair = simple_scene(LinkConfig::default(), 1);
    let (credentials, candidates) = pair.b.signalled();
    let of = |ufrag: &str| patchcord_ice::Candidate {
        ufrag: Some(ufrag.into()),
        ..candidates[0].clone()
    };
    // Some before the credentials are known, some after.
    pair.a.add_remote_candidate(at(0), of("old!"));
    let ufrag = credentials.ufrag().to_owned();
    pair.a.set_remote_credentials(at(0), credentials);
    pair.a.add_remote_candidate(at(0), of("old!"));
    assert_eq!(pair.a.remote_candidates().count(), 0);
    assert_eq!(pair.a.counters().ignored.generation, 2);
    pair.a.add_remote_candidate(at(0), of(&ufrag));
    assert_eq!(pair.a.remote_candidates().count(), 1);
}
