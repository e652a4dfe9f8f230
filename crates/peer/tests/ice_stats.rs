//! Statistics of ICE, as an application asks for them.

#![cfg(test)]

mod call;

use core::time::Duration;

use call::{Call, address, certificate, read_all};
use patchcord_peer::ice::{Address, CandidateKind, PairState};
use patchcord_peer::{Config, DataChannelInit, IceRole, Message};
use sansio::Transport;
use testkit::LinkConfig;

#[test]
fn they_tell_of_the_pair_and_its_candidates() {
    let mut config = Config::new(certificate());
    config.unix_at_zero = Duration::from_secs(1_700_000_000);
    let mut call = Call::with_config(LinkConfig::delayed(Duration::from_millis(20)), 1, config);
    let (at_a, at_b) = call.connect("d", &DataChannelInit::default());
    call.pair.run_for(Duration::from_secs(1));
    let before = call.pair.a.ice_stats().candidate_pairs[0].counters.traffic;
    let now = call.pair.now;
    call.pair.a.channel_send(now, at_a, Message::text("x".repeat(1000))).unwrap();
    call.pair.run_for(Duration::from_millis(10));
    call.pair.a.handle_unsent(9);
    call.pair.run_for(Duration::from_secs(1));
    assert_eq!(read_all(&mut call.pair.b, call.pair.now, at_b).len(), 1);

    let stats = call.pair.a.ice_stats();
    assert_eq!(stats.transport.ice_role, Some(IceRole::Controlling));
    assert_eq!(stats.transport.selected_candidate_pair_changes, 1);
    let ufrag = call.pair.a.local_ufrags().next().unwrap();
    assert_eq!(stats.transport.ice_local_username_fragment, ufrag);

    let [pair] = &stats.candidate_pairs[..] else { unreachable!("{stats:?}") };
    assert_eq!(stats.transport.selected_candidate_pair_id, Some(pair.id));
    assert_eq!((pair.state, pair.nominated), (PairState::Succeeded, true));
    let traffic = pair.counters.traffic;
    assert!(traffic.packets_sent > before.packets_sent);
    assert!(traffic.bytes_sent >= before.bytes_sent + 1000);
    let sent = Duration::from_secs(1_700_000_000) + (now - sansio::Instant::ZERO);
    assert!(traffic.last_packet_sent.map(|at| stats.timestamp(at)) >= Some(sent));
    // b acknowledges.
    assert!(traffic.last_packet_received.map(|at| stats.timestamp(at)) > Some(sent));
    assert!(traffic.packets_received > before.packets_received);
    assert_eq!((traffic.packets_discarded_on_send, traffic.bytes_discarded_on_send), (1, 9));
    assert_eq!(pair.counters.current_round_trip_time, Some(Duration::from_millis(40)));

    let local = &stats.local_candidates[0];
    let remote = &stats.remote_candidates[0];
    assert_eq!((&local.id, &remote.id), (&pair.local_candidate_id, &pair.remote_candidate_id));
    assert_eq!(local.candidate.address, Address::Ip(address(1)));
    assert_eq!(remote.candidate.address, Address::Ip(address(2)));
    let kind = (local.candidate.kind, local.candidate.transport);
    assert_eq!(kind, (CandidateKind::Host, Transport::Udp));
    assert_eq!(local.ufrag.as_deref(), Some(ufrag));
    assert_eq!((local.relay, local.candidate.tcp_type), (None, None));
}
