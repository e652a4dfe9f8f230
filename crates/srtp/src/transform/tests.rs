//! The packets of RFC 7714, with the keys of their session.

use rtp::Ssrc;

use super::*;
use crate::derivation::SessionKeys;
use crate::header::{RTCP, RtpHeader, rtcp_ssrc};
use crate::vectors;

const INDEX: u64 = 0x5d4;

macro_rules! vector {
    ($name:literal) => {
        vectors::fields::<4>(include_str!(concat!("../../tests/vectors/rfc7714_", $name, ".hex")))
    };
}

fn transform(profile: Profile, key: &[u8], salt: &[u8]) -> Transform {
    let keys = SessionKeys::from_parts(profile, key, salt);
    Transform::new(profile, &keys).expect("of the profile's length")
}

fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let mut bad = bytes.to_vec();
        bad[bit / 8] ^= 1 << (bit % 8);
        bad
    })
}

/// RFC 7714 §16.1.1, §16.1.2, §16.2.1, §16.2.2.
#[test]
fn rtp_is_protected_as_in_the_rfc() {
    let table = [
        (Profile::AeadAes128Gcm, vector!("16_srtp_128")),
        (Profile::AeadAes256Gcm, vector!("16_srtp_256")),
    ];
    for (profile, [key, salt, packet, protected]) in table {
        let transform = transform(profile, &key, &salt);
        let header = RtpHeader::parse(&packet).expect("an RTP packet");
        let position = Position { ssrc: header.ssrc, index: u64::from(header.number.0) };

        let mut buf = [b"before", packet.as_slice()].concat();
        assert!(transform.seal_rtp(position, header.len, &mut buf, 6).is_some());
        assert_eq!(buf[6..], protected);
        assert_eq!(transform.open_rtp(position, header.len, &mut buf[6..]), Ok(()));
        assert_eq!(buf[6..][..packet.len()], packet);

        for mut bad in flipped(&protected) {
            assert_eq!(transform.open_rtp(position, header.len, &mut bad), Err(Forged));
        }
        let next_rollover = Position { index: position.index + 0x1_0000, ..position };
        let opened = transform.open_rtp(next_rollover, header.len, &mut protected.clone());
        assert_eq!(opened, Err(Forged));
    }
}

/// RFC 7714 §17.1, §17.2.
#[test]
fn rtcp_is_protected_as_in_the_rfc() {
    let table = [
        (Profile::AeadAes128Gcm, vector!("17_srtcp_128")),
        (Profile::AeadAes256Gcm, vector!("17_srtcp_256")),
    ];
    for (profile, [key, salt, packet, protected]) in table {
        let transform = transform(profile, &key, &salt);
        let ssrc = rtcp_ssrc(&packet).expect("an RTCP packet");
        let position = Position { ssrc, index: INDEX };

        let mut buf = [b"before", packet.as_slice()].concat();
        assert_eq!(transform.seal_rtcp(position, &mut buf, 6), Some(()));
        assert_eq!(buf[6..], protected);
        assert_opens(&transform, &packet, &protected);
    }
}

/// RFC 7714 §17.3, §17.4: nobody sends these, but they are taken.
#[test]
fn rtcp_that_is_authenticated_only_is_opened_as_in_the_rfc() {
    let table = [
        (Profile::AeadAes128Gcm, vector!("17_srtcp_tagging_128")),
        (Profile::AeadAes256Gcm, vector!("17_srtcp_tagging_256")),
    ];
    for (profile, [key, salt, packet, protected]) in table {
        assert_opens(&transform(profile, &key, &salt), &packet, &protected);
    }
}

/// What is authenticated only is so with HMAC as well. RFC 3711 has no example of it.
#[test]
fn rtcp_that_is_authenticated_only_is_opened_with_hmac() {
    let transform = transform(Profile::Aes128CmHmacSha1_80, &[1; 16], &[2; 14]);
    let packet = [0x80, 200, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4];
    let tag = crate::authenticator::Authenticator::new(&[0; 20]).begin().finish(&packet, 0x5d4);
    let protected = [packet.as_slice(), &0x5d4_u32.to_be_bytes(), &tag[..10]].concat();
    assert_opens(&transform, &packet, &protected);
}

fn assert_opens(transform: &Transform, packet: &[u8], protected: &[u8]) {
    let open = |bytes: &mut [u8]| {
        let word = transform.rtcp_word(bytes).expect("long enough");
        let ssrc = Ssrc(u32::from_be_bytes(*bytes[4..].first_chunk().expect("long enough")));
        let position = Position { ssrc, index: u64::from(word & !ENCRYPTED) };
        transform.open_rtcp(position, word, bytes)
    };
    let mut opened = protected.to_vec();
    assert_eq!(open(&mut opened), Ok(()));
    assert_eq!(opened[..packet.len()], *packet);
    for mut bad in flipped(protected) {
        assert_eq!(open(&mut bad), Err(Forged));
    }
    for len in RTCP + 4 + 10..protected.len() {
        assert_eq!(open(&mut protected[..len].to_vec()), Err(Forged));
    }
}
