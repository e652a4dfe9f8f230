//! How long it takes from `create_offer` to an open channel: no timer stands in the way.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, certificate};
use dtls::Versions;
use patchcord_peer::{Config, ConnectionState, DataChannelInit, Event};
use sansio::Instant;
use testkit::LinkConfig;

/// One way. A round trip takes 100 ms.
const DELAY: Duration = Duration::from_millis(50);

/// Whose channel it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Channel {
    /// Both sides create it (W3C `negotiated`).
    Negotiated,
    /// The offerer creates it, and says so on the wire (RFC 8832).
    InBand,
}

fn config(versions: Versions, snap: bool) -> Config {
    let mut config = Config::new(certificate());
    config.dtls.versions = versions;
    (config.snap, config.sped) = (snap, false);
    config
}

fn with_sped(versions: Versions, snap: bool) -> Config {
    let mut config = config(versions, snap);
    config.sped = true;
    config
}

/// When the channel is open at the offerer and at the answerer, in milliseconds after
/// `create_offer`.
fn open_at(config: Config, channel: Channel) -> [u64; 2] {
    let mut call = Call::with_config(LinkConfig::delayed(DELAY), 1, config);
    let negotiated = channel == Channel::Negotiated;
    let init = DataChannelInit { negotiated, id: negotiated.then_some(0), ..Default::default() };
    call.pair.a.create_data_channel(Instant::ZERO, "d", &init).unwrap();
    if negotiated {
        call.pair.b.create_data_channel(Instant::ZERO, "d", &init).unwrap();
    }
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
    at.map(|at| at.expect("open").as_nanos() / 1_000_000)
}

#[test]
fn opens_after_four_round_trips_and_a_half_later_at_the_answerer() {
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
    assert_eq!(open_at(config(Versions::Dtls13, false), Channel::InBand), [400, 450]);
}

#[test]
fn with_snap_it_opens_when_dtls_is_up() {
    //   0 ms  offer with INIT -->
    //  50     <-- answer with INIT, check
    // 100     check -->
    // 150     <-- ClientHello
    // 200     ServerHello … Finished -->
    // 250     <-- Finished               DTLS is up at the answerer: 2.5 round trips
    // 300     OPEN -->                   and at the offerer: 3.0
    // 350                                the OPEN is at the answerer: 3.5
    assert_eq!(open_at(config(Versions::Both, true), Channel::Negotiated), [300, 250]);
    assert_eq!(open_at(config(Versions::Both, true), Channel::InBand), [300, 350]);
}

#[test]
fn with_sped_the_handshake_rides_in_the_checks() {
    //   0 ms  offer -->
    //  50     <-- answer, check with ClientHello, extra check with its rest
    // 100     check with ServerHello, two extra checks … Finished -->
    // 150     <-- Finished, INIT         DTLS is up at the answerer
    // 200     INIT ACK -->               and at the offerer
    // 250     <-- COOKIE ECHO
    // 300     COOKIE ACK, OPEN -->       open at the offerer: 3.0 round trips
    // 350                                open at the answerer: 3.5
    assert_eq!(open_at(with_sped(Versions::Both, false), Channel::InBand), [300, 350]);
}

#[test]
fn with_sped_and_snap_one_round_trip_after_the_offer_is_enough() {
    // 150     <-- Finished               open at the answerer: 1.5 round trips
    // 200                                open at the offerer: 2.0
    assert_eq!(open_at(with_sped(Versions::Both, true), Channel::Negotiated), [200, 150]);
    // 200     OPEN -->
    // 250                                open at the answerer: 2.5
    assert_eq!(open_at(with_sped(Versions::Both, true), Channel::InBand), [200, 250]);
}

#[test]
fn dtls_1_2_with_sped_saves_a_round_trip_too() {
    assert_eq!(open_at(with_sped(Versions::Dtls12, false), Channel::Negotiated), [400, 350]);
    assert_eq!(open_at(with_sped(Versions::Dtls12, true), Channel::Negotiated), [200, 250]);
}

#[test]
fn dtls_1_2_takes_a_round_trip_more() {
    // 250     <-- Finished
    // 300     Finished -->               DTLS is up at the offerer
    // 350     <-- INIT                   and at the answerer
    // 400     INIT ACK -->               both began at once
    // 450     <-- COOKIE ECHO, OPEN      open at the answerer
    // 500                                and at the offerer
    assert_eq!(open_at(config(Versions::Dtls12, false), Channel::Negotiated), [500, 450]);
    // With SNAP it does not: who has the last word of the handshake needs no answer.
    assert_eq!(open_at(config(Versions::Dtls12, true), Channel::Negotiated), [300, 350]);
    assert_eq!(open_at(config(Versions::Dtls12, true), Channel::InBand), [300, 350]);
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
