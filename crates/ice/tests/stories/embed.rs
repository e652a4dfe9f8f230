//! Datagrams of others in checks and responses: each pair carries all of a flight, none waits for Ta.

use patchcord_ice::{Config, Embedding, Role, State};
use stun::attribute::{DtlsInStunAck, DtlsInStunData};
use stun::{Class, Message};
use testkit::{Direction, LinkConfig, Pair};

use crate::scene::{A, B, Hosts, at, completed, host, ms, scene, signal, simple_scene};

/// Datagrams that differ in their first byte.
pub(crate) fn flight(first: u8, count: u8) -> Vec<Vec<u8>> {
    (first..first + count).map(|byte| vec![byte; 900]).collect()
}

pub(crate) fn embed(agent: &mut patchcord_ice::Agent, flight: &[Vec<u8>]) {
    agent.begin_flight();
    flight.iter().for_each(|datagram| agent.embed(datagram, None));
}

/// Both take part.
fn both(mut pair: Hosts) -> Hosts {
    pair.a.set_embedding(Embedding::On);
    pair.b.set_embedding(Embedding::On);
    pair
}

/// Messages so far, with the first byte of what they carry and how many they acknowledge:
/// `0 b check 1 +0`.
fn ladder(pair: &Hosts) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in pair.trace.entries() {
        let message = Message::parse(&entry.data).unwrap();
        let what = if message.class() == Class::Request { "check" } else { "response" };
        let data = message.get::<DtlsInStunData<'_>>().unwrap();
        let data = data.map_or("-".to_owned(), |data| data.0[0].to_string());
        let ack = message.get::<DtlsInStunAck<'_>>().unwrap();
        let ack = ack.map_or("none".to_owned(), |ack| format!("+{}", ack.checksums().count()));
        let from = if entry.direction == Direction::AToB { 'a' } else { 'b' };
        lines.push(format!("{} {from} {what} {data} {ack}", entry.time.as_nanos() / 1_000_000));
    }
    lines
}

#[test]
fn a_flight_of_two_goes_in_two_checks_at_once_and_its_answer_in_three() {
    let mut pair = both(simple_scene(LinkConfig::delayed(ms(50)), 1));
    // The offerer does not know the answerer yet.
    let (of_a, of_b) = (pair.a.signalled(), pair.b.signalled());
    crate::scene::describe(&mut pair.b, at(0), of_a);
    embed(&mut pair.b, &flight(1, 2));
    pair.run_for(ms(50));
    crate::scene::describe(&mut pair.a, at(50), of_b);
    assert_eq!(pair.a.embedded, flight(1, 2));
    embed(&mut pair.a, &flight(11, 3));
    pair.run_for(ms(50));
    assert_eq!(pair.b.embedded, flight(11, 3));
    assert!(!pair.b.is_embedding(), "all was acknowledged");
    let expected = [
        "0 b check 1 +0",
        "0 b check 2 +0",
        "50 a response - +2",
        "50 a response - +2",
        "50 a check 11 +2",
        "50 a check 12 +2",
        "50 a check 13 +2",
    ];
    assert_eq!(ladder(&pair)[..7], expected);
    assert!(pair.run_until(completed, ms(200)));
}

#[test]
fn a_response_carries_and_extra_checks_carry_the_rest() {
    let mut pair = both(simple_scene(LinkConfig::delayed(ms(50)), 1));
    let (of_a, of_b) = (pair.a.signalled(), pair.b.signalled());
    crate::scene::describe(&mut pair.a, at(0), of_b);
    embed(&mut pair.a, &flight(1, 1));
    // Only the second check arrives, after b has learnt of a.
    pair.a_to_b.drop_next(1);
    pair.run_for(ms(10));
    crate::scene::describe(&mut pair.b, at(10), of_a);
    embed(&mut pair.b, &flight(11, 3));
    pair.run_for(ms(1));
    // b's own check carries the first, and two more go at once.
    assert_eq!(ladder(&pair)[1..], ["10 b check 11 +0", "10 b check 12 +0", "10 b check 13 +0"]);
    pair.run_for(ms(50));
    assert_eq!(pair.a.embedded, flight(11, 3));
    // The first answer carries what the lost check did.
    let expected = ["60 a response 1 +3", "60 a response - +3", "60 a response - +3"];
    assert_eq!(ladder(&pair)[4..7], expected);
}

