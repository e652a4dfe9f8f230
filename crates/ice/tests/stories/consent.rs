//! Consent: kept, lost, and found again, at exact times.

use core::time::Duration;

use patchcord_ice::{Config, State};
use sansio::{Datagram, Instant, Machine};
use stun::{Class, ErrorCode, IntegrityKey, Message, MessageBuilder};
use testkit::Direction;

use crate::forge::{Check, agent, answer, drain, hand, them, usual_path};
use crate::scene::{Hosts, at, completed, connected_scene, ms, states};

/// When requests of `a` went out.
fn requests_of_a(pair: &Hosts) -> Vec<Duration> {
    pair.trace
        .entries()
        .filter(|entry| entry.direction == Direction::AToB)
        .filter(|entry| Message::parse(&entry.data).unwrap().class() == Class::Request)
        .map(|entry| entry.time - at(0))
        .collect()
}

/// When the last message of this class left `b`.
fn last_of_b(pair: &Hosts, is_it: impl Fn(Class) -> bool) -> Instant {
    let mut entries = pair.trace.entries().filter(|entry| {
        entry.direction == Direction::BToA && is_it(Message::parse(&entry.data).unwrap().class())
    });
    entries.next_back().unwrap().time
}

#[test]
fn is_renewed_every_five_seconds_give_or_take_one() {
    let mut pair = connected_scene(1);
    let before = requests_of_a(&pair).len();
    pair.run_for(ms(600_000));
    let times = requests_of_a(&pair).split_off(before);
    let intervals: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(intervals.iter().all(|t| (ms(4000)..=ms(6000)).contains(t)), "{intervals:?}");
    assert!((110..130).contains(&intervals.len()), "{}", intervals.len());
    assert!(completed(&mut pair));
    let stats = pair.a.selected_pair().unwrap().stats;
    assert_eq!(stats.consent_requests_sent, times.len() as u64);
    assert_eq!(stats.current_round_trip_time, Some(ms(100)));
    assert_eq!(stats.total_round_trip_time, ms(100) * stats.responses_received as u32);
}

#[test]
fn a_peer_that_vanishes_is_disconnected_then_failed() {
    let mut pair = connected_scene(1);
    pair.run_for(ms(20_000));
    pair.b.close(pair.now);
    pair.b_to_a.config.loss = 1.0;
    // What is in flight still arrives.
    pair.run_for(ms(50));
    let last_heard = last_of_b(&pair, |_| true) + ms(50);
    let last_response = last_of_b(&pair, |class| class == Class::SuccessResponse) + ms(50);

    pair.a_events.clear();
    assert!(pair.run_until(|pair| pair.a.state() == State::Disconnected, ms(30_000)));
    assert_eq!(pair.now, last_heard + ms(7000));
    assert!(pair.a.route().is_some(), "it may only be a pause");
    assert!(pair.run_until(|pair| pair.a.state() == State::Failed, ms(60_000)));
    assert_eq!(pair.now, last_response + ms(30_000));
    assert_eq!(pair.a.route(), None);
    assert!(pair.a.selected_pair().is_none());
    assert_eq!(states(&pair.a_events), [State::Disconnected, State::Failed]);
    assert_eq!(pair.a.poll_timeout(), None, "nothing is sent any more");
}

#[test]
fn a_pause_ends_in_connected_again() {
    let mut pair = connected_scene(1);
    pair.a_to_b.config.loss = 1.0;
    pair.b_to_a.config.loss = 1.0;
    pair.run_for(ms(15_000));
    assert_eq!((pair.a.state(), pair.b.state()), (State::Disconnected, State::Disconnected));
    pair.a_to_b.config.loss = 0.0;
    pair.b_to_a.config.loss = 0.0;
    assert!(pair.run_until(completed, ms(6_100)), "after the next consent check");
    assert!(pair.a.route().is_some() && pair.b.route().is_some());
}

#[test]
fn data_is_a_sign_of_life_but_no_consent() {
    // a hears b, but b does not hear a.
    let mut pair = connected_scene(1);
    pair.a_to_b.config.loss = 1.0;
    let start = pair.now;
    let path = pair.a.route().unwrap().path;
    let mut told = vec![];
    while pair.now < start + ms(40_000) {
        pair.run_for(ms(500));
        let mut data = [20, 0, 0];
        let datagram = Datagram::new(path, pair.now, &mut data);
        assert!(pair.a.agent.unwrap(pair.now, datagram).unwrap().is_some());
        if told.last() != Some(&pair.a.state()) {
            told.push(pair.a.state());
        }
    }
    assert_eq!(told, [State::Completed, State::Disconnected, State::Failed]);
    assert!(pair.a.route().is_none());
}

#[test]
fn consent_can_be_withdrawn() {
    // RFC 7675 §5.2, whether the answer is to a consent check or to what follows an unanswered one.
    for after_doubt in [false, true] {
        let mut agent = agent(Config::default());
        agent.set_remote_credentials(at(0), them());
        let check = Check { nominates: true, ..Check::to(&agent) }.write();
        hand(&mut agent, at(0), usual_path(), &check).unwrap();
        let sent = drain(&mut agent, at(0));
        hand(&mut agent, at(0), usual_path(), &answer(usual_path(), &sent[1].1)).unwrap();
        assert!(agent.selected_pair().is_some());

        let due = agent.poll_timeout().unwrap();
        let mut asked = drain(&mut agent, due);
        if after_doubt {
            asked = drain(&mut agent, due + ms(500));
        }
        assert_eq!(asked.len(), 1);
        let mut out = vec![];
        let forbidden = ErrorCode::new(403, "Forbidden").unwrap();
        MessageBuilder::error(&mut out, &Message::parse(&asked[0].1).unwrap(), forbidden)
            .integrity(&IntegrityKey::short_term(them().pwd()))
            .fingerprint();
        hand(&mut agent, due + ms(500), usual_path(), &out).unwrap();
        assert_eq!((agent.state(), agent.route()), (State::Failed, None));
        assert_eq!(agent.poll_timeout(), None);
    }
}

#[test]
fn a_lost_consent_check_is_made_up_for() {
    let mut pair = connected_scene(1);
    let before = requests_of_a(&pair).len();
    let mut requests = 0;
    pair.a_to_b.drop_if(move |bytes| {
        let is_request = bytes[..2] == [0, 1];
        requests += u32::from(is_request);
        is_request && requests == 1
    });
    pair.run_for(ms(13_000));
    let times = requests_of_a(&pair).split_off(before);
    assert_eq!(times[1] - times[0], ms(500), "a check follows, {times:?}");
    assert!(times[2] - times[0] >= ms(4000), "and was answered");
}
