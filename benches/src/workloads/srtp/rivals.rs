//! The other contenders.

use super::{Contender, KEY, Profile, Srtp};

/// Packets in the replay window.
const WINDOW: usize = 128;

pub(super) fn contenders() -> Vec<Contender> {
    vec![
        ("webrtc-srtp 0.17", |profile| Box::new(WebrtcSrtp::new(profile))),
        ("rtc-srtp 0.21", |profile| Box::new(RtcSrtp::new(profile))),
    ]
}

struct WebrtcSrtp {
    context: webrtc_srtp::context::Context,
    packet: bytes::Bytes,
}

impl WebrtcSrtp {
    fn new(profile: Profile) -> Self {
        use webrtc_srtp::option::srtp_replay_protection;
        use webrtc_srtp::protection_profile::ProtectionProfile;
        let salt = profile.salt();
        let profile = match profile {
            Profile::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
            Profile::Aes128CmSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        };
        let replay = Some(srtp_replay_protection(WINDOW));
        let context = webrtc_srtp::context::Context::new(&KEY, salt, profile, replay, None);
        Self { context: context.unwrap(), packet: bytes::Bytes::new() }
    }
}

impl Srtp for WebrtcSrtp {
    fn protect(&mut self, rtp: &[u8]) -> &[u8] {
        self.packet = self.context.encrypt_rtp(rtp).unwrap();
        &self.packet
    }

    fn unprotect(&mut self, srtp: &[u8]) -> Option<&[u8]> {
        self.packet = self.context.decrypt_rtp(srtp).ok()?;
        Some(&self.packet)
    }
}

struct RtcSrtp {
    context: rtc_srtp::context::Context,
    packet: bytes::BytesMut,
}

impl RtcSrtp {
    fn new(profile: Profile) -> Self {
        use rtc_srtp::option::srtp_replay_protection;
        use rtc_srtp::protection_profile::ProtectionProfile;
        let salt = profile.salt();
        let profile = match profile {
            Profile::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
            Profile::Aes128CmSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        };
        let replay = Some(srtp_replay_protection(WINDOW));
        let provider = rtc_crypto::default_provider().unwrap();
        let crypto = provider.crypto();
        let context = rtc_srtp::context::Context::new(&KEY, salt, profile, replay, None, crypto);
        Self { context: context.unwrap(), packet: bytes::BytesMut::new() }
    }
}

impl Srtp for RtcSrtp {
    fn protect(&mut self, rtp: &[u8]) -> &[u8] {
        self.packet = self.context.encrypt_rtp(rtp).unwrap();
        &self.packet
    }

    fn unprotect(&mut self, srtp: &[u8]) -> Option<&[u8]> {
        self.packet = self.context.decrypt_rtp(srtp).ok()?;
        Some(&self.packet)
    }
}
