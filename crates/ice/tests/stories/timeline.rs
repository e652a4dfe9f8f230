//! No timer stands between two agents and their path: exact times at 50 ms one way.

use patchcord_ice::State;
use testkit::LinkConfig;

use crate::scene::{at, describe, ladder, ms, simple_scene, states};

#[test]
fn data_flows_after_one_round_trip_of_checks() {
    // a offers, b answers.
    let mut pair = simple_scene(LinkConfig::delayed(ms(50)), 1);
    let (offer, answer) = (pair.a.signalled(), pair.b.signalled());

    // 50 a ----- offer -> b
    pair.run_for(ms(50));
    describe(&mut pair.b, at(50), offer);
    assert_eq!(pair.b.state(), State::Checking);

    // 100 a <- answer, check ----- b
    pair.run_for(ms(50));
    describe(&mut pair.a, at(100), answer);

    // 150 a ----- response, check -> b
    assert!(pair.run_until(|pair| pair.b.route().is_some(), ms(1000)));
    assert_eq!((pair.now, pair.b.rtt()), (at(150), Some(ms(100))));
    assert_eq!(pair.a.route(), None);

    // 200 a <- response ----- b
    assert!(pair.run_until(|pair| pair.a.route().is_some(), ms(1000)));
    assert_eq!((pair.now, pair.a.rtt()), (at(200), Some(ms(100))));
    assert!(pair.b.selected_pair().is_none());

    // 250 a ----- nomination -> b
    assert!(pair.run_until(|pair| pair.b.selected_pair().is_some(), ms(1000)));
    assert_eq!((pair.now, pair.b.state()), (at(250), State::Completed));

    // 300 a <- response ----- b
    assert!(pair.run_until(|pair| pair.a.selected_pair().is_some(), ms(1000)));
    assert_eq!((pair.now, pair.a.state()), (at(300), State::Completed));

    // And then silence, until consent is to be renewed.
    pair.run_for(ms(3000));
    let expected = [
        "50 b check",
        "100 a response",
        "100 a check",
        "150 b response",
        "200 a nomination",
        "250 b response",
    ];
    assert_eq!(ladder(&pair), expected);
    let story = [State::Checking, State::Connected, State::Completed];
    assert_eq!(states(&pair.a_events), story);
    assert_eq!(states(&pair.b_events), story);
}
