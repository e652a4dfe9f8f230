//! What must hold for any bytes: the work of the fuzz target and of the tests that replay inputs.

use crate::srtp::{Config, Inbound, Outbound, Profile};

const PROFILES: [Profile; 6] = [
    Profile::AeadAes128Gcm,
    Profile::AeadAes256Gcm,
    Profile::Aes128CmHmacSha1_80,
    Profile::Aes128CmHmacSha1_32,
    Profile::Aes256CmHmacSha1_80,
    Profile::Aes256CmHmacSha1_32,
];

/// Not random, as nothing depends on it.
struct Zeros;

impl sansio::Rng for Zeros {
    fn fill(&mut self, dst: &mut [u8]) {
        dst.fill(0);
    }
    fn fork(&mut self) -> Box<dyn sansio::Rng> {
        Box::new(Self)
    }
}

/// The first byte says with which profile; then come packets, each with a byte before it that says
/// what happens to it, and two bytes with its length.
pub(crate) fn exercise(bytes: &[u8]) {
    let Some((first, mut rest)) = bytes.split_first() else { return };
    let mut ends = Ends::new(PROFILES[usize::from(*first) % PROFILES.len()], key(bytes));
    while let Some((&[what, high, low], after)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_be_bytes([high, low])).min(after.len());
        let (packet, after) = after.split_at(len);
        rest = after;
        ends.step(what, packet);
    }
}

/// A key of their own for each input: a fuzzer that sees the comparisons of one run would else bring
/// what was protected in it to the next, and that is no forgery.
fn key(bytes: &[u8]) -> [u8; 32] {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut mix = |byte: u8| {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        (state >> 32) as u8
    };
    bytes.iter().for_each(|byte| _ = mix(*byte));
    core::array::from_fn(|i| mix(i as u8))
}

struct Ends {
    sender: Outbound,
    receiver: Inbound,
    /// What was protected, and what of.
    sent: Vec<(Vec<u8>, Vec<u8>)>,
    sent_rtcp: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Ends {
    fn new(profile: Profile, key: [u8; 32]) -> Self {
        let salt = [9; 14];
        let (key, salt) = (&key[..profile.key_len()], &salt[..profile.salt_len()]);
        let config = Config { max_streams: 8, replay_window: 64 };
        let (Ok(sender), Ok(receiver)) = (
            Outbound::new(profile, key, salt, &mut Zeros),
            Inbound::new(profile, key, salt, config, &mut Zeros),
        ) else {
            unreachable!("of the right lengths")
        };
        Self { sender, receiver, sent: Vec::new(), sent_rtcp: Vec::new() }
    }

    fn step(&mut self, what: u8, packet: &[u8]) {
        match what % 6 {
            0 => self.protect(packet),
            1 => self.protect_rtcp(packet),
            // As it is: nothing that was not protected is taken.
            2 => self.receive(packet),
            3 => self.receive_rtcp(packet),
            // One that was protected, damaged.
            4 => {
                if let Some(bytes) = damaged(&self.sent, packet) {
                    self.receive(&bytes);
                }
            }
            _ => {
                if let Some(bytes) = damaged(&self.sent_rtcp, packet) {
                    self.receive_rtcp(&bytes);
                }
            }
        }
    }

    fn protect(&mut self, packet: &[u8]) {
        let mut buf = packet.to_vec();
        if self.sender.protect(&mut buf, 0).is_err() {
            assert_eq!(buf, packet);
            return;
        }
        assert_eq!(buf.len(), packet.len() + self.sender.profile().tag_len());
        self.sent.push((buf.clone(), packet.to_vec()));
        self.receive(&buf);
    }

    fn protect_rtcp(&mut self, packet: &[u8]) {
        let mut buf = packet.to_vec();
        if self.sender.protect_rtcp(&mut buf, 0).is_err() {
            assert_eq!(buf, packet);
            return;
        }
        assert_eq!(buf.len(), packet.len() + self.sender.profile().rtcp_overhead());
        self.sent_rtcp.push((buf.clone(), packet.to_vec()));
        self.receive_rtcp(&buf);
    }

    /// What is taken was sent, and is what it was; and is not taken again.
    fn receive(&mut self, bytes: &[u8]) {
        let before = self.receiver.counters();
        if let Ok(opened) = self.receiver.unprotect(&mut bytes.to_vec()) {
            assert!(self.sent.iter().any(|(sent, packet)| sent == bytes && packet == opened));
            assert!(self.receiver.unprotect(&mut bytes.to_vec()).is_err());
        }
        assert_ne!(self.receiver.counters(), before);
    }

    fn receive_rtcp(&mut self, bytes: &[u8]) {
        let before = self.receiver.counters();
        if let Ok(opened) = self.receiver.unprotect_rtcp(&mut bytes.to_vec()) {
            assert!(self.sent_rtcp.iter().any(|(sent, packet)| sent == bytes && packet == opened));
            assert!(self.receiver.unprotect_rtcp(&mut bytes.to_vec()).is_err());
        }
        assert_ne!(self.receiver.counters(), before);
    }
}

/// A packet that was protected, with the bytes of `changes` over it: which packet, where, and what.
fn damaged(sent: &[(Vec<u8>, Vec<u8>)], changes: &[u8]) -> Option<Vec<u8>> {
    let (&[which, at, cut], changes) = changes.split_first_chunk()?;
    let (mut bytes, _) = sent.get(usize::from(which) % sent.len().max(1))?.clone();
    let from = usize::from(at).min(bytes.len());
    bytes[from..].iter_mut().zip(changes).for_each(|(byte, change)| *byte ^= change);
    bytes.truncate(bytes.len() - usize::from(cut).min(bytes.len()));
    Some(bytes)
}
