//! Addresses come and go while data flows: no restart, no new descriptions.

#![cfg(test)]

mod call;

use core::time::Duration;
use std::net::SocketAddr;

use call::{Call, address, read_all};
use patchcord_peer::{DataChannelInit, Event, IceConnectionState, Message};
use testkit::LinkConfig;

const SECOND: Duration = Duration::from_secs(1);
const DELAY: Duration = Duration::from_millis(20);

/// The address to which `a` moves.
fn elsewhere() -> SocketAddr {
    SocketAddr::from(([10, 0, 1, 1], 5000))
}

#[test]
fn a_call_outlives_the_address_it_began_with() {
    let mut call = Call::new(LinkConfig::delayed(DELAY), 1);
    let (at_a, at_b) = call.connect("d", &DataChannelInit::default());
    call.pair.run_for(SECOND);
    call.forget_events();

    let pair = &mut call.pair;
    let start = pair.now;
    pair.a.remove_local_candidate(start, address(1));
    pair.a.add_local_candidate(start, elsewhere());
    pair.a.channel_send(start, at_a, Message::text("from elsewhere")).unwrap();
    let b_reads = |pair: &mut testkit::Pair<_, _>| -> bool {
        let events: &Vec<Event> = &pair.b_events;
        events.iter().any(|event| matches!(event, Event::ChannelReadable(_)))
    };
    assert!(pair.run_until(b_reads, SECOND));
    assert_eq!(pair.now - start, 3 * DELAY, "a check, its answer, and the message");
    assert_eq!(read_all(&mut pair.b, pair.now, at_b), [Message::text("from elsewhere")]);
    pair.run_for(SECOND);
    assert_eq!(pair.a.stats().path.unwrap().local, elsewhere());
    assert_eq!(pair.b.stats().path.unwrap().remote, elsewhere(), "the other side has followed");
    let removed = pair.a_events.iter().find_map(|event| match event {
        Event::IceCandidateRemoved(candidate) => Some(candidate.candidate.clone()),
        _ => None,
    });
    assert!(removed.unwrap().contains("10.0.0.1 5000 typ host"));
    assert_eq!(pair.a.ice_connection_state(), IceConnectionState::Connected);
}

#[test]
fn a_withdrawn_candidate_is_not_used() {
    let mut call = Call::new(LinkConfig::delayed(DELAY), 1);
    call.connect("d", &DataChannelInit::default());
    call.pair.run_for(SECOND);
    let pair = &mut call.pair;
    let gone = |n: u8| patchcord_peer::IceCandidate {
        candidate: format!("candidate:1 1 udp 2130706431 10.0.0.{n} 5000 typ host"),
        sdp_mid: None,
        sdp_m_line_index: None,
        username_fragment: None,
    };
    pair.a.remove_ice_candidate(pair.now, &gone(9)).unwrap();
    assert!(pair.a.stats().path.is_some(), "it is not known");
    pair.a.remove_ice_candidate(pair.now, &gone(2)).unwrap();
    assert!(pair.a.stats().path.is_none());
    let nonsense = patchcord_peer::IceCandidate { candidate: "candidate".into(), ..gone(2) };
    assert!(pair.a.remove_ice_candidate(pair.now, &nonsense).is_err());
}
