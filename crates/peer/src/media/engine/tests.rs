//! What a stranger with the right keys can do: nothing but be counted.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use rtp::extension::Kind;
use rtp::rtcp::{List, Nack, NackEntry, ReportBlock};
use rtp::{Header, PayloadType, SequenceNumber, Ssrc};
use sansio::Instant;
use testkit::SeededRng;

use super::*;
use crate::event::Event;
use crate::media::{
    Codec, Feedback, MediaKind, Parameters, RemoteSource, RtpPacket, TransceiverId,
};

const VIDEO: TransceiverId = TransceiverId(0);
const VP8: PayloadType = PayloadType::from_low_bits(96);
const RTX: PayloadType = PayloadType::from_low_bits(97);
const THEIRS: Ssrc = Ssrc(0x1111);
const THEIR_RTX: Ssrc = Ssrc(0x2222);
const MID_ID: u8 = 4;
const TRANSPORT_ID: u8 = 3;

fn limits() -> Limits {
    Limits {
        unread: 64,
        unsent: 64,
        streams: 8,
        payload: 1400,
        unix_at_zero: Duration::from_secs(1_700_000_000),
    }
}

fn agreed(remote_sources: Vec<RemoteSource>) -> Parameters {
    let vp8 = Codec {
        kind: MediaKind::Video,
        payload_type: VP8,
        name: "VP8".into(),
        clock_rate: 90_000,
        channels: 1,
        parameters: String::new(),
        feedback: Feedback { nack: true, pli: true, transport_cc: true, ..Feedback::default() },
        rtx: Some(RTX),
    };
    Parameters {
        mid: "0".into(),
        codecs: Arc::new([vp8]),
        extensions: vec![(MID_ID, Kind::Mid), (TRANSPORT_ID, Kind::TransportSequenceNumber)],
        send: true,
        receive: true,
        reduced_size: true,
        remote_sources,
        remote_rids: Vec::new(),
    }
}

/// One video section, with the other side's streams announced.
fn media() -> Media {
    let mut rng = SeededRng::new(1);
    let mut media = Media::new(limits(), &mut rng);
    media.add(VIDEO, &mut rng);
    let source = RemoteSource { ssrc: THEIRS, rtx: Some(THEIR_RTX) };
    media.configure(VIDEO, agreed(vec![source]));
    media
}

fn packet(ssrc: Ssrc, payload_type: PayloadType, number: u16, payload: &[u8]) -> Vec<u8> {
    let header = Header {
        marker: false,
        payload_type,
        sequence_number: SequenceNumber(number),
        timestamp: u32::from(number) * 3000,
        ssrc,
    };
    let mut out = Vec::new();
    header.write([(TRANSPORT_ID, &number.to_be_bytes()[..])].into_iter(), &mut out);
    out.extend_from_slice(payload);
    out
}

fn receive(media: &mut Media, bytes: &[u8]) -> Result<Option<TransceiverId>, MediaDiscard> {
    media.handle_rtp(Instant::ZERO, Instant::ZERO, bytes)
}

fn numbers(media: &mut Media) -> Vec<u16> {
    core::iter::from_fn(|| media.read(VIDEO)).map(|p| p.sequence_number as u16).collect()
}

fn control(media: &mut Media, now: Instant, bytes: &[u8]) -> VecDeque<Event> {
    let mut events = VecDeque::new();
    let _ = media.handle_rtcp(now, bytes, &mut events);
    events
}

fn nack(media: Ssrc, lost: impl IntoIterator<Item = u16>) -> Vec<u8> {
    let (mut entries, mut out) = (Vec::new(), Vec::new());
    NackEntry::pack(lost.into_iter().map(SequenceNumber), &mut entries);
    Nack { sender_ssrc: Ssrc(9), media_ssrc: media, entries: List::new(&entries) }.write(&mut out);
    out
}

#[test]
fn payload_types_never_negotiated_are_discarded() {
    let mut media = media();
    let strange = PayloadType::from_low_bits(50);
    let refused = receive(&mut media, &packet(THEIRS, strange, 1, b"x"));
    assert_eq!(refused, Err(MediaDiscard::PayloadType(strange)));
    assert_eq!(receive(&mut media, &packet(THEIRS, VP8, 1, b"x")), Ok(Some(VIDEO)));
    assert_eq!(numbers(&mut media), [1]);
}

#[test]
fn a_flood_of_sources_is_bounded() {
    let mut media = media();
    for n in 0..1000 {
        let made = receive(&mut media, &packet(Ssrc(n), VP8, 1, b"x"));
        let known = n < 6;
        assert_eq!(made.is_ok(), known, "{n}: {made:?}");
    }
    assert_eq!(media.streams.iter().count(), limits().streams);
    numbers(&mut media);
    assert!(receive(&mut media, &packet(THEIRS, VP8, 2, b"x")).is_ok(), "the stream goes on");
    // Those that were silent for long make room.
    let later = Instant::from_millis(10_000);
    let new = packet(Ssrc(5000), VP8, 1, b"x");
    assert!(media.handle_rtp(later, later, &new).is_ok());
}

