//! Media between two connections, in virtual time.

#![cfg(test)]

mod call;

use core::time::Duration;

use bytes::Bytes;
use call::{Call, certificate};
use patchcord_peer::rtp::PayloadType;
use patchcord_peer::rtp::extension::Kind;
use patchcord_peer::{
    Config, ConnectionState, Event, MediaKind, PeerConnection, RtpPacket, RtpSendError,
    TransceiverId, TransceiverInit,
};
use sansio::{Instant, Machine};
use testkit::LinkConfig;

const FRAME: Duration = Duration::from_millis(10);

/// A call with one transceiver, up and running: its ids at both ends.
fn connected(link: LinkConfig, seed: u64, kind: MediaKind) -> (Call, TransceiverId, TransceiverId) {
    let mut config = Config::new(certificate());
    config.unix_at_zero = Duration::from_secs(1_700_000_000);
    let mut call = Call::with_config(link, seed, config);
    let init = TransceiverInit::default();
    let here = call.pair.a.add_transceiver(call.pair.now, kind, &init).unwrap();
    let there = call.pair.b.add_track(call.pair.now, kind, &[]).unwrap();
    call.signal();
    assert!(call.pair.run_until(
        |p| [&p.a, &p.b].iter().all(|x| x.connection_state() == ConnectionState::Connected),
        Duration::from_secs(30),
    ));
    (call, here, there)
}

fn video(link: LinkConfig, seed: u64) -> (Call, TransceiverId, TransceiverId) {
    connected(link, seed, MediaKind::Video)
}

fn fast() -> LinkConfig {
    LinkConfig::delayed(Duration::from_millis(20))
}

/// A packet of the codec that was agreed on first.
fn packet(peer: &PeerConnection, id: TransceiverId, n: u64) -> RtpPacket {
    let codec = &peer.transceiver(id).expect("it exists").codecs[0];
    let payload = Bytes::from(call::pattern(100 + n as usize % 1000, n as u8));
    let mut packet = RtpPacket::new(codec.payload_type, n, n as u32 * 900, payload);
    packet.marker = n.is_multiple_of(3);
    packet
}

fn read_all(peer: &mut PeerConnection, id: TransceiverId) -> Vec<RtpPacket> {
    core::iter::from_fn(|| peer.read_rtp(id)).collect()
}

/// Sends `count` packets, one every 10 ms, and returns what arrived within a second more.
fn stream(
    call: &mut Call,
    here: TransceiverId,
    there: TransceiverId,
    count: u64,
) -> Vec<RtpPacket> {
    let mut arrived = Vec::new();
    for n in 0..count {
        let packet = packet(&call.pair.a, here, n);
        call.pair.a.send_rtp(call.pair.now, here, packet).unwrap();
        call.pair.run_for(FRAME);
        arrived.extend(read_all(&mut call.pair.b, there));
    }
    call.pair.run_for(Duration::from_secs(1));
    arrived.extend(read_all(&mut call.pair.b, there));
    arrived
}

#[test]
fn packets_arrive_as_they_were_sent() {
    let (mut call, here, there) = video(fast(), 1);
    let arrived = stream(&mut call, here, there, 100);
    assert_eq!(arrived.len(), 100);
    for (n, got) in (0..).zip(&arrived) {
        let sent = packet(&call.pair.a, here, n);
        assert_eq!(got.payload(), sent.payload());
        assert_eq!((got.marker, got.payload_type), (sent.marker, sent.payload_type));
        assert_eq!(got.sequence_number - arrived[0].sequence_number, n);
        assert_eq!(got.timestamp.wrapping_sub(arrived[0].timestamp), n as u32 * 900);
        assert_eq!(got.ssrc, arrived[0].ssrc);
    }
}

/// Its keys are made when it comes.
#[test]
fn media_may_join_a_connection_of_channels_later() {
    let mut call = Call::with_config(fast(), 1, Config::new(certificate()));
    let channel = patchcord_peer::DataChannelInit::default();
    call.pair.a.create_data_channel(call.pair.now, "first", &channel).unwrap();
    call.signal();
    call.pair.run_for(Duration::from_secs(5));
    assert_eq!(call.pair.a.connection_state(), ConnectionState::Connected);
    let init = TransceiverInit::default();
    let here = call.pair.a.add_transceiver(call.pair.now, MediaKind::Audio, &init).unwrap();
    let there = call.pair.b.add_track(call.pair.now, MediaKind::Audio, &[]).unwrap();
    call.signal();
    assert_eq!(stream(&mut call, here, there, 50).len(), 50);
}

