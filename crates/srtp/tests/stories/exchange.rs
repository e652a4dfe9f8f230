//! What one end protects the other end gets, byte for byte.

use rtp::header_len;

use crate::support::{PROFILES, ends, packet, protect, protect_rtcp, report};

/// A packet with two CSRCs, a block of header extensions in the one-byte form, and padding.
fn elaborate(number: u8) -> Vec<u8> {
    let header = [0xb2, 0xe0, 0, number, 0, 0, 0, 9, 1, 2, 3, 4];
    let csrcs = [0, 0, 0, 5, 0, 0, 0, 6];
    let extensions = [0xbe, 0xde, 0, 2, 0x10, 0xaa, 0x31, 1, 2, 0, 0, 0];
    let payload_and_padding = [7, 7, 7, 7, 7, 0, 0, 3];
    [&header[..], &csrcs, &extensions, &payload_and_padding].concat()
}

#[test]
fn headers_stay_in_the_clear_and_payloads_do_not() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = ends(profile);
        let plain = elaborate(1);
        let clear = header_len(&plain).expect("a header");
        assert_eq!(clear, 12 + 8 + 12);

        let mut sent = protect(&mut sender, &plain);
        assert_eq!(sent.len(), plain.len() + profile.tag_len());
        assert_eq!(sent[..clear], plain[..clear]);
        assert_ne!(sent[clear..plain.len()], plain[clear..]);
        assert_eq!(receiver.unprotect(&mut sent), Ok(elaborate(1).as_mut_slice()));
    }
}

#[test]
fn the_first_eight_bytes_of_reports_stay_in_the_clear() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = ends(profile);
        let mut plain = report(5, &[0x81, 202, 0, 3, 0, 0, 0, 5, 1, 2, b'm', b'e', 0, 0, 0, 0]);
        let mut sent = protect_rtcp(&mut sender, &plain);
        assert_eq!(sent.len(), plain.len() + profile.rtcp_overhead());
        assert_eq!(sent[..8], plain[..8]);
        assert_ne!(sent[8..plain.len()], plain[8..]);
        assert_eq!(receiver.unprotect_rtcp(&mut sent), Ok(plain.as_mut_slice()));
    }
}

#[test]
fn payloads_have_any_length() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = ends(profile);
        for (number, len) in (0..).zip((0..300).chain([1200, 1460, 9000, 65_000])) {
            let payload: Vec<u8> = (0..=255).cycle().take(len).collect();
            let mut plain = packet(1, number, &payload);
            let mut sent = protect(&mut sender, &plain);
            assert_eq!(receiver.unprotect(&mut sent), Ok(plain.as_mut_slice()), "{profile} {len}");

            let mut plain = report(1, &payload);
            let mut sent = protect_rtcp(&mut sender, &plain);
            assert_eq!(receiver.unprotect_rtcp(&mut sent), Ok(plain.as_mut_slice()));
        }
    }
}

#[test]
fn what_stands_before_a_packet_in_the_buffer_is_left_alone() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = ends(profile);
        let mut buf = b"head room".to_vec();
        buf.extend_from_slice(&packet(1, 1, b"payload"));
        sender.protect(&mut buf, 9).expect("a packet");
        let next = buf.len();
        buf.extend_from_slice(&report(1, b"rest"));
        sender.protect_rtcp(&mut buf, next).expect("a packet");
        assert!(buf.starts_with(b"head room"));
        let opened = receiver.unprotect(&mut buf[9..next]).map(|packet| packet.to_vec());
        assert_eq!(opened, Ok(packet(1, 1, b"payload")));
        let opened = receiver.unprotect_rtcp(&mut buf[next..]).map(|packet| packet.to_vec());
        assert_eq!(opened, Ok(report(1, b"rest")));
    }
}

/// Two streams with equal numbers and payloads, and RTCP with an equal index, are encrypted with
/// different keystreams.
#[test]
fn no_two_packets_are_encrypted_alike() {
    for profile in PROFILES {
        let (mut sender, _) = ends(profile);
        let zeros = [0; 64];
        let mut seen = Vec::new();
        for ssrc in [0, 1, 2] {
            for number in [0, 1, 2] {
                seen.push(protect(&mut sender, &packet(ssrc, number, &zeros))[12..76].to_vec());
                seen.push(protect_rtcp(&mut sender, &report(ssrc, &zeros))[8..72].to_vec());
            }
        }
        let sent = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), sent, "{profile}");
    }
}

/// Even of profiles that differ only in how much of a tag is sent.
#[test]
fn packets_of_another_profile_are_not_taken() {
    for profile in PROFILES {
        let (_, mut receiver) = ends(profile);
        for other in PROFILES.into_iter().filter(|other| *other != profile) {
            let (mut stranger, _) = ends(other);
            let mut sent = protect(&mut stranger, &packet(1, 1, &[0; 64]));
            assert!(receiver.unprotect(&mut sent).is_err(), "{profile} took one of {other}");
        }
    }
}

/// Each protocol has keys of its own.
#[test]
fn rtcp_is_not_taken_for_rtp() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = ends(profile);
        let mut rtcp = protect_rtcp(&mut sender, &packet(1, 0, &[0; 64]));
        let mut rtp = protect(&mut sender, &packet(1, 0, &[0; 64]));
        assert!(receiver.unprotect(&mut rtcp).is_err());
        assert!(receiver.unprotect_rtcp(&mut rtp).is_err());
    }
}
