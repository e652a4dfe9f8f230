use proptest::prelude::*;
use rtp::{SequenceNumber, Ssrc};
use testkit::SeededRng;

use super::*;
use crate::sent::REACH;
use crate::{Config, Inbound};

const PROFILES: [Profile; 6] = [
    Profile::AeadAes128Gcm,
    Profile::AeadAes256Gcm,
    Profile::Aes128CmHmacSha1_80,
    Profile::Aes128CmHmacSha1_32,
    Profile::Aes256CmHmacSha1_80,
    Profile::Aes256CmHmacSha1_32,
];
const SSRC: Ssrc = Ssrc(0x1122_3344);

fn sender(profile: Profile) -> Outbound {
    let (key, salt) = ([1; 32], [2; 14]);
    let (key, salt) = (&key[..profile.key_len()], &salt[..profile.salt_len()]);
    Outbound::new(profile, key, salt, &mut SeededRng::new(1)).expect("of the right lengths")
}

fn receiver(profile: Profile) -> Inbound {
    let (key, salt) = ([1; 32], [2; 14]);
    let (key, salt) = (&key[..profile.key_len()], &salt[..profile.salt_len()]);
    Inbound::new(profile, key, salt, Config::default(), &mut SeededRng::new(1)).expect("valid")
}

fn packet(number: u16, payload: &[u8]) -> Vec<u8> {
    let [n0, n1] = number.to_be_bytes();
    [&[0x80, 96, n0, n1, 0, 0, 0, 9, 0x11, 0x22, 0x33, 0x44], payload].concat()
}

fn protect(sender: &mut Outbound, packet: &[u8]) -> Result<Vec<u8>, ProtectError> {
    let mut buf = packet.to_vec();
    let protected = sender.protect(&mut buf, 0);
    if protected.is_err() {
        assert_eq!(buf, packet, "the buffer is as it was");
    }
    protected.map(|()| buf)
}

fn reused(number: u16) -> ProtectError {
    ProtectError::Reused { ssrc: SSRC, sequence_number: SequenceNumber(number) }
}

fn too_old(number: u16) -> ProtectError {
    ProtectError::TooOld { ssrc: SSRC, sequence_number: SequenceNumber(number) }
}

#[test]
fn the_same_packet_again_becomes_the_same_bytes() {
    for profile in PROFILES {
        let mut sender = sender(profile);
        let first = protect(&mut sender, &packet(7, b"payload")).expect("a new number");
        for number in 8..500 {
            protect(&mut sender, &packet(number, b"others")).expect("a new number");
        }
        assert_eq!(protect(&mut sender, &packet(7, b"payload")), Ok(first), "{profile}");
        assert_eq!(sender.rtp_packets, 493);
    }
}

#[test]
fn another_packet_under_the_same_number_is_refused() {
    for profile in PROFILES {
        let mut sender = sender(profile);
        let good = packet(7, b"payload");
        protect(&mut sender, &good).expect("a new number");
        for bit in 0..good.len() * 8 {
            let mut other = good.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            let is_same_number = matches!(bit / 8, 1 | 4..8 | 12..);
            if is_same_number {
                assert_eq!(protect(&mut sender, &other), Err(reused(7)), "{profile} {bit}");
            }
        }
        assert_eq!(protect(&mut sender, &packet(7, b"")), Err(reused(7)));
        assert_eq!(protect(&mut sender, &packet(7, b"payload and more")), Err(reused(7)));
        assert!(protect(&mut sender, &good).is_ok(), "and nothing has changed");
        assert!(protect(&mut sender, &packet(8, b"payload")).is_ok());
    }
}

#[test]
fn numbers_may_come_late_and_be_left_out() {
    let profile = Profile::AeadAes128Gcm;
    let (mut sender, mut receiver) = (sender(profile), receiver(profile));
    for number in [100, 102, 101, 99, 300, 103, 299, 98] {
        let mut sent = protect(&mut sender, &packet(number, b"x")).expect("a new number");
        assert_eq!(receiver.unprotect(&mut sent), Ok(packet(number, b"x").as_mut_slice()));
    }
}

#[test]
fn numbers_that_are_forgotten_are_refused() {
    let mut sender = sender(Profile::AeadAes128Gcm);
    protect(&mut sender, &packet(1000, b"x")).expect("the first");
    let reach = u16::try_from(REACH).expect("small");
    assert!(protect(&mut sender, &packet(1000 - reach + 1, b"x")).is_ok());
    assert_eq!(protect(&mut sender, &packet(1000 - reach, b"x")), Err(too_old(1000 - reach)));
    assert!(protect(&mut sender, &packet(2000, b"x")).is_ok());
    assert_eq!(protect(&mut sender, &packet(1000, b"x")), Err(too_old(1000)));
}

/// Half of the numbers from the first one, there is no telling on which side of it a number lies;
/// the receiver takes it for a newer one, and would be wrong ever after.
#[test]
fn numbers_before_the_first_rollover_counter_are_refused() {
    let mut sender = sender(Profile::AeadAes128Gcm);
    protect(&mut sender, &packet(5, b"x")).expect("the first");
    assert_eq!(protect(&mut sender, &packet(0xffff, b"x")), Err(too_old(0xffff)));
    assert!(protect(&mut sender, &packet(6, b"x")).is_ok());
}