#[test]
fn sequence_jumps_and_timestamps_that_run_backwards_go_through() {
    let mut media = media();
    for n in [1, 2, 20_000, 20_001, 50_000, 60_000] {
        let _ = receive(&mut media, &packet(THEIRS, VP8, n, b"x"));
    }
    let mut backwards = packet(THEIRS, VP8, 60_001, b"x");
    backwards[4..8].copy_from_slice(&[0; 4]);
    assert!(receive(&mut media, &backwards).is_ok());
    assert!(numbers(&mut media).ends_with(&[60_000, 60_001]));
}

#[test]
fn a_retransmission_of_nothing_is_discarded() {
    let mut media = media();
    assert_eq!(receive(&mut media, &packet(THEIR_RTX, RTX, 1, b"x")), Err(MediaDiscard::Repair));
    assert_eq!(receive(&mut media, &packet(THEIR_RTX, RTX, 2, b"")), Ok(None), "a probe");
    let stray = receive(&mut media, &packet(Ssrc(77), RTX, 1, &[0, 5, 1]));
    assert_eq!(stray, Ok(Some(VIDEO)), "of the section's only stream");
    receive(&mut media, &packet(THEIRS, VP8, 6, b"x")).unwrap();
    receive(&mut media, &packet(THEIRS, VP8, 8, b"x")).unwrap();
    assert_eq!(receive(&mut media, &packet(THEIR_RTX, RTX, 3, &[0, 7, 1])), Ok(None));
    let again = receive(&mut media, &packet(THEIR_RTX, RTX, 4, &[0, 7, 1]));
    assert_eq!(again, Err(MediaDiscard::Duplicate));
    assert_eq!(numbers(&mut media), [5, 6, 8, 7]);
}

#[test]
fn a_mid_that_nobody_has_is_nobodys() {
    let mut media = media();
    let mut out = Vec::new();
    let header = Header { payload_type: VP8, ssrc: Ssrc(5), ..Header::default() };
    header.write([(MID_ID, &b"9"[..])].into_iter(), &mut out);
    assert_eq!(receive(&mut media, &out), Err(MediaDiscard::UnknownSource(Ssrc(5))));
}

#[test]
fn requests_for_what_was_never_sent_send_nothing() {
    let mut media = media();
    let ours = media.local_source(VIDEO).unwrap();
    let events = control(&mut media, Instant::ZERO, &nack(ours.ssrc, 0..500));
    assert!(events.is_empty() && !media.poll_rtp(Instant::ZERO, &mut Vec::new()));
    control(&mut media, Instant::ZERO, &nack(Ssrc(1), [1]));
    assert_eq!(media.counters().rtcp_discarded, 1);
}

/// Asking for the same packet again and again is answered once a round trip.
#[test]
fn a_packet_is_repaired_once_a_round_trip() {
    let mut media = media();
    let sent = RtpPacket::new(VP8, 7, 0, Bytes::from_static(b"picture"));
    media.send(Instant::ZERO, VIDEO, sent).unwrap();
    let mut wire = Vec::new();
    assert!(media.poll_rtp(Instant::ZERO, &mut wire));
    let original = rtp::Packet::parse(&wire).unwrap();
    let ask = nack(original.ssrc, [original.sequence_number.0]);
    let mut repairs = 0;
    for millis in 0..1000 {
        let now = Instant::from_millis(millis);
        control(&mut media, now, &ask);
        let mut wire = Vec::new();
        if media.poll_rtp(now, &mut wire) {
            repairs += 1;
            let repair = rtp::Packet::parse(&wire).unwrap();
            assert_eq!(
                (repair.payload_type, repair.payload.get(2..)),
                (RTX, Some(&b"picture"[..]))
            );
        }
    }
    assert_eq!(repairs, 9, "a round trip is 100 ms before it is known");
}

