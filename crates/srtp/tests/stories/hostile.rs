//! What strangers send changes nothing.

use patchcord_srtp::{Config, Counters, Discard, Inbound, Outbound, Profile};
use rtp::Ssrc;
use testkit::SeededRng;

use crate::support::{PROFILES, ends, packet, protect, protect_rtcp, report};

/// Packets that another one is made of, by one change.
fn damaged(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let truncated = (0..bytes.len()).map(|len| bytes[..len].to_vec());
    let flipped = (0..bytes.len() * 8).map(|bit| {
        let mut bad = bytes.to_vec();
        bad[bit / 8] ^= 1 << (bit % 8);
        bad
    });
    truncated.chain(flipped)
}

/// Before the first good packet of a stream, and after it.
#[test]
fn no_truncation_and_no_flipped_bit_is_taken() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = ends(profile);
        let mut expected = Counters::default();
        for number in [1, 2] {
            let (mut rtp, mut rtcp) = (
                protect(&mut sender, &packet(1, number, b"a payload")),
                protect_rtcp(&mut sender, &report(1, b"a report")),
            );
            for mut bad in damaged(&rtp) {
                assert!(receiver.unprotect(&mut bad).is_err(), "{profile}");
            }
            for mut bad in damaged(&rtcp) {
                assert!(receiver.unprotect_rtcp(&mut bad).is_err(), "{profile}");
            }
            assert!(receiver.unprotect(&mut rtp).is_ok());
            assert!(receiver.unprotect_rtcp(&mut rtcp).is_ok());
            (expected.rtp, expected.rtcp) = (number.into(), number.into());
        }
        let counted = receiver.counters();
        assert_eq!((counted.rtp, counted.rtcp), (expected.rtp, expected.rtcp));
        assert!(counted.malformed > 0 && counted.forged > 0);
        assert_eq!(counted.too_many_streams, 0);
    }
}

#[test]
fn garbage_is_discarded() {
    let mut rng = SeededRng::new(7);
    for profile in PROFILES {
        let (_, mut receiver) = ends(profile);
        for len in (0..60).chain((60..1500).step_by(17)) {
            let mut bytes = vec![0; len];
            sansio::Rng::fill(&mut rng, &mut bytes);
            assert!(receiver.unprotect(&mut bytes.clone()).is_err());
            assert!(receiver.unprotect_rtcp(&mut bytes.clone()).is_err());
            if let Some(first) = bytes.first_mut() {
                *first = 0x80;
            }
            assert!(receiver.unprotect(&mut bytes.clone()).is_err());
            assert!(receiver.unprotect_rtcp(&mut bytes).is_err());
        }
        let counted = receiver.counters();
        assert_eq!((counted.rtp, counted.rtcp), (0, 0));
        assert_eq!(counted.malformed + counted.forged, 4 * 145);
    }
}

/// A packet whose number claims to be far ahead does not move the window.
#[test]
fn forged_numbers_move_nothing() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = ends(profile);
        let good: Vec<_> =
            (0..100).map(|number| protect(&mut sender, &packet(1, number, b"x"))).collect();
        assert!(receiver.unprotect(&mut good[50].clone()).is_ok());
        for number in
            (0..=u16::MAX).step_by(7).filter(|number| !good.len().eq(&usize::from(*number)))
        {
            let mut forged = good[51].clone();
            forged[2..4].copy_from_slice(&number.to_be_bytes());
            if number != 51 {
                assert!(receiver.unprotect(&mut forged).is_err());
            }
        }
        // Rollovers are tried now, so that the first packet may need up to four attempts.
        assert!((0..4).any(|_| receiver.unprotect(&mut good[51].clone()).is_ok()), "{profile}");
        for (number, bytes) in good.iter().enumerate() {
            let taken = receiver.unprotect(&mut bytes.clone()).is_ok();
            assert_eq!(taken, number != 50 && number != 51, "{profile} {number}");
        }
    }
}

/// Packets of a far-away index, of the other side's own making, are its own trouble.
#[test]
fn a_jump_ahead_is_a_loss() {
    let (mut sender, mut receiver) = ends(Profile::AeadAes128Gcm);
    let first = protect(&mut sender, &packet(1, 1, b"x"));
    let late = protect(&mut sender, &packet(1, 2, b"x"));
    let jump = protect(&mut sender, &packet(1, 0x7000, b"x"));
    let next = protect(&mut sender, &packet(1, 0x7001, b"x"));
    assert!(receiver.unprotect(&mut first.clone()).is_ok());
    assert!(receiver.unprotect(&mut jump.clone()).is_ok());
    let too_old = receiver.unprotect(&mut late.clone()).map(|packet| packet.len());
    assert_eq!(too_old, Err(Discard::TooOld { ssrc: Ssrc(1), index: 2 }));
    assert!(receiver.unprotect(&mut next.clone()).is_ok());
}

/// An attacker who knows where SSRCs go in a table could make one long chain of them.
#[test]
fn many_streams_are_found() {
    let mut rng = SeededRng::new(3);
    let (profile, config) =
        (Profile::AeadAes128Gcm, Config { max_streams: 5000, ..Config::default() });
    let mut sender = Outbound::new(profile, &[0; 16], &[0; 12], &mut rng).expect("valid");
    let mut receiver = Inbound::new(profile, &[0; 16], &[0; 12], config, &mut rng).expect("valid");
    for number in 0..3 {
        for ssrc in 0..6000 {
            let mut sent = protect(&mut sender, &packet(ssrc << 16, number, b"x"));
            assert_eq!(receiver.unprotect(&mut sent).is_ok(), ssrc < 5000);
        }
    }
    let counted = receiver.counters();
    assert_eq!((counted.rtp, counted.too_many_streams), (15_000, 3_000));
}