#[test]
fn every_pair_carries_all_of_it_within_the_budget() {
    let a = ["192.0.2.1:5000", "192.0.2.2:5000", "192.0.2.3:5000"];
    let mut pair = both(scene(LinkConfig::delayed(ms(200)), 1, &a, &[B]));
    embed(&mut pair.a, &flight(1, 2));
    let (_, of_b) = (pair.a.signalled(), pair.b.signalled());
    crate::scene::describe(&mut pair.a, at(0), of_b);
    pair.run_for(ms(190));
    let lines = ladder(&pair);
    let expected = [
        "0 a check 1 +0",
        "0 a check 2 +0",
        "50 a check 1 +0",
        "50 a check 2 +0",
        "100 a check 1 +0",
        "100 a check 2 +0",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn nobody_is_flooded() {
    let mut pair = both(simple_scene(LinkConfig { loss: 1.0, ..LinkConfig::delayed(ms(5)) }, 1));
    signal(&mut pair);
    for round in 0..20 {
        embed(&mut pair.a, &flight(1 + round, 8));
        pair.run_for(ms(1000));
    }
    let bound = u64::from(Config::default().max_embedded_unheard);
    assert_eq!(pair.a.counters().embedded_sent, bound);
    // A restart was signalled: the other side is there.
    pair.a.restart(pair.now);
    let (of_a, of_b) = (pair.a.signalled(), pair.b.signalled());
    crate::scene::describe(&mut pair.a, at(20_000), of_b);
    pair.b.set_remote_credentials(at(20_000), of_a.0);
    pair.run_for(ms(10));
    assert_eq!(pair.a.counters().embedded_sent, bound + 8);
}

#[test]
fn a_side_that_does_not_take_part_is_left_alone() {
    let mut pair = simple_scene(LinkConfig::delayed(ms(50)), 1);
    pair.a.set_embedding(Embedding::On);
    embed(&mut pair.a, &flight(1, 2));
    signal(&mut pair);
    pair.run_for(ms(100));
    // The first check of the other side said it, or the first response.
    assert_eq!(pair.a.embedding(), Embedding::Off);
    assert!(!pair.a.is_embedding() && !pair.a.is_embedded_on_route());
    assert!(pair.run_until(completed, ms(1000)));
    assert!(pair.b.embedded.is_empty());
    let sent = pair.a.counters().embedded_sent;
    pair.run_for(ms(60_000));
    assert_eq!((pair.a.counters().embedded_sent, sent), (2, 2));
    assert_eq!(pair.b.counters().embedded_received, 0);
}

#[test]
fn after_the_end_there_is_no_trace_of_it() {
    let mut pair = both(simple_scene(LinkConfig::delayed(ms(50)), 1));
    embed(&mut pair.a, &flight(1, 1));
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)));
    assert!(!pair.a.is_embedding());
    pair.a.set_embedding(Embedding::Complete);
    // b hears nothing of it any more, and concludes that a is done.
    pair.run_for(ms(20_000));
    assert_eq!(pair.b.embedding(), Embedding::Complete);
    let before = ladder(&pair).len();
    pair.run_for(ms(60_000));
    let after = ladder(&pair).split_off(before);
    assert!(after.len() > 20 && after.iter().all(|line| line.ends_with("- none")), "{after:?}");
}

#[test]
fn flights_arrive_although_both_claim_one_role() {
    for (role, seed) in [(Role::Controlling, 1), (Role::Controlling, 2), (Role::Controlled, 3)] {
        let a = host(Config::default(), 2 * seed, role, &[A]);
        let b = host(Config::default(), 2 * seed + 1, role, &[B]);
        let mut pair = both(Pair::new(a, b, LinkConfig::delayed(ms(50)), seed));
        embed(&mut pair.a, &flight(1, 2));
        signal(&mut pair);
        // A refusal takes a round trip, and the second attempt brings it.
        pair.run_for(ms(150));
        assert_eq!(pair.b.embedded, flight(1, 2), "{role:?} {seed}");
        assert_ne!(pair.a.state(), State::Failed);
    }
}