/// What is forwarded would have gaps otherwise, for which the far side asks in vain.
#[test]
fn padding_arrives_as_an_empty_packet() {
    let (mut call, here, there) = video(fast(), 1);
    let codec = call.pair.a.transceiver(here).unwrap().codecs[0].payload_type;
    for n in 0..30 {
        let sent = if n % 3 == 1 {
            RtpPacket::new(codec, n, 900, Bytes::new())
        } else {
            packet(&call.pair.a, here, n)
        };
        call.pair.a.send_rtp(call.pair.now, here, sent).unwrap();
        call.pair.run_for(FRAME);
    }
    call.pair.run_for(Duration::from_secs(1));
    let arrived = read_all(&mut call.pair.b, there);
    let lengths: Vec<_> = arrived.iter().take(4).map(|got| got.payload().len()).collect();
    assert_eq!((arrived.len(), lengths), (30, vec![100, 0, 102, 103]));
    let numbers = arrived.windows(2).map(|two| two[1].sequence_number - two[0].sequence_number);
    assert!(numbers.into_iter().all(|step| step == 1));
}

#[test]
fn both_ways_at_once_on_one_transceiver() {
    let (mut call, here, there) = connected(fast(), 2, MediaKind::Audio);
    for n in 0..50 {
        let (a, b) = (packet(&call.pair.a, here, n), packet(&call.pair.b, there, n));
        call.pair.a.send_rtp(call.pair.now, here, a).unwrap();
        call.pair.b.send_rtp(call.pair.now, there, b).unwrap();
        call.pair.run_for(FRAME);
    }
    assert_eq!(read_all(&mut call.pair.b, there).len(), 49);
    assert_eq!(read_all(&mut call.pair.a, here).len(), 49);
}

#[test]
fn header_extensions_travel_with_a_packet() {
    let (mut call, here, there) = connected(fast(), 3, MediaKind::Audio);
    let loud = packet(&call.pair.a, here, 0).with_extension(Kind::AudioLevel, &[0x85]);
    call.pair.a.send_rtp(call.pair.now, here, loud).unwrap();
    call.pair.run_for(Duration::from_millis(100));
    let arrived = call.pair.b.read_rtp(there).expect("it arrived");
    assert_eq!(arrived.extension(Kind::AudioLevel), Some(&[0x85][..]));
    assert_eq!(arrived.extension(Kind::Mid), None, "that is the hop's");
}

#[test]
fn what_is_lost_comes_back_as_retransmission() {
    for seed in 0..20 {
        let (mut call, here, there) = video(LinkConfig { loss: 0.1, ..fast() }, seed);
        let arrived = stream(&mut call, here, there, 300);
        // The last packets may be lost without a later one to tell.
        assert!(arrived.len() >= 295, "seed {seed}: {} of 300", arrived.len());
        let stats = call.pair.b.inbound_rtp(there).unwrap();
        assert!(stats.retransmitted_packets_received > 10, "seed {seed}: {stats:?}");
        assert!(stats.nack_count > 0);
        let mut numbers: Vec<u64> = arrived.iter().map(|p| p.sequence_number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), arrived.len(), "seed {seed}: nothing twice");
    }
}

#[test]
fn duplicates_are_dropped() {
    let (mut call, here, there) = video(LinkConfig { duplicate: 0.5, ..fast() }, 5);
    assert_eq!(stream(&mut call, here, there, 100).len(), 100);
}

#[test]
fn reports_tell_round_trip_and_loss() {
    let (mut call, here, there) = video(fast(), 6);
    call.pair.a_to_b.config.loss = 0.2;
    stream(&mut call, here, there, 500);
    let stats = call.pair.a.outbound_rtp(here).unwrap();
    let rtt = stats.round_trip_time.expect("a report came back");
    assert!(rtt.abs_diff(Duration::from_millis(40)) < Duration::from_millis(2), "{rtt:?}");
    assert!(stats.packets_lost > 40, "{stats:?}");
    assert_eq!(stats.packets_sent, 500);
    let inbound = call.pair.b.inbound_rtp(there).unwrap();
    assert!(inbound.packets_lost >= stats.packets_lost - 20, "{inbound:?}");
}

