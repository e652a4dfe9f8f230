//! Candidates with names in place of addresses, draft-ietf-mmusic-mdns-ice-candidates-03.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, address, certificate};
use patchcord_peer::{Config, DataChannelInit, Event, PeerConnection};
use sansio::Instant;
use testkit::{LinkConfig, SeededRng};

const NAME: &str = "4d3f4a59-0c5d-4a2a-9b6c-5f0a6f1d7c11.local";

/// A call in which the offerer hides its address.
fn hiding(seed: u64) -> Call {
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(20)), seed);
    let rng = Box::new(SeededRng::new(seed));
    let mut peer = PeerConnection::new(Config::new(certificate()), rng);
    peer.add_hidden_candidate(Instant::ZERO, address(1), NAME);
    peer.add_server_reflexive_candidate(
        Instant::ZERO,
        address(1),
        "203.0.113.7:5000".parse().unwrap(),
    );
    peer.end_of_local_candidates(Instant::ZERO);
    call.pair.a = peer;
    call
}

#[test]
fn no_description_tells_a_hidden_address() {
    let mut call = hiding(1);
    call.connect("x", &DataChannelInit::default());
    let sdp = call.pair.a.local_description().unwrap().sdp;
    assert!(!sdp.contains("10.0.0.1"), "{sdp}");
    let lines: Vec<&str> = sdp.lines().filter(|line| line.starts_with("a=candidate:")).collect();
    assert!(lines[0].contains(&format!(" {NAME} 5000 typ host")), "{lines:?}");
    assert!(lines[1].ends_with(" 203.0.113.7 5000 typ srflx raddr 0.0.0.0 rport 9"), "{lines:?}");
    assert_eq!(lines.len(), 2);
}

#[test]
fn who_cannot_resolve_a_name_connects_all_the_same() {
    let mut call = hiding(2);
    call.connect("x", &DataChannelInit::default());
    let asked = |event: &&Event| **event == Event::NameToResolve(NAME.into());
    assert_eq!(call.pair.b_events.iter().filter(asked).count(), 1);
}

#[test]
fn a_resolved_name_is_checked() {
    let mut call = hiding(3);
    // Their checks do not get through before ours.
    call.pair.a.create_data_channel(call.pair.now, "x", &DataChannelInit::default()).unwrap();
    let offer = call.pair.a.create_offer(call.pair.now, Default::default()).unwrap();
    call.pair.a.set_local_description(call.pair.now, None).unwrap();
    let Call { pair, .. } = &mut call;
    pair.b.set_remote_description(pair.now, offer).unwrap();
    pair.b.set_local_description(pair.now, None).unwrap();
    pair.b.resolve_name(pair.now, NAME, &[address(1).ip()]);
    let (mut buf, mut to) = (Vec::new(), Vec::new());
    while let Some(transmit) = sansio::Machine::poll_transmit(&mut pair.b, pair.now, &mut buf) {
        to.push(transmit.path.remote);
    }
    assert!(to.contains(&address(1)), "{to:?}");
}
