//! Our contender.

use srtp::{Config, Inbound, Outbound};

use super::{Contender, KEY, PACKET, Profile, Srtp};
use crate::bench::OURS;
use crate::rng::ThreadRng;

pub(super) const CONTENDER: Contender = (OURS, |profile| Box::new(Ours::new(profile)));
/// Room for what protection adds.
const TRAILER: usize = 32;

struct Ours {
    outbound: Outbound,
    inbound: Inbound,
    packet: Vec<u8>,
}

impl Ours {
    fn new(profile: Profile) -> Self {
        let salt = profile.salt();
        let profile = match profile {
            Profile::AeadAes128Gcm => srtp::Profile::AeadAes128Gcm,
            Profile::Aes128CmSha1_80 => srtp::Profile::Aes128CmHmacSha1_80,
        };
        let (config, rng) = (Config::default(), &mut ThreadRng);
        Self {
            outbound: Outbound::new(profile, &KEY, salt, rng).unwrap(),
            inbound: Inbound::new(profile, &KEY, salt, config, rng).unwrap(),
            packet: Vec::with_capacity(PACKET + TRAILER),
        }
    }
}

impl Srtp for Ours {
    fn protect(&mut self, rtp: &[u8]) -> &[u8] {
        self.packet.clear();
        self.packet.extend_from_slice(rtp);
        self.outbound.protect(&mut self.packet, 0).unwrap();
        &self.packet
    }

    fn unprotect(&mut self, srtp: &[u8]) -> Option<&[u8]> {
        self.packet.clear();
        self.packet.extend_from_slice(srtp);
        self.inbound.unprotect(&mut self.packet).ok().map(|packet| &*packet)
    }
}