#[test]
fn transport_wide_feedback_comes_within_fifty_milliseconds() {
    let (mut call, here, there) = video(fast(), 7);
    stream(&mut call, here, there, 200);
    let feedback = call.pair.a.stats().media.transport_feedback_received;
    // A packet each 10 ms: fifty after the first that was not reported, a sixth one comes.
    assert!((32..=35).contains(&feedback), "{feedback} in two seconds");
}

#[test]
fn a_whole_picture_is_asked_for() {
    let (mut call, here, there) = video(fast(), 8);
    stream(&mut call, here, there, 5);
    call.forget_events();
    call.pair.b.request_keyframe(call.pair.now, there).unwrap();
    call.pair.run_for(Duration::from_millis(25));
    assert!(call.pair.a_events.contains(&Event::KeyframeRequested(here)));
    assert_eq!(call.pair.a.outbound_rtp(here).unwrap().pli_count, 1);
}

#[test]
fn another_track_continues_the_stream() {
    let (mut call, here, there) = video(fast(), 9);
    let first = stream(&mut call, here, there, 10);
    call.pair.a.replace_track(here).unwrap();
    let second = stream(&mut call, here, there, 10);
    assert_eq!(second[0].sequence_number, first[9].sequence_number + 1);
    assert_eq!(second[0].ssrc, first[0].ssrc);
    assert!(second[0].timestamp.wrapping_sub(first[9].timestamp) < 1 << 31, "time goes on");
}

#[test]
fn unread_packets_are_bounded_and_the_oldest_go() {
    let mut config = Config::new(certificate());
    config.max_unread_packets = 20;
    let mut call = Call::with_config(fast(), 10, config);
    let init = TransceiverInit::default();
    let here = call.pair.a.add_transceiver(Instant::ZERO, MediaKind::Video, &init).unwrap();
    call.signal();
    call.pair.run_for(Duration::from_secs(1));
    let there = call.pair.b.transceivers().next().unwrap().id;
    for n in 0..50 {
        let packet = packet(&call.pair.a, here, n);
        call.pair.a.send_rtp(call.pair.now, here, packet).unwrap();
        call.pair.run_for(FRAME);
    }
    call.pair.run_for(FRAME * 10);
    let left = read_all(&mut call.pair.b, there);
    assert_eq!(left.len(), 20);
    assert_eq!(left[19].payload(), packet(&call.pair.a, here, 49).payload());
    assert_eq!(call.pair.b.inbound_rtp(there).unwrap().packets_discarded, 30);
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let mut call = Call::new(fast(), 11);
    let init = TransceiverInit::default();
    let here = call.pair.a.add_transceiver(Instant::ZERO, MediaKind::Video, &init).unwrap();
    let early = RtpPacket::new(rtp_type(96), 0, 0, Bytes::new());
    assert_eq!(
        call.pair.a.send_rtp(call.pair.now, here, early.clone()),
        Err(RtpSendError::NotConnected)
    );
    call.signal();
    call.pair.run_for(Duration::from_secs(1));
    let large = Bytes::from(vec![0; 2000]);
    let codec = call.pair.a.transceiver(here).unwrap().codecs[0].payload_type;
    let large = RtpPacket::new(codec, 0, 0, large);
    let refused = call.pair.a.send_rtp(call.pair.now, here, large);
    assert_eq!(refused, Err(RtpSendError::TooLarge { len: 2000, max: 1400 }));
    let strange = RtpPacket::new(rtp_type(77), 0, 0, Bytes::new());
    assert_eq!(
        call.pair.a.send_rtp(call.pair.now, here, strange),
        Err(RtpSendError::PayloadType(rtp_type(77)))
    );
}

fn rtp_type(n: u8) -> PayloadType {
    PayloadType::from_low_bits(n)
}

#[test]
fn nothing_is_pending_when_nothing_flows() {
    let (mut call, here, there) = video(fast(), 12);
    stream(&mut call, here, there, 10);
    call.pair.run_for(Duration::from_secs(10));
    let before = call.pair.a.stats().media.rtcp_sent;
    call.pair.run_for(Duration::from_secs(10));
    assert_eq!(call.pair.a.stats().media.rtcp_sent, before, "a silent stream has no reports");
    assert!(call.pair.a.poll_timeout().is_some_and(|at| at > call.pair.now));
}