#[test]
fn the_last_index_of_a_stream_is_the_last() {
    let mut sender = sender(Profile::AeadAes128Gcm);
    let fingerprint = crate::sent::Fingerprint::new([9; 8]);
    sender.streams.insert(SSRC, Sent::new(index::MAX_RTP - 1, fingerprint));
    let last = protect(&mut sender, &packet(0xffff, b"x")).expect("one is left");
    assert_eq!(protect(&mut sender, &packet(0, b"x")), Err(ProtectError::Exhausted));
    assert_eq!(protect(&mut sender, &packet(0xfff0, b"x")).map(drop), Ok(()), "not used yet");
    assert_eq!(protect(&mut sender, &packet(0xffff, b"x")), Ok(last), "the same packet");
}

#[test]
fn a_key_is_used_up_by_all_streams_together() {
    let mut sender = sender(Profile::Aes128CmHmacSha1_80);
    let first = protect(&mut sender, &packet(1, b"x")).expect("the first");
    sender.rtp_packets = MAX_RTP_PACKETS - 1;
    protect(&mut sender, &packet(2, b"x")).expect("the last");
    assert_eq!(protect(&mut sender, &packet(3, b"x")), Err(ProtectError::Exhausted));
    let mut other_stream = packet(1, b"x");
    other_stream[11] = 9;
    assert_eq!(protect(&mut sender, &other_stream), Err(ProtectError::Exhausted));
    assert_eq!(protect(&mut sender, &packet(1, b"x")), Ok(first), "this has been protected before");
}

#[test]
fn the_last_rtcp_index_is_the_last() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = (sender(profile), receiver(profile));
        sender.rtcp_index = MAX_RTCP_PACKETS - 1;
        let report = [0x80, 201, 0, 1, 0, 0, 0, 1];
        let mut buf = report.to_vec();
        assert_eq!(sender.protect_rtcp(&mut buf, 0), Ok(()));
        assert_eq!(buf.len(), report.len() + profile.rtcp_overhead());
        assert_eq!(receiver.unprotect_rtcp(&mut buf), Ok(report.clone().as_mut_slice()));
        let mut buf = report.to_vec();
        assert_eq!(sender.protect_rtcp(&mut buf, 0), Err(ProtectError::Exhausted));
        assert_eq!(buf, report);
    }
}

#[test]
fn what_is_no_packet_is_refused() {
    let mut sender = sender(Profile::AeadAes128Gcm);
    let version = ProtectError::Malformed(ParseError::Version { found: 0 });
    let truncated = |needed, had| ProtectError::Malformed(ParseError::Truncated { needed, had });
    assert_eq!(protect(&mut sender, &[0x80; 11]), Err(truncated(12, 11)));
    assert_eq!(protect(&mut sender, &[0; 40]), Err(version));
    let mut short = packet(1, b"");
    short[0] = 0x81;
    assert_eq!(protect(&mut sender, &short), Err(truncated(16, 12)));
    let mut buf = packet(1, b"");
    assert_eq!(sender.protect(&mut buf, 100), Err(truncated(12, 0)));

    let mut rtcp = |bytes: &[u8]| sender.protect_rtcp(&mut bytes.to_vec(), 0);
    assert_eq!(rtcp(&[0x80; 7]), Err(truncated(8, 7)));
    assert_eq!(rtcp(&[0; 8]), Err(version));
}

#[test]
fn what_no_datagram_holds_is_refused() {
    for profile in PROFILES {
        let (mut sender, max) = (sender(profile), MAX_PACKET);
        let (tag, overhead) = (profile.tag_len(), profile.rtcp_overhead());
        let mut largest = packet(1, &vec![0; max - 12 - tag]);
        let error = ProtectError::TooLong { len: max + 1, max };
        assert_eq!(protect(&mut sender, &largest).map(|sent| sent.len()), Ok(max));
        largest.push(0);
        assert_eq!(protect(&mut sender, &largest), Err(error));
        let mut largest =
            [&[0x80, 200, 0, 6, 0, 0, 0, 1][..], &vec![0; max - 7 - overhead]].concat();
        assert_eq!(sender.protect_rtcp(&mut largest, 0), Err(error));
        largest.pop();
        assert_eq!(sender.protect_rtcp(&mut largest, 0), Ok(()));
        assert_eq!(
            receiver(profile).unprotect_rtcp(&mut largest).map(|p| p.len()),
            Ok(max - overhead)
        );
    }
}

#[test]
fn debug_shows_no_key() {
    let text = format!("{:?}", sender(Profile::AeadAes128Gcm));
    let shown =
        "Outbound { profile: AeadAes128Gcm, streams: 0, rtp_packets: 0, rtcp_index: 0, .. }";
    assert_eq!(text, shown);
}

proptest! {
    /// Whatever a caller does, no two packets go out under one index.
    #[test]
    fn no_index_is_used_twice(
        steps in proptest::collection::vec((-700_i32..700, 0_u8..2), 1..600),
        start in 0_u16..0x8000,
    ) {
        let mut sender = sender(Profile::AeadAes128Gcm);
        let mut number = start;
        let mut sent = std::collections::HashMap::new();
        for (step, content) in steps {
            number = number.wrapping_add_signed(step as i16);
            let Ok(bytes) = protect(&mut sender, &packet(number, &[content; 8])) else { continue };
            let highest = sender.streams.get_mut(SSRC).map(|stream| stream.highest());
            let index = index::guess(highest.expect("there is a stream"), SequenceNumber(number));
            let before = sent.insert(index, bytes.clone());
            prop_assert!(before.is_none_or(|before| before == bytes));
        }
    }
}
