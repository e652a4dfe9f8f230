//! Sequence numbers roll over, RFC 3711 §3.3.1.

use patchcord_srtp::{Discard, Profile};
use rtp::Ssrc;

use crate::support::{PROFILES, ends, packet, protect};

#[test]
fn a_stream_goes_through_many_rollovers() {
    for profile in [Profile::AeadAes128Gcm, Profile::Aes128CmHmacSha1_80] {
        let (mut sender, mut receiver) = ends(profile);
        for n in 0_u32..200_000 {
            let mut plain = packet(1, n as u16, b"payload");
            let mut sent = protect(&mut sender, &plain);
            assert_eq!(receiver.unprotect(&mut sent), Ok(plain.as_mut_slice()), "{n}");
        }
        assert_eq!(receiver.counters().rtp, 200_000);
    }
}

/// 65530 65534 | 2 65532 1 65535 | 0 3: late packets of either side of the rollover.
#[test]
fn packets_may_come_late_across_a_rollover() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = ends(profile);
        let sent = |number: u16| packet(1, number, &number.to_be_bytes());
        let numbers = [32_767, 65_530, 65_531, 65_532, 65_533, 65_534, 65_535, 0, 1, 2, 3];
        let packets = numbers.map(|number| protect(&mut sender, &sent(number)));
        for at in [0, 1, 5, 9, 3, 8, 6, 7, 10] {
            let mut bytes = packets[at].clone();
            let opened = receiver.unprotect(&mut bytes);
            assert_eq!(opened, Ok(sent(numbers[at]).as_mut_slice()), "{profile} {at}");
        }
        let index = 65_535;
        let again = receiver.unprotect(&mut packets[6].clone()).map(|packet| packet.len());
        assert_eq!(again, Err(Discard::Replayed { ssrc: Ssrc(1), index }));
        let index = 65_536 + 2;
        let again = receiver.unprotect(&mut packets[9].clone()).map(|packet| packet.len());
        assert_eq!(again, Err(Discard::Replayed { ssrc: Ssrc(1), index }));
    }
}

#[test]
fn each_stream_has_its_own_rollover_counter() {
    let (mut sender, mut receiver) = ends(Profile::AeadAes128Gcm);
    let mut exchange = |ssrc, number| {
        let mut sent = protect(&mut sender, &packet(ssrc, number, b"x"));
        receiver.unprotect(&mut sent).map(|packet| packet.len())
    };
    for n in 0_u32..70_000 {
        assert_eq!(exchange(1, n as u16), Ok(13));
        if n % 100 == 0 {
            assert_eq!(exchange(2, (n / 100) as u16), Ok(13));
        }
    }
    assert_eq!(exchange(3, 9), Ok(13));
}

/// The rollover itself may be lost, as long as less than 2^15 packets are.
#[test]
fn many_packets_around_a_rollover_may_be_lost() {
    let (mut sender, mut receiver) = ends(Profile::Aes128CmHmacSha1_80);
    for n in 0_u32..300_000 {
        let mut sent = protect(&mut sender, &packet(1, n as u16, b"x"));
        if n % 0x7fff == 0 {
            assert!(receiver.unprotect(&mut sent).is_ok(), "{n}");
        }
    }
}
