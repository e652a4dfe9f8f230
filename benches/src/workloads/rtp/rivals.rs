//! The other contenders.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::limit::{extension_block, extensions, sum};
use super::{Contender, EXTENSIONS, Feedback, Rtp, SSRC, TIMESTAMP};

pub(super) fn packets() -> Vec<Contender> {
    vec![
        ("rtp-types 0.1 (extensions by hand)", Box::new(RtpTypes)),
        ("rtc-rtp 0.21", Box::new(RtcRtp)),
        ("rtp 0.17 (webrtc-rs)", Box::new(WebrtcRtp)),
    ]
}

pub(super) fn feedbacks() -> Vec<(&'static str, Feedback)> {
    vec![
        ("rtcp-types 0.3", rtcp_types_feedback),
        ("rtc-rtcp 0.21", rtc_rtcp_feedback),
        ("rtcp 0.17 (webrtc-rs)", webrtc_rtcp_feedback),
        ("str0m 0.25", str0m_feedback),
    ]
}

struct RtpTypes;

impl Rtp for RtpTypes {
    fn parse(&self, packet: &[u8]) -> usize {
        let packet = rtp_types::RtpPacket::parse(packet).unwrap();
        let mut total = usize::from(packet.sequence_number()) + packet.payload().len();
        extensions(packet.extension().unwrap().1, |_, value| total += sum(value));
        total
    }

    fn write(&self, seq: u16, payload: &[u8], out: &mut Vec<u8>) {
        let mut extension = Vec::with_capacity(32);
        extension_block(&mut extension);
        out.clear();
        rtp_types::RtpPacketBuilder::new()
            .payload_type(96)
            .sequence_number(seq)
            .timestamp(TIMESTAMP)
            .ssrc(SSRC)
            .extension(0xbede, extension.as_slice())
            .payload(payload)
            .write_into_vec(out)
            .unwrap();
    }
}

/// rtc-rtp and webrtc-rs' rtp are forks of one code base.
macro_rules! webrtc_family {
    ($name:ident, $rtp:ident, $($marshal:ident)::+) => {
        struct $name;

        impl Rtp for $name {
            fn parse(&self, packet: &[u8]) -> usize {
                use $($marshal)::+::Unmarshal;
                let mut packet = Bytes::copy_from_slice(packet);
                let packet = $rtp::packet::Packet::unmarshal(&mut packet).unwrap();
                let value = |id| packet.header.get_extension(id).unwrap();
                let extensions: usize = EXTENSIONS.iter().map(|(id, _)| sum(&value(*id))).sum();
                usize::from(packet.header.sequence_number) + packet.payload.len() + extensions
            }

            fn write(&self, seq: u16, payload: &[u8], out: &mut Vec<u8>) {
                use $($marshal)::+::{Marshal, MarshalSize};
                let mut header = $rtp::header::Header {
                    version: 2,
                    payload_type: 96,
                    sequence_number: seq,
                    timestamp: TIMESTAMP,
                    ssrc: SSRC,
                    ..$rtp::header::Header::default()
                };
                for (id, value) in EXTENSIONS {
                    header.set_extension(id, Bytes::from_static(value)).unwrap();
                }
                let payload = Bytes::copy_from_slice(payload);
                let packet = $rtp::packet::Packet { header, payload };
                out.resize(packet.marshal_size(), 0);
                packet.marshal_to(out).unwrap();
            }
        }
    };
}

webrtc_family!(RtcRtp, rtc_rtp, rtc_shared::marshal);
webrtc_family!(WebrtcRtp, other_rtp, webrtc_util::marshal);

fn rtcp_types_feedback(packet: &[u8]) -> (usize, i64) {
    use rtcp_types::prelude::*;
    let feedback = rtcp_types::TransportFeedback::parse(packet).unwrap();
    let twcc = feedback.parse_fci::<rtcp_types::Twcc>().unwrap();
    let (mut received, mut deltas) = (0, 0);
    for packet in twcc.packets() {
        if let rtcp_types::TwccPacketStatus::Received { delta } = packet.unwrap().1 {
            received += 1;
            deltas += i64::from(delta);
        }
    }
    (received, deltas)
}

fn rtc_rtcp_feedback(packet: &[u8]) -> (usize, i64) {
    use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
    let packets = rtc_rtcp::packet::unmarshal(&mut &packet[..]).unwrap();
    let deltas = &packets[0].as_any().downcast_ref::<TransportLayerCc>().unwrap().recv_deltas;
    (deltas.len(), deltas.iter().map(|delta| delta.delta / 250).sum())
}

fn webrtc_rtcp_feedback(packet: &[u8]) -> (usize, i64) {
    use other_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
    let packets = other_rtcp::packet::unmarshal(&mut &packet[..]).unwrap();
    let deltas = &packets[0].as_any().downcast_ref::<TransportLayerCc>().unwrap().recv_deltas;
    (deltas.len(), deltas.iter().map(|delta| delta.delta / 250).sum())
}

fn str0m_feedback(packet: &[u8]) -> (usize, i64) {
    let str0m::rtp::rtcp::Rtcp::Twcc(twcc) = packet.try_into().unwrap() else {
        panic!("not feedback")
    };
    // Its type of a delta is private; its iterator turns deltas into instants.
    let zero = Instant::now();
    let base = zero + Duration::from_millis(9 * 64); // the reference time
    let arrivals = twcc.into_iter(zero, 100.into()).filter_map(|(_, _, at)| at);
    let (received, last) = arrivals.fold((0, base), |(n, _), at| (n + 1, at));
    (received, ((last - base).as_micros() / 250) as i64)
}
