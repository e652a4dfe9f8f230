//! Setting up an association.

mod support;

use patchcord_sctp::{Event, SendOptions, StreamId};
use sansio::Instant;
use support::{chunks, ms, pair, payload, read_all};
use testkit::LinkConfig;

#[test]
fn the_passive_side_is_connected_after_one_and_a_half_round_trips_the_active_after_two() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    assert!(pair.run_until(|p| p.b_events == [Event::Connected], ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(150));
    assert!(pair.run_until(|p| p.a_events == [Event::Connected], ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(200));
    assert_eq!(
        pair.trace.ladder(chunks),
        "0.000000 a -> b INIT\n\
         0.050000 a <- b INIT ACK\n\
         0.100000 a -> b COOKIE ECHO\n\
         0.150000 a <- b COOKIE ACK\n"
    );
}

#[test]
fn a_message_travels_with_cookie_echo() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    pair.a.send(pair.now, StreamId(1), payload(1, 100), SendOptions::default()).unwrap();
    assert!(pair.run_until(|p| p.b.readable().is_some(), ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(150));
    assert_eq!(read_all(pair.now, &mut pair.b)[0].1.payload, payload(1, 100));
    pair.run_for(ms(1000));
    assert_eq!(
        pair.trace.ladder(chunks),
        "0.000000 a -> b INIT\n\
         0.050000 a <- b INIT ACK\n\
         0.100000 a -> b COOKIE ECHO, DATA\n\
         0.150000 a <- b COOKIE ACK, SACK\n"
    );
}

#[test]
fn both_sides_may_begin_at_once() {
    let mut pair = pair(LinkConfig::delayed(ms(50)), 1);
    pair.a.connect(pair.now);
    pair.b.connect(pair.now);
    let both = |p: &mut support::Sctp| {
        p.a_events == [Event::Connected] && p.b_events == [Event::Connected]
    };
    assert!(pair.run_until(both, ms(1000)));
    assert_eq!(pair.now, Instant::from_millis(150));
}
