//! AES in counter mode with HMAC-SHA1, RFC 3711 §4, RFC 6188.
//!
//! ```text
//!  RTP:   | header, CSRCs, extensions | payload   | tag |       the rollover counter follows the
//!                                       ^ encrypted             payload when the tag is made, §4.2
//!  RTCP:  | 8 bytes                   | the rest  | E, index | tag |
//! ```

use zeroize::Zeroizing;

use super::ENCRYPTED;
use crate::Profile;
use crate::authenticator::Authenticator;
use crate::derivation::SessionKeys;
use crate::header;
use crate::index::Position;
use crate::keystream::Keystream;
use crate::sent::Fingerprint;

/// Bytes of the tag of an RTCP packet, RFC 5764 §4.1.2.
const RTCP_TAG: usize = 10;
/// Bytes of that and of the word before it.
const RTCP_TRAILER: usize = 14;

pub(crate) struct CounterMode {
    keystream: Keystream,
    authenticator: Authenticator,
    salt: Zeroizing<u128>,
    /// Bytes of the tag of an RTP packet.
    tag: usize,
}

impl CounterMode {
    pub(super) fn new(profile: Profile, keys: &SessionKeys) -> Option<Self> {
        Some(Self {
            keystream: Keystream::new(keys.encryption())?,
            authenticator: Authenticator::new(&keys.authentication),
            salt: Zeroizing::new(keys.salt),
            tag: profile.tag_len(),
        })
    }

    /// RFC 3711 §4.1.1: SSRC and index, and the salt over them; the last 16 bits count blocks.
    #[inline]
    fn iv(&self, position: Position) -> u128 {
        (*self.salt ^ position.number()) << 16
    }

    #[inline]
    pub(super) fn seal_rtp(
        &self,
        position: Position,
        header: usize,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Option<Fingerprint> {
        let packet = buf.get_mut(at..)?;
        self.keystream.apply(self.iv(position), packet.get_mut(header..)?);
        let tag = self.authenticator.tag(packet, position.rollover());
        buf.extend_from_slice(tag.get(..self.tag)?);
        tag.first_chunk().copied().map(Fingerprint::new)
    }

    #[inline]
    pub(super) fn open_rtp(
        &self,
        position: Position,
        header: usize,
        packet: &mut [u8],
    ) -> Option<()> {
        let (packet, tag) = packet.split_at_mut_checked(packet.len().checked_sub(self.tag)?)?;
        if !self.authenticator.verify(packet, position.rollover(), tag) {
            return None;
        }
        self.keystream.apply(self.iv(position), packet.get_mut(header..)?);
        Some(())
    }

    #[inline]
    pub(super) fn seal_rtcp(&self, position: Position, buf: &mut Vec<u8>, at: usize) -> Option<()> {
        let word = u32::try_from(position.index).ok()? | ENCRYPTED;
        let packet = buf.get_mut(at..)?;
        self.keystream.apply(self.iv(position), packet.get_mut(header::RTCP..)?);
        let tag = self.authenticator.tag(packet, word);
        buf.extend_from_slice(&word.to_be_bytes());
        buf.extend_from_slice(tag.get(..RTCP_TAG)?);
        Some(())
    }

    #[inline]
    pub(super) fn without_rtcp_tag<'p>(&self, packet: &'p [u8]) -> Option<&'p [u8]> {
        packet.get(..packet.len().checked_sub(RTCP_TAG)?)
    }

    #[inline]
    pub(super) fn open_rtcp(&self, position: Position, word: u32, packet: &mut [u8]) -> Option<()> {
        let (packet, trailer) =
            packet.split_at_mut_checked(packet.len().checked_sub(RTCP_TRAILER)?)?;
        if !self.authenticator.verify(packet, word, trailer.last_chunk::<RTCP_TAG>()?) {
            return None;
        }
        if word & ENCRYPTED != 0 {
            self.keystream.apply(self.iv(position), packet.get_mut(header::RTCP..)?);
        }
        Some(())
    }
}
