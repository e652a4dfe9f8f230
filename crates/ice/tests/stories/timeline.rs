//! No timer stands between two agents and their path: exact times at 50 ms one way.

use patchcord_ice::State;
use stun::Message;
use stun::attribute::UseCandidate;
use testkit::LinkConfig;

use crate::scene::{B, address, at, describe, ladder, ms, scene, signal, simple_scene, states};

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

#[test]
fn nomination_waits_for_what_may_be_better_and_no_longer() {
    // The better pair is dead. max(100 ms, 2 × RTT) after the first valid one is the end of it.
    for (delay, patience) in [(10, 100), (25, 100), (100, 400), (300, 1200)] {
        let a = ["192.0.2.1:5000", "192.0.2.2:5000"];
        let mut pair = scene(LinkConfig::delayed(ms(delay)), 1, &a, &[B]);
        pair.a.dead = vec![address(a[0])];
        signal(&mut pair);
        assert!(pair.run_until(|pair| pair.a.route().is_some(), ms(2000)));
        let valid = pair.now;
        assert!(pair.run_until(|pair| pair.a.selected_pair().is_some(), ms(5000)));
        assert_eq!(pair.now - valid, ms(patience + 2 * delay), "and a round trip, at {delay}");
    }
}

#[test]
fn nomination_waits_for_candidates_that_may_come_and_no_longer() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(20)), 1);
    let (of_a, of_b) = (pair.a.signalled(), pair.b.signalled());
    describe(&mut pair.b, at(0), of_a);
    pair.a.set_remote_credentials(at(0), of_b.0);
    pair.a.add_remote_candidate(at(0), of_b.1[0].clone());
    assert!(pair.run_until(|pair| pair.a.selected_pair().is_some(), ms(1000)));
    assert_eq!(pair.now, at(40 + 100 + 40), "nobody has said that there are no more");
}

#[test]
fn a_known_round_trip_sets_the_time_of_repetitions() {
    // RFC 8445 §14.3: no less than 500 ms; and no less than what two round trips take.
    // Of a check that was repeated it is not known what its answer answers: 5/4 of what it took.
    for (delay, rto) in [(20, 500), (200, 800), (600, 1500)] {
        let mut pair = simple_scene(LinkConfig::delayed(ms(delay)), 1);
        let nominates = |bytes: &[u8]| Message::parse(bytes).unwrap().get::<UseCandidate>();
        pair.a_to_b.drop_if(move |bytes| nominates(bytes).unwrap().is_some());
        signal(&mut pair);
        pair.run_for(ms(12_000));
        let said = ladder(&pair);
        let nominations = said.iter().filter(|line| line.ends_with("a nomination"));
        let times: Vec<u64> =
            nominations.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
        assert_eq!(times[1] - times[0], rto, "{said:?}");
        assert_eq!(times[2] - times[1], 2 * rto, "{said:?}");
    }
}
