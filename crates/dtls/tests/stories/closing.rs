//! How connections end.

use std::time::Duration;

use patchcord_dtls::{CloseReason, Config, Discard, Event, Role, SealError, State, Versions};
use sansio::{Instant, Machine};
use testkit::{LinkConfig, Pair};

use crate::support::{config, connected, connection, is_connected, opened, pair, sealed};

const VERSIONS: [Versions; 2] = [Versions::Dtls12, Versions::Dtls13];

fn closed(event: Option<&Event>) -> Option<&CloseReason> {
    match event {
        Some(Event::Closed(reason)) => Some(reason),
        _ => None,
    }
}

#[test]
fn close_notify_closes_both_ends() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        pair.b.close(pair.now);
        assert_eq!(pair.b.state(), State::Closed);
        pair.run_for(Duration::from_secs(1));
        assert_eq!(pair.a.state(), State::Closed);
        assert_eq!(closed(pair.b_events.last()), Some(&CloseReason::Local));
        assert_eq!(closed(pair.a_events.last()), Some(&CloseReason::Remote));
        assert_eq!((pair.a.poll_timeout(), pair.b.poll_timeout()), (None, None));
    }
}

#[test]
fn both_may_close_at_once() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        pair.a.close(pair.now);
        pair.b.close(pair.now);
        pair.b.close(pair.now);
        pair.run_for(Duration::from_secs(1));
        for events in [&pair.a_events, &pair.b_events] {
            assert_eq!(events.len(), 2, "{events:?}");
            assert_eq!(closed(events.last()), Some(&CloseReason::Local));
        }
    }
}

#[test]
fn closed_stays_closed() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        let record = sealed(&mut pair.b, b"late");
        pair.a.close(pair.now);
        assert_eq!(opened(&mut pair.a, pair.now, &record), [Err(Discard::Closed)]);
        assert_eq!(pair.a.counters().after_close, 1);
        let refused = pair.a.seal(&mut vec![0; 100], 0);
        assert_eq!(refused, Err(SealError::NotConnected(State::Closed)));
        assert!(pair.a.keying_material().is_none());
        // One close_notify, and then silence.
        let mut buf = Vec::new();
        assert!(pair.a.poll_transmit(pair.now, &mut buf).is_some());
        pair.a.handle_timeout(pair.now + Duration::from_secs(100));
        assert_eq!(pair.a.poll_transmit(pair.now, &mut buf), None);
    }
}

#[test]
fn who_gives_up_during_the_handshake_says_so() {
    let mut pair = pair([Versions::Dtls13; 2], LinkConfig::default(), 1);
    // C ─ClientHello─► S, and the client changes its mind.
    pair.next_event();
    pair.a.close(pair.now);
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.a.close_reason(), Some(&CloseReason::Local));
    assert_eq!(pair.a_events, [Event::Closed(CloseReason::Local)]);
}

#[test]
fn who_gives_up_before_a_version_is_chosen_is_heard() {
    // C ─ClientHello─► S, and then ─close_notify─► S, both by the name of DTLS 1.0.
    let mut pair = pair([Versions::Both; 2], LinkConfig::default(), 1);
    let mut hello = Vec::new();
    while pair.a.poll_transmit(pair.now, &mut hello).is_some() {}
    opened(&mut pair.b, pair.now, &hello);
    pair.a.close(pair.now);
    let mut goodbye = Vec::new();
    assert!(pair.a.poll_transmit(pair.now, &mut goodbye).is_some());
    assert_eq!(goodbye[..3], [21, 0xFE, 0xFF]);
    opened(&mut pair.b, pair.now, &goodbye);
    assert_eq!(pair.b.close_reason(), Some(&CloseReason::Remote));
}

/// With a share of X25519MLKEM768 a ClientHello takes two datagrams.
fn hello_datagrams(versions: Versions) -> u64 {
    if versions == Versions::Dtls12 { 1 } else { 2 }
}

#[test]
fn a_peer_that_is_not_there_is_given_up_after_a_bounded_time() {
    for versions in [Versions::Dtls12, Versions::Dtls13, Versions::Both] {
        let mut pair = pair([versions; 2], LinkConfig { loss: 1.0, ..LinkConfig::default() }, 1);
        pair.run_for(Duration::from_secs(60));
        let after = Duration::from_secs(30);
        assert_eq!(pair.a_events, [Event::Closed(CloseReason::Timeout { after })]);
        assert_eq!(pair.a.state(), State::Failed);
        // 0.1 s, doubled each time, fits eight times into 30 s; a quarter more or less each.
        let flights = pair.a_to_b.counters.sent / hello_datagrams(versions);
        assert!((8..=10).contains(&flights), "{versions:?}: {flights} flights");
        assert_eq!(pair.b.state(), State::New);
    }
}

#[test]
fn a_peer_that_vanishes_is_given_up_by_either_side() {
    for versions in VERSIONS {
        for role in [Role::Client, Role::Server] {
            // The first flight arrives, nothing after it: for the client its answer is lost, for
            // the server what answers that.
            let mut pair = pair([versions; 2], LinkConfig::delayed(Duration::from_millis(10)), 1);
            pair.run_for(Duration::from_millis(5));
            match role {
                Role::Client => pair.b_to_a.config.loss = 1.0,
                Role::Server => pair.a_to_b.config.loss = 1.0,
            }
            pair.run_for(Duration::from_secs(60));
            let reason = match role {
                Role::Client => pair.a.close_reason(),
                Role::Server => pair.b.close_reason(),
            };
            let after = Duration::from_secs(30);
            assert_eq!(reason, Some(&CloseReason::Timeout { after }), "{versions:?} {role:?}");
            let sent = pair.a_to_b.counters.sent + pair.b_to_a.counters.sent;
            assert!(sent < 60, "{sent} datagrams");
        }
    }
}

#[test]
fn the_first_retransmission_follows_the_configured_time() {
    for (versions, initial) in
        [(Versions::Both, 50), (Versions::Dtls12, 400), (Versions::Dtls13, 3000)]
    {
        let initial = Duration::from_millis(initial);
        let given = Config { retransmit_initial: initial, ..config(Role::Client, versions) };
        let client = connection(&given, Role::Client, 5);
        let server = connection(&config(Role::Server, versions), Role::Server, 6);
        let mut pair =
            Pair::new(client, server, LinkConfig { loss: 1.0, ..LinkConfig::default() }, 1);
        // The flight's timer starts when the flight leaves, not when the connection was made.
        pair.now = Instant::from_millis(700);
        let again = hello_datagrams(versions) + 1;
        pair.run_until(|pair| pair.a_to_b.counters.sent >= again, Duration::from_secs(5));
        let waited = pair.now - Instant::from_millis(700);
        assert!(waited.abs_diff(initial) <= initial / 4, "{versions:?}: {waited:?}");
    }
}

#[test]
fn an_established_connection_is_silent_and_patient() {
    for versions in VERSIONS {
        let mut pair = connected(versions);
        let before = (pair.a_to_b.counters.sent, pair.b_to_a.counters.sent);
        pair.run_for(Duration::from_secs(3600));
        assert_eq!((pair.a_to_b.counters.sent, pair.b_to_a.counters.sent), before);
        assert!(is_connected(&pair.a) && is_connected(&pair.b));
    }
}
