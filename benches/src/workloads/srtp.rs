//! SRTP: 1200-byte packets (12-byte header, one SSRC) protected and unprotected.

#[cfg(feature = "contenders-c")]
mod libsrtp;
mod limit;
mod patchcord;
#[cfg(feature = "contenders")]
mod rivals;

use std::hint::black_box;

use crate::bench::{Bench, Unit};
use crate::race::Entry;

const PACKET: usize = 1200;
const HEADER: usize = 12;
const KEY: [u8; 16] = [0x5a; 16];
const SALT: [u8; 14] = [0xa5; 14];
/// Packets that a receiver gets before a fresh one takes its place.
const BATCH: u16 = 16_384;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Profile {
    AeadAes128Gcm,
    Aes128CmSha1_80,
}

impl Profile {
    fn salt(self) -> &'static [u8] {
        match self {
            Self::AeadAes128Gcm => &SALT[..12],
            Self::Aes128CmSha1_80 => &SALT,
        }
    }
}

/// A session, used in one direction only. What it returns it keeps in the form that it likes best.
trait Srtp {
    fn protect(&mut self, rtp: &[u8]) -> &[u8];
    /// `None` if the packet does not verify.
    fn unprotect(&mut self, srtp: &[u8]) -> Option<&[u8]>;
}

type Make = fn(Profile) -> Box<dyn Srtp>;
type Contender = (&'static str, Make);

fn contenders() -> Vec<Contender> {
    let all = [
        vec![limit::CONTENDER],
        #[cfg(feature = "contenders")]
        rivals::contenders(),
        #[cfg(feature = "contenders-c")]
        vec![libsrtp::CONTENDER],
        vec![patchcord::CONTENDER],
    ];
    all.into_iter().flatten().collect()
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let cases = [
        (Profile::AeadAes128Gcm, "GCM-128 protect", "GCM-128 unprotect"),
        (Profile::Aes128CmSha1_80, "CM-SHA1-80 protect", "CM-SHA1-80 unprotect"),
    ];
    for (profile, protect, unprotect) in cases {
        let all = contenders();
        let entries = all.iter().map(|(name, make)| protect_entry(name, make(profile)));
        bench.case(protect, Unit::Nanos, 21, entries.collect());
        let entries = all.iter().map(|(name, make)| unprotect_entry(name, *make, profile));
        bench.case(unprotect, Unit::Nanos, 21, entries.collect());
    }
}

fn packet(seq: u16) -> Vec<u8> {
    let mut packet: Vec<u8> = (0..PACKET).map(|i| i as u8).collect();
    packet[..HEADER].copy_from_slice(&[0x80, 96, 0, 0, 0, 0, 0, 1, 0x11, 0x22, 0x33, 0x44]);
    packet[2..4].copy_from_slice(&seq.to_be_bytes());
    packet
}

/// Walks the sequence space for ever.
fn protect_entry(name: &str, mut session: Box<dyn Srtp>) -> Entry<'_> {
    let (mut seq, mut packet) = (0_u16, packet(0));
    Entry::timed(name, move || {
        seq = seq.wrapping_add(1);
        packet[2..4].copy_from_slice(&seq.to_be_bytes());
        black_box(session.protect(black_box(&packet)));
    })
}

/// Gets packets made beforehand, and a fresh session when its replay window has seen them all.
fn unprotect_entry(name: &str, make: Make, profile: Profile) -> Entry<'_> {
    let mut sender = make(profile);
    let packets: Vec<_> = (0..BATCH).map(|seq| sender.protect(&packet(seq)).to_vec()).collect();
    let (mut session, mut next) = (make(profile), 0);
    Entry::timed(name, move || {
        if next == packets.len() {
            (session, next) = (make(profile), 0);
        }
        let opened = session.unprotect(black_box(&packets[next])).expect("verifies");
        assert_eq!(black_box(opened).len(), PACKET);
        next += 1;
    })
}
