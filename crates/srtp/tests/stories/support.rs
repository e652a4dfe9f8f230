//! Two ends, and packets for them.

use patchcord_srtp::{Config, Inbound, Outbound, Profile};
use testkit::SeededRng;

pub(crate) const PROFILES: [Profile; 6] = [
    Profile::AeadAes128Gcm,
    Profile::AeadAes256Gcm,
    Profile::Aes128CmHmacSha1_80,
    Profile::Aes128CmHmacSha1_32,
    Profile::Aes256CmHmacSha1_80,
    Profile::Aes256CmHmacSha1_32,
];

/// Who sends, and who receives.
pub(crate) fn ends(profile: Profile) -> (Outbound, Inbound) {
    let (key, salt): (Vec<u8>, Vec<u8>) = ((1..=32).collect(), (101..=114).collect());
    let (key, salt) = (&key[..profile.key_len()], &salt[..profile.salt_len()]);
    let mut rng = SeededRng::new(1);
    let sender = Outbound::new(profile, key, salt, &mut rng).expect("of the right lengths");
    let receiver = Inbound::new(profile, key, salt, Config::default(), &mut rng);
    (sender, receiver.expect("of the right lengths"))
}

pub(crate) fn packet(ssrc: u32, number: u16, payload: &[u8]) -> Vec<u8> {
    let ([n0, n1], [s0, s1, s2, s3]) = (number.to_be_bytes(), ssrc.to_be_bytes());
    [&[0x80, 96, n0, n1, 0, 0, 0, 9, s0, s1, s2, s3], payload].concat()
}

pub(crate) fn report(ssrc: u32, rest: &[u8]) -> Vec<u8> {
    let [s0, s1, s2, s3] = ssrc.to_be_bytes();
    [&[0x80, 201, 0, 1, s0, s1, s2, s3], rest].concat()
}

/// Nothing but good packets.
pub(crate) fn protect(sender: &mut Outbound, packet: &[u8]) -> Vec<u8> {
    let mut buf = packet.to_vec();
    sender.protect(&mut buf, 0).expect("a packet with a new number");
    buf
}

pub(crate) fn protect_rtcp(sender: &mut Outbound, packet: &[u8]) -> Vec<u8> {
    let mut buf = packet.to_vec();
    sender.protect_rtcp(&mut buf, 0).expect("a packet");
    buf
}
