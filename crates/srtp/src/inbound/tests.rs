use rtp::{ParseError, Ssrc};
use testkit::SeededRng;

use super::*;
use crate::Outbound;

const PROFILE: Profile = Profile::AeadAes128Gcm;
const SSRC: Ssrc = Ssrc(0x1122_3344);

fn ends(config: Config) -> (Outbound, Inbound) {
    let mut rng = SeededRng::new(1);
    let sender = Outbound::new(PROFILE, &[1; 16], &[2; 12], &mut rng).expect("valid");
    let receiver = Inbound::new(PROFILE, &[1; 16], &[2; 12], config, &mut rng).expect("valid");
    (sender, receiver)
}

fn protected(sender: &mut Outbound, ssrc: Ssrc, number: u16) -> Vec<u8> {
    let ([n0, n1], [s0, s1, s2, s3]) = (number.to_be_bytes(), ssrc.0.to_be_bytes());
    let mut packet = vec![0x80, 96, n0, n1, 0, 0, 0, 9, s0, s1, s2, s3, 1, 2, 3];
    sender.protect(&mut packet, 0).expect("a new number");
    packet
}

fn report(sender: &mut Outbound, ssrc: Ssrc) -> Vec<u8> {
    let [s0, s1, s2, s3] = ssrc.0.to_be_bytes();
    let mut packet = vec![0x80, 201, 0, 1, s0, s1, s2, s3];
    sender.protect_rtcp(&mut packet, 0).expect("an RTCP packet");
    packet
}

fn receive(receiver: &mut Inbound, packet: &[u8]) -> Result<usize, Discard> {
    receiver.unprotect(&mut packet.to_vec()).map(|packet| packet.len())
}

fn receive_rtcp(receiver: &mut Inbound, packet: &[u8]) -> Result<usize, Discard> {
    receiver.unprotect_rtcp(&mut packet.to_vec()).map(|packet| packet.len())
}

#[test]
fn each_packet_is_taken_once() {
    let (mut sender, mut receiver) = ends(Config { replay_window: 64, ..Config::default() });
    let packets: Vec<_> = (0..1000).map(|n| protected(&mut sender, SSRC, n)).collect();
    assert_eq!(receive(&mut receiver, &packets[500]), Ok(15));
    let again = Discard::Replayed { ssrc: SSRC, index: 500 };
    assert_eq!(receive(&mut receiver, &packets[500]), Err(again));
    assert_eq!(receive(&mut receiver, &packets[436]), Ok(15));
    assert_eq!(receive(&mut receiver, &packets[999]), Ok(15));
    let too_old = Discard::TooOld { ssrc: SSRC, index: 500 };
    assert_eq!(receive(&mut receiver, &packets[500]), Err(too_old));
    let counters = Counters { rtp: 3, replayed: 1, too_old: 1, ..Counters::default() };
    assert_eq!(receiver.counters(), counters);
}

#[test]
fn each_rtcp_packet_is_taken_once() {
    let (mut sender, mut receiver) = ends(Config::default());
    let packets: Vec<_> = (0..1000).map(|_| report(&mut sender, SSRC)).collect();
    assert_eq!(receive_rtcp(&mut receiver, &packets[1]), Ok(8));
    assert_eq!(receive_rtcp(&mut receiver, &packets[0]), Ok(8));
    let again = Discard::Replayed { ssrc: SSRC, index: 1 };
    assert_eq!(receive_rtcp(&mut receiver, &packets[1]), Err(again));
    assert_eq!(receive_rtcp(&mut receiver, &packets[999]), Ok(8));
    assert_eq!(receive_rtcp(&mut receiver, &packets[999 - RTCP_REPLAY_WINDOW]), Ok(8));
    let too_old = Discard::TooOld { ssrc: SSRC, index: 2 };
    assert_eq!(receive_rtcp(&mut receiver, &packets[2]), Err(too_old));
    let counters = Counters { rtcp: 4, replayed: 1, too_old: 1, ..Counters::default() };
    assert_eq!(receiver.counters(), counters);
}

#[test]
fn streams_are_bounded_and_only_good_packets_begin_one() {
    let (mut sender, mut receiver) = ends(Config { max_streams: 10, ..Config::default() });
    for ssrc in 0..1000 {
        let (mut rtp, mut rtcp) =
            (protected(&mut sender, Ssrc(ssrc), 1), report(&mut sender, Ssrc(ssrc)));
        (rtp[13], rtcp[10]) = (!rtp[13], !rtcp[10]);
        let forged = Err(Discard::Forged { ssrc: Ssrc(ssrc) });
        assert_eq!(receive(&mut receiver, &rtp), forged);
        assert_eq!(receive_rtcp(&mut receiver, &rtcp), forged);
    }
    assert_eq!((receiver.streams.len(), receiver.rtcp_streams.len()), (0, 0));
    for ssrc in 0..1000 {
        let (rtp, rtcp) = (protected(&mut sender, Ssrc(ssrc), 2), report(&mut sender, Ssrc(ssrc)));
        let too_many = Discard::TooManyStreams { ssrc: Ssrc(ssrc) };
        let expected = |len: usize| if ssrc < 10 { Ok(len) } else { Err(too_many) };
        assert_eq!(receive(&mut receiver, &rtp), expected(15));
        assert_eq!(receive_rtcp(&mut receiver, &rtcp), expected(8));
    }
    assert_eq!((receiver.streams.len(), receiver.rtcp_streams.len()), (10, 10));
    let counters =
        Counters { rtp: 10, rtcp: 10, forged: 2000, too_many_streams: 1980, ..Counters::default() };
    assert_eq!(receiver.counters(), counters);
    for ssrc in 0..10 {
        let packet = protected(&mut sender, Ssrc(ssrc), 3);
        assert_eq!(receive(&mut receiver, &packet), Ok(15), "those that are known go on");
    }
}

