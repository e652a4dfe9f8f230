//! Nothing works, and how long that takes to say.

use patchcord_ice::{PairState, State};
use testkit::LinkConfig;

use crate::scene::{agree, at, completed, describe, ladder, ms, signal, simple_scene, states};

#[test]
fn fails_when_the_last_check_has_failed_and_patience_is_over() {
    let mut pair = simple_scene(LinkConfig { loss: 1.0, ..LinkConfig::default() }, 1);
    let answer = pair.b.signalled();
    describe(&mut pair.a, at(0), answer);
    pair.run_for(ms(39_499));
    let expected = ["0", "500", "1500", "3500", "7500", "15500", "31500"];
    assert_eq!(ladder(&pair), expected.map(|time| format!("{time} a check")));
    assert_eq!(pair.a.state(), State::Checking);
    pair.run_for(ms(1));
    assert_eq!(pair.a.candidate_pairs().next().unwrap().state, PairState::Failed);
    assert_eq!(states(&pair.a_events), [State::Checking, State::Failed]);
    assert_eq!(sansio::Machine::poll_timeout(&pair.a), None, "nothing is pending any more");
}

#[test]
fn has_twice_the_patience_while_candidates_may_come() {
    let mut pair = simple_scene(LinkConfig { loss: 1.0, ..LinkConfig::default() }, 1);
    let (credentials, candidates) = pair.b.signalled();
    pair.a.set_remote_credentials(at(0), credentials);
    pair.a.add_remote_candidate(at(0), candidates[0].clone());
    pair.run_for(ms(78_999));
    assert_eq!(pair.a.state(), State::Checking);
    pair.run_for(ms(1));
    assert_eq!(pair.a.state(), State::Failed);
}

#[test]
fn a_late_candidate_revives_a_failed_agent() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    let ((a_credentials, _), (b_credentials, b_candidates)) =
        (pair.a.signalled(), pair.b.signalled());
    for (host, credentials) in [(&mut pair.a, b_credentials), (&mut pair.b, a_credentials)] {
        host.set_remote_credentials(at(0), credentials);
        host.end_of_remote_candidates(at(0));
    }
    pair.run_for(ms(39_500));
    assert_eq!((pair.a.state(), pair.b.state()), (State::Failed, State::Failed));
    pair.a.add_remote_candidate(pair.now, b_candidates[0].clone());
    assert_eq!(pair.a.state(), State::Checking);
    assert!(pair.run_until(completed, ms(1000)));
}

#[test]
fn the_other_sides_check_revives_a_failed_pair() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    pair.a_to_b.config.loss = 1.0;
    let answer = pair.b.signalled();
    describe(&mut pair.a, at(0), answer);
    pair.run_for(ms(60_000));
    assert_eq!(pair.a.state(), State::Failed);
    pair.a_to_b.config.loss = 0.0;
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)) && agree(&pair));
}
