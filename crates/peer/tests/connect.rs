//! How long it takes from `create_offer` to an open channel: no timer stands in the way.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::Call;
use patchcord_peer::{ConnectionState, DataChannelInit, Event};
use sansio::Instant;
use testkit::LinkConfig;

/// One way. A round trip takes 100 ms.
const DELAY: Duration = Duration::from_millis(50);

#[test]
fn opens_after_four_round_trips_and_a_half_later_at_the_answerer() {
    let mut call = Call::new(LinkConfig::delayed(DELAY), 1);
    call.pair.a.create_data_channel(Instant::ZERO, "d", &DataChannelInit::default()).unwrap();
    //   0 ms  offer -->
    //  50     <-- answer, check
    // 100     check -->                  the first check is answered
    // 150     <-- ClientHello            a valid pair: the answerer is DTLS client
    // 200     ServerHello … Finished -->
    // 250     <-- Finished, INIT         DTLS is up at the answerer
    // 300     INIT ACK -->               and at the offerer
    // 350     <-- COOKIE ECHO
    // 400     COOKIE ACK, OPEN -->       open at the offerer: 4.0 round trips
    // 450                                open at the answerer: 4.5
    call.signal();
    let opened = |events: &[Event]| {
        events.iter().any(|e| matches!(e, Event::ChannelOpen(_) | Event::DataChannel(_)))
    };
    let mut at = [None; 2];
    while at.contains(&None) && call.pair.step() {
        for (at, events) in at.iter_mut().zip([&call.pair.a_events, &call.pair.b_events]) {
            if at.is_none() && opened(events) {
                *at = Some(call.pair.now);
            }
        }
    }
    assert_eq!(at, [Some(Instant::from_millis(400)), Some(Instant::from_millis(450))]);
    assert_eq!(
        call.pair.a.stats().dtls_version.map(|v| v.to_string()),
        Some("DTLS 1.3".to_owned())
    );
}

#[test]
fn states_are_reported_in_order() {
    let mut call = Call::new(LinkConfig::delayed(DELAY), 2);
    call.connect("d", &DataChannelInit::default());
    let states = |events: &[Event]| -> Vec<ConnectionState> {
        let state = |event: &Event| match event {
            Event::ConnectionStateChange(state) => Some(*state),
            _ => None,
        };
        events.iter().filter_map(state).collect()
    };
    let expected = [ConnectionState::Connecting, ConnectionState::Connected];
    assert_eq!(states(&call.pair.a_events), expected);
    assert_eq!(states(&call.pair.b_events), expected);
}

#[test]
fn a_run_is_quiet_once_it_is_connected() {
    let mut call = Call::new(LinkConfig::delayed(DELAY), 3);
    call.connect("d", &DataChannelInit::default());
    call.pair.run_for(Duration::from_secs(1));
    let before = call.pair.a.stats().datagrams.sent + call.pair.b.stats().datagrams.sent;
    call.pair.run_for(Duration::from_secs(60));
    let after = call.pair.a.stats().datagrams.sent + call.pair.b.stats().datagrams.sent;
    // Consent every 5 s on average and its answers, in both directions; a heartbeat or two.
    assert!((40..=80).contains(&(after - before)), "{} datagrams in a minute", after - before);
}
