//! Candidates over TCP, RFC 6544.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, address, certificate};
use patchcord_peer::{Config, DataChannelInit, Event, PeerConnection, SdpType, TcpType};
use sansio::{Instant, Machine};
use testkit::{LinkConfig, SeededRng};

/// A connection whose only candidate is this.
fn over_tcp(tcp_type: TcpType, n: u8) -> PeerConnection {
    let rng = Box::new(SeededRng::new(n.into()));
    let mut peer = PeerConnection::new(Config::new(certificate()), rng);
    peer.add_tcp_candidate(Instant::ZERO, tcp_type, address(n));
    peer.end_of_local_candidates(Instant::ZERO);
    peer
}

#[test]
fn a_stream_is_asked_for_as_soon_as_both_descriptions_are_known() {
    let mut call = Call::new(LinkConfig::delayed(Duration::from_millis(20)), 1);
    call.pair.a = over_tcp(TcpType::Active, 1);
    call.pair.b = over_tcp(TcpType::Passive, 2);
    let (a, b, now) = (&mut call.pair.a, &mut call.pair.b, call.pair.now);
    a.create_data_channel(now, "x", &DataChannelInit::default()).unwrap();
    a.set_local_description(now, None).unwrap();
    b.set_remote_description(now, a.local_description().unwrap()).unwrap();
    b.set_local_description(now, None).unwrap();
    let answer = b.local_description().unwrap();
    assert_eq!(answer.kind, SdpType::Answer);
    a.set_remote_description(now, answer).unwrap();
    // Nothing can be sent yet, and nothing else will happen.
    assert_eq!(a.poll_transmit(now, &mut Vec::new()), None);
    let events = core::iter::from_fn(|| a.poll_event());
    let wanted: Vec<_> = events
        .filter_map(|event| match event {
            Event::SocketWanted(request) => request.to.address(),
            _ => None,
        })
        .collect();
    assert_eq!(wanted, [address(2)]);
}
