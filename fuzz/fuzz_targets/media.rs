//! RTP and RTCP behind their keys, packets of our own, and time, in any order: no panic, bounds
//! hold, what is due is done, and what leaves can be read.
#![no_main]

use arbitrary::Arbitrary;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use peer::rtp::{self, PayloadType, Ssrc};
use peer::{MediaMachine, RtpPacket};
use sansio::Instant;
use testkit::SeededRng;

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Rtp(&'a [u8]),
    /// A packet that is well formed up to its payload.
    Packet {
        video: bool,
        repair: bool,
        ssrc: u8,
        number: u16,
        payload: &'a [u8],
    },
    Rtcp(&'a [u8]),
    Send {
        video: bool,
        ssrc: u8,
        number: u16,
        timestamp: u32,
        payload: &'a [u8],
    },
    Keyframe,
    Read,
    /// What was sent comes back.
    Reflect,
    Wait(u16),
}

fuzz_target!(|steps: Vec<Step<'_>>| {
    let mut now = Instant::ZERO;
    let mut media = MediaMachine::new(&mut SeededRng::new(1));
    let mut last = Vec::new();
    for step in steps.into_iter().take(256) {
        match step {
            Step::Rtp(bytes) => _ = media.handle_rtp(now, bytes),
            Step::Packet { video, repair, ssrc, number, payload } => {
                let header = rtp::Header {
                    payload_type: payload_type(video, repair),
                    sequence_number: rtp::SequenceNumber(number),
                    ssrc: Ssrc(ssrc.into()),
                    ..rtp::Header::default()
                };
                let mut bytes = Vec::new();
                header.write([(6, &number.to_be_bytes()[..])].into_iter(), &mut bytes);
                bytes.extend_from_slice(payload);
                media.handle_rtp(now, &bytes);
            }
            Step::Rtcp(bytes) => _ = media.handle_rtcp(now, bytes),
            Step::Send { video, ssrc, number, timestamp, payload } => {
                let payload = Bytes::copy_from_slice(payload);
                let number = u64::from(number) << 4;
                let mut packet =
                    RtpPacket::new(payload_type(video, false), number, timestamp, payload);
                packet.ssrc = Ssrc(ssrc.into());
                media.send(now, video, packet);
            }
            Step::Keyframe => media.request_keyframe(),
            Step::Read => assert!(media.read() <= 2 * MediaMachine::UNREAD),
            Step::Reflect => {
                if !media.handle_rtcp(now, &last) {
                    media.handle_rtp(now, &last);
                }
            }
            Step::Wait(ms) => now += core::time::Duration::from_millis(ms.into()),
        }
        media.drain(now, |sent| {
            let good = rtp::Packet::parse(sent).is_ok()
                || rtp::rtcp::packets(sent).all(|packet| packet.is_ok());
            assert!(good && sent.len() < 1500);
            last = sent.to_vec();
        });
        assert!(media.poll_timeout().is_none_or(|at| at > now));
    }
});

fn payload_type(video: bool, repair: bool) -> PayloadType {
    PayloadType::from_low_bits(96 + 2 * u8::from(video) + u8::from(repair))
}