/// After some packets `lost` do not arrive, and then they come again: how many are not taken.
fn outage(lost: u64) -> u64 {
    const BEFORE: u64 = 70_000;
    let (mut sender, mut receiver) = ends(Config::default());
    for n in 0_u64..BEFORE {
        let packet = protected(&mut sender, SSRC, n as u16);
        assert_eq!(receive(&mut receiver, &packet), Ok(15));
    }
    for n in BEFORE..BEFORE + lost {
        protected(&mut sender, SSRC, n as u16);
    }
    let after = BEFORE + lost..;
    let failed = after.take_while(|n| {
        let packet = protected(&mut sender, SSRC, *n as u16);
        receive(&mut receiver, &packet).is_err()
    });
    let failed = failed.count() as u64;
    for n in BEFORE + lost + failed + 1..BEFORE + lost + failed + 1000 {
        let packet = protected(&mut sender, SSRC, n as u16);
        assert_eq!(receive(&mut receiver, &packet), Ok(15), "what is back stays");
    }
    failed
}

#[test]
fn a_stream_comes_back_after_any_outage_of_some_rollovers() {
    let most = u64::from(LOST_AFTER) + ROLLOVERS;
    for lost in [0, 1, 30_000, 0x7f00] {
        assert_eq!(outage(lost), 0, "{lost}");
    }
    for lost in [0x8000, 40_000, 65_000, 0x1_0000, 0x1_8000, 0x2_0000, 0x2_8000, 0x3_0000] {
        let failed = outage(lost);
        assert!((u64::from(LOST_AFTER)..=most).contains(&failed), "{lost}: {failed}");
    }
}

#[test]
fn forged_packets_do_not_keep_good_ones_out() {
    let (mut sender, mut receiver) = ends(Config::default());
    for n in 0..1000 {
        let good = protected(&mut sender, SSRC, n);
        for _ in 0..100 {
            let mut bad = good.clone();
            bad[12] ^= 1;
            assert_eq!(receive(&mut receiver, &bad), Err(Discard::Forged { ssrc: SSRC }));
        }
        assert_eq!(receive(&mut receiver, &good), Ok(15));
        assert!(receive(&mut receiver, &good).is_err(), "again");
    }
}

/// What was taken before an outage is not taken after it, whatever rollovers are tried.
#[test]
fn old_packets_stay_old_when_rollovers_are_tried() {
    let (mut sender, mut receiver) = ends(Config::default());
    let old: Vec<_> = (0..20_000).map(|n| protected(&mut sender, SSRC, n)).collect();
    for packet in &old {
        assert_eq!(receive(&mut receiver, packet), Ok(15));
    }
    for _ in 0..3 {
        for packet in &old {
            assert!(receive(&mut receiver, packet).is_err());
        }
    }
    let packet = protected(&mut sender, SSRC, 20_000);
    let taken = (0..ROLLOVERS).filter(|_| receive(&mut receiver, &packet).is_ok()).count();
    assert_eq!(taken, 1);
}

#[test]
fn the_last_index_does_not_overflow() {
    let (mut sender, mut receiver) = ends(Config::default());
    let stream = Stream { window: Window::new(index::MAX_RTP, 64), failures: u32::MAX };
    receiver.streams.insert(SSRC, stream);
    for _ in 0..1000 {
        let packet = protected(&mut sender, SSRC, 5);
        assert!(receive(&mut receiver, &packet).is_err());
    }
}

#[test]
fn what_is_no_packet_is_counted() {
    let (_, mut receiver) = ends(Config::default());
    let truncated = |needed, had| Err(Discard::Malformed(ParseError::Truncated { needed, had }));
    assert_eq!(receive(&mut receiver, &[]), truncated(12, 0));
    assert_eq!(receive(&mut receiver, &[0x80; 27]), truncated(28, 27));
    assert_eq!(receive_rtcp(&mut receiver, &[0x80; 7]), truncated(8, 7));
    assert_eq!(receive_rtcp(&mut receiver, &[0x80; 27]), truncated(28, 27));
    let version = Err(Discard::Malformed(ParseError::Version { found: 1 }));
    assert_eq!(receive(&mut receiver, &[0x40; 100]), version);
    assert_eq!(receive_rtcp(&mut receiver, &[0x40; 100]), version);
    let too_long = Err(Discard::TooLong { len: 65_536, max: 65_535 });
    assert_eq!(receive(&mut receiver, &[0x80; 65_536]), too_long);
    assert_eq!(receive_rtcp(&mut receiver, &[0x80; 65_536]), too_long);
    assert_eq!(receiver.counters(), Counters { malformed: 8, ..Counters::default() });
}

#[test]
fn debug_shows_no_key() {
    let (_, receiver) = ends(Config::default());
    let text = format!("{receiver:?}");
    assert!(text.starts_with("Inbound { profile: AeadAes128Gcm, config: Config {"), "{text}");
    assert!(!text.contains("1, 1, 1") && text.ends_with(", .. }"), "{text}");
}