/// Once the other side reports on a stream, it knows the stream without `mid`. Of the stream that
/// repairs it nobody reports, and Firefox, if it was the offerer, drops what it cannot place.
#[test]
fn repairs_always_say_where_they_belong() {
    let mut media = media();
    let (ours, mut mids) = (media.local_source(VIDEO).unwrap().ssrc, Vec::new());
    for timestamp in 0..2 {
        let sent = RtpPacket::new(VP8, u64::from(timestamp), timestamp, Bytes::from_static(b"x"));
        media.send(Instant::ZERO, VIDEO, sent).unwrap();
        let mut wire = Vec::new();
        assert!(media.poll_rtp(Instant::ZERO, &mut wire));
        let original = rtp::Packet::parse(&wire).unwrap();
        mids.push(original.extensions.get(MID_ID).map(<[u8]>::to_vec));
        let blocks = [ReportBlock { ssrc: ours, ..ReportBlock::default() }];
        let mut report = Vec::new();
        rtp::rtcp::ReceiverReport { ssrc: Ssrc(1), blocks: List::new(&blocks), extension: &[] }
            .write(&mut report);
        control(&mut media, Instant::ZERO, &report);
        let later = Instant::from_millis(500);
        control(&mut media, later, &nack(ours, [original.sequence_number.0]));
        wire.clear();
        assert!(media.poll_rtp(later, &mut wire));
        let repair = rtp::Packet::parse(&wire).unwrap();
        assert_eq!(repair.payload_type, RTX);
        assert_eq!(repair.extensions.get(MID_ID), Some(&b"0"[..]));
    }
    assert_eq!(mids, [Some(b"0".to_vec()), None]);
}

#[test]
fn a_report_about_the_future_has_no_round_trip() {
    let mut media = media();
    let ours = media.local_source(VIDEO).unwrap().ssrc;
    let block = ReportBlock {
        ssrc: ours,
        last_sender_report: u32::MAX,
        delay_since_last_sender_report: u32::MAX,
        ..ReportBlock::default()
    };
    let mut out = Vec::new();
    let blocks = [block];
    rtp::rtcp::ReceiverReport { ssrc: Ssrc(1), blocks: List::new(&blocks), extension: &[] }
        .write(&mut out);
    control(&mut media, Instant::ZERO, &out);
    assert!(
        media
            .outbound(VIDEO)
            .unwrap()
            .round_trip_time
            .is_none_or(|t| t < Duration::from_secs(1 << 15))
    );
}

/// RFC 5506 was not agreed on: Firefox's audio and aiortc are like that.
#[test]
fn without_reduced_size_each_request_follows_a_report() {
    let mut media = media();
    media.configure(VIDEO, Parameters { reduced_size: false, ..agreed(vec![]) });
    receive(&mut media, &packet(THEIRS, VP8, 1, b"x")).unwrap();
    media.request_keyframe(VIDEO);
    let mut out = Vec::new();
    assert!(media.poll_rtcp(Instant::ZERO, &mut out));
    let packets: Vec<_> = rtp::rtcp::packets(&out).map(Result::unwrap).collect();
    use rtp::rtcp::Packet::{Pli, ReceiverReport, SourceDescription};
    assert!(
        matches!(packets[..], [ReceiverReport(_), SourceDescription(_), Pli(_)]),
        "{packets:?}"
    );
    out.clear();
    assert!(!media.poll_rtcp(Instant::ZERO, &mut out) && out.is_empty());
}

proptest! {
    /// Any truncation and any flipped bit of good packets: the next good packet is taken.
    #[test]
    fn damaged_packets_do_not_stop_a_stream(
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u32, any::<bool>()), 1..60),
    ) {
        let mut media = media();
        for (n, (at, bit, cut)) in (1_u16..).zip(damage) {
            let mut bytes = packet(THEIRS, VP8, n, b"a payload");
            let at = at.index(bytes.len());
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << bit;
            }
            let _ = receive(&mut media, &bytes);
            let _ = control(&mut media, Instant::ZERO, &bytes);
            prop_assert!(media.streams.iter().count() <= limits().streams);
        }
        while media.read(VIDEO).is_some() {}
        // Far from whatever number a flipped bit made of one.
        let highest = media.streams.iter().find(|s| s.ssrc == THEIRS).unwrap().extender.highest();
        let next = highest.map_or(1, |n| (n + 1) as u16);
        let good = packet(THEIRS, VP8, next, b"good");
        prop_assert_eq!(receive(&mut media, &good), Ok(Some(VIDEO)));
    }

    /// Whatever bytes come, and whenever: what is due is done, and queues are bounded.
    #[test]
    fn nothing_is_left_due(
        steps in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..80), 0..200_u64), 0..40),
    ) {
        let mut media = media();
        let (mut now, mut buf) = (Instant::ZERO, Vec::new());
        for (bytes, wait) in steps {
            let _ = media.handle_rtp(now, now, &bytes);
            let _ = control(&mut media, now, &bytes);
            let good = packet(THEIRS, VP8, (now.as_nanos() / 1_000_000) as u16, b"x");
            let _ = media.handle_rtp(now, now, &good);
            buf.clear();
            while media.poll_rtcp(now, &mut buf) || media.poll_rtp(now, &mut buf) {}
            prop_assert!(media.poll_timeout().is_none_or(|at| at > now));
            now += Duration::from_millis(wait);
        }
    }
}
