//! What a profile does with a packet.

mod counter_mode;
mod gcm;

use counter_mode::CounterMode;
use gcm::Gcm;

use crate::derivation::SessionKeys;
use crate::index::Position;
use crate::sent::Fingerprint;
use crate::{KeyError, Profile};

/// The bit of the word after an RTCP packet that says that it is encrypted; the others are its
/// index, RFC 3711 §3.4.
pub(crate) const ENCRYPTED: u32 = 1 << 31;

/// The tag is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Forged;

/// The keys of one direction for one protocol, ready for use.
///
/// `header` is how many bytes stay in the clear; they are authenticated with the rest.
#[expect(
    clippy::large_enum_variant,
    reason = "two a direction, and no indirection for each packet"
)]
pub(crate) enum Transform {
    Gcm(Gcm),
    CounterMode(CounterMode),
}

impl Transform {
    pub(crate) fn new(profile: Profile, keys: &SessionKeys) -> Result<Self, KeyError> {
        let transform = match profile {
            Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => {
                Gcm::new(profile, keys).map(Self::Gcm)
            }
            Profile::Aes128CmHmacSha1_80
            | Profile::Aes128CmHmacSha1_32
            | Profile::Aes256CmHmacSha1_80
            | Profile::Aes256CmHmacSha1_32 => {
                CounterMode::new(profile, keys).map(Self::CounterMode)
            }
        };
        let had = keys.encryption().len();
        transform.ok_or(KeyError::Key { needed: profile.key_len(), had })
    }

    /// Encrypts the RTP packet at `buf[at..]` and appends its tag.
    #[inline]
    pub(crate) fn seal_rtp(
        &self,
        position: Position,
        header: usize,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Option<Fingerprint> {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtp(position, header, buf, at),
            Self::CounterMode(cm) => cm.seal_rtp(position, header, buf, at),
        }
    }

    /// Verifies an RTP packet and decrypts it, all but the tag at its end.
    #[inline]
    pub(crate) fn open_rtp(
        &self,
        position: Position,
        header: usize,
        packet: &mut [u8],
    ) -> Result<(), Forged> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtp(position, header, packet),
            Self::CounterMode(cm) => cm.open_rtp(position, header, packet),
        }
        .ok_or(Forged)
    }

    /// Encrypts the RTCP packet at `buf[at..]` and appends its tag and its index.
    #[inline]
    pub(crate) fn seal_rtcp(&self, position: Position, buf: &mut Vec<u8>, at: usize) -> Option<()> {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtcp(position, buf, at),
            Self::CounterMode(cm) => cm.seal_rtcp(position, buf, at),
        }
    }

    /// The word with an RTCP packet's index, which lies at its end with GCM, and before the tag
    /// with HMAC.
    #[inline]
    pub(crate) fn rtcp_word(&self, packet: &[u8]) -> Option<u32> {
        let end = match self {
            Self::Gcm(_) => packet,
            Self::CounterMode(cm) => cm.without_rtcp_tag(packet)?,
        };
        end.last_chunk().map(|word| u32::from_be_bytes(*word))
    }

    /// Verifies an RTCP packet and decrypts it, all but what was added at its end.
    #[inline]
    pub(crate) fn open_rtcp(
        &self,
        position: Position,
        word: u32,
        packet: &mut [u8],
    ) -> Result<(), Forged> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtcp(position, word, packet),
            Self::CounterMode(cm) => cm.open_rtcp(position, word, packet),
        }
        .ok_or(Forged)
    }
}

#[cfg(test)]
mod tests;
